#pragma once

// The tables of differences: each line a number of Timeloop's that is not ours, and why.

#include <filesystem>
#include <map>
#include <string>

#include "tests/golden/golden_case.hpp"

namespace tessera::golden {

class Explanations {
 public:
  /// Reads a table; REQUIREs its form.
  explicit Explanations(const std::filesystem::path& path);

  /// Counts a comparison: equal and not in the table, or as the table has it. Else remembers it.
  void judge(const std::string& name, const Comparison& comparison);
  /// All that is not as the table has it, a line each: differences that it lacks (in its form), and
  /// its lines that were not met.
  std::string faults() const;

  std::size_t equal() const { return equal_; }
  std::size_t explained() const { return explained_; }

 private:
  struct Line {
    std::string rule;
    double theirs = 0;
    double ours = 0;
    bool met = false;
  };
  std::map<std::string, Line> lines_;
  std::string unexplained_;
  std::size_t equal_ = 0;
  std::size_t explained_ = 0;
};

}  // namespace tessera::golden
