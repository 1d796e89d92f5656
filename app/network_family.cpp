#include "app/network_family.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "app/auto_sizes.hpp"
#include "search/pareto_front.hpp"

namespace tessera {

namespace {

/// Appends the tasks of a run, and how they serve the layers.
void append_tasks(NetworkTasks tasks, NetworkTasks& all) {
  const std::size_t offset = all.tasks.size();
  if (offset == 0) {
    all.batch = tasks.batch;
    all.task_of = tasks.task_of;
    all.kept_in = tasks.kept_in;
    all.from_previous = tasks.from_previous;
    all.there_anyway = tasks.there_anyway;
    all.ways.resize(tasks.task_of.size());
  }
  for (std::size_t l = 0; l < tasks.task_of.size(); ++l) {
    for (const std::size_t task :
         tasks.ways.empty() ? std::vector{tasks.task_of[l]} : tasks.ways[l]) {
      all.ways[l].push_back(offset + task);
    }
  }
  for (NetworkTasks::Task& task : tasks.tasks) {
    if (task.same_as) {
      *task.same_as += offset;
    }
    all.tasks.push_back(std::move(task));
  }
}

/// The points that no other dominates by the objectives, area among them, in their order.
std::vector<NetworkPoint> undominated_points(std::vector<NetworkPoint> points,
                                             const SearchOptions& wanted) {
  ParetoFront front;
  for (std::size_t i = 0; i < points.size(); ++i) {
    ParetoPoint point;
    for (const Objective& objective : wanted.objectives) {
      point.values.push_back(value_of(objective, points[i].total));
    }
    point.key = fmt::format("{:016x}", i);
    front.insert(std::move(point));
  }
  if (wanted.lexicographic) {
    front.keep_first();
  }
  std::vector<NetworkPoint> kept;
  for (const ParetoPoint& point : front.points()) {
    kept.push_back(std::move(points[std::stoull(point.key, nullptr, 16)]));
  }
  return kept;
}

}  // namespace

NetworkRun merge_members(std::vector<NetworkRun> runs,
                         const std::vector<const Architecture*>& members,
                         const SearchOptions& wanted) {
  NetworkRun all;
  Certificate& certificate = all.front.certificate;
  certificate.kind = Certificate::Kind::exact;
  std::vector<NetworkPoint> points;
  std::vector<std::size_t> offsets;
  for (std::size_t m = 0; m < runs.size(); ++m) {
    NetworkRun& run = runs[m];
    const Certificate of_run = certificate_of(run);
    certificate.kind = std::min(certificate.kind, of_run.kind);
    certificate.gap = std::max(certificate.gap, of_run.gap);
    all.front.slack = std::max(all.front.slack, run.front.slack);
    all.front.beyond_limits += run.front.beyond_limits;
    all.stopped = all.stopped || run.stopped;
    if (!run.complete()) {
      continue;
    }
    const std::size_t offset = all.tasks.tasks.size();
    for (NetworkPoint& point : run.front.points) {
      NetworkPoint& kept = points.emplace_back();
      kept.total = std::move(point.total);
      kept.choices.resize(offset);
      std::move(point.choices.begin(), point.choices.end(), std::back_inserter(kept.choices));
    }
    append_tasks(std::move(run.tasks), all.tasks);
    std::move(run.results.begin(), run.results.end(), std::back_inserter(all.results));
    all.machines.resize(all.tasks.tasks.size(), members[m]);
  }
  if (certificate.kind == Certificate::Kind::none) {
    certificate = {};
  }
  for (NetworkPoint& point : points) {
    point.choices.resize(all.tasks.tasks.size());
  }
  all.front.points = undominated_points(std::move(points), wanted);
  return all;
}

const Architecture& machine_of(const NetworkReport& report, const NetworkRun& run,
                               std::size_t task) {
  return run.machines.empty() ? report.architecture : *run.machines[task];
}

const Architecture& machine_of(const NetworkReport& report, const NetworkRun& run,
                               const NetworkPoint& point) {
  const auto used =
      std::find_if(point.choices.begin(), point.choices.end(),
                   [](const std::vector<NetworkChoice>& choices) { return !choices.empty(); });
  return machine_of(report, run, static_cast<std::size_t>(used - point.choices.begin()));
}

std::vector<NetworkSize> sizes_of(const NetworkReport& report, const NetworkRun& run,
                                  const NetworkPoint& point) {
  if (report.family == nullptr) {
    return {};
  }
  std::vector<AutoSize> most;
  for (std::size_t t = 0; t < point.choices.size(); ++t) {
    for (const NetworkChoice& choice : point.choices[t]) {
      const std::vector<AutoSize> sizes = auto_sizes(
          report.family->automatic, {run.tasks.tasks[t].problem, machine_of(report, run, t),
                                     run.results[t].search.front.points()[choice.point].mapping,
                                     run.results[t].evaluations[choice.point]});
      most = most.empty() ? sizes : most;
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        most[i] = most[i].needed < sizes[i].needed ? sizes[i] : most[i];
      }
    }
  }
  std::vector<NetworkSize> list;
  for (AutoSize& size : most) {
    list.push_back(
        {std::move(size.memory), std::move(size.capacity_text), std::move(size.needed_text)});
  }
  return list;
}

}  // namespace tessera
