#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/architecture.hpp"
#include "search/search.hpp"

namespace tessera {

/// What one machine reaches on the workload of a comparison, at the mapping that is best for one of
/// the objectives. Of a network all numbers are of one execution of the whole, `frames` items.
struct ComparisonRow {
  std::string best_for;  ///< the objective
  /// The machine; where capacities are `auto` the one with the sizes that it takes, such as
  /// `m.Buffer-64KiB`.
  std::string machine;
  Evaluation total;  ///< levels only where the workload is one problem
  /// What runs: the mapping in one line; of a network which points of its layers' fronts.
  std::string mapping;
};

/// One machine of a comparison. No rows where nothing legal was found.
struct ComparedMachine {
  Architecture architecture;  ///< of several sizes the largest, with the name of all
  std::size_t sizes = 1;      ///< how many machines were searched: combinations of `auto` sizes
  std::vector<ComparisonRow> rows;  ///< by objective; fewer where one mapping is best for several
  std::string algorithm;            ///< of its searches, such as `exhaustive+genetic`
  Certificate certificate;
  std::string why_none;       ///< where there are no rows: a sentence
  std::string kept_in;        ///< the memory in which tensors may stay between layers; or empty
  std::string why_none_kept;  ///< why none may, where that was asked for: a sentence
};

/// Several machines on one workload: what `tessera compare` prints.
struct Comparison {
  std::string workload;  ///< the problem's or the network's name
  bool network = false;
  std::int64_t frames = 1;      ///< items of the batch; 1 for a problem
  std::int64_t operations = 0;  ///< of all frames
  std::vector<std::string> objectives;
  std::uint64_t seed = 0;
  std::vector<ComparedMachine> machines;
};

std::string comparison_text(const Comparison& comparison);
/// One row for each machine and objective; also for a machine without a mapping, whose numbers are
/// empty.
std::string comparison_csv(const Comparison& comparison);
/// `tessera.comparison/1`.
std::string comparison_json(const Comparison& comparison);

}  // namespace tessera
