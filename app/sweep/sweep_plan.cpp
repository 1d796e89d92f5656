#include "app/sweep/sweep_plan.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/network_run.hpp"
#include "app/numbers.hpp"
#include "app/search_setup.hpp"
#include "app/stop_watch.hpp"
#include "app/sweep/point_search.hpp"
#include "app/sweep/sweep_progress.hpp"
#include "app/sweep/sweep_run.hpp"
#include "app/text_table.hpp"
#include "search/parallel.hpp"

namespace tessera {

namespace {

using Clock = std::chrono::steady_clock;
constexpr double kMostSeconds = 10;

/// What was measured of the layers of one point, each searched on one thread.
struct Sample {
  double seconds = 0;    ///< of all that were begun, all together
  std::size_t done = 0;  ///< layers that were searched to their end
};

Sample measure(const SweepPoint& point, const NetworkTasks& tasks, const SearchOptions& options,
               SearchControl control) {
  struct Layer {
    double seconds = 0;
    bool done = false;
  };
  std::vector<std::size_t> searched;
  for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
    if (!tasks.tasks[t].same_as) {
      searched.push_back(t);
    }
  }
  std::vector<Layer> layers(searched.size());
  const int threads = control.threads;
  control.threads = 1;
  ChunkedWork work;
  work.chunks = layers.size();
  work.propose = [&](std::uint64_t i, std::size_t, std::size_t) {
    const auto start = Clock::now();
    const std::size_t t = searched[i];
    const Constraints rules = rules_of(tasks, t, point.constraints, point.architecture);
    layers[i].done =
        !search(tasks.tasks[t].problem, point.architecture, rules, options, control).stopped;
    layers[i].seconds = std::chrono::duration<double>(Clock::now() - start).count();
  };
  work.commit = [](std::uint64_t, std::size_t) {};
  run_chunks(work, threads, control.stop);
  Sample sample;
  for (const Layer& layer : layers) {
    sample.seconds += layer.seconds;
    sample.done += layer.done ? 1 : 0;
  }
  return sample;
}

/// How long all points take, as far as a point in the middle tells.
std::string estimate(const SweepSpec& spec, const OptionValues& values) {
  const std::uint64_t index = spec.size() / 2;
  const SweepPoint point = spec.point(index);
  const NetworkTasks tasks = tasks_of_point(point, memory_kept_in(spec, values));
  StopWatch watch(kMostSeconds);
  const SearchControl control = control_of(values, watch);
  const Sample sample = measure(point, tasks, layer_options(search_options_from(values)), control);
  const double points = static_cast<double>(spec.size()) / control.threads;
  const std::size_t layers = tasks.searches();
  const std::string threads =
      fmt::format("{} thread{}", control.threads, control.threads == 1 ? "" : "s");
  if (sample.done == 0) {
    return fmt::format("more than {} with {}: no layer of point {} was searched to its end in {} s",
                       duration_text(sample.seconds * points), threads, index, kMostSeconds);
  }
  // What was cut off took at least as long as it ran; what was not begun counts as the others.
  const double all =
      sample.seconds * static_cast<double>(layers) / static_cast<double>(sample.done) * points;
  const std::string skips = values.flag("all-points") ? "" : ", less where points are skipped";
  if (sample.done == layers) {
    return fmt::format("about {} with {}{}; point {} takes {:.2g} s on one", duration_text(all),
                       threads, skips, index, sample.seconds);
  }
  return fmt::format(
      "about {} with {}{}; from {} of {} layers of point {} that were searched in {} s",
      duration_text(all), threads, skips, sample.done, layers, index, kMostSeconds);
}

}  // namespace

std::string plan_text(const SweepSpec& spec, const OptionValues& values) {
  using Align = TextTable::Align;
  const std::optional<std::string> keep = memory_kept_in(spec, values);
  const SweepPoint first = spec.point(0);
  const NetworkTasks tasks = tasks_of(first.network, first.network.batch);
  TextTable head(
      {{"sweep", Align::left},
       {fmt::format("{}: {} on {}", spec.name(), spec.network().name, spec.architecture_name()),
        Align::left}});
  for (const SweepAxis& axis : spec.axes()) {
    if (axis.derived) {
      head.add({axis.name, axis.values.front()});
      continue;
    }
    constexpr std::size_t kMostShown = 8;
    const std::vector<std::string> shown(
        axis.values.begin(), axis.values.begin() + static_cast<std::ptrdiff_t>(
                                                       std::min(axis.values.size(), kMostShown)));
    head.add({axis.name, fmt::format("{}: {}{}", axis.values.size(), fmt::join(shown, ", "),
                                     axis.values.size() > kMostShown ? ", ..." : "")});
  }
  head.add({"points",
            fmt::format("{} of {} combinations; {} different layers each", grouped(spec.size()),
                        grouped(spec.combinations()), tasks.tasks.size())});
  if (keep) {
    head.add({"on chip", fmt::format("what a layer leaves to the next one may stay in {}", *keep)});
  }
  head.add({"objectives", values.text("objectives")});
  head.add({"hash", identity_of(spec, values).hash()});
  head.add({"time", estimate(spec, values)});
  for (const std::string& remark : spec.remarks()) {
    head.add({"note", remark});
  }
  std::vector<TextTable::Column> columns = {{"point"}};
  for (const SweepAxis& axis : spec.axes()) {
    columns.push_back({axis.name});
  }
  TextTable table(std::move(columns));
  constexpr std::uint64_t kMostPoints = 5;
  for (std::uint64_t i = 0; i < std::min(spec.size(), kMostPoints); ++i) {
    std::vector<std::string> cells = {std::to_string(i)};
    for (const std::string& value : spec.values(i)) {
      cells.push_back(value);
    }
    table.add(std::move(cells));
  }
  return head.text() + "\n" + table.text() + (spec.size() > kMostPoints ? "...\n" : "");
}

}  // namespace tessera
