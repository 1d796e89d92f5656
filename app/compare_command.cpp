#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/command.hpp"
#include "app/compare_run.hpp"
#include "app/errors.hpp"
#include "app/front_report.hpp"
#include "app/keep_on_chip.hpp"
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
    if (option.name == "order" || option.name == "translate" || option.name == "layer") {
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
    if (option.name == "resume") {
      option.help =
          "Go on with the comparison in --out, if one was ended there, from its state.sqlite: the "
          "result is\nthat of one that was never ended.";
    }
    if (option.name == "keep-on-chip") {
      option.argument = "LIST";
      option.help =
          "For networks: what a layer leaves to the next one (`input: previous`) may stay in this "
          "memory,\nas in `tessera search`; of several names, with commas, each machine takes the "
          "first that it has. [none]";
    }
    options.push_back(option);
  }
  return options;
}

struct Machine {
  std::string operand;
  Workspace workspace;
};

/// Throws UsageError where an operand is what should be run, not a machine.
void refuse_workload_as_machine(const std::vector<std::string>& operands) {
  for (const std::string& operand : operands) {
    const SpecDocument document = open_spec(operand);
    const SpecNode root = document.root();
    for (const char* kind : {"problem", "network"}) {
      if (root.is_map() && root.has(kind) && !root.has("architecture")) {
        throw UsageError(fmt::format(
            "'{0}' is a {1}, not a machine\nWhat all machines run is an option: --{1} {0}", operand,
            kind));
      }
    }
  }
}

/// Each machine beside the workload, so that constraints are understood for both.
std::vector<Machine> load_machines(const Invocation& invocation) {
  const OptionValues& options = invocation.options;
  if (options.given("problem") == options.given("network")) {
    if (!options.given("problem")) {
      refuse_workload_as_machine(invocation.operands);
    }
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
    const std::string& name =
        workspace.family.members.empty() ? workspace.architecture->name : workspace.family.name;
    if (!names.insert(name).second) {
      throw UsageError(fmt::format(
          "two of the machines are called '{}': give one another `name`, so that rows can be told "
          "apart",
          name));
    }
  }
  return machines;
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

/// The names of `--keep-on-chip`. Throws UsageError where one is of no machine's memory, or nothing
/// can be kept on any.
std::vector<std::string> memories_to_keep_in(const std::vector<Machine>& machines,
                                             const OptionValues& values,
                                             const SearchOptions& options) {
  if (!values.given("keep-on-chip")) {
    return {};
  }
  if (!machines.front().workspace.network) {
    throw UsageError("--keep-on-chip is for networks: it keeps tensors between layers");
  }
  check_keeping(*machines.front().workspace.network, options);
  const std::vector<std::string> names = values.list("keep-on-chip");
  bool any = false;
  for (const std::string& name : names) {
    bool known = false;
    for (const Machine& machine : machines) {
      known = known || find_memory(*machine.workspace.architecture, name);
      any = any || memory_kept_in(*machine.workspace.architecture, name);
    }
    if (!known && machines.size() == 1) {
      fail_unknown_memory(*machines.front().workspace.architecture, name);
    }
    if (!known) {
      throw UsageError(fmt::format("--keep-on-chip: none of the machines has a memory '{}'", name));
    }
  }
  if (!any) {
    throw UsageError(fmt::format("--keep-on-chip: nothing can stay in {} on any of the machines",
                                 fmt::join(names, " or ")));
  }
  return names;
}

std::string formatted(const Comparison& comparison, const std::string& format) {
  return format == "json"  ? comparison_json(comparison)
         : format == "csv" ? comparison_csv(comparison)
                           : comparison_text(comparison);
}

constexpr const char* kGoOn = "; --resume goes on";

/// All that decides the result, machine by machine.
std::string identity_of(const std::vector<Machine>& machines, const OptionValues& values,
                        const std::vector<Option>& table) {
  std::string text;
  for (const Machine& machine : machines) {
    text += search_identity(machine.workspace, values, table);
  }
  return text;
}

int run_compare(const Invocation& invocation) {
  const std::vector<Option> table = compare_options();
  const std::vector<Machine> machines = load_machines(invocation);
  OptionValues values = invocation.options;
  values.fill_from(machines.front().workspace.search.value_or(OptionValues{}));
  values.set("order", "pareto");  // a row is the first by one objective and then by the others
  values.fill_from(table);
  const SearchOptions options = search_options_from(values);
  const std::vector<std::string> keep = memories_to_keep_in(machines, values, options);
  Comparison comparison = empty_comparison(machines.front().workspace, values, options);
  std::size_t searches = 0;
  for (const Machine& machine : machines) {
    print_notes(values, machine.workspace.notes);
    searches += searches_of(machine.workspace, comparison.frames, keep);
  }
  std::optional<OutputDirectory> directory;
  if (values.given("out")) {
    directory.emplace(values.text("out"));
  }
  std::optional<SearchStateFile> state =
      open_state(identity_of(machines, values, table), values, directory);
  ComparisonRun runner(values, options, searches, state ? &*state : nullptr);
  for (const Machine& machine : machines) {
    comparison.machines.push_back(
        comparison.network ? runner.run_network_of(machine.workspace, comparison.frames, keep)
                           : runner.run_problem(machine.workspace));
  }
  runner.end_progress();
  if (runner.cut()) {
    note(values, fmt::format("the budget of {} is used up; these are the best found so far{}",
                             values.text("budget"), state && state->exists() ? kGoOn : ""));
  }
  if (runner.signalled()) {
    note(values,
         fmt::format("{}{}",
                     runner.cause() == StopWatch::Cause::interrupt ? "interrupted" : "terminated",
                     state && state->exists() ? kGoOn : ""));
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
  if (state && !runner.cut() && !runner.signalled()) {
    state->remove();
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
              "architecture and, if need be, constraints; with `capacity: auto` a row has the "
              "sizes that\n"
              "serve the whole workload best.\n"
              "\n"
              "  tessera compare eyeriss-v1 tpu-v1 nvdla-small --problem alexnet\n"
              "  tessera compare mine.yaml gemmini --problem resnet50.conv3_x.3x3 --objectives "
              "energy,latency --out results\n"
              "\n"
              "`--out DIR` writes comparison.csv and comparison.json, and while the searches run "
              "their state\n"
              "(state.sqlite): kill it at any moment, the same command with --resume goes on.\n"
              "Exit code 3: some machine has no legal mapping; the others' rows are printed.\n",
          .options = compare_options(),
          .run = run_compare};
}

}  // namespace tessera
