#include <fmt/format.h>

#include "app/command.hpp"
#include "app/errors.hpp"
#include "app/translate/result_points.hpp"
#include "app/translate/terms.hpp"
#include "app/translate/translation_report.hpp"

namespace tessera {

namespace {

std::vector<Option> translate_options() {
  std::vector<Option> options = term_options();
  const std::vector<Option> others = {
      {.name = "training",
       .argument = "LIST",
       .help = "Training runs by name, or all: published, recomputed, and on this machine by its "
               "energy an\noperation. A famous figure comes with its correction."},
      {.name = "parameters",
       .argument = "N",
       .help = "A training of your own, such as 7e9 with --tokens 2e12: 6 x N x D operations."},
      {.name = "tokens", .argument = "D", .help = "What it is trained on."},
      {.name = "energy",
       .argument = "E",
       .help = "Instead of a file: energy of a run, such as 8mJ, with --latency."},
      {.name = "latency", .argument = "T", .help = "Time of a run, such as 28.8ms."},
      {.name = "batch",
       .kind = OptionKind::integer,
       .argument = "N",
       .least = 1,
       .most = 1u << 30,
       .help = "Items of a run where the file does not say (that of a sweep does not). [1]"},
      {.name = "figures",
       .kind = OptionKind::flag,
       .help = "Show all regions, batteries, budgets and trainings with their sources, and end."}};
  options.insert(options.end(), others.begin(), others.end());
  for (const Option& option : common_options({"text", "json", "csv"})) {
    options.push_back(option);
  }
  for (Option& option : options) {
    option.in_spec = false;
  }
  return options;
}

std::vector<ResultPoint> read_points(const Invocation& invocation, const OptionValues& values) {
  const bool by_hand = values.given("energy") || values.given("latency");
  if (by_hand && !(values.given("energy") && values.given("latency"))) {
    throw UsageError("--energy and --latency together stand for a result: give both");
  }
  if (by_hand && !invocation.operands.empty()) {
    throw UsageError("give either results or --energy and --latency, not both");
  }
  const bool training = values.given("training") || values.given("parameters");
  if (!by_hand && invocation.operands.empty() && !training) {
    throw UsageError(
        "no result to translate\nName the directory that `tessera search --out DIR` wrote to, or a "
        "CSV file of results; or give\n--energy and --latency, or --training.");
  }
  std::vector<ResultPoint> points;
  if (by_hand) {
    ResultPoint& point = points.emplace_back();
    point.number = 1;
    point.energy_j = read_quantity("energy", values.text("energy"), Measure::energy, false) * 1e-12;
    point.latency_s = read_quantity("latency", values.text("latency"), Measure::time, true);
  }
  for (const std::string& operand : invocation.operands) {
    for (ResultPoint& point : read_result_points(operand)) {
      points.push_back(std::move(point));
      points.back().number = points.size();
    }
  }
  for (ResultPoint& point : points) {
    if (values.given("batch") && point.batch_known) {
      throw UsageError("--batch is for results that do not say their batch; these do");
    }
    if (values.given("batch")) {
      point.batch = static_cast<double>(values.integer("batch"));
    }
  }
  return points;
}

int run_translate(const Invocation& invocation) {
  OptionValues values = invocation.options;
  values.fill_from(translate_options());
  if (values.flag("figures")) {
    if (values.text("format") != "text") {
      throw UsageError("--figures is text; the data are app/translate/data/*.yaml");
    }
    print_result(known_figures_text());
    return kExitDone;
  }
  const std::vector<ResultPoint> points = read_points(invocation, values);
  const std::vector<Training> trainings = trainings_from(values);
  const Terms terms = terms_from(values);
  const TranslationReport report{points, terms, trainings};
  const std::string& format = values.text("format");
  if (format == "csv" && points.empty()) {
    throw UsageError("--format csv is a table of points, and there are none; use json");
  }
  deliver(values, {"translation", "txt"},
          format == "json"  ? translation_json(report)
          : format == "csv" ? translation_csv(report)
                            : translation_text(report));
  return kExitDone;
}

}  // namespace

Command translate_command() {
  return {
      .name = "translate",
      .operands = "RESULT...",
      .summary = "Says what results mean in use: frames/s, watts, battery, kWh, CO2e, trainings.",
      .description =
          "Translates energies and latencies into what a decision is about: whether a wanted rate "
          "is reached,\n"
          "the average power against a budget, hours of a battery, kWh and CO2e of a million "
          "items by region,\n"
          "and what training runs would take. A RESULT is a directory that a command wrote to "
          "with --out, or a\n"
          "CSV file of results; that of a sweep comes from `tessera results FILE --csv --front`.\n"
          "\n"
          "  tessera search eyeriss-v1 alexnet --factors perfect --out out\n"
          "  tessera translate out --rate 30/s --power handheld --battery phone\n"
          "  tessera translate --energy 8mJ --latency 28.8ms --regions France,India\n"
          "  tessera translate --training gpt-3,nas\n"
          "\n"
          "A machine that reaches the rate works at that rate and idles in between; one that "
          "misses "
          "it works all\n"
          "the time. Only what the results hold is translated: the machine that was modelled, and "
          "none of the\n"
          "camera, screen or host beside it. docs/translate.md has the formulas and the sources.\n",
      .options = translate_options(),
      .run = run_translate};
}

}  // namespace tessera
