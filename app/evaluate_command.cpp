#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/auto_sizes.hpp"
#include "app/command.hpp"
#include "app/csv_report.hpp"
#include "app/errors.hpp"
#include "app/evaluation_report.hpp"
#include "app/json_report.hpp"
#include "app/refusal.hpp"
#include "app/workspace.hpp"
#include "model/evaluate.hpp"

namespace tessera {

namespace {

std::vector<Option> evaluate_options() {
  return common_options({"text", "json", "csv"});
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
  deliver(options, {"evaluation", "txt"},
          format == "json"  ? dumped(evaluation_json(scored))
          : format == "csv" ? csv_heading() + csv_row(scored, {})
                            : evaluation_text(scored));
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
