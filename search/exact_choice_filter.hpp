#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "search/exact_columns.hpp"
#include "search/exact_combination.hpp"
#include "search/exact_cut.hpp"

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
  /// Sliding ranks of columns: what they count multiplies.
  std::span<WindowCount> windows() { return windows_; }
  std::size_t column_of_window(std::size_t window) const { return window_columns_[window]; }

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
};

/// Sorts out choices and options that cannot be of use, many at a time.
class ChoiceFilter {
 public:
  /// Keeps references. `number` is that of the group in `cut`, which may be null.
  ChoiceFilter(const GroupColumns& columns, DistinctColumns& distinct, const OptionCut* cut,
               std::size_t number);

  /// Begins a batch, up to kBatch of them; then `values` are to be set, by column.
  void start(std::size_t count) { count_ = count; }
  double* values(std::size_t column) { return values_[column].data(); }
  /// Steps of whatever `values` do not have, at least; 0: nothing is known. Also to be set.
  double* further_steps() { return further_steps_.data(); }
  /// Finds out whether options with these values, or more, may be of use.
  void test();
  bool worth(std::size_t i) const { return worth_[i]; }

  /// The rows of each dimension's table that are worth trying in combinations. `drop_beaten`: but
  /// for those that others beat; `keep_slower`: and take as many steps.
  std::vector<std::vector<std::uint32_t>> worth_trying(bool drop_beaten, bool keep_slower);

 private:
  std::vector<std::uint32_t> worth_trying(std::size_t nth, std::span<const std::uint32_t> rows,
                                          const std::vector<double>& others);
  std::vector<std::uint32_t> unbeaten(std::size_t nth, std::span<const std::uint32_t> rows,
                                      bool keep_slower) const;

  const GroupColumns& columns_;
  DistinctColumns& distinct_;
  const OptionCut* cut_;
  std::vector<OptionCut::Rest> rest_;
  std::vector<std::uint16_t> read_;  ///< components
  std::size_t count_ = 0;
  std::vector<std::array<double, kBatch>> values_;  ///< by column
  std::vector<BatchRow> rows_;                      ///< by component
  std::array<double, kBatch> further_steps_{};
  BatchCosts costs_;
  std::array<bool, kBatch> worth_;
};

}  // namespace tessera
