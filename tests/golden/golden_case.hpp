#pragma once

// One case of Timeloop's reference numbers: what Timeloop says, and what we say on the same files.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tessera::golden {

/// One number of a case. Counts are per used instance, as Timeloop prints them: of inputs the fills
/// are cut off to a whole number, all else is rounded half up.
struct Comparison {
  std::string where;   ///< a level, a network, or `totals`
  std::string tensor;  ///< `-` for the level as a whole
  std::string quantity;
  double theirs = 0;
  double ours = 0;
  bool equal = false;
};

/// Whether what `tessera import` writes of the case reads back to equal values; empty if so.
std::string write_and_read(const std::filesystem::path& folder);

struct CaseResult {
  /// Set where we refuse the case: the message.
  std::string refused;
  std::vector<Comparison> comparisons;
};

/// The input files of a case: those that its expected.json names, or else all.
std::vector<std::string> files_of(const std::filesystem::path& folder);

/// The names of all cases in `folder`, sorted.
std::vector<std::string> list_cases(const std::filesystem::path& folder);

/// Reads the case's files as the commands do and compares every number of its expected.json.
CaseResult run_case(const std::filesystem::path& folder);

/// What the oracle gets otherwise than our model when it executes the case's nest; empty if
/// nothing. Not run, and said so by `skipped`, where the nest has more than `most` steps x
/// instances.
struct OracleResult {
  bool skipped = false;
  std::string differences;
};
OracleResult execute_case(const std::filesystem::path& folder, std::int64_t most);

}  // namespace tessera::golden
