#include "search/network_front.hpp"

#include <algorithm>

#include "model/evaluate.hpp"
#include "tests/catch_compat.hpp"
#include "tests/spec_text.hpp"

using namespace tessera;

namespace {

Architecture small_machine() {
  return test::read_architecture(R"(architecture:
  name: small
  clock: 1 GHz
  hierarchy:
    - {memory: DRAM, energy: 100 pJ/word, bandwidth: 1e9 words/s}
    - {memory: Buffer, capacity: 24 words, energy: 3 pJ/word, bandwidth: 2e9 words/s}
    - {fanout: PEs, axes: {X: 4}}
    - {compute: MAC, energy: 1 pJ/operation}
)");
}

Network small_network() {
  return test::read_network(R"(network:
  name: small
  layers:
    - problem: {name: a, dimensions: {M: 6, N: 4, K: 4}, operation: 'C[M,N] += A[M,K] * B[K,N]'}
      batch: M
    - problem: {name: b, dimensions: {M: 3, N: 8, K: 5}, operation: 'C[M,N] += A[M,K] * B[K,N]'}
      repeat: 2
      batch: M
    - problem: {name: again, dimensions: {M: 6, N: 4, K: 4}, operation: 'C[M,N] += A[M,K] * B[K,N]'}
      batch: M
)");
}

struct Searched {
  NetworkTasks tasks;
  std::vector<TaskResult> results;
  NetworkFront front;
};

Searched search_small(const SearchOptions& wanted) {
  const Architecture architecture = small_machine();
  Searched searched{tasks_of(small_network(), 1), {}, {}};
  for (const NetworkTasks::Task& task : searched.tasks.tasks) {
    TaskResult& result = searched.results.emplace_back();
    result.search = search(task.problem, architecture, {}, layer_options(wanted), {});
    Evaluator evaluator(task.problem, architecture);
    for (const ParetoPoint& point : result.search.front.points()) {
      evaluator.evaluate(point.mapping, result.evaluations.emplace_back());
    }
  }
  searched.front = combine(searched.tasks, searched.results, wanted, architecture);
  return searched;
}

SearchOptions perfect() {
  SearchOptions options;
  options.factors = Factors::perfect;
  return options;
}

}  // namespace

TEST_CASE("equal layers are one task, whatever they are called") {
  const NetworkTasks tasks = tasks_of(small_network(), 1);
  REQUIRE(tasks.tasks.size() == 2);
  CHECK(tasks.tasks[0].problem.name == "a");
  CHECK(tasks.tasks[0].executions == 2);
  CHECK(tasks.tasks[1].executions == 2);
  CHECK(tasks.task_of == std::vector<std::size_t>{0, 1, 0});
  CHECK(tasks_of(small_network(), 3).tasks[0].problem.dimensions[0].bound == 18);
  Network fixed = small_network();
  fixed.layers[1].batch.reset();
  CHECK_THROWS_WITH(tasks_of(fixed, 2), ContainsText("the layer b of the network small"));
}

TEST_CASE("a network's front is that of all ways to choose a point for each execution") {
  const Searched searched = search_small(perfect());
  CHECK(searched.front.certificate.kind == Certificate::Kind::exact);
  // Executions: a, a, b, b.
  std::vector<std::pair<double, double>> sums;
  const auto& a = searched.results[0].evaluations;
  const auto& b = searched.results[1].evaluations;
  REQUIRE(a.size() * b.size() > 1);
  for (const Evaluation& a1 : a) {
    for (const Evaluation& a2 : a) {
      for (const Evaluation& b1 : b) {
        for (const Evaluation& b2 : b) {
          sums.emplace_back(a1.energy_pj + a2.energy_pj + b1.energy_pj + b2.energy_pj,
                            a1.cycles + a2.cycles + b1.cycles + b2.cycles);
        }
      }
    }
  }
  std::sort(sums.begin(), sums.end());
  std::vector<std::pair<double, double>> front;
  for (const auto& sum : sums) {
    if (front.empty() || sum.second < front.back().second) {
      front.push_back(sum);
    }
  }
  REQUIRE(searched.front.points.size() == front.size());
  for (std::size_t i = 0; i < front.size(); ++i) {
    const Evaluation& total = searched.front.points[i].total;
    CHECK(total.energy_pj == Approx(front[i].first));
    CHECK(static_cast<double>(total.cycles) == front[i].second);
    CHECK(total.latency_s == Approx(front[i].second * 1e-9));
    CHECK(total.operations == 2 * 96 + 2 * 120);
    std::int64_t executions = 0;
    for (const NetworkChoice& choice : searched.front.points[i].choices[1]) {
      executions += choice.count;
    }
    CHECK(executions == 2);
  }
}

TEST_CASE("the least energy-delay product of a network lies on its front of energy and latency") {
  SearchOptions edp = perfect();
  edp.objectives = {Objective::edp};
  const Searched least = search_small(edp);
  REQUIRE(least.front.points.size() == 1);
  double expected = 1e300;
  for (const NetworkPoint& point : search_small(perfect()).front.points) {
    expected = std::min(expected, point.total.edp_js());
  }
  CHECK(least.front.points[0].total.edp_js() == expected);
}

TEST_CASE("limits hold for the network as a whole") {
  const NetworkFront all = search_small(perfect()).front;
  REQUIRE(all.points.size() > 1);
  SearchOptions limited = perfect();
  const double longest = all.points.front().total.latency_s;
  limited.limits = {{Metric::latency, longest * (1 - 1e-9), "less"}};
  const NetworkFront front = search_small(limited).front;
  CHECK(front.points.size() == all.points.size() - 1);
  CHECK(front.beyond_limits == 1);
  CHECK(front.certificate.kind == Certificate::Kind::exact);
  limited.limits = {{Metric::power, all.points.back().total.power_w() * (1 - 1e-9), "less"}};
  CHECK(search_small(limited).front.certificate.kind == Certificate::Kind::none);
}

TEST_CASE("an objective that layers cannot be searched for one by one is refused") {
  SearchOptions options;
  options.objectives = {Objective::power};
  CHECK_THROWS_AS(layer_objectives(options), SearchError);
  options.objectives = {std::get<Objective>(parse_objective("energy - latency"))};
  CHECK_THROWS_AS(layer_objectives(options), SearchError);
  options.objectives = {Objective::area};
  CHECK(layer_objectives(options) == std::vector<Objective>{Objective::energy});
}
