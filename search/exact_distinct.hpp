#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "search/exact_columns.hpp"
#include "search/exact_combination.hpp"

namespace tessera {

/// The components of a group, each different one once: first those that differ between options.
class DistinctColumns {
 public:
  explicit DistinctColumns(const GroupColumns& columns);

  std::size_t size() const { return components_.size(); }
  /// How many differ between options.
  std::size_t varying() const { return varying_; }
  /// By component: its column.
  const std::vector<std::uint16_t>& columns() const { return columns_; }
  /// One component of a column.
  const Component& component(std::size_t column) const {
    return group_.terms().components()[components_[column]];
  }
  /// The column's factor, by row of dimension number `nth`.
  const double* factors(std::size_t column, std::size_t nth) const {
    return group_.factors(components_[column], nth);
  }
  /// The least of these.
  double least_factor(std::size_t column, std::size_t nth) const {
    return group_.least_factor(components_[column], nth);
  }
  /// Sliding ranks of columns: what they count multiplies.
  std::span<WindowCount> windows() { return windows_; }
  std::size_t column_of_window(std::size_t window) const { return window_columns_[window]; }
  const GroupColumns::Window& source_of_window(std::size_t window) const {
    return group_.windows()[sources_[window]];
  }
  /// One after the last window of the rank that window number `begin` is the first of.
  std::size_t end_of_rank(std::size_t begin) const;

  /// Whether options may have remainders.
  bool remainders() const { return remainders_; }
  /// Whether some options have to be counted by the model each: with remainders, in columns that
  /// are not a whole window's; and all of those that have no closed form.
  bool may_need_model() const { return needs_model_; }
  bool all_closed() const { return all_closed_; }
  bool closed(std::size_t column) const { return closed_[column] != 0; }
  bool whole(std::size_t column) const { return whole_[column] != 0; }
  /// Columns with a sliding rank.
  const std::vector<std::size_t>& counted() const { return counted_; }

 private:
  bool same(std::size_t a, std::size_t b) const;
  bool constant(std::size_t component) const;
  std::span<const GroupColumns::Window> windows_of(std::size_t component) const;

  const GroupColumns& group_;
  std::vector<std::size_t> windows_begin_;  ///< by component: the first of the group's windows
  bool needs_model_ = false;
  bool remainders_ = false;
  bool all_closed_ = true;
  std::size_t varying_ = 0;
  std::vector<std::uint16_t> columns_;
  std::vector<std::size_t> components_;  ///< by column
  std::vector<char> closed_;             ///< by column
  std::vector<char> whole_;              ///< by column
  std::vector<std::size_t> counted_;
  std::vector<WindowCount> windows_;
  std::vector<std::size_t> window_columns_;
  std::vector<std::size_t> sources_;  ///< by window: which of the group's
};

}  // namespace tessera
