#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/command.hpp"
#include "app/comparison.hpp"
#include "app/errors.hpp"
#include "app/front_report.hpp"
#include "app/network_run.hpp"
#include "app/numbers.hpp"
#include "app/output_files.hpp"
#include "app/progress.hpp"
#include "app/search_setup.hpp"
#include "app/shared_budget.hpp"
#include "app/stop_watch.hpp"
#include "app/workspace.hpp"
#include "mapper/mapping_spec.hpp"

namespace tessera {

namespace {

std::vector<Option> compare_options() {
  std::vector<Option> options = {
      {.name = "problem",
       .kind = OptionKind::text,
       .argument = "SPEC",
       .help = "What all machines run: a problem or a network, as a file or by its library name.",
       .in_spec = false},
      {.name = "network",
       .kind = OptionKind::text,
       .argument = "SPEC",
       .help = "The same, where it has to be a network.",
       .in_spec = false}};
  for (Option option : search_command().options) {
    if (option.name == "order" || option.name == "resume" || option.name == "translate" ||
        option.name == "keep-on-chip") {
      continue;
    }
    if (option.name == "objectives") {
      option.fallback = "edp";
      option.help =
          "By what the mapping is chosen: the table has a row for the best by each. Some of: "
          "energy,\nlatency, area, edp, power, dram_words, and formulas over these.";
    }
    if (option.name == "batch") {
      option.kind = OptionKind::integer;
      option.argument = "N";
      option.help = "Items (images, sequences) that a network computes together. [the network's]";
    }
    options.push_back(option);
  }
  return options;
}

struct Machine {
  std::string operand;
  Workspace workspace;
};

/// Each machine beside the workload, so that constraints are understood for both.
std::vector<Machine> load_machines(const Invocation& invocation) {
  const OptionValues& options = invocation.options;
  if (options.given("problem") == options.given("network")) {
    throw UsageError(options.given("problem")
                         ? "give either --problem or --network, not both"
                         : "nothing to run\nName a problem or a network: `tessera compare "
                           "eyeriss-v1 nvdla-small --problem alexnet`.");
  }
  if (invocation.operands.empty()) {
    throw UsageError(
        "no machine to compare\nName architectures: `tessera compare eyeriss-v1 nvdla-small "
        "--problem alexnet`.");
  }
  const std::string& workload = options.text(options.given("problem") ? "problem" : "network");
  std::vector<Machine> machines;
  std::set<std::string> names;
  for (const std::string& operand : invocation.operands) {
    const SpecDocument document = open_spec(operand);
    const SpecNode root = document.root();
    if (root.is_map() && root.has("search")) {
      root.at("search").fail(
          "a comparison searches all machines alike: give the options in the command, or beside "
          "the problem");
    }
    machines.push_back({operand, Workspace::load({operand, workload}, search_command().options)});
    const Workspace& workspace = machines.back().workspace;
    if (!workspace.problem && !workspace.network) {
      throw UsageError(fmt::format("'{}' has neither a problem nor a network", workload));
    }
    if (options.given("network") && !workspace.network) {
      throw UsageError(fmt::format("'{}' is no network; name it by --problem", workload));
    }
    if (!workspace.architecture) {
      throw UsageError(
          fmt::format("'{}' has no architecture\nEach operand is a machine; what it runs is named "
                      "by --problem.",
                      operand));
    }
    workspace.need_architecture();  // refuses a family
    if (!names.insert(workspace.architecture->name).second) {
      throw UsageError(fmt::format(
          "two of the machines are called '{}': give one another `name`, so that rows can be told "
          "apart",
          workspace.architecture->name));
    }
  }
  return machines;
}

/// The searches of a comparison, one after the other under one budget and one progress line.
class Runner {
 public:
  Runner(const OptionValues& values, const SearchOptions& options, std::size_t searches)
      : options_(options), budget_(values), watch_(std::nullopt), searches_(searches) {
    if (!values.flag("quiet") && !values.flag("no-progress") && ProgressLine::possible()) {
      progress_.emplace(options.objectives);
    }
    control_.threads =
        values.given("threads") ? static_cast<int>(values.integer("threads")) : usable_cpus();
    control_.stop = &watch_.stop();
    if (progress_) {
      control_.on_progress = [this](const SearchProgress& state) { progress_->show(state); };
    }
  }

  ComparedMachine run_problem(const Workspace& workspace);
  ComparedMachine run_network_of(const Workspace& workspace, std::int64_t batch);

  bool signalled() const {
    return watch_.cause() == StopWatch::Cause::interrupt ||
           watch_.cause() == StopWatch::Cause::terminate;
  }
  StopWatch::Cause cause() const { return watch_.cause(); }
  /// Whether the budget ended some search.
  bool cut() const { return cut_ || watch_.cause() == StopWatch::Cause::budget; }
  void end_progress() { progress_.reset(); }

 private:
  bool begin(const std::string& what) {
    cut_ = cut();
    if (signalled()) {
      return false;
    }
    watch_.restart(budget_.share(searches_ - done_));
    ++done_;
    if (progress_) {
      progress_->begin(fmt::format("{}/{} {}  ", done_, searches_, what));
    }
    return true;
  }

  const SearchOptions& options_;
  SharedBudget budget_;
  StopWatch watch_;
  std::size_t searches_;
  std::size_t done_ = 0;
  bool cut_ = false;
  std::optional<ProgressLine> progress_;
  SearchControl control_;
};

/// The place of the least value of each objective among the points; of equal ones that of the least
/// other objectives, in their order.
std::vector<std::size_t> best_places(const std::vector<std::vector<double>>& points,
                                     std::size_t objectives) {
  std::vector<std::size_t> places;
  for (std::size_t o = 0; o < objectives && !points.empty(); ++o) {
    const auto before = [o](const std::vector<double>& a, const std::vector<double>& b) {
      return a[o] != b[o] ? a[o] < b[o] : a < b;
    };
    places.push_back(static_cast<std::size_t>(
        std::min_element(points.begin(), points.end(), before) - points.begin()));
  }
  return places;
}

/// Rows for the places; a place that is best by several objectives has one row.
template <class MakeRow>
void add_rows(const std::vector<std::size_t>& places, const std::vector<Objective>& objectives,
              ComparedMachine& machine, const MakeRow& make_row) {
  std::vector<std::size_t> shown;
  for (std::size_t o = 0; o < places.size(); ++o) {
    const auto known = std::find(shown.begin(), shown.end(), places[o]);
    const auto row = static_cast<std::size_t>(known - shown.begin());
    if (known == shown.end()) {
      shown.push_back(places[o]);
      machine.rows.push_back(make_row(places[o]));
    }
    std::string& best_for = machine.rows[row].best_for;
    best_for += fmt::format("{}{}", best_for.empty() ? "" : ", ", to_string(objectives[o]));
  }
}

ComparedMachine Runner::run_problem(const Workspace& workspace) {
  ComparedMachine machine;
  machine.architecture = *workspace.architecture;
  const Problem& problem = *workspace.problem;
  if (!begin(machine.architecture.name)) {
    machine.why_none = "not searched: stopped before";
    return machine;
  }
  const Constraints constraints = workspace.constraints.value_or(Constraints{});
  const SearchResult result =
      search(problem, machine.architecture, constraints, options_, control_);
  const FrontReport report =
      verify_front(problem, machine.architecture, constraints, options_, result);
  machine.algorithm = to_string(result.algorithm);
  machine.certificate = result.certificate;
  std::vector<std::vector<double>> values;
  for (const ParetoPoint& point : result.front.points()) {
    values.push_back(point.values);
  }
  if (values.empty()) {
    machine.why_none = fmt::format(
        "{} among {} mappings tried",
        result.stopped ? "stopped before a legal mapping was found" : "no legal mapping",
        grouped(result.evaluated));
  }
  add_rows(best_places(values, options_.objectives.size()), options_.objectives, machine,
           [&](std::size_t place) {
             return ComparisonRow{
                 {},
                 report.evaluations[place],
                 to_line(result.front.points()[place].mapping, problem, machine.architecture)};
           });
  return machine;
}

/// Every layer's mappings: `conv1: 2 x <mapping>`.
std::string mappings_of(const NetworkRun& run, const NetworkPoint& point,
                        const Architecture& architecture) {
  std::vector<std::string> layers;
  for (std::size_t t = 0; t < run.tasks.tasks.size(); ++t) {
    const Problem& problem = run.tasks.tasks[t].problem;
    for (const NetworkChoice& choice : point.choices[t]) {
      layers.push_back(
          fmt::format("{}: {} x {}", problem.name, choice.count,
                      to_line(run.results[t].search.front.points()[choice.point].mapping, problem,
                              architecture)));
    }
  }
  return fmt::format("{}", fmt::join(layers, " || "));
}

std::string why_no_front(const NetworkRun& run) {
  if (run.without_mapping) {
    const std::size_t task = *run.without_mapping;
    return fmt::format(
        "{} of the layer {} among {} tried",
        run.results[task].search.stopped ? "stopped before a legal mapping" : "no legal mapping",
        run.tasks.tasks[task].problem.name, grouped(run.results[task].search.evaluated));
  }
  return run.complete() ? "no point of its front keeps the limits" : "stopped before its end";
}

ComparedMachine Runner::run_network_of(const Workspace& workspace, std::int64_t batch) {
  ComparedMachine machine;
  machine.architecture = *workspace.architecture;
  const auto before_task = [&](const NetworkRun& so_far, std::size_t task) {
    return begin(
        fmt::format("{} {}", machine.architecture.name, so_far.tasks.tasks[task].problem.name));
  };
  const NetworkRun run = run_network(tasks_of(*workspace.network, batch), machine.architecture,
                                     workspace.layer_constraints, options_, control_, before_task);
  std::set<std::string_view> algorithms;
  for (const TaskResult& result : run.results) {
    algorithms.insert(to_string(result.search.algorithm));
  }
  machine.algorithm = fmt::format("{}", fmt::join(algorithms, "+"));
  std::vector<std::vector<double>> values;
  for (const NetworkPoint& point : run.front.points) {
    auto& of_point = values.emplace_back();
    for (const Objective& objective : options_.objectives) {
      of_point.push_back(value_of(objective, point.total));
    }
  }
  if (values.empty()) {
    machine.why_none = why_no_front(run);
    return machine;
  }
  machine.certificate = run.front.certificate;
  add_rows(best_places(values, options_.objectives.size()), options_.objectives, machine,
           [&](std::size_t place) {
             const NetworkPoint& point = run.front.points[place];
             return ComparisonRow{{}, point.total, mappings_of(run, point, machine.architecture)};
           });
  return machine;
}

void note(const OptionValues& values, const std::string& sentence) {
  if (!values.flag("quiet")) {
    fmt::print(stderr, "tessera: {}\n", sentence);
  }
}

Comparison empty_comparison(const Workspace& workspace, const OptionValues& values,
                            const SearchOptions& options) {
  Comparison comparison;
  comparison.network = workspace.network.has_value();
  comparison.seed = options.seed;
  for (const Objective& objective : options.objectives) {
    comparison.objectives.emplace_back(to_string(objective));
  }
  if (!comparison.network) {
    if (values.given("batch")) {
      throw UsageError("--batch is for networks; a problem has its batch among its dimensions");
    }
    comparison.workload = workspace.problem->name;
    comparison.operations = workspace.problem->operations();
    return comparison;
  }
  const Network& network = *workspace.network;
  comparison.workload = network.name;
  comparison.frames =
      values.given("batch") ? static_cast<std::int64_t>(values.integer("batch")) : network.batch;
  comparison.operations = network.operations(comparison.frames);
  return comparison;
}

std::string formatted(const Comparison& comparison, const std::string& format) {
  return format == "json"  ? comparison_json(comparison)
         : format == "csv" ? comparison_csv(comparison)
                           : comparison_text(comparison);
}

int run_compare(const Invocation& invocation) {
  const std::vector<Option> table = compare_options();
  const std::vector<Machine> machines = load_machines(invocation);
  OptionValues values = invocation.options;
  values.fill_from(machines.front().workspace.search.value_or(OptionValues{}));
  values.set("order", "pareto");  // a row is the first by one objective and then by the others
  values.fill_from(table);
  const SearchOptions options = search_options_from(values);
  Comparison comparison = empty_comparison(machines.front().workspace, values, options);
  std::size_t searches = machines.size();
  for (const Machine& machine : machines) {
    print_notes(values, machine.workspace.notes);
    if (comparison.network) {
      searches += tasks_of(*machine.workspace.network, comparison.frames).tasks.size() - 1;
    }
  }
  std::optional<OutputDirectory> directory;
  if (values.given("out")) {
    directory.emplace(values.text("out"));
  }
  Runner runner(values, options, searches);
  for (const Machine& machine : machines) {
    comparison.machines.push_back(comparison.network
                                      ? runner.run_network_of(machine.workspace, comparison.frames)
                                      : runner.run_problem(machine.workspace));
  }
  runner.end_progress();
  if (runner.cut()) {
    note(values, fmt::format("the budget of {} is used up; these are the best found so far",
                             values.text("budget")));
  }
  bool all = true;
  for (const ComparedMachine& machine : comparison.machines) {
    if (machine.rows.empty()) {
      all = false;
      fmt::print(stderr, "tessera: {}: {}; `tessera search` says more\n", machine.architecture.name,
                 machine.why_none);
    }
  }
  if (directory) {
    directory->write("comparison.csv", comparison_csv(comparison));
    directory->write("comparison.json", comparison_json(comparison));
  }
  print_result(formatted(comparison, values.text("format")));
  if (runner.signalled()) {
    return runner.cause() == StopWatch::Cause::interrupt ? kExitInterrupted : kExitTerminated;
  }
  return all ? kExitDone : kExitNoMapping;
}

}  // namespace

Command compare_command() {
  return {.name = "compare",
          .operands = "ARCH... --problem SPEC",
          .summary = "Runs a problem or a network on several machines and puts them in one table.",
          .description =
              "Searches the same problem, or every layer of the same network, on each machine and "
              "prints\n"
              "one table: energy per operation, frames/s, power, area, frames/J, DRAM words per "
              "operation,\n"
              "utilization, and what is proven about the mappings. The rows of a machine are its "
              "best\n"
              "mappings by each of the objectives. A machine is a library name or a file with an\n"
              "architecture and, if need be, constraints.\n"
              "\n"
              "  tessera compare eyeriss-v1 tpu-v1 nvdla-small --problem alexnet\n"
              "  tessera compare mine.yaml gemmini --problem resnet50.conv3_x.3x3 --objectives "
              "energy,latency --out results\n"
              "\n"
              "`--out DIR` writes comparison.csv and comparison.json.\n"
              "Exit code 3: some machine has no legal mapping; the others' rows are printed.\n",
          .options = compare_options(),
          .run = run_compare};
}

}  // namespace tessera
