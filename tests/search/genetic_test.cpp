#include <atomic>
#include <chrono>

#include "model/evaluate.hpp"
#include "search/hypervolume.hpp"
#include "search/search.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/mapspace_cases.hpp"

using namespace tessera;
using namespace tessera::cases;

namespace {

SearchOptions genetic() {
  SearchOptions options;
  options.algorithm = Algorithm::genetic;
  options.factors = Factors::perfect;
  return options;
}

SearchResult run(const Problem& problem, const Architecture& architecture,
                 const SearchOptions& options, int threads = 1,
                 const Constraints& constraints = {}) {
  SearchControl control;
  control.threads = threads;
  return search(problem, architecture, constraints, options, control);
}

std::string bytes(const SearchResult& result) {
  std::string text;
  for (const ParetoPoint& point : result.front.points()) {
    for (const double value : point.values) {
      text.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    text += point.key;
  }
  text += ' ' + std::to_string(result.evaluated) + ' ' + std::to_string(result.feasible) + ' ' +
          std::to_string(result.rejections.constraint);
  for (const std::uint64_t count : result.rejections.capacity) {
    text += ' ' + std::to_string(count);
  }
  return text;
}

std::vector<std::vector<double>> values_of(const ParetoFront& front) {
  std::vector<std::vector<double>> values;
  for (const ParetoPoint& point : front.points()) {
    values.push_back(point.values);
  }
  return values;
}

}  // namespace

TEST_CASE("the genetic search gives the same bytes on 1, 2 and 7 threads, and others by seed") {
  const Problem problem = conv2d(8, 4, 7, 7, 3, 3);
  const Architecture architecture = eyeriss_like();
  SearchOptions options = genetic();
  options.factors = Factors::imperfect;
  options.samples = 20'000;
  options.population = 50;
  options.objectives = {Objective::energy, Objective::latency, Objective::dram_words};
  options.seed = 5;
  const std::string one = bytes(run(problem, architecture, options, 1));
  CHECK(one == bytes(run(problem, architecture, options, 2)));
  CHECK(one == bytes(run(problem, architecture, options, 7)));
  options.seed = 6;
  CHECK(one != bytes(run(problem, architecture, options, 2)));
}

TEST_CASE("the genetic search finds the exact front, in every space") {
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    for (const Space space : {Space::free, Space::hierarchical, Space::even}) {
      SearchOptions options = genetic();
      options.factors = factors;
      options.space = space;
      const Problem problem = space == Space::free ? conv1d(4, 2) : conv1d(6, 3);
      const SearchResult found = run(problem, s3_like(16, 5), options);
      CHECK(found.algorithm == Algorithm::genetic);
      CHECK(found.certificate.kind == Certificate::Kind::none);
      CHECK(found.evaluated < options.samples);  // it ended because it found no more
      options.algorithm = Algorithm::exhaustive;
      const SearchResult exact = run(problem, s3_like(16, 5), options);
      REQUIRE(exact.certificate.kind == Certificate::Kind::exact);
      CHECK(values_of(found.front) == values_of(exact.front));
    }
  }
}

TEST_CASE("the genetic search reaches 99 % of the exact hypervolume of a ResNet-50 layer") {
  // The front that the exhaustive search proves, in seconds.
  const std::vector<std::vector<double>> exact = {{699332608, 1204224}, {711359488, 688128}};
  const std::vector<double> reference = {2 * exact[1][0], 2 * exact[0][1]};
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    SearchOptions options = genetic();
    options.seed = seed;
    const SearchResult found = run(conv2d(128, 128, 28, 28, 3, 3), eyeriss_like(), options);
    const double share =
        hypervolume(values_of(found.front), reference) / hypervolume(exact, reference);
    CHECK(share >= 0.99);
    CHECK(share <= 1);
  }
}

TEST_CASE("the genetic search keeps constraints that need a filter") {
  const Problem problem = conv2d(16, 8, 14, 14, 3, 3);
  const Architecture architecture = eyeriss_like();
  Constraints constraints;
  constraints.memories = {{.memory = LevelId(1),
                           .keep = {},
                           .bypass = {},
                           .loops = {{DimensionId(0), 4}, {DimensionId(5), 1}},
                           .innermost = {DimensionId(1)}}};
  constraints.axes = {{.axis = {LevelId(2), 0}, .allowed = DimensionSet{13u}}};
  constraints.min_utilization = 0.05;
  SearchOptions options = genetic();
  options.samples = 60'000;
  const SearchResult result = run(problem, architecture, options, 2, constraints);
  REQUIRE_FALSE(result.front.empty());
  CHECK(result.rejections.constraint > 0);
  for (const ParetoPoint& point : result.front.points()) {
    const auto fault = validate(problem, architecture, point.mapping);
    CHECK((fault ? fault->message : "") == "");
    CHECK(find_violation(problem, architecture, constraints, point.mapping).value_or("") == "");
    const Evaluation evaluation = evaluate(problem, architecture, point.mapping);
    CHECK(evaluation.feasible());
    CHECK(evaluation.utilization >= 0.05);
    CHECK(evaluation.energy_pj == point.values[0]);
  }
}

TEST_CASE("the genetic search ends at its limits") {
  SearchOptions options = genetic();
  const Problem problem = gemm(64, 64, 64);
  options.samples = 3000;
  const SearchResult few = run(problem, s3_like(200, 60), options);
  CHECK(few.evaluated <= 3000);
  CHECK(few.evaluated > 2000);
  CHECK_FALSE(few.stopped);
  options.samples = 1'000'000;
  options.generations = 3;
  options.population = 20;
  const SearchResult short_lived = run(problem, s3_like(200, 60), options);
  CHECK(short_lived.evaluated <= 20u * (32 + 2 * 7));
  CHECK_FALSE(short_lived.front.empty());
  options.samples = 3;  // not enough for one individual
  CHECK(run(problem, s3_like(200, 60), options).evaluated <= 3);
}

TEST_CASE("the genetic search of a space without a legal mapping ends and counts why") {
  Constraints impossible;
  impossible.min_utilization = 0.9;
  Architecture architecture = s3_like(200, 60);
  const SearchResult busy = run(gemm(7, 1, 1), architecture, genetic(), 1, impossible);
  CHECK(busy.front.empty());
  CHECK(busy.rejections.utilization > 0);
  const SearchResult small = run(gemm(8, 8, 8), s3_like(200, 2), genetic());
  CHECK(small.front.empty());
  REQUIRE(small.rejections.capacity.size() > 3);
  CHECK(small.rejections.capacity[3] > 0);
}

TEST_CASE("a stop ends the genetic search soon with what was found") {
  SearchOptions options = genetic();
  options.factors = Factors::imperfect;
  options.samples = std::uint64_t{1} << 50;
  std::atomic<bool> stop = false;
  std::chrono::steady_clock::time_point asked;
  SearchControl control;
  control.threads = 2;
  control.stop = &stop;
  control.on_progress = [&](const SearchProgress& progress) {
    if (progress.feasible > 500 && !stop) {
      asked = std::chrono::steady_clock::now();
      stop = true;
    }
  };
  const SearchResult result =
      search(conv2d(60, 60, 14, 14, 3, 3), eyeriss_like(), {}, options, control);
  CHECK(std::chrono::steady_clock::now() - asked < std::chrono::milliseconds(500));
  CHECK(result.stopped);
  CHECK_FALSE(result.front.empty());
}
