// Every number of Timeloop's reference cases equals ours, or stands in explained.csv with the
// reason and both numbers. A line there that no longer differs is a failure as well.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/catch_compat.hpp"
#include "tests/golden/explanations.hpp"
#include "tests/golden/golden_case.hpp"

namespace tessera::golden {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(TESSERA_TEST_DATA) / "golden";

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
  Explanations explanations(kFolder / "explained.csv");
  std::size_t refused = 0;
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
      explanations.judge(name, comparison);
    }
  }
  const std::string faults = explanations.faults();
  fmt::print("{}", faults);  // not through the test's message, which breaks lines
  CHECK(faults.empty());
  fmt::print("golden: counts {}; energies and cycles {}; {} cases refused as they have to be\n",
             explanations.counts().text(), explanations.derived().text(), refused);
}

TEST_CASE("What is imported reads back from our own YAML") {
  for (const std::string& name : list_cases(kFolder / "timeloop")) {
    if (name[0] != 'p') {  // refused
      INFO(name);
      CHECK(write_and_read(kFolder / "timeloop" / name) == "");
    }
  }
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
