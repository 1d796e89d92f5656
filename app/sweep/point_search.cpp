#include "app/sweep/point_search.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/front_report.hpp"
#include "app/keep_on_chip.hpp"
#include "app/network_run.hpp"
#include "mapper/mapping_spec.hpp"
#include "model/evaluate.hpp"
#include "search/kept_tensors.hpp"
#include "search/network_bound.hpp"

namespace tessera {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kNoPointInLimits = "no point keeps the limits";

std::string why_not(const NetworkRun& run) {
  if (!run.without_mapping) {
    return kNoPointInLimits;
  }
  const std::size_t task = *run.without_mapping;
  return fmt::format("no legal mapping of the layer {}", run.tasks.tasks[task].problem.name);
}

std::string choices_text(const NetworkRun& run, const NetworkPoint& point) {
  std::string text;
  for (std::size_t t = 0; t < point.choices.size(); ++t) {
    if (point.choices[t].empty()) {
      continue;  // its layer has another task
    }
    text += fmt::format("{}{}=", text.empty() ? "" : ";", run.tasks.tasks[t].problem.name);
    bool first = true;
    for (const NetworkChoice& choice : point.choices[t]) {
      text += fmt::format(
          "{}{}{}", first ? "" : "+", choice.point + 1,
          point.choices[t].size() > 1 && choice.count > 1 ? fmt::format("x{}", choice.count) : "");
      first = false;
    }
  }
  return text;
}

/// The rows of a finished run.
void fill(PointResult& result, const NetworkRun& run, const Architecture& architecture) {
  std::vector<std::string> algorithms;
  for (std::size_t t = 0; t < run.results.size(); ++t) {
    const TaskResult& task = run.results[t];
    if (task.evaluations.empty()) {
      continue;  // not searched, or nothing found
    }
    algorithms.emplace_back(to_string(task.search.algorithm));
    for (std::size_t i = 0; i < task.evaluations.size(); ++i) {
      const Problem& problem = run.tasks.tasks[t].problem;
      result.layers.push_back(
          {problem.name, run.tasks.tasks[t].executions, i + 1, task.evaluations[i].energy_pj,
           task.evaluations[i].cycles, std::string(to_string(task.search.certificate.kind)),
           to_line(task.search.front.points()[i].mapping, problem, architecture)});
    }
  }
  std::sort(algorithms.begin(), algorithms.end());
  algorithms.erase(std::unique(algorithms.begin(), algorithms.end()), algorithms.end());
  result.algorithm = fmt::format("{}", fmt::join(algorithms, "+"));
  result.feasible = !run.front.points.empty();
  if (!result.feasible) {
    result.why_not = why_not(run);
    return;
  }
  result.certificate = to_string(run.front.certificate.kind);
  if (run.front.certificate.kind != Certificate::Kind::none) {
    result.gap = run.front.certificate.gap;
  }
  for (std::size_t i = 0; i < run.front.points.size(); ++i) {
    const Evaluation& e = run.front.points[i].total;
    result.front.push_back({result.point, i + 1, e.energy_pj, e.cycles, e.latency_s, e.area_mm2,
                            e.utilization, e.dram_words, e.operations,
                            choices_text(run, run.front.points[i])});
  }
}

/// The tasks, those first that raised the bound most.
std::vector<std::size_t> order_of(const std::vector<double>& raised, std::size_t tasks) {
  std::vector<std::size_t> order(tasks);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (raised.size() == tasks) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return raised[a] > raised[b]; });
  }
  return order;
}

NetworkBound bound_of(const SweepPoint& point, const NetworkTasks& tasks,
                      const SearchOptions& options) {
  std::vector<Constraints> rules;
  for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
    rules.push_back(rules_of(tasks, t, point.constraints, point.architecture));
  }
  return NetworkBound(tasks, point.architecture, rules, options);
}

}  // namespace

NetworkTasks tasks_of_point(const SweepPoint& point, const std::optional<std::string>& keep) {
  return tasks_for(point.network, point.network.batch, point.architecture,
                   keep ? memory_kept_in(point.architecture, *keep) : std::nullopt,
                   point.constraints);
}

PointSearch::PointSearch(const SweepSpec& spec, SearchOptions options, bool skip,
                         std::optional<std::string> keep)
    : spec_(spec), options_(std::move(options)), skip_(skip), keep_(std::move(keep)) {
  layer_objectives(options_);
}

SweepPoint PointSearch::read(std::uint64_t point) const {
  const std::lock_guard<std::mutex> lock(reading_);
  return spec_.point(point);
}

double PointSearch::rank(std::uint64_t index) const {
  const SweepPoint point = read(index);
  try {
    const NetworkTasks tasks = tasks_of_point(point, keep_);
    // Of all points by item: less is more promising, whatever the batch.
    double product = 1;
    for (const double value : compared_values(
             options_.objectives, bound_of(point, tasks, options_).least(), tasks.batch, true)) {
      product *= value > 0 ? value : 1;
    }
    return product;
  } catch (const ModelError&) {
    return 0;  // search() says why
  }
}

/// False if it was stopped before its end. The point is left as soon as the lower bounds of its
/// layers, or what has been found of them, prove that no mapping reaches the front; also after the
/// last one, so that the order of layers makes no difference.
bool PointSearch::search_layers(const SweepPoint& point, const Before& before,
                                const SearchControl& control, PointFindings& findings) const {
  const NetworkTasks tasks = tasks_of_point(point, keep_);
  PointResult& result = *findings.result;
  result.kept_in = tasks.kept_in ? point.architecture.name_of(*tasks.kept_in) : "";
  std::optional<NetworkBound> bound;
  if (skip_) {
    bound.emplace(bound_of(point, tasks, options_));
  }
  std::vector<double> raised(tasks.tasks.size(), 0.0);
  std::optional<std::size_t> last;
  const auto hopeless = [&](const NetworkRun& so_far) {
    if (!bound) {
      return false;
    }
    if (last) {
      raised[*last] = bound->learn(*last, so_far.results[*last]);
    }
    if (bound->broken_limit()) {
      result.feasible = false;
      result.why_not = kNoPointInLimits;
    } else {
      result.skipped_by = before.known.dominating(bound->least(), tasks.batch);
    }
    return !result.feasible || result.skipped_by;
  };
  bool left = false;
  const auto before_task = [&](const NetworkRun& so_far, std::size_t task) {
    left = hopeless(so_far);
    last = task;
    return !left && !control.stop->load();
  };
  const NetworkRun run =
      run_network(tasks, point.architecture, point.constraints, options_, control, before_task,
                  order_of(before.raised, tasks.tasks.size()));
  if (left) {
    return true;
  }
  if (run.stopped) {
    return false;
  }
  if (!run.without_mapping && hopeless(run)) {
    return true;
  }
  findings.raised = std::move(raised);
  fill(result, run, point.architecture);
  return true;
}

PointFindings PointSearch::search(std::uint64_t index, const Before& before,
                                  const SearchControl& control) const {
  const auto start = Clock::now();
  PointFindings findings;
  PointResult& result = findings.result.emplace();
  result.point = index;
  result.values = spec_.values(index);
  const SweepPoint point = read(index);
  result.batch = point.network.batch;
  try {
    if (!search_layers(point, before, control, findings)) {
      findings.result.reset();
      return findings;
    }
  } catch (const ModelError& error) {  // this machine cannot run this network; others may
    result.feasible = false;
    result.why_not = error.what();
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  result.ended =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return findings;
}

}  // namespace tessera
