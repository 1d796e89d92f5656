#include "app/sweep/sweep_run.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/command.hpp"
#include "app/errors.hpp"
#include "app/front_report.hpp"
#include "app/network_run.hpp"
#include "app/numbers.hpp"
#include "app/output_files.hpp"
#include "app/results/results_report.hpp"
#include "app/search_setup.hpp"
#include "app/sweep/known_front.hpp"
#include "app/sweep/sweep_progress.hpp"
#include "app/sweep/work_lock.hpp"
#include "mapper/mapping_spec.hpp"
#include "model/evaluate.hpp"
#include "search/network_bound.hpp"

namespace tessera {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kNoPointInLimits = "no point keeps the limits";

std::string file_name(Shard shard) {
  return shard.count == 1 ? "sweep.sqlite"
                          : fmt::format("shard-{:05}-of-{:05}.sqlite", shard.index, shard.count);
}

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
    text += fmt::format("{}{}=", t == 0 ? "" : ";", run.tasks.tasks[t].problem.name);
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

/// What a run searches with.
struct SweepSearch {
  const SweepSpec& spec;
  SearchOptions options;
  SearchControl control;
  bool skip = true;  ///< points that cannot reach the front
  /// By task, by how much its search raised the bound on the network's energy at the point before:
  /// where that is most, a point that can be skipped shows it soonest.
  std::vector<double> raised = {};
};

/// The tasks, those first that raised the bound most.
std::vector<std::size_t> order_of(const SweepSearch& search, std::size_t tasks) {
  std::vector<std::size_t> order(tasks);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (search.raised.size() == tasks) {
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return search.raised[a] > search.raised[b];
    });
  }
  return order;
}

NetworkBound bound_of(const SweepPoint& point, const NetworkTasks& tasks,
                      const SearchOptions& options) {
  std::vector<Constraints> rules;
  for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
    rules.push_back(constraints_of(tasks, t, point.constraints));
  }
  return NetworkBound(tasks, point.architecture, rules, options);
}

/// Searches the layers of a point; false if it was stopped before its end. It is left as soon as
/// the lower bounds of its layers, or what has been found of them, prove that no mapping reaches
/// the front.
bool search_layers(SweepSearch& search, const SweepPoint& point, const KnownFront& known,
                   PointResult& result) {
  const NetworkTasks tasks = tasks_of(point.network, point.network.batch);
  std::optional<NetworkBound> bound;
  if (search.skip) {
    bound.emplace(bound_of(point, tasks, search.options));
  }
  std::vector<double> raised(tasks.tasks.size(), 0.0);
  std::optional<std::size_t> last;
  bool left = false;
  const auto before_task = [&](const NetworkRun& so_far, std::size_t task) {
    if (bound && last) {
      raised[*last] = bound->learn(*last, so_far.results[*last]);
    }
    last = task;
    if (bound && bound->broken_limit()) {
      result.feasible = false;
      result.why_not = kNoPointInLimits;
    } else if (bound) {
      result.skipped_by = known.dominating(bound->least());
    }
    left = !result.feasible || result.skipped_by;
    return !left && !search.control.stop->load();
  };
  const NetworkRun run =
      run_network(tasks, point.architecture, point.constraints, search.options, search.control,
                  before_task, order_of(search, tasks.tasks.size()));
  if (left) {
    return true;
  }
  if (run.stopped) {
    return false;
  }
  search.raised = std::move(raised);
  fill(result, run, point.architecture);
  return true;
}

/// Searches one point; empty if it was stopped before its end.
std::optional<PointResult> search_point(SweepSearch& search, std::uint64_t index,
                                        const KnownFront& known) {
  const auto start = Clock::now();
  PointResult result;
  result.point = index;
  result.values = search.spec.values(index);
  const SweepPoint point = search.spec.point(index);
  try {
    if (!search_layers(search, point, known, result)) {
      return std::nullopt;
    }
  } catch (const ModelError& error) {  // this machine cannot run this network; others may
    result.feasible = false;
    result.why_not = error.what();
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return result;
}

/// The points of a shard that are left, the most promising first: what they find lets others be
/// skipped. In their own order where none is to be skipped.
std::vector<std::uint64_t> points_left(const SweepSearch& search, Shard shard,
                                       const std::vector<std::uint64_t>& done) {
  std::vector<std::pair<double, std::uint64_t>> ranked;
  for (std::uint64_t i = shard.index; i < search.spec.size(); i += shard.count) {
    if (std::binary_search(done.begin(), done.end(), i)) {
      continue;
    }
    double rank = 0;
    if (search.skip && !search.control.stop->load()) {
      const SweepPoint point = search.spec.point(i);
      try {
        const NetworkTasks tasks = tasks_of(point.network, point.network.batch);
        rank = bound_of(point, tasks, search.options).rank();
      } catch (const ModelError&) {
        rank = 0;  // search_point() says why
      }
    }
    ranked.emplace_back(rank, i);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::uint64_t> points;
  for (const auto& [rank, index] : ranked) {
    points.push_back(index);
  }
  return points;
}

ResultsFile open_results(const std::string& path, const SweepIdentity& identity, Shard shard,
                         bool resume) {
  std::error_code ignored;
  if (!resume || !std::filesystem::exists(path, ignored)) {
    return ResultsFile::create(path, identity, shard);
  }
  ResultsFile file = ResultsFile::open(path, true);
  if (file.identity() != identity) {
    throw UsageError(
        fmt::format("'{}' holds results of another sweep; what changed (- there, + "
                    "now):\n{}Give another directory, or remove the file.",
                    path, difference(file.identity(), identity)));
  }
  if (file.shard() != shard) {
    throw UsageError(fmt::format("'{}' is for shard {}/{}, not {}/{}", path, file.shard().index,
                                 file.shard().count, shard.index, shard.count));
  }
  return file;
}

/// The last lines of a run that was ended before its points were.
int say_stopped(const StopWatch& watch, std::uint64_t finished, std::uint64_t points,
                const std::string& path) {
  const bool interrupt = watch.cause() == StopWatch::Cause::interrupt;
  fmt::print(stderr, "tessera: {}; {} of {} points are in '{}', --resume continues\n",
             interrupt ? "interrupted" : "terminated", grouped(finished), grouped(points), path);
  return interrupt ? kExitInterrupted : kExitTerminated;
}

}  // namespace

SweepIdentity identity_of(const SweepSpec& spec, const OptionValues& values) {
  SweepIdentity identity;
  identity.name = spec.name();
  identity.architecture = spec.architecture_name();
  identity.network = spec.network().name;
  identity.version = TESSERA_VERSION;
  identity.spec = spec.identity();
  for (const std::string_view name : kDecidingOptions) {
    if (values.given(name)) {
      identity.options += fmt::format("{}: {}\n", name, values.text(name));
    }
  }
  identity.objectives = values.list("objectives");
  for (const SweepAxis& axis : spec.axes()) {
    identity.axes.push_back(axis.name);
  }
  identity.points = spec.size();
  return identity;
}

SearchControl control_of(const OptionValues& values, const StopWatch& watch) {
  SearchControl control;
  control.threads =
      values.given("threads") ? static_cast<int>(values.integer("threads")) : usable_cpus();
  control.stop = &watch.stop();
  return control;
}

int run_points(const SweepSpec& spec, const OptionValues& values, Shard shard,
               const StopWatch& watch) {
  SweepSearch search{spec, search_options_from(values), control_of(values, watch),
                     !values.flag("all-points")};
  layer_objectives(search.options);  // refuses what cannot be searched, before any file is made
  const OutputDirectory directory(values.given("out") ? values.text("out")
                                                      : spec.name() + ".sweep");
  const std::string path = directory.path_of(file_name(shard));
  const WorkLock lock(path, watch.stop());
  ResultsFile file = open_results(path, identity_of(spec, values), shard, values.flag("resume"));
  const std::vector<std::uint64_t> done = file.finished();
  KnownFront known(objectives_of(file.identity()));
  file.for_each_point([&](const PointResult& point) { known.add(point); });
  const std::uint64_t points = shard.size(spec.size());
  SweepProgress progress(values, points, done.size());
  progress.show();
  for (const std::uint64_t i : points_left(search, shard, done)) {
    if (watch.stop().load()) {
      break;
    }
    progress.show();
    const auto result = search_point(search, i, known);
    if (!result) {
      break;
    }
    file.add(*result);
    known.add(*result);
    progress.finished(known.size(), result->skipped_by.has_value());
  }
  const std::uint64_t finished = file.finished().size();
  if (finished < points) {
    return say_stopped(watch, finished, points, path);
  }
  file.make_plain();
  if (shard.count > 1) {
    print_result(fmt::format("Shard {}/{} is finished: {} points in {}\n", shard.index, shard.count,
                             grouped(finished), path));
    return kExitDone;
  }
  const SweepResults results = SweepResults::read(file, true);
  directory.write("front.csv", results_csv(results));
  print_result(results_text(results, path) +
               fmt::format("\nWritten: {}, {}\n", path, directory.path_of("front.csv")));
  return results.front_size > 0 ? kExitDone : kExitNoMapping;
}

}  // namespace tessera
