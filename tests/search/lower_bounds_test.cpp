#include "search/lower_bounds.hpp"

#include <algorithm>

#include "model/evaluate.hpp"
#include "search/network_bound.hpp"
#include "tests/catch_compat.hpp"
#include "tests/search/random_case.hpp"

using namespace tessera;

namespace {

/// Cases with more are left out: their searches take hundreds of megabytes.
constexpr std::size_t kMostSkeletons = 1000;

/// By objective, the least that a search of the case finds, whatever the certificate.
std::vector<double> least_of(const test::RandomCase& random) {
  const SearchResult result =
      search(random.problem, random.architecture, random.constraints, random.options, {});
  std::vector<double> least;
  for (const ParetoPoint& point : result.front.points()) {
    least.resize(point.values.size(), point.values.front());
    for (std::size_t o = 0; o < least.size(); ++o) {
      least[o] = &point == &result.front.points().front() ? point.values[o]
                                                          : std::min(least[o], point.values[o]);
    }
  }
  return least;
}

}  // namespace

TEST_CASE("no search of random machines and problems finds less than the lower bounds") {
  test::RandomSource random(8);
  std::size_t compared = 0;
  double closest = 0;
  for (int i = 0; i < 150; ++i) {
    test::RandomCase one = test::random_case(random, test::CaseSize::enumerable, Factors::perfect);
    one.options.objectives = {Objective::energy, Objective::latency, Objective::dram_words};
    one.options.limits.clear();
    const Mapspace space(one.problem, one.architecture, one.constraints, one.options.space,
                         one.options.factors);
    if (space.skeletons().size() > kMostSkeletons) {
      continue;
    }
    const auto bounds = lower_bounds(one.problem, one.architecture, one.constraints, one.options);
    if (!bounds) {
      continue;
    }
    const std::vector<double> least = least_of(one);
    for (std::size_t o = 0; o < least.size(); ++o) {
      INFO(one.yaml);
      CHECK((*bounds)[o] <= least[o]);
      closest = std::max(closest, least[o] > 0 ? (*bounds)[o] / least[o] : 0);
      ++compared;
    }
  }
  CHECK(compared > 100);
  CHECK(closest > 0.9);  // bounds of zero would be true as well
}
