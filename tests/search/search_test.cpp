#include "search/search.hpp"

#include <chrono>
#include <string>
#include <thread>

#include "model/evaluate.hpp"
#include "search/scorer.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/mapspace_cases.hpp"

using namespace tessera;
using namespace tessera::cases;

namespace {

SearchResult run(const Problem& problem, const Architecture& architecture,
                 const SearchOptions& options, int threads = 1,
                 const Constraints& constraints = {}) {
  SearchControl control;
  control.threads = threads;
  return search(problem, architecture, constraints, options, control);
}

/// All that a front says, exactly.
std::string bytes(const SearchResult& result) {
  std::string text;
  for (const ParetoPoint& point : result.front.points()) {
    for (const double value : point.values) {
      text.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    text += point.key;
  }
  const auto add = [&text](std::uint64_t count) { text += ' ' + std::to_string(count); };
  add(result.evaluated);
  add(result.feasible);
  for (const std::uint64_t count : result.rejections.capacity) {
    add(count);
  }
  add(result.rejections.constraint);
  add(result.rejections.utilization);
  return text;
}

bool covered(const ParetoFront& by, const ParetoFront& front) {
  for (const ParetoPoint& point : front.points()) {
    bool found = by.dominates(point.values);
    for (const ParetoPoint& other : by.points()) {
      found = found || other.values == point.values;
    }
    if (!found) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("the exhaustive front is that of scoring every mapping one by one") {
  const Problem problem = gemm(4, 3, 2);
  const Architecture architecture = s3_like(14, 5);
  SearchOptions options;
  options.algorithm = Algorithm::exhaustive;
  options.space = Space::hierarchical;
  // Power has no bound, so mappings are tried one by one.
  options.objectives = {Objective::energy, Objective::power, Objective::dram_words};
  const SearchResult result = run(problem, architecture, options);

  ParetoFront expected;
  std::uint64_t evaluated = 0;
  std::uint64_t feasible = 0;
  const Mapspace space(problem, architecture, {}, options.space, options.factors);
  space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
    const Evaluation evaluation = evaluate(problem, architecture, visit.mapping);
    ++evaluated;
    if (evaluation.feasible()) {
      ++feasible;
      expected.insert(
          {{evaluation.energy_pj, evaluation.power_w(), static_cast<double>(evaluation.dram_words)},
           visit.mapping,
           mapping_key(visit.mapping)});
    }
    return VisitAnswer::next;
  });
  REQUIRE(result.evaluated == evaluated);
  REQUIRE(result.feasible == feasible);
  REQUIRE(feasible < evaluated);
  REQUIRE(result.space_size == std::to_string(evaluated));
  REQUIRE(result.certificate.kind == Certificate::Kind::exact);
  REQUIRE(result.front.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    REQUIRE(result.front.points()[i].values == expected.points()[i].values);
    REQUIRE(result.front.points()[i].mapping == expected.points()[i].mapping);
  }
}

TEST_CASE("results are byte-equal on 1, 2 and 7 threads") {
  const Problem problem = conv2d(8, 4, 7, 7, 3, 3);
  const Architecture architecture = eyeriss_like();
  SearchOptions options;
  options.algorithm = Algorithm::random;
  options.samples = 20'000;
  options.seed = 5;
  const std::string one = bytes(run(problem, architecture, options, 1));
  CHECK(one == bytes(run(problem, architecture, options, 2)));
  CHECK(one == bytes(run(problem, architecture, options, 7)));
  options.seed = 6;
  CHECK(one != bytes(run(problem, architecture, options, 2)));

  options.algorithm = Algorithm::exhaustive;
  options.objectives = {Objective::energy, Objective::power};  // enumerated one by one
  options.space = Space::hierarchical;
  options.factors = Factors::perfect;
  const Problem small = gemm(4, 4, 2);
  const Architecture machine = s3_like(20, 6);
  const std::string all = bytes(run(small, machine, options, 1));
  CHECK(all == bytes(run(small, machine, options, 2)));
  CHECK(all == bytes(run(small, machine, options, 7)));
}

TEST_CASE("random draws never beat the exhaustive front, and find it in a small space") {
  const Problem problem = conv1d(6, 3);
  const Architecture architecture = s3_like(16, 5);
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    SearchOptions options;
    options.factors = factors;
    options.algorithm = Algorithm::exhaustive;
    options.space = Space::hierarchical;
    const SearchResult exact = run(problem, architecture, options);
    options.algorithm = Algorithm::random;
    options.samples = 400'000;
    const SearchResult random = run(problem, architecture, options);
    CHECK(random.certificate.kind == Certificate::Kind::none);
    CHECK(covered(exact.front, random.front));
    CHECK(covered(random.front, exact.front));
  }
}

TEST_CASE("automatic enumerates small spaces, prunes large ones, else evolves, and says why") {
  SearchOptions options;
  options.samples = 2000;
  options.factors = Factors::perfect;
  const SearchResult small = run(gemm(2, 2, 2), s3_like(20, 6), options);
  CHECK(small.algorithm == Algorithm::exhaustive);
  CHECK_THAT(small.why, ContainsText("can be tried"));
  const SearchResult large = run(gemm(64, 64, 64), s3_like(200, 60), options);
  CHECK(large.algorithm == Algorithm::exhaustive);
  CHECK(large.tree);
  CHECK(large.certificate.kind == Certificate::Kind::exact);
  CHECK_THAT(large.why, ContainsText("branch and bound"));
  options.objectives = {Objective::energy, Objective::power};
  const SearchResult evolved = run(gemm(64, 64, 64), s3_like(200, 60), options);
  CHECK(evolved.algorithm == Algorithm::genetic);
  CHECK(evolved.evaluated <= 2000);
  CHECK_THAT(evolved.why, ContainsText("without proof"));
}

TEST_CASE("automatic adds the proven front of perfect factors where imperfect ones are too many") {
  const Problem problem = gemm(83160, 5, 4);
  const Architecture architecture = s3_like(200, 60);
  SearchOptions options;
  options.samples = 500;
  const SearchResult result = run(problem, architecture, options);
  REQUIRE(result.algorithm == Algorithm::genetic);
  CHECK(result.certificate.kind == Certificate::Kind::bound);
  CHECK(result.certificate.gap < 1);
  CHECK_THAT(result.why, ContainsText("no mapping of perfect factors is better (proven)"));
  options.factors = Factors::perfect;
  options.algorithm = Algorithm::exhaustive;
  const SearchResult perfect = run(problem, architecture, options);
  REQUIRE_FALSE(perfect.front.empty());
  CHECK(covered(result.front, perfect.front));
}

TEST_CASE("a search stopped at any moment of its steps has a bound as soon as it has a mapping") {
  const Problem problem = gemm(105, 96, 120);  // its imperfect proof follows that of perfect ones
  const Architecture architecture = s3_like(200, 60);
  std::size_t early = 0;
  for (int milliseconds = 1; milliseconds < 1000; milliseconds += 1 + milliseconds / 2) {
    std::atomic<bool> stop = false;
    SearchControl control;
    control.stop = &stop;
    std::thread clock([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
      stop = true;
    });
    const SearchResult result = search(problem, architecture, {}, SearchOptions{}, control);
    clock.join();
    if (result.front.empty()) {
      continue;
    }
    REQUIRE(result.certificate.kind != Certificate::Kind::none);
    REQUIRE(result.certificate.least.size() == 2);
    CHECK(result.certificate.least[1] >= 105 * 96 * 120 / 4);  // on all four lanes
    early += result.certificate.kind == Certificate::Kind::bound ? 1 : 0;
  }
  CHECK(early > 0);
}

TEST_CASE("a stop ends either search soon with what was found") {
  for (const Algorithm algorithm : {Algorithm::random, Algorithm::exhaustive}) {
    SearchOptions options;
    options.algorithm = algorithm;
    options.factors = Factors::perfect;
    options.space = Space::hierarchical;
    options.objectives = {Objective::energy, Objective::power};  // enumerated one by one
    options.samples = std::uint64_t{1} << 50;
    const Problem problem = gemm(8, 8, 4);
    const Architecture architecture = s3_like(40, 6);
    std::atomic<bool> stop = false;
    std::chrono::steady_clock::time_point asked;
    SearchControl control;
    control.threads = 2;
    control.stop = &stop;
    control.on_progress = [&](const SearchProgress& progress) {
      if (progress.feasible > 2000 && !stop) {
        asked = std::chrono::steady_clock::now();
        stop = true;
      }
    };
    SearchResult result;
    try {
      result = search(problem, architecture, {}, options, control);
    } catch (const SearchError& error) {
      FAIL(error.what());
    }
    CHECK(std::chrono::steady_clock::now() - asked < std::chrono::milliseconds(500));
    CHECK(result.stopped);
    CHECK(result.certificate.kind ==
          (algorithm == Algorithm::random ? Certificate::Kind::none : Certificate::Kind::bound));
    CHECK(result.feasible > 2000);
    CHECK_FALSE(result.front.empty());
  }
}

TEST_CASE("what cannot be followed is refused in a sentence") {
  SearchOptions options;
  options.algorithm = Algorithm::exhaustive;
  options.objectives = {Objective::energy, Objective::power};
  CHECK_THROWS_WITH(run(gemm(64, 64, 64), s3_like(200, 60), options),
                    ContainsText("use auto, which searches it and gives a bound"));
  options.algorithm = Algorithm::automatic;
  options.objectives.clear();
  CHECK_THROWS_AS(run(gemm(2, 2, 2), s3_like(20, 6), options), SearchError);
}

TEST_CASE("refusals are counted by reason") {
  SearchOptions options;
  options.algorithm = Algorithm::exhaustive;
  options.space = Space::even;
  options.factors = Factors::perfect;
  const Problem problem = gemm(4, 2, 2);
  const Architecture architecture = s3_like(14, 5);
  Constraints constraints;
  constraints.min_utilization = 0.3;
  constraints.memories = {
      {.memory = LevelId(3), .keep = {}, .bypass = {}, .loops = {}, .innermost = {DimensionId(2)}}};
  const SearchResult result = run(problem, architecture, options, 1, constraints);
  std::uint64_t refused = result.rejections.constraint + result.rejections.utilization;
  for (const std::uint64_t count : result.rejections.capacity) {
    refused += count;
  }
  CHECK(result.rejections.constraint > 0);
  CHECK(result.rejections.utilization > 0);
  CHECK(result.rejections.capacity[3] > 0);
  CHECK(result.feasible + refused == result.evaluated);
  for (const ParetoPoint& point : result.front.points()) {
    CHECK_FALSE(find_violation(problem, architecture, constraints, point.mapping));
    CHECK(evaluate(problem, architecture, point.mapping).utilization >= 0.3);
  }
}

TEST_CASE("the optima that a brute force over every mapping proved are found") {
  struct Case {
    std::int64_t m, n, k, glb, rf;
    Space space;
    double energy_pj, cycles;
  };
  // golden/accelforge.md; those whose enumeration takes seconds, `free` where that is short.
  for (const Case& each : {Case{4, 4, 4, 40, 6, Space::hierarchical, 10528, 16},
                           Case{4, 4, 8, 30, 4, Space::hierarchical, 18432, 32},
                           Case{6, 4, 4, 20, 8, Space::hierarchical, 17496, 24},
                           Case{4, 4, 4, 40, 6, Space::free, 10528, 16}}) {
    SearchOptions options;
    options.algorithm = Algorithm::exhaustive;
    options.space = each.space;
    options.factors = Factors::perfect;
    const SearchResult result =
        run(gemm(each.m, each.n, each.k), s3_like(each.glb, each.rf), options, 2);
    INFO(each.m << "x" << each.n << "x" << each.k);
    REQUIRE(result.front.size() == 1);
    CHECK(result.front.points()[0].values == std::vector<double>{each.energy_pj, each.cycles});
  }
}
