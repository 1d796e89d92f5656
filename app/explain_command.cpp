#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/command.hpp"
#include "app/constraints_text.hpp"
#include "app/errors.hpp"
#include "app/explain_json.hpp"
#include "app/explain_text.hpp"
#include "app/json_report.hpp"
#include "app/refusal.hpp"
#include "app/workspace.hpp"
#include "model/evaluate.hpp"

namespace tessera {

namespace {

std::vector<Option> explain_options() {
  std::vector<Option> options = common_options({"text", "json"});
  options.insert(options.begin(),
                 {.name = "constraints",
                  .kind = OptionKind::flag,
                  .help = "Explain what every mapping must obey instead; needs no mapping.",
                  .in_spec = false});
  return options;
}

int explain_constraints(const OptionValues& options, const Workspace& workspace) {
  const Problem& problem = workspace.need_problem();
  const Architecture& architecture = workspace.need_architecture();
  const Rules rules =
      rules_of(problem, architecture, workspace.constraints.value_or(Constraints{}));
  deliver(options, {"constraints", "txt"},
          options.text("format") == "json" ? dumped(rules_json(problem, architecture, rules))
                                           : rules_text(problem, architecture, rules));
  return kExitDone;
}

int run_explain(const Invocation& invocation) {
  OptionValues options = invocation.options;
  options.fill_from(explain_options());
  const Workspace workspace = Workspace::load(invocation.operands, search_command().options);
  print_notes(options, workspace.notes);
  if (options.flag("constraints")) {
    return explain_constraints(options, workspace);
  }
  const Problem& problem = workspace.need_problem();
  const Architecture& architecture = workspace.need_architecture();
  const Mapping& mapping = workspace.need_mapping();
  const Constraints constraints = workspace.constraints.value_or(Constraints{});

  const Evaluation evaluation = evaluate(problem, architecture, mapping);
  const Scored scored{problem, architecture, mapping, evaluation};
  const Explanation explanation = explain(problem, architecture, mapping);
  const bool json = options.text("format") == "json";
  if (const auto refusal = find_refusal(scored, constraints)) {
    deliver(options, {"explanation", "txt"},
            json ? dumped(refusal_json(scored, *refusal))
                 : tiles_text(scored, explanation) + room_text(scored));
    fmt::print(stderr, "tessera: the mapping is not legal: {}\n", refusal->sentence);
    return kExitNoMapping;
  }
  const ReuseMoves moves = find_reuse_moves(problem, architecture, constraints, mapping);
  const Explained explained{scored, explanation, moves};
  deliver(options, {"explanation", "txt"},
          json ? dumped(explanation_json(explained)) : explanation_text(explained));
  return kExitDone;
}

}  // namespace

Command explain_command() {
  return {.name = "explain",
          .operands = "SPEC...",
          .summary = "Takes every count of a mapping apart.",
          .description =
              "Shows the loop nest with its tiles, each count as the terms it is made of, which "
              "loops cost\n"
              "nothing and which fetch the same words again, and what moving one loop or hold "
              "would save.\n"
              "The specs hold a problem, an architecture and a mapping. docs/counting.md defines "
              "the words.\n"
              "\n"
              "  tessera explain gemm-256 s3 best.mapping.yaml\n"
              "  tessera explain gemm-256 s3 --constraints\n"
              "\n"
              "Exit code 3: the mapping does not fit the machine or breaks a constraint; its tiles "
              "are shown.\n",
          .options = explain_options(),
          .run = run_explain};
}

}  // namespace tessera
