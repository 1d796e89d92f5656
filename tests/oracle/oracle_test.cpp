// The test that matters most: the closed-form model equals the execution, integer for integer.

#include <map>
#include <string>

#include "tests/catch_compat.hpp"
#include "tests/oracle/compare.hpp"
#include "tests/oracle/random_case.hpp"
#include "tests/oracle/shrink.hpp"

using tessera::oracle::Case;
using tessera::oracle::Flavor;

namespace {

/// Cases with a feature that are expected at least, for its frequency to be checked.
constexpr std::int64_t kFewest = 5;

/// Compares `share` of a hundred of the cases, all of one flavor. A failing case is made small and
/// printed as YAML. Each feature in `wanted` must have occurred in at least that many of a
/// thousand.
void compare_cases(Flavor flavor, std::uint64_t share,
                   const std::map<std::string, std::int64_t>& wanted) {
  const std::uint64_t cases = std::uint64_t{TESSERA_ORACLE_CASES} * share / 100;
  std::map<std::string, std::int64_t> tally;
  for (std::uint64_t i = 0; i < cases; ++i) {
    const std::uint64_t seed = std::uint64_t{TESSERA_ORACLE_SEED} + i;
    const Case c = tessera::oracle::random_case(flavor, seed);
    tessera::oracle::tally_features(c, tally);
    if (!tessera::oracle::compare_with_model(c).empty()) {
      const Case small = tessera::oracle::shrink(c, [](const Case& candidate) {
        return !tessera::oracle::compare_with_model(candidate).empty();
      });
      FAIL("seed " << seed << ", made small:\n"
                   << tessera::oracle::to_document(small,
                                                   tessera::oracle::compare_with_model(small)));
    }
  }
  for (const auto& [feature, per_thousand] : wanted) {
    // Of so few cases (a sanitizer's build has fewer) a rare feature may be in none.
    if (per_thousand * static_cast<std::int64_t>(cases) < kFewest * 1000) {
      continue;
    }
    INFO(feature << " in " << tally[feature] << " of " << cases << " cases");
    CHECK(tally[feature] * 1000 >= per_thousand * static_cast<std::int64_t>(cases));
  }
}

}  // namespace

TEST_CASE("The model equals the execution: any case", "[oracle]") {
  compare_cases(Flavor::any, 30,
                {{"axis that does not reduce", 10},
                 {"bandwidth of a fanout", 80},
                 {"bypass", 400},
                 {"dimension of bound 1", 100},
                 {"energy per access", 200},
                 {"fanout that does not reduce", 100},
                 {"fanouts in a row", 30},
                 {"free loops", 300},
                 {"hops", 150},
                 {"hops of a sliding dimension", 50},
                 {"imperfect", 200},
                 {"interleaved holds", 200},
                 {"narrower final words", 200},
                 {"negative coefficient", 40},
                 {"no multicast", 60},
                 {"one operand", 80},
                 {"ramp with a port", 150},
                 {"reducing fanout", 200},
                 {"scalar output", 40},
                 {"separate ports", 200},
                 {"several holds of one memory", 400},
                 {"shared port", 200},
                 {"words of other bits in a memory", 200},
                 {"words aligned to accesses", 200},
                 {"single buffer with a port", 100},
                 {"spatial above compute", 100},
                 {"spatial sliding dimension", 100},
                 {"stride or dilation", 200},
                 {"sweep over a window", 150},
                 {"systolic fanout", 200},
                 {"tensor first held inside the outermost memory", 100},
                 {"three holds of one tensor", 300},
                 {"three operands", 60},
                 {"tile multicast", 60},
                 {"two axes of one fanout", 40},
                 {"two fanouts", 50},
                 {"two windowed tensors", 40},
                 {"windowed output", 50},
                 {"word multicast", 200}});
}

TEST_CASE("The model equals the execution: windows over imperfect factors and axes", "[oracle]") {
  compare_cases(Flavor::sliding, 20,
                {{"spatial imperfect window, word multicast", 150}, {"sweep over a window", 300}});
}

TEST_CASE("The model equals the execution: windowed outputs", "[oracle]") {
  compare_cases(Flavor::sliding_output, 10,
                {{"windowed output", 600}, {"sweep over a window", 300}});
}

TEST_CASE("The model equals the execution: sweeps of several loops", "[oracle]") {
  compare_cases(Flavor::sweep, 20,
                {{"window swept by several loops", 100},
                 {"spatial digit inside a sweep", 10},
                 {"words passed on", 10},
                 {"words passed on, with hops", 4},
                 {"words passed on, with tile multicast", 1}});
}

TEST_CASE("The model equals the execution: interleaved holds", "[oracle]") {
  compare_cases(Flavor::interleaved, 10,
                {{"interleaved holds", 400}, {"three holds of one tensor", 600}});
}

TEST_CASE("The model equals the execution: fanouts in series", "[oracle]") {
  compare_cases(Flavor::series, 10, {{"fanouts in a row", 150}, {"two fanouts", 250}});
}
