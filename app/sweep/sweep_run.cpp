#include "app/sweep/sweep_run.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "app/command.hpp"
#include "app/errors.hpp"
#include "app/keep_on_chip.hpp"
#include "app/numbers.hpp"
#include "app/output_files.hpp"
#include "app/results/results_report.hpp"
#include "app/search_setup.hpp"
#include "app/sweep/point_search.hpp"
#include "app/sweep/sweep_progress.hpp"
#include "app/sweep/sweep_work.hpp"
#include "app/sweep/work_lock.hpp"
#include "search/kept_tensors.hpp"
#include "search/parallel.hpp"

namespace tessera {

namespace {

std::string file_name(Shard shard) {
  return shard.count == 1 ? "sweep.sqlite"
                          : fmt::format("shard-{:05}-of-{:05}.sqlite", shard.index, shard.count);
}

/// The points of a shard, the most promising first: what they find lets others be skipped. In their
/// own order where none is to be skipped.
std::vector<std::uint64_t> order_of(const PointSearch& search, Shard shard, std::uint64_t points,
                                    const SearchControl& control) {
  std::vector<std::pair<double, std::uint64_t>> ranked;
  for (std::uint64_t i = shard.index; i < points; i += shard.count) {
    ranked.emplace_back(0.0, i);
  }
  if (search.skips()) {
    ChunkedWork work;
    work.chunks = ranked.size();
    work.propose = [&](std::uint64_t i, std::size_t, std::size_t) {
      ranked[i].first = search.rank(ranked[i].second);
    };
    work.commit = [](std::uint64_t, std::size_t) {};
    run_chunks(work, control.threads, control.stop);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::uint64_t> order;
  order.reserve(ranked.size());
  for (const auto& [rank, index] : ranked) {
    order.push_back(index);
  }
  return order;
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

std::optional<std::string> memory_kept_in(const SweepSpec& spec, const OptionValues& values) {
  if (!values.given("keep-on-chip")) {
    return std::nullopt;
  }
  const std::string& name = values.text("keep-on-chip");
  check_keeping(spec.network(), search_options_from(values));
  const Architecture first = spec.point(0).architecture;
  if (!find_memory(first, name)) {
    fail_unknown_memory(first, name);
  }
  for (std::uint64_t i = 0; i < spec.size(); ++i) {
    if (memory_kept_in(spec.point(i).architecture, name)) {
      return name;
    }
  }
  throw UsageError(fmt::format("--keep-on-chip: on none of the machines: {}",
                               why_none_kept(first, *find_memory(first, name)).value()));
}

SearchControl control_of(const OptionValues& values, const StopWatch& watch) {
  SearchControl control;
  control.threads =
      values.given("threads") ? static_cast<int>(values.integer("threads")) : usable_cpus();
  control.stop = &watch.stop();
  return control;
}

int run_points(const SweepSpec& spec, const OptionValues& values, Shard shard, StopWatch& watch) {
  const SearchControl control = control_of(values, watch);
  const PointSearch search(spec, search_options_from(values), !values.flag("all-points"),
                           memory_kept_in(spec, values));
  const OutputDirectory directory(values.given("out") ? values.text("out")
                                                      : spec.name() + ".sweep");
  const std::string path = directory.path_of(file_name(shard));
  const WorkLock lock(path, watch.stop());
  ResultsFile file = open_results(path, identity_of(spec, values), shard, values.flag("resume"));
  const std::uint64_t points = shard.size(spec.size());
  for (const std::string& remark : spec.remarks()) {
    if (!values.flag("quiet")) {
      fmt::print(stderr, "tessera: {}\n", remark);
    }
  }
  {
    SweepProgress progress(values, points, file.finished().size());
    progress.show();
    SweepWork work(search, file, order_of(search, shard, spec.size(), control), control, progress);
    work.run(watch);
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
