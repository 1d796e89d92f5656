#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "search/exact_columns.hpp"
#include "search/exact_combination.hpp"
#include "search/exact_cut.hpp"
#include "search/exact_distinct.hpp"
#include "search/exact_pair_words.hpp"

namespace tessera {

/// Sorts out choices and options that cannot be of use, many at a time.
class ChoiceFilter {
 public:
  /// Keeps references. `number` is that of the group in `cut`, which may be null.
  ChoiceFilter(const GroupColumns& columns, DistinctColumns& distinct, const OptionCut* cut,
               std::size_t number);

  /// Begins a batch, up to kBatch of them; then `values` are to be set, by column. Columns stand
  /// behind each other, kBatch apart.
  void start(std::size_t count) { count_ = count; }
  double* values(std::size_t column) { return values_[column].data(); }
  /// Steps of whatever `values` do not have, at least; 0: nothing is known. Also to be set.
  double* further_steps() { return further_steps_.data(); }
  /// Finds out whether options with these values, or more, may be of use.
  void test();
  bool worth(std::size_t i) const { return worth_[i]; }

  /// The rows of each dimension's table that are worth trying in combinations. `drop_beaten`: but
  /// for those that others beat; `keep_slower`: and take as much time. `pairs`, if it covers the
  /// group, is left with what windows count of those rows.
  std::vector<std::vector<std::uint32_t>> worth_trying(bool drop_beaten, bool keep_slower,
                                                       PairWords* pairs);

 private:
  void find_least(std::size_t nth, std::span<const std::uint32_t> rows);
  bool cut(std::size_t nth, PairWords* pairs, std::vector<std::uint32_t>& rows);
  std::vector<std::uint32_t> worth_trying(std::size_t nth, std::span<const std::uint32_t> rows,
                                          const std::vector<double>& others,
                                          const PairWords* pairs);

  const GroupColumns& columns_;
  DistinctColumns& distinct_;
  const OptionCut* cut_;
  std::vector<OptionCut::Rest> rest_;
  std::vector<std::uint16_t> read_;         ///< components
  std::vector<std::vector<double>> least_;  ///< by dimension and column: of the factors left
  std::size_t count_ = 0;
  std::vector<std::array<double, kBatch>> values_;  ///< by column
  std::vector<BatchRow> rows_;                      ///< by component
  std::array<double, kBatch> further_steps_{};
  BatchCosts costs_;
  std::array<bool, kBatch> worth_;
};

}  // namespace tessera
