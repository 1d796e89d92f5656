#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/auto_sizes.hpp"
#include "app/command.hpp"
#include "app/csv_report.hpp"
#include "app/errors.hpp"
#include "app/evaluation_report.hpp"
#include "app/json_report.hpp"
#include "app/refusal.hpp"
#include "app/translate/appendix.hpp"
#include "app/workspace.hpp"
#include "model/evaluate.hpp"

namespace tessera {

namespace {

std::vector<Option> evaluate_options() {
  std::vector<Option> options = {
      {.name = "translate",
       .kind = OptionKind::flag,
       .help = "End the text with what the result means in use, by the defaults of `tessera "
               "translate`:\nframes/s against 30/s, watts, battery, kWh and CO2e."}};
  for (const Option& option : common_options({"text", "json", "csv"})) {
    options.push_back(option);
  }
  return options;
}

int run_evaluate(const Invocation& invocation) {
  OptionValues options = invocation.options;
  options.fill_from(evaluate_options());
  const Workspace workspace = Workspace::load(invocation.operands, search_command().options);
  print_notes(options, workspace.notes);
  const Problem& problem = workspace.need_problem();
  const bool family = !workspace.family.members.empty();
  if (!family) {
    workspace.need_architecture();
  }
  const Mapping& mapping = workspace.need_mapping();
  const Architecture& architecture =
      family ? right_sized(workspace.family, problem, mapping) : *workspace.architecture;

  const Evaluation evaluation = evaluate(problem, architecture, mapping);
  const Scored scored{problem, architecture, mapping, evaluation};
  const auto refusal = find_refusal(scored, workspace.constraints.value_or(Constraints{}));
  const std::string& format = options.text("format");
  if (refusal) {
    if (format != "text") {
      deliver(options, {"evaluation", "txt"},
              format == "json" ? dumped(refusal_json(scored, *refusal)) : csv_heading());
    }
    fmt::print(stderr, "tessera: the mapping is not legal: {}\n", refusal->sentence);
    return kExitNoMapping;
  }
  const std::string csv = csv_heading() + csv_row(scored, {});
  deliver(options, {"evaluation", "txt"},
          format == "json" ? dumped(evaluation_json(scored))
          : format == "csv"
              ? csv
              : evaluation_text(scored) +
                    (options.flag("translate") ? translation_appendix(csv, architecture) : ""));
  return kExitDone;
}

}  // namespace

Command evaluate_command() {
  return {.name = "evaluate",
          .operands = "SPEC...",
          .summary = "Scores the given mapping.",
          .description =
              "Counts what a mapping moves and tells its cycles, energy and area. The specs hold a "
              "problem,\n"
              "an architecture and a mapping.\n"
              "\n"
              "  tessera evaluate gemm-256 s3 best.mapping.yaml\n"
              "\n"
              "Exit code 3: the mapping does not fit the machine or breaks a constraint.\n",
          .options = evaluate_options(),
          .run = run_evaluate};
}

}  // namespace tessera
