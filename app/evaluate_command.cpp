#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command.hpp"
#include "app/csv_report.hpp"
#include "app/errors.hpp"
#include "app/evaluation_report.hpp"
#include "app/json_report.hpp"
#include "app/numbers.hpp"
#include "app/workspace.hpp"
#include "mapper/constraints.hpp"
#include "model/evaluate.hpp"
#include "search/occupancy.hpp"

namespace tessera {

namespace {

std::vector<Option> evaluate_options() {
  return common_options({"text", "json", "csv"});
}

/// Why the mapping may not run, if it may not: by its size, or by a rule.
std::optional<Refusal> find_refusal(const Scored& scored, const Constraints& constraints) {
  if (!scored.evaluation.feasible()) {
    return describe(scored.architecture, scored.evaluation.infeasible);
  }
  if (auto sentence =
          find_violation(scored.problem, scored.architecture, constraints, scored.mapping)) {
    Refusal refusal;
    refusal.why = "constraint";
    refusal.sentence = *sentence;
    return refusal;
  }
  if (scored.evaluation.utilization < constraints.min_utilization) {
    Refusal refusal;
    refusal.why = "utilization";
    refusal.sentence = fmt::format("utilization is {}, the constraints ask for {}",
                                   rounded(scored.evaluation.utilization, 6),
                                   rounded(constraints.min_utilization, 6));
    return refusal;
  }
  if (const auto under =
          find_underfilled(scored.problem, scored.architecture, constraints, scored.evaluation)) {
    Refusal refusal;
    refusal.why = "utilization";
    refusal.sentence = fmt::format(
        "the tiles in {} are {} {} large, less than the {} that the "
        "constraints ask for",
        scored.architecture.name_of(under->memory), under->filled,
        under->in_words ? "words" : "bits", rounded(under->needed, 6));
    return refusal;
  }
  return std::nullopt;
}

int run_evaluate(const Invocation& invocation) {
  OptionValues options = invocation.options;
  options.fill_from(evaluate_options());
  const Workspace workspace = Workspace::load(invocation.operands, search_command().options);
  print_notes(options, workspace.notes);
  const Problem& problem = workspace.need_problem();
  const Architecture& architecture = workspace.need_architecture();
  const Mapping& mapping = workspace.need_mapping();

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
