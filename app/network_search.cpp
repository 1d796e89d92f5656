#include "app/network_search.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/command.hpp"
#include "app/errors.hpp"
#include "app/front_report.hpp"
#include "app/keep_on_chip.hpp"
#include "app/network_diagnosis.hpp"
#include "app/network_family.hpp"
#include "app/network_mappings.hpp"
#include "app/network_report.hpp"
#include "app/output_files.hpp"
#include "app/progress.hpp"
#include "app/search_setup.hpp"
#include "app/shared_budget.hpp"
#include "app/stop_watch.hpp"
#include "app/translate/appendix.hpp"
#include "search/kept_tensors.hpp"

namespace tessera {

namespace {

bool signalled(const StopWatch& watch) {
  return watch.cause() == StopWatch::Cause::interrupt ||
         watch.cause() == StopWatch::Cause::terminate;
}

void note(const OptionValues& values, const std::string& sentence) {
  if (!values.flag("quiet")) {
    fmt::print(stderr, "tessera: {}\n", sentence);
  }
}

/// Why there is no front.
std::string nothing_text(const NetworkReport& report, const NetworkRun& run,
                         const std::vector<Constraints>& constraints, const SearchControl& control,
                         const Invocation& invocation) {
  if (!run.without_mapping) {
    return run.complete() ? fmt::format(
                                "none of the {} points of the network's front keeps the "
                                "limits",
                                run.front.beyond_limits)
                          : fmt::format(
                                "stopped after {} of {} different layers; a network has a "
                                "front only when all have one",
                                run.results.size(), run.tasks.searches());
  }
  const std::size_t task = *run.without_mapping;
  const Problem& problem = run.tasks.tasks[task].problem;
  const SearchResult& result = run.results[task].search;
  if (!result.stopped) {
    return no_network_mapping_text(report, run, constraints, control, invocation);
  }
  std::string text =
      fmt::format("stopped before a legal mapping of the layer {} was found ({} tried)",
                  problem.name, result.evaluated) +
      "; this does not mean that there is none";
  const FrontReport front =
      verify_front(problem, report.architecture, constraints_of(run.tasks, task, constraints),
                   layer_options(report.options), result);
  for (const std::string& reason : rejection_texts(front)) {
    text += "\n  refused: " + reason;
  }
  return text;
}

std::string formatted(const NetworkReport& report, const std::string& format,
                      const std::optional<OutputDirectory>& directory) {
  if (format == "json") {
    return network_json(report);
  }
  if (format == "csv") {
    return network_front_csv(report);
  }
  std::string out = network_text(report);
  if (directory) {
    out += fmt::format("\nWritten: {}, {}, {}, {}\n", directory->path_of("front.csv"),
                       directory->path_of("front.json"), directory->path_of("layers.csv"),
                       directory->path_of("best/*.yaml"));
  }
  return out;
}

std::vector<std::int64_t> batches_of(const Network& network, const OptionValues& values) {
  if (!values.given("batch")) {
    return {network.batch};
  }
  std::vector<std::int64_t> batches;
  for (const std::uint64_t batch : values.integers("batch")) {
    batches.push_back(static_cast<std::int64_t>(batch));
  }
  return batches;
}

/// The machines that the network is searched on: those of a family, or the one.
std::vector<const Architecture*> machines_of(const Workspace& workspace) {
  std::vector<const Architecture*> machines;
  for (const CostedArchitecture& member : workspace.family.members) {
    machines.push_back(&member.architecture);
  }
  return machines.empty() ? std::vector{&workspace.need_architecture()} : machines;
}

}  // namespace

int search_network(const Workspace& workspace, const Invocation& invocation,
                   const OptionValues& values, const std::vector<Option>& table) {
  const Network& network = *workspace.network;
  const bool family = !workspace.family.members.empty();
  const Architecture& architecture =
      family ? *workspace.architecture : workspace.need_architecture();
  const std::vector<const Architecture*> machines = machines_of(workspace);
  const SearchOptions options = search_options_from(values);
  std::vector<NetworkTasks> tasks;
  std::size_t searches = 0;
  const std::optional<LevelId> kept_in =
      values.given("keep-on-chip") ? std::optional(memory_to_keep_in(network, architecture, options,
                                                                     values.text("keep-on-chip")))
                                   : std::nullopt;
  const std::vector<std::int64_t> batches = batches_of(network, values);
  for (const std::int64_t batch : batches) {
    for (const Architecture* machine : machines) {
      tasks.push_back(tasks_for(network, batch, *machine, kept_in, workspace.layer_constraints));
      searches += tasks.back().searches();
    }
  }
  std::optional<OutputDirectory> directory;
  if (values.given("out")) {
    directory.emplace(values.text("out"));
  }
  std::optional<SearchStateFile> state =
      open_state(search_identity(workspace, values, table), values, directory);

  const SharedBudget budget(values);
  StopWatch watch(std::nullopt);
  std::optional<ProgressLine> progress;
  if (!values.flag("quiet") && !values.flag("no-progress") && ProgressLine::possible()) {
    progress.emplace(layer_objectives(options));
  }
  SearchControl control;
  control.threads =
      values.given("threads") ? static_cast<int>(values.integer("threads")) : usable_cpus();
  control.stop = &watch.stop();
  control.state = state ? &*state : nullptr;
  if (progress) {
    control.on_progress = [&](const SearchProgress& now) { progress->show(now); };
  }
  std::size_t begun = 0;
  std::size_t done = 0;  // with those that a run left out, since some layer has no mapping
  bool cut = false;      // by the budget
  const auto before_task = [&](const NetworkRun& run, std::size_t task) {
    cut = cut || watch.cause() == StopWatch::Cause::budget;
    if (signalled(watch)) {
      return false;
    }
    watch.restart(budget.share(searches - done));
    if (state) {
      state->begin_part(std::to_string(begun));
    }
    ++begun;
    ++done;
    if (progress) {
      progress->begin(
          fmt::format("{}/{} {}  ", done, searches, run.tasks.tasks[task].problem.name));
    }
    return true;
  };
  NetworkReport report{network, architecture, options, {}, family ? &workspace.family : nullptr};
  bool found = true;
  for (std::size_t b = 0; b < batches.size() && found; ++b) {
    std::vector<NetworkRun> runs;
    for (std::size_t m = 0; m < machines.size(); ++m) {
      NetworkTasks& of_run = tasks[b * machines.size() + m];
      const std::size_t after = done + of_run.searches();
      runs.push_back(run_network(std::move(of_run), *machines[m], workspace.layer_constraints,
                                 options, control, before_task));
      done = after;
    }
    found = std::any_of(runs.begin(), runs.end(),
                        [](const NetworkRun& run) { return !run.front.points.empty(); });
    for (std::size_t m = 0; m + 1 < runs.size() && !found; ++m) {
      runs.back().front.beyond_limits += runs[m].front.beyond_limits;
    }
    report.runs.push_back(family && found ? merge_members(std::move(runs), machines, options)
                                          : std::move(runs.back()));
  }
  progress.reset();
  cut = cut || watch.cause() == StopWatch::Cause::budget;

  const char* go_on = state && state->exists() ? "; --resume goes on" : "";
  if (cut) {
    note(values, fmt::format("the budget of {} is used up{}{}", values.text("budget"),
                             found ? "; this is the best found so far" : "", go_on));
  }
  if (signalled(watch)) {
    note(values,
         fmt::format("{}{}",
                     watch.cause() == StopWatch::Cause::interrupt ? "interrupted" : "terminated",
                     go_on));
  }
  if (!found) {
    // An error, so `--quiet` does not silence it.
    fmt::print(
        stderr, "tessera: {}\n",
        nothing_text(report, report.runs.back(), workspace.layer_constraints, control, invocation));
  } else {
    if (directory) {
      write_best_mappings(report, *directory);
      directory->write("layers.csv", network_layers_csv(report));
      directory->write("front.json", network_json(report));
      directory->write("front.csv", network_front_csv(report));
    }
    const std::string& format = values.text("format");
    std::string text = formatted(report, format, directory);
    if (values.flag("translate") && format == "text") {
      text += translation_appendix(network_front_csv(report), architecture);
    }
    print_result(text);
  }
  if (state && !cut && !signalled(watch)) {
    state->remove();
  }
  if (watch.cause() == StopWatch::Cause::interrupt) {
    return kExitInterrupted;
  }
  if (watch.cause() == StopWatch::Cause::terminate) {
    return kExitTerminated;
  }
  // A search that was stopped has done what it was asked for, whatever it found (DESIGN section 8).
  return found || report.runs.back().stopped ? kExitDone : kExitNoMapping;
}

}  // namespace tessera
