#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/command.hpp"
#include "app/diagnosis_text.hpp"
#include "app/errors.hpp"
#include "app/family_search.hpp"
#include "app/front_report.hpp"
#include "app/network_layer.hpp"
#include "app/network_search.hpp"
#include "app/numbers.hpp"
#include "app/output_files.hpp"
#include "app/progress.hpp"
#include "app/search_setup.hpp"
#include "app/shared_budget.hpp"
#include "app/stop_watch.hpp"
#include "app/translate/appendix.hpp"
#include "app/workspace.hpp"
#include "problems/network_spec.hpp"
#include "search/search.hpp"

namespace tessera {

namespace {

std::vector<Option> search_options() {
  std::vector<Option> options = {
      {.name = "objectives",
       .kind = OptionKind::objectives,
       .argument = "LIST",
       .fallback = "energy,latency",
       .help = "What is minimised; the front has a mapping for every trade-off. Some of: energy, "
               "latency,\narea, edp, power, dram_words, and formulas such as `energy * latency^2` "
               "over these and\ncycles, utilization, throughput (in pJ, s, mm2, J*s, W, words, "
               "frames/s)."},
      {.name = "order",
       .kind = OptionKind::choice,
       .argument = "NAME",
       .fallback = "pareto",
       .choices = {"pareto", "lexicographic"},
       .help = "lexicographic: only the mapping of the least first objective, of these the one of "
               "the least\nsecond, and so on."},
      {.name = "limits",
       .kind = OptionKind::limits,
       .argument = "LIST",
       .help =
           "What no result may break: `power=300mW,latency=33ms,energy=2mJ,area=12mm2` at most, "
           "and\n`utilization=50%,throughput=30frames/s` at least (a frame is one run of the "
           "problem).\nIn a spec: `limits: {power: 300 mW}`. [none]"},
      {.name = "algorithm",
       .kind = OptionKind::choice,
       .argument = "NAME",
       .fallback = "auto",
       .choices = {"auto", "exhaustive", "random", "genetic"},
       .help = "How the space is searched. exhaustive: the proven front, by branch and bound; "
               "random: uniform\ndraws, and what the space looks like; genetic: NSGA-II, the best "
               "found.\n"
               "auto: the proven front where it is within reach, else genetic with a lower bound "
               "(with\nimperfect factors also the proof that no perfect ones are better where "
               "there is one)."},
      {.name = "space",
       .kind = OptionKind::choice,
       .argument = "NAME",
       .fallback = "free",
       .choices = {"free", "hierarchical", "even"},
       .help =
           "Where tensors may be held: in any interleaving, memory by memory, all at one place."},
      {.name = "factors",
       .kind = OptionKind::choice,
       .argument = "NAME",
       .fallback = "imperfect",
       .choices = {"perfect", "imperfect"},
       .help = "Whether a loop's bound must divide its dimension (perfect) or need not; perfect is "
               "proven\nmuch sooner."},
      {.name = "samples",
       .kind = OptionKind::integer,
       .argument = "N",
       .fallback = "1000000",
       .least = 1,
       .most = 1'000'000'000'000,
       .help = "Draws of the random search, also of what does not fit; most mappings that the "
               "genetic\nsearch "
               "scores."},
      {.name = "population",
       .kind = OptionKind::integer,
       .argument = "N",
       .fallback = "128",
       .least = 4,
       .most = 100'000,
       .help = "Mappings that the genetic search keeps from one generation to the next."},
      {.name = "generations",
       .kind = OptionKind::integer,
       .argument = "N",
       .fallback = "10000",
       .least = 1,
       .most = 1'000'000'000,
       .help = "Most generations of the genetic search; it ends sooner where it finds no more."},
      {.name = "budget",
       .kind = OptionKind::duration,
       .argument = "TIME",
       .help = "Stop after this time, such as 60s or 5min, with what was found. [none]"},
      {.name = "batch",
       .kind = OptionKind::integers,
       .argument = "LIST",
       .least = 1,
       .most = kMaxBatch,
       .help =
           "Items (images, sequences) that a network computes together, such as 1,4,16: each is\n"
           "searched, and compared by item. [the network's]"},
      {.name = "keep-on-chip",
       .kind = OptionKind::text,
       .argument = "M",
       .help = "For networks: what a layer leaves to the next one (`input: previous`) may stay in "
               "memory M,\nwhere it fits as a whole beside the tiles of both; exact over all "
               "choices. [none]"},
      {.name = "layer",
       .kind = OptionKind::text,
       .argument = "NAME",
       .help = "Of a network only this layer, as a problem of its own: a name, or a place from 1 "
               "on. [all]"},
      {.name = "translate",
       .kind = OptionKind::flag,
       .help = "End the text with what the result means in use, by the defaults of `tessera "
               "translate`:\nframes/s against 30/s, watts, battery, kWh and CO2e."},
      {.name = "resume",
       .kind = OptionKind::flag,
       .help = "Go on with the search in --out, if one was ended there, from its state.sqlite: the "
               "result is\nthat of a search that was never ended.",
       .in_spec = false}};
  for (const Option& option : common_options({"text", "json", "csv"})) {
    options.push_back(option);
  }
  return options;
}

void write_results(const FrontReport& report, const OutputDirectory& directory) {
  if (report.evaluations.empty()) {
    directory.remove("best.mapping.yaml");  // an earlier run's would be taken for this one's
  } else {
    directory.write("best.mapping.yaml", best_mapping_yaml(report));
  }
  directory.write("front.json", front_json(report));
  directory.write("front.csv", front_csv(report));
}

std::string formatted(const FrontReport& report, const std::string& format,
                      const std::optional<OutputDirectory>& directory) {
  if (format == "json") {
    return front_json(report);
  }
  if (format == "csv") {
    return front_csv(report);
  }
  std::string out = front_text(report);
  if (directory) {
    out += fmt::format(
        "\nWritten: {}, {}{}\n", directory->path_of("front.csv"), directory->path_of("front.json"),
        report.evaluations.empty() ? "" : ", " + directory->path_of("best.mapping.yaml"));
  }
  return out;
}

void note(const OptionValues& values, const std::string& sentence) {
  if (!values.flag("quiet")) {
    fmt::print(stderr, "tessera: {}\n", sentence);
  }
}

/// Says that the search ended before it found anything; `--quiet` does not silence it.
void say_nothing_found_yet(const FrontReport& report) {
  std::string text = fmt::format(
      "stopped before a legal mapping was found ({} tried); this does not mean that there is none\n"
      "  Give it more time, or try --algorithm genetic.",
      report.result.evaluated);
  for (const std::string& reason : rejection_texts(report)) {
    text += "\n  refused: " + reason;
  }
  fmt::print(stderr, "tessera: {}\n", text);
}

/// A search that was stopped has done what it was asked for, whatever it found (DESIGN section 8):
/// its certificate says what that is worth.
int exit_code(const FrontReport& report, StopWatch::Cause cause) {
  if (report.result.stopped) {
    return cause == StopWatch::Cause::interrupt   ? kExitInterrupted
           : cause == StopWatch::Cause::terminate ? kExitTerminated
                                                  : kExitDone;
  }
  return report.evaluations.empty() ? kExitNoMapping : kExitDone;
}

void say_why_stopped(const OptionValues& values, const SearchResult& result, StopWatch::Cause cause,
                     bool saved) {
  if (!result.stopped) {
    return;
  }
  const std::string rest =
      fmt::format("{}{}", result.front.empty() ? "" : "; this is the best found so far",
                  saved ? "; --resume goes on" : "");
  switch (cause) {
    case StopWatch::Cause::budget:
      note(values, fmt::format("the budget of {} is used up{}", values.text("budget"), rest));
      break;
    case StopWatch::Cause::interrupt:
      note(values, fmt::format("interrupted{}", rest));
      break;
    case StopWatch::Cause::terminate:
      note(values, fmt::format("terminated{}", rest));
      break;
    case StopWatch::Cause::none:
      break;
  }
}

int run_search(const Invocation& invocation) {
  const std::vector<Option> table = search_options();
  Workspace workspace = Workspace::load(invocation.operands, table);
  OptionValues values = invocation.options;
  values.fill_from(workspace.search.value_or(OptionValues{}));
  values.fill_from(table);
  print_notes(values, workspace.notes);
  const bool one_layer = values.given("layer");
  if (one_layer) {
    take_layer(workspace, values);
  }
  if (workspace.network) {
    return search_network(workspace, invocation, values, table);
  }
  const Problem& problem = workspace.need_problem();
  if (values.given("batch") && !one_layer) {
    throw UsageError("--batch is for networks; a problem has its batch among its dimensions");
  }
  if (values.given("keep-on-chip")) {
    throw UsageError("--keep-on-chip is for networks: it keeps tensors between layers");
  }
  const bool family = !workspace.family.members.empty();
  const Architecture& architecture =
      family ? *workspace.architecture : workspace.need_architecture();
  const Constraints constraints = workspace.constraints.value_or(Constraints{});
  const SearchOptions options = search_options_from(values);
  std::optional<OutputDirectory> directory;
  if (values.given("out")) {
    directory.emplace(values.text("out"));
  }
  std::optional<SearchStateFile> state =
      open_state(search_identity(workspace, values, table), values, directory);

  StopWatch watch(values.given("budget") ? std::optional(values.seconds("budget")) : std::nullopt);
  std::optional<ProgressLine> progress;
  if (!values.flag("quiet") && !values.flag("no-progress") && ProgressLine::possible()) {
    progress.emplace(options.objectives);
  }
  SearchControl control;
  control.threads =
      values.given("threads") ? static_cast<int>(values.integer("threads")) : usable_cpus();
  control.stop = &watch.stop();
  if (progress) {
    control.on_progress = [&](const SearchProgress& now) { progress->show(now); };
  }
  control.state = state ? &*state : nullptr;
  FamilyResult found;
  if (family) {
    const SharedBudget budget(values);
    const auto before = [&](std::size_t member, std::size_t left) {
      watch.restart(budget.share(left));
      if (state) {
        state->begin_part(workspace.family.members[member].architecture.name);
      }
      return watch.cause() != StopWatch::Cause::interrupt &&
             watch.cause() != StopWatch::Cause::terminate;
    };
    found = search_family(problem, workspace.family, constraints, options, control, before);
  } else {
    found.result = search(problem, architecture, constraints, options, control);
  }
  const SearchResult& result = found.result;
  progress.reset();

  FrontReport report = family ? FrontReport{problem,
                                            architecture,
                                            constraints,
                                            options,
                                            result,
                                            std::move(found.evaluations),
                                            std::nullopt,
                                            &workspace.family,
                                            std::move(found.members)}
                              : verify_front(problem, architecture, constraints, options, result);
  const SearchCase given{architecture, constraints, options};
  if (report.evaluations.empty() && !result.stopped) {
    report.diagnosis =
        diagnose(problem, given, result.certificate.kind == Certificate::Kind::exact, control);
  }
  say_why_stopped(values, result, watch.cause(), state && state->exists());
  if (directory) {
    write_results(report, *directory);
  }
  if (state && !result.stopped) {
    state->remove();
  }
  if (report.diagnosis) {
    fmt::print(stderr, "tessera: {}\n",
               no_mapping_text(problem, given, *report.diagnosis, result, ""));
  } else if (report.evaluations.empty()) {
    say_nothing_found_yet(report);
  }
  const std::string& format = values.text("format");
  if (!report.diagnosis || format != "text") {
    std::string text = formatted(report, format, directory);
    if (values.flag("translate") && format == "text" && !report.evaluations.empty()) {
      text += translation_appendix(front_csv(report), architecture);
    }
    print_result(text);
  }
  return exit_code(report, watch.cause());
}

}  // namespace

Command search_command() {
  return {
      .name = "search",
      .operands = "SPEC...",
      .summary = "Finds the best mappings of a problem on an architecture.",
      .description =
          "Searches the mappings of a problem on an architecture and prints the Pareto front "
          "of the\n"
          "objectives. The specs hold a problem and an architecture, and may hold constraints "
          "and a\n"
          "`search:` section with any of the options below; the command line wins.\n"
          "\n"
          "  tessera search gemm-256 s3 --out results\n"
          "  tessera search my_layer.yaml eyeriss-v1 --objectives energy,latency,area --budget "
          "60s\n"
          "\n"
          "The report's certificate says what is known: `exact` (proven: no mapping of the space "
          "is\n"
          "better), `bound` (what any mapping costs at least, and the gap) or `none` (best found). "
          "What is\n"
          "too large to be tried one by one has a bound, no proof, for power where something has a "
          "bandwidth,\n"
          "with a sliding rank in the output, or under rules on the loops or the fill of a "
          "memory.\n"
          "\n"
          "`--out DIR` writes front.csv, front.json and best.mapping.yaml, and while the search "
          "runs its\n"
          "state (state.sqlite): kill it at any moment, the same command with --resume goes on and "
          "comes to\n"
          "the same result. Ctrl-C ends the search with the best found so far.\n"
          "Exit code 3: no legal mapping was found; standard error counts the reasons and says "
          "which\n"
          "single changes make one legal, the smallest first.\n",
      .options = search_options(),
      .run = run_search};
}

}  // namespace tessera
