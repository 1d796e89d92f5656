#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.hpp"
#include "app/errors.hpp"
#include "app/front_report.hpp"
#include "app/network_run.hpp"
#include "app/numbers.hpp"
#include "app/output_files.hpp"
#include "app/progress.hpp"
#include "app/results/results_report.hpp"
#include "app/search_setup.hpp"
#include "app/stop_watch.hpp"
#include "app/sweep/emit.hpp"
#include "app/sweep/sweep_spec.hpp"
#include "app/text_table.hpp"
#include "mapper/mapping_spec.hpp"
#include "model/evaluate.hpp"

namespace tessera {

namespace {

using Clock = std::chrono::steady_clock;

/// What decides the results, of the options of `tessera search`.
constexpr std::string_view kDeciding[] = {"objectives",  "order",   "limits",  "algorithm",
                                          "space",       "factors", "samples", "population",
                                          "generations", "seed"};

bool decides(std::string_view name) {
  return std::find(std::begin(kDeciding), std::end(kDeciding), name) != std::end(kDeciding);
}

std::vector<Option> sweep_options() {
  std::vector<Option> options = {
      {.name = "plan",
       .kind = OptionKind::flag,
       .help =
           "Print how many points there are, the first few, and how long they may take; no more.",
       .in_spec = false},
      {.name = "shard",
       .kind = OptionKind::text,
       .argument = "I/N",
       .help = "Only the points whose number modulo N is I, from 0: a part for another machine.",
       .in_spec = false},
      {.name = "resume",
       .kind = OptionKind::flag,
       .help = "Go on with the results in --out, if there are any.",
       .in_spec = false},
      {.name = "emit",
       .kind = OptionKind::choice,
       .argument = "WHAT",
       .choices = {"slurm", "parallel"},
       .help = "Print a script that runs the sweep in --shards shards and merges them; no more.",
       .in_spec = false},
      {.name = "shards",
       .kind = OptionKind::integer,
       .argument = "N",
       .least = 1,
       .most = kMostShards,
       .help = "Shards of the script; Slurm's default allows 1001.",
       .in_spec = false},
      {.name = "time",
       .kind = OptionKind::text,
       .argument = "LIMIT",
       .help = "Time limit of a shard in the script for Slurm, such as 8:00:00.",
       .in_spec = false},
      {.name = "cpus",
       .kind = OptionKind::integer,
       .argument = "N",
       .least = 1,
       .most = 1024,
       .help = "CPUs of a shard in the script.",
       .in_spec = false},
      {.name = "status",
       .kind = OptionKind::text,
       .argument = "DIR",
       .help = "Print how far the sweep is whose results are there, running or not; no more.",
       .in_spec = false}};
  for (Option option : search_command().options) {
    const bool common = option.name == "threads" || option.name == "out" || option.name == "help" ||
                        option.name == "version" || option.name == "quiet" ||
                        option.name == "no-progress";
    if (option.name == "objectives") {
      option.fallback = "energy,latency,area";
    } else if (option.name == "out") {
      option.help = "Directory for the results. [NAME.sweep]";
    } else if (option.name == "threads") {
      option.fallback = "";
    }
    if (common || decides(option.name)) {
      options.push_back(option);
    }
  }
  return options;
}

/// `3/64`.
Shard parse_shard(const std::string& text) {
  Shard shard;
  const std::size_t slash = text.find('/');
  const auto read = [](std::string_view part, std::uint64_t& value) {
    const auto end = std::from_chars(part.data(), part.data() + part.size(), value);
    return !part.empty() && end.ec == std::errc() && end.ptr == part.data() + part.size();
  };
  constexpr std::uint64_t kMost = 1'000'000;
  if (slash == std::string::npos || !read(std::string_view(text).substr(0, slash), shard.index) ||
      !read(std::string_view(text).substr(slash + 1), shard.count) || shard.count == 0 ||
      shard.count > kMost) {
    throw UsageError(fmt::format("--shard: expected I/N such as 0/8, got '{}'", text));
  }
  if (shard.index >= shard.count) {
    throw UsageError(fmt::format("--shard: {0} shards are numbered 0 to {1}, got {2}", shard.count,
                                 shard.count - 1, shard.index));
  }
  return shard;
}

std::string file_name(Shard shard) {
  return shard.count == 1 ? "sweep.sqlite"
                          : fmt::format("shard-{:05}-of-{:05}.sqlite", shard.index, shard.count);
}

SweepIdentity identity_of(const SweepSpec& spec, const OptionValues& values) {
  SweepIdentity identity;
  identity.name = spec.name();
  identity.architecture = spec.architecture_name();
  identity.network = spec.network().name;
  identity.version = TESSERA_VERSION;
  identity.spec = spec.identity();
  for (const std::string_view name : kDeciding) {
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

/// Keeps two runs from working on one file. A run that was killed may hold its lock for a while
/// yet, until the system has ended all of it, so the second one waits a little before it gives up.
class WorkLock {
 public:
  WorkLock(const std::string& file, const std::atomic<bool>& stop) : path_(file + ".lock") {
    constexpr auto kPatience = std::chrono::seconds(10);
    constexpr auto kPause = std::chrono::milliseconds(20);
    const auto start = Clock::now();
    while (!taken()) {
      if (stop.load() || Clock::now() - start > kPatience) {
        throw FailureError(fmt::format("another run of this sweep is writing to '{}'", file));
      }
      std::this_thread::sleep_for(kPause);
    }
  }
  ~WorkLock() {
    unlink(path_.c_str());
    ::close(descriptor_);
  }
  WorkLock(const WorkLock&) = delete;
  WorkLock& operator=(const WorkLock&) = delete;

 private:
  bool taken() {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
      throw FailureError(fmt::format("cannot write '{}': {}", path_, std::strerror(errno)));
    }
    const int error = flock(descriptor_, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    struct stat mine = {};
    struct stat named = {};
    // The run before removes the file when it ends; a lock on a file without a name keeps nobody
    // out.
    if (error == 0 && fstat(descriptor_, &mine) == 0 && stat(path_.c_str(), &named) == 0 &&
        mine.st_ino == named.st_ino) {
      return true;
    }
    ::close(descriptor_);
    if (error != 0 && error != EWOULDBLOCK && error != EINTR) {
      throw FailureError(fmt::format("cannot lock '{}': {}", path_, std::strerror(error)));
    }
    return false;
  }

  std::string path_;
  int descriptor_ = -1;
};

std::string why_not(const NetworkRun& run) {
  if (!run.without_mapping) {
    return "no point keeps the limits";
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

std::string duration_text(double seconds) {
  if (seconds < 100) {
    return fmt::format("{:.0f} s", seconds);
  }
  if (seconds < 6000) {
    return fmt::format("{:.0f} min", seconds / 60);
  }
  return fmt::format("{:.1f} h", seconds / 3600);
}

/// How far a run is: a line that is redrawn on a terminal, else a line a minute.
class SweepProgress {
 public:
  SweepProgress(const OptionValues& values, std::uint64_t points, std::uint64_t done)
      : quiet_(values.flag("quiet") || values.flag("no-progress")),
        terminal_(ProgressLine::possible()),
        points_(points),
        before_(done),
        done_(done),
        start_(Clock::now()),
        shown_(start_) {}
  ~SweepProgress() {
    if (visible_) {
      fmt::print(stderr, "\r\x1b[K");
    }
  }

  void finished(std::size_t rows) {
    ++done_;
    rows_ += rows;
    show();
  }

  void show() {
    constexpr auto kOnTerminal = std::chrono::milliseconds(200);
    constexpr auto kInLog = std::chrono::minutes(1);
    const auto now = Clock::now();
    if (quiet_ ||
        (visible_ || !terminal_ ? now - shown_ < (terminal_ ? kOnTerminal : kInLog) : false)) {
      return;
    }
    shown_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const std::uint64_t fresh = done_ - before_;
    std::string text = fmt::format("{} of {} points, {} rows", grouped(done_), grouped(points_),
                                   grouped(std::uint64_t{rows_}));
    if (fresh > 0) {
      const double each = seconds / static_cast<double>(fresh);
      text += fmt::format(", {:.2g} points/s, {} left", 1 / each,
                          duration_text(each * static_cast<double>(points_ - done_)));
    }
    if (terminal_) {
      fmt::print(stderr, "\r{}\x1b[K", text);
      visible_ = true;
    } else {
      fmt::print(stderr, "tessera: {}\n", text);
    }
  }

 private:
  bool quiet_;
  bool terminal_;
  std::uint64_t points_;
  std::uint64_t before_;
  std::uint64_t done_;
  std::size_t rows_ = 0;
  Clock::time_point start_;
  Clock::time_point shown_;
  bool visible_ = false;
};

SearchControl control_of(const OptionValues& values, const StopWatch& watch) {
  SearchControl control;
  control.threads =
      values.given("threads") ? static_cast<int>(values.integer("threads")) : usable_cpus();
  control.stop = &watch.stop();
  return control;
}

/// Searches one point; empty if it was stopped before its end.
std::optional<PointResult> search_point(const SweepSpec& spec, std::uint64_t index,
                                        const SearchOptions& options,
                                        const SearchControl& control) {
  const auto start = Clock::now();
  PointResult result;
  result.point = index;
  result.values = spec.values(index);
  const SweepPoint point = spec.point(index);
  try {
    const NetworkRun run = run_network(
        tasks_of(point.network, point.network.batch), point.architecture, point.constraints,
        options, control, [&](const NetworkTasks&, std::size_t) { return !control.stop->load(); });
    if (run.stopped) {
      return std::nullopt;
    }
    fill(result, run, point.architecture);
  } catch (const ModelError& error) {  // this machine cannot run this network; others may
    result.feasible = false;
    result.why_not = error.what();
  }
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return result;
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

int run_points(const SweepSpec& spec, const OptionValues& values, Shard shard,
               const StopWatch& watch) {
  const SearchOptions options = search_options_from(values);
  layer_objectives(options);  // refuses what cannot be searched, before any file is made
  const OutputDirectory directory(values.given("out") ? values.text("out")
                                                      : spec.name() + ".sweep");
  const std::string path = directory.path_of(file_name(shard));
  const WorkLock lock(path, watch.stop());
  ResultsFile file = open_results(path, identity_of(spec, values), shard, values.flag("resume"));
  const std::vector<std::uint64_t> done = file.finished();
  const SearchControl control = control_of(values, watch);
  SweepProgress progress(values, shard.size(spec.size()), done.size());
  for (std::uint64_t i = shard.index; i < spec.size() && !watch.stop().load(); i += shard.count) {
    if (std::binary_search(done.begin(), done.end(), i)) {
      continue;
    }
    progress.show();
    const auto result = search_point(spec, i, options, control);
    if (!result) {
      break;
    }
    file.add(*result);
    progress.finished(result->front.size());
  }
  const std::uint64_t finished = file.finished().size();
  if (finished < shard.size(spec.size())) {
    fmt::print(stderr, "tessera: {}; {} of {} points are in '{}', --resume continues\n",
               watch.cause() == StopWatch::Cause::interrupt ? "interrupted" : "terminated",
               grouped(finished), grouped(shard.size(spec.size())), path);
    return watch.cause() == StopWatch::Cause::interrupt ? kExitInterrupted : kExitTerminated;
  }
  file.database().run("PRAGMA journal_mode=DELETE");  // one plain file, to be copied anywhere
  if (shard.count > 1) {
    print_result(fmt::format("Shard {}/{} is finished: {} points in {}\n", shard.index, shard.count,
                             grouped(finished), path));
    return kExitDone;
  }
  const SweepResults results = SweepResults::read(file);
  directory.write("front.csv", results_csv(results, true));
  print_result(results_text(results, path) +
               fmt::format("\nWritten: {}, {}\n", path, directory.path_of("front.csv")));
  return results.front_size > 0 ? kExitDone : kExitNoMapping;
}

/// Seconds that all points may take, from the layers of one in the middle, or as many of them as
/// can be searched in a few seconds.
std::string estimate(const SweepSpec& spec, const OptionValues& values) {
  constexpr double kMostSeconds = 10;
  const SearchOptions options = layer_options(search_options_from(values));
  const SweepPoint point = spec.point(spec.size() / 2);
  const NetworkTasks tasks = tasks_of(point.network, point.network.batch);
  StopWatch watch(kMostSeconds);
  const SearchControl control = control_of(values, watch);
  const auto start = Clock::now();
  std::size_t searched = 0;
  for (std::size_t t = 0; t < tasks.tasks.size() && !watch.stop().load(); ++t) {
    const SearchResult result =
        search(tasks.tasks[t].problem, point.architecture,
               constraints_of(tasks, t, point.constraints), options, control);
    searched += result.stopped ? 0 : 1;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (searched == 0) {
    return fmt::format("unknown: the first layer of a point takes more than {} s", kMostSeconds);
  }
  const double all = seconds / static_cast<double>(searched) *
                     static_cast<double>(tasks.tasks.size()) * static_cast<double>(spec.size());
  return fmt::format("about {} with {} threads, from {} of {} layers of point {}",
                     duration_text(all), control.threads, searched, tasks.tasks.size(),
                     spec.size() / 2);
}

int print_plan(const SweepSpec& spec, const OptionValues& values) {
  using Align = TextTable::Align;
  const NetworkTasks tasks = tasks_of(spec.point(0).network, spec.point(0).network.batch);
  TextTable head(
      {{"sweep", Align::left},
       {fmt::format("{}: {} on {}", spec.name(), spec.network().name, spec.architecture_name()),
        Align::left}});
  for (const SweepAxis& axis : spec.axes()) {
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
  head.add({"objectives", values.text("objectives")});
  head.add({"hash", identity_of(spec, values).hash()});
  head.add({"time", estimate(spec, values)});
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
  print_result(head.text() + "\n" + table.text() + (spec.size() > kMostPoints ? "...\n" : ""));
  return kExitDone;
}

int print_status(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".sqlite" && entry.path().filename() != "all.sqlite") {
      paths.push_back(entry.path().string());
    }
  }
  if (error) {
    throw UsageError(fmt::format("--status: cannot read '{}': {}", directory, error.message()));
  }
  if (paths.empty()) {
    throw UsageError(fmt::format("--status: '{}' holds no results of a sweep", directory));
  }
  std::sort(paths.begin(), paths.end());
  TextTable table(
      {{"file", TextTable::Align::left}, {"finished"}, {"of"}, {"seconds/point"}, {"left"}});
  std::uint64_t all = 0;
  std::uint64_t finished = 0;
  for (const std::string& path : paths) {
    ResultsFile file = ResultsFile::open(path, false);
    const std::uint64_t done = file.finished().size();
    const std::uint64_t points =
        file.merged() ? file.identity().points : file.shard().size(file.identity().points);
    const double each = done > 0 ? file.seconds() / static_cast<double>(done) : 0;
    table.add({std::filesystem::path(path).filename().string(), grouped(done), grouped(points),
               done > 0 ? fmt::format("{:.3g}", each) : "",
               done > 0 ? duration_text(each * static_cast<double>(points - done)) : ""});
    all += points;
    finished += done;
  }
  if (paths.size() > 1) {
    table.add({"all", grouped(finished), grouped(all), "", ""});
  }
  print_result(table.text());
  return kExitDone;
}

/// What is given to every shard: the specs, and the options that decide.
std::vector<std::string> passed_on(const Invocation& invocation) {
  std::vector<std::string> words = invocation.operands;
  for (const std::string_view name : kDeciding) {
    if (invocation.options.given(name)) {
      words.push_back(fmt::format("--{}", name));
      words.push_back(invocation.options.text(name));
    }
  }
  return words;
}

int print_script(const SweepSpec& spec, const Invocation& invocation) {
  const OptionValues& options = invocation.options;
  if (!options.given("shards")) {
    throw UsageError("--emit needs --shards N: in how many parts the sweep is to be run");
  }
  ClusterRun run;
  run.name = spec.name();
  run.arguments = passed_on(invocation);
  run.directory = options.given("out") ? options.text("out") : spec.name() + ".sweep";
  run.shards = options.integer("shards");
  if (run.directory.find_first_of(" \t\n'\"\\$`") != std::string::npos) {
    throw UsageError(
        "--out: a directory for a script must have no spaces, quotes, $ or backslashes");
  }
  if (options.given("time")) {
    run.time = options.text("time");
    if (run.time->find_first_not_of("0123456789:-") != std::string::npos) {
      throw UsageError(
          fmt::format("--time: expected a limit as Slurm writes it, such as 90 (minutes), "
                      "8:00:00 or 2-0, got '{}'",
                      *run.time));
    }
  }
  if (options.given("cpus")) {
    run.cpus = options.integer("cpus");
  }
  print_result(options.text("emit") == "slurm" ? slurm_script(run) : parallel_script(run));
  return kExitDone;
}

int run_sweep(const Invocation& invocation) {
  const std::vector<Option> table = sweep_options();
  OptionValues values = invocation.options;
  if (values.given("status")) {
    if (!invocation.operands.empty()) {
      throw UsageError("--status takes a directory and no specs");
    }
    return print_status(values.text("status"));
  }
  if (!values.given("emit")) {
    for (const char* of_script : {"shards", "time", "cpus"}) {
      if (values.given(of_script)) {
        throw UsageError(
            fmt::format("--{} is for --emit; to run one shard use --shard I/N", of_script));
      }
    }
  }
  std::optional<StopWatch> watch;
  if (!values.given("emit") && !values.flag("plan")) {
    watch.emplace(std::nullopt);  // from here on a termination ends the run with what is saved
  }
  const SweepSpec spec = SweepSpec::load(invocation.operands, table);
  if (values.given("emit")) {
    return print_script(spec, invocation);
  }
  values.fill_from(spec.search());
  values.fill_from(table);
  if (values.flag("plan")) {
    return print_plan(spec, values);
  }
  return run_points(spec, values,
                    values.given("shard") ? parse_shard(values.text("shard")) : Shard{}, *watch);
}

}  // namespace

Command sweep_command() {
  return {.name = "sweep",
          .operands = "SPEC...",
          .summary = "Searches a network on many machines.",
          .description =
              "Searches a network (or a problem) on every machine that a `sweep:` section "
              "describes, and "
              "prints\n"
              "the front over machines and mappings. Results are saved point by point, so that the "
              "run may be\n"
              "killed at any moment; --resume goes on.\n"
              "\n"
              "  tessera sweep my_sweep.yaml --plan\n"
              "  tessera sweep my_sweep.yaml --out out\n"
              "  tessera sweep my_sweep.yaml --out out --shard 0/8\n"
              "  tessera sweep my_sweep.yaml --emit slurm --shards 64 --time 8:00:00 > submit.sh\n"
              "  tessera sweep --status out\n"
              "\n"
              "Exit code 75: terminated, what was finished is saved.\n",
          .options = sweep_options(),
          .run = run_sweep};
}

}  // namespace tessera
