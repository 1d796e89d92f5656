#include "tests/oracle/random_case.hpp"

#include "tests/catch_compat.hpp"

using tessera::oracle::Case;
using tessera::oracle::Flavor;

namespace {

constexpr Flavor kFlavors[] = {Flavor::any,   Flavor::sliding,     Flavor::sliding_output,
                               Flavor::sweep, Flavor::interleaved, Flavor::series};

}  // namespace

TEST_CASE("Every random case is valid, small and fits its machine", "[oracle]") {
  for (const Flavor flavor : kFlavors) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      const Case c = tessera::oracle::random_case(flavor, seed);
      INFO("flavor " << static_cast<int>(flavor) << " seed " << seed);
      const auto fault = tessera::validate(c.problem, c.architecture, c.mapping);
      INFO((fault ? fault->message : ""));
      REQUIRE_FALSE(fault);
      REQUIRE(tessera::oracle::execution_size(c.mapping) <= tessera::oracle::kMostExecution);
      std::map<tessera::AxisRef, std::int64_t> used;
      for (const tessera::Node& node : c.mapping.nodes) {
        const auto* loop = std::get_if<tessera::Loop>(&node);
        if (loop != nullptr && loop->axis) {
          std::int64_t& lanes = used.try_emplace(*loop->axis, 1).first->second;
          lanes *= loop->bound;
          REQUIRE(lanes <= c.architecture.fanout(loop->axis->fanout)->axes[loop->axis->axis].size);
        }
      }
    }
  }
}

TEST_CASE("The same seed gives the same case, another seed another one", "[oracle]") {
  for (const Flavor flavor : kFlavors) {
    CHECK(tessera::oracle::random_case(flavor, 7) == tessera::oracle::random_case(flavor, 7));
    CHECK_FALSE(tessera::oracle::random_case(flavor, 7) == tessera::oracle::random_case(flavor, 8));
  }
}
