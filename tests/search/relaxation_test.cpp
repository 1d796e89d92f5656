// What a proof without some rules says of the search with them, against all mappings that keep
// them.

#include "search/relaxation.hpp"

#include <algorithm>

#include "mapper/mapspace_error.hpp"
#include "search/algorithms.hpp"
#include "search/exact.hpp"
#include "tests/catch_compat.hpp"
#include "tests/search/proof_check.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

DimensionId any_dimension(RandomSource& random, const Problem& problem) {
  return DimensionId(static_cast<std::size_t>(
      random.integer(0, static_cast<std::int64_t>(problem.dimensions.size()) - 1)));
}

/// Adds a rule of a random kind on a random memory, or a limit on power.
void add_rule(RandomSource& random, RandomCase& one) {
  std::vector<LevelId> memories;
  for (std::size_t i = 0; i < one.architecture.hierarchy.size(); ++i) {
    if (one.architecture.memory(LevelId(i)) != nullptr) {
      memories.emplace_back(i);
    }
  }
  const LevelId memory = random.pick(memories);
  const DimensionId dimension = any_dimension(random, one.problem);
  MemoryConstraint rules;
  rules.memory = memory;
  switch (random.integer(0, 5)) {
    case 0:
      rules.loops.emplace_back(dimension, random.pick<std::int64_t>({1, 1, 2, 3}));
      break;
    case 1:
      rules.innermost.push_back(dimension);
      break;
    case 2:
      rules.min_utilization = random.pick<double>({0.2, 0.5, 0.8});
      break;
    case 3:
      one.constraints.orders.push_back({memory, {dimension}});
      return;
    case 4:
      one.constraints.factors.push_back({.level = memory,
                                         .dimension = dimension,
                                         .relation = random.pick<FactorRelation>(
                                             {FactorRelation::at_most, FactorRelation::at_least}),
                                         .factor = 2});
      return;
    default:
      one.options.limits.push_back(
          {Metric::power, random.pick<double>({0.05, 0.1, 0.3, 1}), "at random"});
      return;
  }
  one.constraints.memories.push_back(std::move(rules));
}

struct Seen {
  int exact = 0;
  int bounds = 0;
  int empty = 0;
};

void check(const RandomCase& one, Seen& seen) {
  const auto relaxed = relax(one.architecture, one.constraints, one.options);
  if (!relaxed) {
    return;
  }
  const Mapspace space(one.problem, one.architecture, one.constraints, one.options.space,
                       one.options.factors);
  const Mapspace wider(one.problem, relaxed->architecture, relaxed->constraints, one.options.space,
                       one.options.factors);
  if (!space.size().exact || WideCount(20'000) < space.size().count ||
      exact_obstacle(wider, relaxed->constraints, relaxed->options)) {
    return;
  }
  SearchOptions few = one.options;
  few.samples = 40;
  SearchResult found = search_random(space, one.constraints, few, SearchControl{});
  // What was found costs less there where hops have energies.
  ParetoFront known = one.architecture == relaxed->architecture ? found.front : ParetoFront{};
  bound_by(search_exact(wider, relaxed->constraints, relaxed->options, {}, std::move(known)), space,
           one.constraints, one.options, found);
  const SearchResult all =
      search_exhaustive(space, one.constraints, one.options, {}, space.size().count.low());
  INFO(one.yaml << front_text(found.front, one) << "all:\n" << front_text(all.front, one));
  for (const ParetoPoint& point : found.front.points()) {
    REQUIRE_FALSE(find_violation(one.problem, one.architecture, one.constraints, point.mapping));
  }
  if (found.certificate.kind == Certificate::Kind::exact) {
    ++(all.front.empty() ? seen.empty : seen.exact);
    for (const ParetoPoint& point : all.front.points()) {
      REQUIRE(reaches(found.front, point.values, 1e-10));
    }
  } else if (found.certificate.kind == Certificate::Kind::bound && !all.front.empty()) {
    ++seen.bounds;
    for (std::size_t o = 0; o < one.options.objectives.size(); ++o) {
      const auto less = [o](const ParetoPoint& a, const ParetoPoint& b) {
        return a.values[o] < b.values[o];
      };
      const auto least = [&](const ParetoFront& front) {
        return std::min_element(front.points().begin(), front.points().end(), less)->values[o];
      };
      REQUIRE(least(all.front) >= least(found.front) * (1 - found.certificate.gap) * (1 - 1e-10));
    }
  }
}

/// Lets hops and routers on all meshes of the case cost something.
void add_hops(RandomSource& random, RandomCase& one) {
  for (Element& element : one.architecture.hierarchy) {
    auto* fanout = std::get_if<Fanout>(&element);
    if (fanout != nullptr && random.chance(80)) {
      fanout->hop_pj = random.pick<double>({0.125, 1, 20});
      fanout->router_pj = random.pick<double>({0, 0.5});
    }
  }
}

}  // namespace

TEST_CASE("a proof without the energy of hops bounds the front with it") {
  RandomSource random(72);
  Seen seen;
  for (int i = 0; i < 250; ++i) {
    RandomCase one = random_case(
        random, CaseSize::enumerable, i % 3 == 0 ? Factors::imperfect : Factors::perfect,
        random.pick<Space>({Space::free, Space::hierarchical, Space::even}));
    add_hops(random, one);
    try {
      check(one, seen);
    } catch (const MapspaceError&) {
      continue;
    }
  }
  CAPTURE(seen.exact, seen.bounds, seen.empty);
  CHECK(seen.bounds > 10);
}

TEST_CASE("a proof without some rules bounds the front with them, and proves what keeps them") {
  RandomSource random(71);
  Seen seen;
  for (int i = 0; i < 700; ++i) {
    RandomCase one = random_case(
        random, CaseSize::enumerable, i % 3 == 0 ? Factors::imperfect : Factors::perfect,
        random.pick<Space>({Space::free, Space::hierarchical, Space::even}));
    add_rule(random, one);
    try {
      check(one, seen);
    } catch (const MapspaceError&) {
      continue;  // holds that can be ordered in too many ways
    }
  }
  CAPTURE(seen.exact, seen.bounds, seen.empty);
  CHECK(seen.exact > 100);
  CHECK(seen.bounds > 10);
}

TEST_CASE("of mappings of equal cost the one that keeps the rules is taken") {
  const RandomCase one = read_case(
      "problem: {dimensions: {M: 8, N: 4, K: 8}, operation: 'C[M,N] += A[M,K] * B[K,N]', bits: 8}\n"
      "architecture:\n  clock: 1 GHz\n  hierarchy:\n"
      "    - {memory: DRAM, energy: 200 pJ/word}\n"
      "    - {memory: GLB, capacity: 64 words, energy: 6 pJ/word, keep: all}\n"
      "    - {memory: RF, capacity: 8 words, energy: 1 pJ/word, keep: all}\n"
      "    - {compute: MAC, energy: 1 pJ/operation}\n"
      "constraints:\n  GLB: {innermost: [M]}\n",
      {});
  const Mapspace space(one.problem, one.architecture, one.constraints, Space::free,
                       Factors::perfect);
  SearchOptions options;
  options.factors = Factors::perfect;
  const auto relaxed = relax(one.architecture, one.constraints, options);
  REQUIRE(relaxed);
  CHECK(relaxed->without == "the rules on the loops of memories");
  const Mapspace wider(one.problem, one.architecture, relaxed->constraints, Space::free,
                       Factors::perfect);
  const SearchResult proven = search_exact(wider, relaxed->constraints, relaxed->options, {});
  for (const ParetoPoint& point : proven.front.points()) {
    const auto kept = keeping_rules(space, one.constraints, options, point.mapping);
    REQUIRE(kept);
    CHECK_FALSE(find_violation(one.problem, one.architecture, one.constraints, *kept));
    CHECK(evaluate(one.problem, one.architecture, *kept).energy_pj == point.values[0]);
  }
  CHECK_FALSE(relax(one.architecture, Constraints{}, options));
}
