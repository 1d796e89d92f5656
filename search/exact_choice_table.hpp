#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "search/exact_choices.hpp"

namespace tessera {

/// Some loops of one dimension: the temporal ones in its blocks from number `first` to before
/// number `last` (of the blocks where it may have loops), and the spatial ones in `slots` (bits).
struct LoopSet {
  std::uint8_t first = 0;
  std::uint8_t last = 0;
  std::uint32_t slots = 0;

  auto operator<=>(const LoopSet&) const = default;
};

/// The values that the loops of `over` take, or all values of the dimension; over those of `under`.
struct FactorKey {
  bool whole = false;
  LoopSet over;
  LoopSet under;

  auto operator<=>(const FactorKey&) const = default;
};

/// A dimension of a sliding rank, seen from a boundary: the loops in blocks from number `inside` on
/// and in `inside_slots` make the tile; those in blocks from `swept` on (-1: none) up to there are
/// its sweep; those in `shared_slots` place instances that share; all others repeat what moves.
struct ShapeKey {
  std::int64_t coefficient = 1;
  bool tile = false;  ///< only the tile counts
  std::uint8_t inside = 0;
  std::int8_t swept = -1;
  std::uint32_t inside_slots = 0;
  std::uint32_t shared_slots = 0;

  /// Whether the temporal loops of a block are of the sweep.
  bool sweeps(std::int8_t block) const {
    return !tile && 0 <= swept && swept <= block && block < inside;
  }

  auto operator<=>(const ShapeKey&) const = default;
};

/// Most loops of a dimension, with spatial loops of the same dimension between them, that one sweep
/// may go on over.
inline constexpr std::size_t kSweepLoops = 6;

/// How often and how far a sweep moves: one entry for each run of its loops that no spatial loop of
/// the dimension parts.
struct Sweep {
  std::size_t moves = 0;
  std::array<double, kSweepLoops> times = {};
  std::array<double, kSweepLoops> steps = {};

  auto operator<=>(const Sweep&) const = default;
};

/// Spatial offsets of instances that share: a step and how many, each.
using Offsets = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// Loops of a dimension as a window sees them, outer to inner: what the model's count depends on,
/// also with remainders. Neighbours that do the same are one loop.
struct WindowLoops {
  enum class Role : std::uint8_t { repeats, sweeps, shares, tile };
  struct Loop {
    std::int64_t bound = 1;
    std::int64_t weight = 1;
    Role role = Role::repeats;

    auto operator<=>(const Loop&) const = default;
  };
  std::int64_t coefficient = 1;
  std::int64_t bound = 1;  ///< of the dimension
  std::vector<Loop> loops;

  auto operator<=>(const WindowLoops&) const = default;
};

/// What a `ShapeKey` is in each row of a list (model/window.cpp has the formulas). Rows with
/// remainders have no closed form; there it is a single word at one place.
struct ShapeColumn {
  std::vector<double> extents;  ///< of the tile, beyond the first word
  std::vector<double> repeats;
  std::vector<std::uint32_t> offsets;  ///< by row: which of `offset_lists`
  std::vector<std::uint32_t> sweeps;   ///< by row: which of `sweep_list`
  std::vector<Offsets> offset_lists;
  std::vector<Sweep> sweep_list;
  std::vector<std::uint32_t> classes;        ///< by row: equal only where windows count alike
  std::vector<std::uint32_t> class_rows;     ///< by class: its first row
  std::vector<WindowLoops> loops_list;       ///< by class; with remainders only
  std::vector<std::uint32_t> loops_numbers;  ///< of `loops_list`, the same for all tables
};

/// A list of choices with what forms count of them, by column. What a choice counts for depends on
/// a form only through the loops that stand before, or beyond, some place. There are few such
/// places, so the forms share the columns.
///
/// Columns are asked for one after the other, then made by `fill`; only then they may be read.
class ChoiceTable {
 public:
  /// `remainders`: products of choices may exceed the dimensions' bounds.
  ChoiceTable(ChoiceList list, std::int64_t bound, bool remainders);

  const ChoiceList& list() const { return list_; }
  std::size_t size() const { return perfect_.size(); }
  /// Whether a row's bounds multiply to the dimension's.
  bool perfect(std::size_t row) const { return perfect_[row] != 0; }
  bool all_perfect() const { return all_perfect_; }

  /// By row: small numbers whose order is that of the spatial loops (stage 0), of the loops of
  /// block number `stage` - 1, or of the places of the spatial loops (the last stage); equal where
  /// they are equal.
  std::span<const std::uint32_t> stage(std::size_t stage) const { return stages_[stage].numbers; }
  /// Bits that these numbers need.
  unsigned stage_bits(std::size_t stage) const { return stages_[stage].bits; }
  std::size_t stages() const { return stages_.size(); }

  /// By row: numbers for what stands on the spatial slots, from 0 on; and a row that has them so.
  std::span<const std::uint32_t> spatial_numbers() const { return spatial_numbers_; }
  std::size_t spatial_size() const { return spatial_rows_.size(); }
  std::span<const std::int64_t> spatial(std::uint32_t number) const {
    return list_.spatial(spatial_rows_[number]);
  }

  /// Asks for a column, and says its number.
  std::uint32_t factor(FactorKey key);
  std::uint32_t shape(ShapeKey key);
  /// Makes all columns that have been asked for.
  void fill();
  /// Gives numbers to the loops of new columns, after `fill`.
  void number_loops(std::map<WindowLoops, std::uint32_t>& numbers);

  /// By row. Equal columns are one: same address.
  const double* factors(std::uint32_t number) const { return columns_[same_[number]].data(); }
  /// Whether all rows have the same factor.
  bool constant(std::uint32_t number) const { return constant_[same_[number]] != 0; }
  /// The least factor of any row; 1 without rows.
  double least(std::uint32_t number) const { return least_[same_[number]]; }
  const ShapeColumn& shapes(std::uint32_t number) const { return shapes_[number]; }

 private:
  struct Digit {
    std::int64_t bound = 1;
    std::int64_t weight = 1;
    std::int8_t block = -1;  ///< of a temporal loop
    std::uint8_t slot = 0;   ///< of a spatial one
  };

  void write_digits();
  void write_stages();
  LoopSet reduced(LoopSet set) const;
  std::span<const Digit> digits(std::size_t row) const {
    return {digits_.data() + begin_[row], begin_[row + 1] - begin_[row]};
  }
  double count(std::size_t row, const LoopSet& set) const;
  std::vector<double> make_factors(const FactorKey& key) const;
  ShapeColumn make_shapes(const ShapeKey& key) const;
  void list_loops(const ShapeKey& key, ShapeColumn& column) const;
  void list_classes(ShapeColumn& column) const;

  ChoiceList list_;
  std::int64_t bound_;
  bool remainders_;
  std::vector<Digit> digits_;       ///< of all rows, outer to inner
  std::vector<std::size_t> begin_;  ///< by row
  std::vector<char> perfect_;
  bool all_perfect_ = true;
  std::uint32_t slots_ = 0;  ///< those that some row uses
  struct Stage {
    std::vector<std::uint32_t> numbers;
    unsigned bits = 0;
  };
  std::vector<Stage> stages_;
  std::vector<std::uint32_t> spatial_numbers_;
  std::vector<std::size_t> spatial_rows_;  ///< by number
  std::map<FactorKey, std::uint32_t> factor_numbers_;
  std::map<ShapeKey, std::uint32_t> shape_numbers_;
  std::vector<FactorKey> factor_keys_;
  std::vector<ShapeKey> shape_keys_;
  std::vector<std::vector<double>> columns_;
  std::vector<std::uint32_t> same_;
  std::vector<char> constant_;
  std::vector<double> least_;
  std::vector<ShapeColumn> shapes_;
};

}  // namespace tessera
