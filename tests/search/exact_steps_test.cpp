#include "search/exact_steps.hpp"

#include <algorithm>
#include <limits>

#include "mapper/factors.hpp"
#include "tests/catch_compat.hpp"
#include "tests/search/random_case.hpp"

using namespace tessera;

namespace {

const char* const kCase =
    "problem:\n  dimensions: {P: 6, R: 3, C: 4, K: 5}\n"
    "  operation: O[P,K] += I[C,P+R] * W[C,K,R]\n  bits: 8\n"
    "architecture:\n  clock: 1 GHz\n  hierarchy:\n"
    "    - {memory: DRAM, energy: 200 pJ/word}\n"
    "    - {fanout: PEs, axes: {X: 7, Y: 4}}\n"
    "    - {memory: RF, energy: 1 pJ/word}\n"
    "    - {compute: MAC, energy: 1 pJ/operation}\n";

/// The same as LeastSteps by trying all spatial loops of the dimensions on two axes.
double try_all(const Mapspace& space, DimensionSet taken, std::size_t d, std::int64_t x,
               std::int64_t y) {
  if (d == space.problem().dimensions.size()) {
    return 1;
  }
  const std::int64_t bound = space.problem().dimensions[d].bound;
  double least = std::numeric_limits<double>::infinity();
  for (std::int64_t i = 1; i <= x; ++i) {
    for (std::int64_t j = 1; j <= y; ++j) {
      const bool here = !taken.contains(DimensionId(d));
      if (here ? space.factors() == Factors::perfect && bound % (i * j) != 0 : i * j > 1) {
        continue;
      }
      const double own = here ? static_cast<double>(ceil_div(bound, i * j)) : 1.0;
      least = std::min(least, own * try_all(space, taken, d + 1, x / i, y / j));
    }
  }
  return least;
}

}  // namespace

TEST_CASE("the fewest steps in what is left of the axes are those of trying all spatial loops") {
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    const test::RandomCase one = test::read_case(kCase, {});
    const Mapspace space(one.problem, one.architecture, {}, Space::free, factors);
    for (const std::uint32_t bits : {0u, 1u, 3u, 4u, 12u, 15u}) {
      const DimensionSet taken{bits};
      const LeastSteps steps(space, taken);
      for (std::int64_t x = 1; x <= 7; ++x) {
        for (std::int64_t y = 1; y <= 4; ++y) {
          const std::vector<std::int64_t> used = {x, y};
          CHECK(steps.of(used) == try_all(space, taken, 0, 7 / x, 4 / y));
        }
      }
    }
  }
}

TEST_CASE("axes too long to be looked at are divided by") {
  const test::RandomCase one = test::read_case(
      "problem:\n  dimensions: {M: 100000, N: 3}\n  operation: O[M,N] += A[M] * B[N]\n  bits: 8\n"
      "architecture:\n  clock: 1 GHz\n  hierarchy:\n"
      "    - {memory: DRAM, energy: 200 pJ/word}\n"
      "    - {fanout: PEs, axes: {X: 2000, Y: 2000}}\n"
      "    - {compute: MAC, energy: 1 pJ/operation}\n",
      {});
  const Mapspace space(one.problem, one.architecture, {}, Space::free, Factors::perfect);
  const std::vector<std::int64_t> used = {3, 2};
  CHECK(LeastSteps(space, {}).of(used) == 300000.0 / (666 * 1000));
}
