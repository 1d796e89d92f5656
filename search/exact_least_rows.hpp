#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "search/exact_jobs.hpp"
#include "search/exact_terms.hpp"

namespace tessera {

/// What a partial mapping counts at least: of each group the least of every component and lift
/// below its current node, and the products of these over all groups, which bound the children of a
/// node.
///
/// Only columns that bounds depend on are kept, side by side. Of these, many are the same in all
/// options of a group: they are written once.
class LeastRows {
 public:
  /// All groups of a form at their roots; `group_of` says whose row each depth holds.
  void start(const ExactJob& job, std::span<const std::size_t> group_of);

  /// The row of a group's current node.
  const double* row(std::size_t group) const { return rows_[group]; }
  /// Goes back to an earlier row.
  void restore(std::size_t group, const double* row) { rows_[group] = row; }
  /// Writes the row of a child of `node` for one depth, and makes it its group's current one.
  void choose(std::size_t depth, std::size_t group, std::uint32_t node, std::uint32_t child);
  /// The steps of a group's current node.
  double steps(std::size_t group) const { return rows_[group][steps_]; }

  /// Multiplies the current rows of all groups but one: what the children of its nodes are
  /// multiplied with.
  void multiply_others(std::size_t group);
  /// By component and lift, the products with `count` children of `node` from number `first` on.
  void fill(std::size_t group, std::uint32_t node, std::uint32_t first, std::size_t count);
  /// The same with any children.
  void gather(std::size_t group, std::uint32_t node, std::span<const std::uint32_t> children);
  /// What was filled; lifts raise it (TermTable::cost).
  BatchRow* batch() { return batch_.data(); }

 private:
  /// A column of some group in which its options differ, or its only value.
  struct Varying {
    std::size_t column = 0;  ///< of `read_`
    std::int32_t row = 0;    ///< of the group's view
  };
  struct Constant {
    std::size_t column = 0;
    double value = 0;
  };
  struct Group {
    const TrieView* view = nullptr;
    std::vector<Varying> varying;
    std::vector<Constant> constant;
  };

  void fill_constant(const Group& group, std::size_t pairs);

  std::vector<std::uint16_t> read_;  ///< components, then lifts behind all components
  std::size_t width_ = 0;            ///< as many, made even
  std::size_t steps_ = 0;            ///< which of them counts steps
  std::vector<Group> groups_;
  std::vector<double> roots_;        ///< by group: a row
  std::vector<double> depths_;       ///< by depth: a row
  std::vector<const double*> rows_;  ///< by group
  std::vector<double> others_;       ///< a row
  std::vector<BatchRow> batch_;      ///< by component and lift
};

}  // namespace tessera
