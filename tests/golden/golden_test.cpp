// Every number of Timeloop's reference cases equals ours, or stands in explained.csv with the
// reason and both numbers. A line there that no longer differs is a failure as well.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/catch_compat.hpp"
#include "tests/golden/golden_case.hpp"

namespace tessera::golden {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(TESSERA_TEST_DATA) / "golden";

/// One line of explained.csv.
struct Explanation {
  std::string rule;  ///< S1 to S19 of the semantics, or a name that explained.csv's head explains
  double theirs = 0;
  double ours = 0;
  bool met = false;
};

std::string key_of(const std::string& name, const Comparison& comparison) {
  return fmt::format("{},{},{},{}", name, comparison.where, comparison.tensor, comparison.quantity);
}

std::map<std::string, Explanation> read_explanations() {
  std::ifstream stream(kFolder / "explained.csv");
  std::map<std::string, Explanation> explanations;
  std::string line;
  bool heading = true;
  while (std::getline(stream, line)) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    if (heading) {
      REQUIRE(line == "case,where,tensor,quantity,rule,timeloop,tessera");
      heading = false;
      continue;
    }
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, ',');) {
      cells.push_back(cell);
    }
    INFO(line);
    REQUIRE(cells.size() == 7);
    const std::string key = fmt::format("{},{},{},{}", cells[0], cells[1], cells[2], cells[3]);
    REQUIRE(explanations
                .emplace(key, Explanation{.rule = cells[4],
                                          .theirs = std::stod(cells[5]),
                                          .ours = std::stod(cells[6])})
                .second);
  }
  return explanations;
}

/// Why we refuse a case that Timeloop refuses too, or that needs what is not modelled.
const std::map<std::string, std::string> kRefusals = {
    {"e11_multibuf_fail", "GLB: needs 512 of 500"},
    {"e12_minutil_fail", "GLB: 512 is less than 1843.2"},
    {"p02_gate_B_on_A", "sparse"},
    {"p03_skip_bitmask", "sparse"},
    {"p05_fixed_structured", "sparse"},
    {"p06_rle", "sparse"},
    {"p07_density_only", "sparse"},
};

TEST_CASE("Timeloop's numbers are ours, or the difference is explained") {
  std::map<std::string, Explanation> explanations = read_explanations();
  std::size_t equal = 0;
  std::size_t explained = 0;
  std::size_t refused = 0;
  std::string unexplained;
  const std::vector<std::string> names = list_cases(kFolder / "timeloop");
  REQUIRE(names.size() == 66);
  for (const std::string& name : names) {
    const CaseResult result = run_case(kFolder / "timeloop" / name);
    const auto refusal = kRefusals.find(name);
    INFO(name << ": " << result.refused);
    if (refusal != kRefusals.end()) {
      CHECK(result.refused.find(refusal->second) != std::string::npos);
      ++refused;
      continue;
    }
    CHECK(result.refused.empty());
    CHECK_FALSE(result.comparisons.empty());
    for (const Comparison& comparison : result.comparisons) {
      const auto found = explanations.find(key_of(name, comparison));
      if (comparison.equal && found == explanations.end()) {
        ++equal;
        continue;
      }
      if (!comparison.equal && found != explanations.end() &&
          found->second.theirs == comparison.theirs &&
          std::abs(found->second.ours - comparison.ours) <= 1e-6 * std::abs(comparison.ours)) {
        found->second.met = true;
        ++explained;
        continue;
      }
      unexplained += fmt::format("{},RULE,{},{}\n", key_of(name, comparison), comparison.theirs,
                                 comparison.ours);
    }
  }
  for (const auto& [key, explanation] : explanations) {
    if (!explanation.met) {
      unexplained += fmt::format("# explained, but not met: {}\n", key);
    }
  }
  fmt::print("{}", unexplained);  // not through the test's message, which breaks lines
  CHECK(unexplained.empty());
  fmt::print("golden: {} numbers equal, {} explained, {} cases refused as they have to be\n", equal,
             explained, refused);
}

TEST_CASE("The oracle executes the reference cases to our numbers") {
  constexpr std::int64_t kMost = 50'000;
  std::size_t executed = 0;
  for (const std::string& name : list_cases(kFolder / "timeloop")) {
    const OracleResult result = execute_case(kFolder / "timeloop" / name, kMost);
    INFO(name);
    CHECK(result.differences == "");
    executed += result.skipped ? 0 : 1;
  }
  CHECK(executed >= 45);
  fmt::print("golden: the oracle executed {} cases\n", executed);
}

}  // namespace
}  // namespace tessera::golden
