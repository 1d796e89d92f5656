#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "search/exact_jobs.hpp"
#include "search/exact_objectives.hpp"
#include "search/exact_spatial.hpp"
#include "search/exact_terms.hpp"
#include "search/search.hpp"

namespace tessera {

/// Looks at the choices of spatial loops of several forms at once, which otherwise each of them
/// would look at anew.
class SpatialScan {
 public:
  /// What the forms have in common, and what cuts. Keeps references.
  struct Setting {
    const SpatialTable& table;
    const ExactObjectives& objectives;
    const ExactRules& rules;
    const Incumbents& known;
    double most_cycles;
    const std::vector<double>& operations;  ///< by group
    bool perfect;                           ///< all factors are
    const std::atomic<bool>* stop;
  };
  /// `jobs` are of one kind: they count the same, whatever the order of their holds. `lifts` are
  /// those that their views have rows for.
  SpatialScan(const Setting& setting, std::span<const ExactJob* const> jobs,
              const std::vector<std::uint16_t>& lifts);

  /// What is left: states like those of the table, for these jobs alone. Empty if not known, since
  /// there was too much to look at, or it was told to stop.
  std::vector<SpatialTable::State> run();
  /// A lower bound on what is left.
  const ObjectiveBounds& bound() const { return bound_; }
  /// What was looked at.
  const TreeStatistics& looked_at() const { return tree_; }

 private:
  /// What is chosen of one group, and how to go on.
  struct Left {
    SpatialTable::Step step;
    ObjectiveBounds bound{};
  };

  void find_least(std::span<const ExactJob* const> jobs);
  const double* row_of(std::size_t group, std::uint32_t choice) const {
    return rows_[group].data() + choice * width_;
  }
  std::uint32_t scan(std::size_t group, std::uint32_t state);
  std::vector<Left> choices_left(std::size_t group, std::uint32_t state);
  void test(std::span<const SpatialTable::Step> batch, std::vector<Left>& left);

  const Setting& setting_;
  TermTable terms_;
  const std::vector<std::uint16_t>& lifts_;
  std::size_t width_;                        ///< components, then all lifts
  std::vector<std::uint16_t> read_;          ///< columns that bounds depend on
  std::vector<std::vector<double>> rows_;    ///< by group: the least of any form, by choice, column
  std::vector<std::vector<char>> has_;       ///< by group and choice: whether some form has it
  std::vector<std::vector<double>> rest_;    ///< by group: the least of it and all further ones
  std::vector<std::vector<double>> chosen_;  ///< by group: what was chosen before
  std::vector<BatchRow> batch_;
  BatchCosts costs_;
  double more_steps_ = 0;  ///< see Brancher::more_steps()
  std::vector<SpatialTable::State> states_;
  ObjectiveBounds bound_{};
  TreeStatistics tree_;
  bool given_up_ = false;
};

}  // namespace tessera
