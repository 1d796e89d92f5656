#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/comparison.hpp"
#include "app/options.hpp"
#include "app/progress.hpp"
#include "app/search_state_file.hpp"
#include "app/shared_budget.hpp"
#include "app/stop_watch.hpp"
#include "app/workspace.hpp"

namespace tessera {

/// How many searches a machine takes. `keep` as in run_network_of().
std::size_t searches_of(const Workspace& workspace, std::int64_t batch,
                        const std::vector<std::string>& keep);

/// The searches of a comparison, one after the other under one budget and one progress line.
class ComparisonRun {
 public:
  /// `searches` is how many there will be, `state` where they keep what they need to go on, if
  /// anywhere. Keeps references to the options and the state.
  ComparisonRun(const OptionValues& values, const SearchOptions& options, std::size_t searches,
                SearchStateFile* state);

  /// Every member of the machine's family runs the whole workload; rows are of the best of them.
  ComparedMachine run_problem(const Workspace& workspace);
  /// `keep` are memories in which tensors may stay between layers: each machine takes the first of
  /// them that it has.
  ComparedMachine run_network_of(const Workspace& workspace, std::int64_t batch,
                                 const std::vector<std::string>& keep);

  bool signalled() const {
    return watch_.cause() == StopWatch::Cause::interrupt ||
           watch_.cause() == StopWatch::Cause::terminate;
  }
  StopWatch::Cause cause() const { return watch_.cause(); }
  /// Whether the budget ended some search.
  bool cut() const { return cut_ || watch_.cause() == StopWatch::Cause::budget; }
  void end_progress() { progress_.reset(); }

 private:
  struct Candidates;
  ComparedMachine machine_of(const Workspace& workspace, const Candidates& all) const;

  bool begin(const std::string& what);

  const SearchOptions& options_;
  SearchStateFile* state_;
  SharedBudget budget_;
  StopWatch watch_;
  std::size_t searches_;
  std::size_t done_ = 0;
  bool cut_ = false;
  std::optional<ProgressLine> progress_;
  SearchControl control_;
};

}  // namespace tessera
