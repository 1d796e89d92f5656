#pragma once

// The tables of differences: each line a number of Timeloop's that is not ours, and why.

#include <filesystem>
#include <map>
#include <string>

#include "tests/golden/golden_case.hpp"

namespace tessera::golden {

class Explanations {
 public:
  /// Reads a table; REQUIREs its form, and that its comment says what each rule is.
  explicit Explanations(const std::filesystem::path& path);

  /// Counts a comparison: equal and not in the table, or as the table has it. Else remembers it.
  void judge(const std::string& name, const Comparison& comparison);
  /// All that is not as the table has it, a line each: differences that it lacks (in its form), and
  /// its lines that were not met.
  std::string faults() const;

  /// How many numbers are equal, and how many are explained.
  struct Tally {
    std::size_t equal = 0;
    std::size_t explained = 0;
    /// `4501 equal, 149 explained (96.80 % equal)`.
    std::string text() const;
  };
  Tally counts() const { return counts_; }    ///< words, operations, instances
  Tally derived() const { return derived_; }  ///< energies, cycles and utilization, which follow
  std::size_t equal() const { return counts_.equal + derived_.equal; }

 private:
  struct Line {
    std::string rule;
    double theirs = 0;
    double ours = 0;
    bool met = false;
  };
  std::map<std::string, Line> lines_;
  std::string unexplained_;
  Tally counts_;
  Tally derived_;
};

}  // namespace tessera::golden
