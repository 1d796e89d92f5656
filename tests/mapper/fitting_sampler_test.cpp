#include "mapper/fitting_sampler.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "search/scorer.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/mapspace_cases.hpp"

using namespace tessera;
using namespace tessera::cases;

TEST_CASE("draws are canonical mappings of the space, and each has a chance") {
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    // Small: covers by many small bounds are rare draws.
    const Problem problem = factors == Factors::perfect ? conv1d(4, 2) : conv1d(3, 2);
    const Architecture architecture = two_memories({2});
    const Mapspace space(problem, architecture, {}, Space::free, factors);
    std::set<std::string> all;
    space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
      all.insert(mapping_key(visit.mapping));
      return VisitAnswer::next;
    });
    FittingSampler sampler(space);
    std::set<std::string> drawn;
    Mapping mapping;
    for (std::uint64_t i = 0; i < 150'000; ++i) {
      CounterRng rng(1, i);
      REQUIRE(sampler.draw(rng, mapping));
      drawn.insert(mapping_key(mapping));
    }
    CHECK(drawn.size() == all.size());
    CHECK(std::includes(all.begin(), all.end(), drawn.begin(), drawn.end()));
  }
}

TEST_CASE("draws into small memories are valid, keep the constraints and nearly always fit") {
  const Problem problem = conv2d(16, 8, 14, 14, 3, 3);
  const Architecture architecture = eyeriss_like();
  Constraints constraints;
  constraints.memories = {{.memory = LevelId(1),
                           .keep = {},
                           .bypass = TensorSet{4u},
                           .loops = {{DimensionId(4), 1}, {DimensionId(5), 1}},
                           .innermost = {}}};
  constraints.axes = {{.axis = {LevelId(2), 0}, .allowed = DimensionSet{13u}}};
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    const Mapspace space(problem, architecture, constraints, Space::free, factors);
    FittingSampler sampler(space);
    Evaluator evaluator(problem, architecture);
    Evaluation evaluation;
    Mapping mapping;
    int fits = 0;
    constexpr int kDraws = 5000;
    for (std::uint64_t i = 0; i < kDraws; ++i) {
      CounterRng rng(7, i);
      REQUIRE(sampler.draw(rng, mapping));
      const auto fault = validate(problem, architecture, mapping);
      REQUIRE((fault ? fault->message : "") == "");
      REQUIRE(find_violation(problem, architecture, constraints, mapping).value_or("") == "");
      evaluator.evaluate(mapping, evaluation);
      fits += evaluation.feasible() ? 1 : 0;
    }
    CHECK(fits > kDraws * 9 / 10);
  }
}

TEST_CASE("draws keep fixed loop bounds often enough to be of use") {
  const Problem problem = conv2d(16, 8, 14, 14, 3, 3);
  const Architecture architecture = eyeriss_like();
  Constraints constraints;
  constraints.memories = {{.memory = LevelId(1),
                           .keep = {},
                           .bypass = {},
                           .loops = {{DimensionId(0), 4}, {DimensionId(1), 2}, {DimensionId(5), 1}},
                           .innermost = {}}};
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    const Mapspace space(problem, architecture, constraints, Space::free, factors);
    REQUIRE(space.needs_filter());
    FittingSampler sampler(space);
    Mapping mapping;
    int kept = 0;
    constexpr int kDraws = 4000;
    for (std::uint64_t i = 0; i < kDraws; ++i) {
      CounterRng rng(3, i);
      if (sampler.draw(rng, mapping)) {
        REQUIRE_FALSE(validate(problem, architecture, mapping));
        kept += find_violation(problem, architecture, constraints, mapping) ? 0 : 1;
      }
    }
    CHECK(kept > kDraws / 10);
  }
}
