#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "search/exact_columns.hpp"
#include "search/exact_combination.hpp"
#include "search/exact_distinct.hpp"

namespace tessera {

/// Counts the words of a group's windows, by their closed forms or by the model.
class WindowWords {
 public:
  /// Keeps references.
  WindowWords(const GroupColumns& columns, DistinctColumns& distinct, CountMemo& memo);

  /// The words of window number `w` of the distinct columns, one row a dimension being chosen,
  /// which make `part` together. Where remainders have no closed form and the window is not whole,
  /// a lower bound.
  double of(std::size_t w, const WindowCount::Part& part, std::span<const std::uint32_t> rows);

 private:
  GroupCounter& counter_of(const WindowCount& window);

  const GroupColumns& columns_;
  DistinctColumns& distinct_;
  CountMemo& memo_;
  std::vector<std::unique_ptr<GroupCounter>> counters_;  ///< by what sweeps
};

/// Of a group of two dimensions whose windows tell all that is counted: the words of each rank for
/// each pair of choices. What a choice is to a rank is its class there, of which there are few.
class PairWords {
 public:
  /// Keeps references.
  PairWords(const GroupColumns& columns, DistinctColumns& distinct, CountMemo& memo);

  /// Whether the group is of this sort.
  static bool covers(const GroupColumns& columns, const DistinctColumns& distinct) {
    return columns.dimensions().size() == 2 && !distinct.may_need_model();
  }

  /// One rank in one column.
  struct RankWords {
    std::size_t column = 0;
    /// By dimension: of each choice its class, among `sides[i].count`.
    struct Side {
      std::vector<std::uint32_t> classes;
      std::size_t count = 0;
      std::vector<double> words;  ///< by class of this side, then of the other
      std::vector<double> least;  ///< by class: whatever the other's
      std::vector<double> sums;   ///< by class: over all of the other's
      const double* row(std::uint32_t of_class, std::size_t others) const {
        return words.data() + of_class * others;
      }
    };
    std::array<Side, 2> sides;
  };

  /// Counts all pairs of these rows of the two dimensions' tables.
  void set(std::span<const std::uint32_t> first, std::span<const std::uint32_t> second);
  /// Leaves some of the choices of dimension number `nth`, given by their positions.
  void keep(std::size_t nth, std::span<const std::uint32_t> positions);
  std::span<const RankWords> ranks() const { return ranks_; }

 private:
  void set_classes(std::size_t begin, std::size_t end, std::size_t nth,
                   std::span<const std::uint32_t> rows, RankWords::Side& side,
                   std::vector<std::uint32_t>& examples);
  void lower(std::size_t w, std::array<std::span<const std::uint32_t>, 2> examples,
             std::vector<double>& words);
  double count(std::size_t w, std::array<std::uint32_t, 2> rows);

  const GroupColumns& columns_;
  DistinctColumns& distinct_;
  CountMemo& memo_;
  WindowWords counted_;
  std::vector<RankWords> ranks_;
};

}  // namespace tessera
