#include "mapper/mapspace_moves.hpp"

#include <set>

#include "mapper/fitting_sampler.hpp"
#include "model/evaluate.hpp"
#include "search/scorer.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/mapspace_cases.hpp"

using namespace tessera;
using namespace tessera::cases;

namespace {

/// Draws two points and changes them again and again; checks each mapping on the way.
void check_changes(const Problem& problem, const Architecture& architecture,
                   const Constraints& constraints, Space kind, Factors factors) {
  const Mapspace space(problem, architecture, constraints, kind, factors);
  FittingSampler sampler(space);
  MapspaceMoves moves(space);
  Mapping mapping;
  for (std::uint64_t i = 0; i < 25; ++i) {
    CounterRng rng(11, i);
    REQUIRE(sampler.draw(rng, mapping));
    MapspacePoint point = sampler.point();
    REQUIRE(sampler.draw(rng, mapping));
    const MapspacePoint other = sampler.point();
    for (int step = 0; step < 60; ++step) {
      switch (step % 3) {
        case 0:
          moves.mutate(point, rng);
          break;
        case 1:
          moves.exchange(point, other, rng);
          break;
        default:
          moves.relieve(point, LevelId(1 + rng.below(architecture.hierarchy.size() - 1)), rng);
      }
      REQUIRE(point.skeleton < space.skeletons().size());
      space.build(point, mapping);
      const auto fault = validate(problem, architecture, mapping);
      REQUIRE((fault ? fault->message : "") == "");
      REQUIRE(find_violation(problem, architecture, constraints, mapping).value_or("") == "");
    }
  }
}

}  // namespace

TEST_CASE("changed mappings are valid ones that keep what the space keeps by construction") {
  Constraints constraints;
  constraints.memories = {{.memory = LevelId(1),
                           .keep = {},
                           .bypass = {},
                           .loops = {{DimensionId(4), 1}, {DimensionId(5), 1}},
                           .innermost = {}}};
  constraints.axes = {{.axis = {LevelId(2), 0}, .allowed = DimensionSet{13u}}};
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    for (const Space kind : {Space::free, Space::hierarchical, Space::even}) {
      check_changes(conv2d(16, 8, 14, 14, 3, 3), eyeriss_like(), constraints, kind, factors);
      check_changes(gemm(7, 12, 30), s3_like(40, 8), {}, kind, factors);
    }
  }
}

TEST_CASE("small changes lead from one mapping to every other of the space") {
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    for (const Space kind : {Space::free, Space::even}) {
      const Problem problem = factors == Factors::perfect ? conv1d(2, 2) : conv1d(3, 1);
      Architecture architecture = s3_like(100, 100);
      std::get<Memory>(architecture.hierarchy[1]).keep = {};  // so that bypasses may flip
      const Mapspace space(problem, architecture, {}, kind, factors);
      std::set<std::string> all;
      space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
        all.insert(mapping_key(visit.mapping));
        return VisitAnswer::next;
      });
      FittingSampler sampler(space);
      MapspaceMoves moves(space);
      Mapping mapping;
      CounterRng rng(3, 0);
      REQUIRE(sampler.draw(rng, mapping));
      MapspacePoint point = sampler.point();
      std::set<std::string> seen;
      for (int step = 0; step < 1'000'000 && seen.size() < all.size(); ++step) {
        moves.mutate(point, rng);
        space.build(point, mapping);
        seen.insert(mapping_key(mapping));
      }
      CHECK(seen == all);
    }
  }
}

TEST_CASE("relief makes the tiles of a memory smaller until none is left to move") {
  const Problem problem = gemm(16, 16, 16);
  const Architecture architecture = s3_like(1000, 300);
  const Mapspace space(problem, architecture, {}, Space::free, Factors::perfect);
  FittingSampler sampler(space);
  MapspaceMoves moves(space);
  Mapping mapping;
  CounterRng rng(1, 1);
  REQUIRE(sampler.draw(rng, mapping));
  MapspacePoint point = sampler.point();
  int steps = 0;
  while (steps < 10'000 && moves.relieve(point, LevelId(3), rng)) {
    ++steps;
  }
  REQUIRE(steps < 10'000);
  // It ends where it drew a hold without loops that matter to its tensor: one word is left there.
  space.build(point, mapping);
  const Evaluation evaluation = evaluate(problem, architecture, mapping);
  REQUIRE(evaluation.feasible());
  std::int64_t least = 300;
  for (const TensorTraffic& tensor : evaluation.levels[3].tensors) {
    least = std::min(least, tensor.tile_words);
  }
  CHECK(least == 1);
}
