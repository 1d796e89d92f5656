#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/accelergy_export.hpp"
#include "app/command.hpp"
#include "app/costs_report.hpp"
#include "app/errors.hpp"
#include "app/evaluation_report.hpp"
#include "app/json_report.hpp"
#include "app/output_files.hpp"
#include "app/spec_json.hpp"
#include "app/workspace.hpp"
#include "app/workspace_yaml.hpp"
#include "arch/architecture_spec.hpp"
#include "mapper/constraints_spec.hpp"
#include "mapper/mapping_spec.hpp"
#include "model/evaluate.hpp"
#include "problems/network_spec.hpp"
#include "problems/problem_spec.hpp"

namespace tessera {

namespace {

std::vector<Option> check_options() {
  std::vector<Option> options = common_options({"text", "json"});
  options.insert(options.begin(),
                 {.name = "costs",
                  .kind = OptionKind::flag,
                  .help = "Print every cost of the architecture, and where it comes from.",
                  .in_spec = false});
  options.insert(options.begin() + 1,
                 {.name = "export",
                  .kind = OptionKind::choice,
                  .argument = "FORMAT",
                  .choices = {"accelergy"},
                  .help = "With --costs: the machine and its costs as another tool's files. "
                          "accelergy: an architecture\n(v0.4) with Accelergy's classes, and our "
                          "numbers as ERT and ART.",
                  .in_spec = false});
  return options;
}

/// Every section that is there, in YAML that reads back.
std::string sections_yaml(const Workspace& workspace) {
  std::string out = workspace_yaml(workspace);
  if (workspace.search) {
    OptionValues values = *workspace.search;
    const std::vector<Option> table = search_command().options;
    values.fill_from(table);
    out += search_section_yaml(values, table);
  }
  return out;
}

/// Of a family all members, one after the other; in JSON as a list.
std::string costs_report(const Workspace& workspace, bool json) {
  if (workspace.family.members.empty()) {
    const Architecture& architecture = workspace.need_architecture();
    const std::vector<Cost> costs =
        workspace.costs.empty()
            ? costs_of(architecture, CostRule::given, "in Timeloop's or Accelergy's files")
            : workspace.costs;
    return json ? dumped(costs_json(architecture, costs)) : costs_text(architecture, costs);
  }
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  std::string text;
  for (const CostedArchitecture& member : workspace.family.members) {
    list.push_back(costs_json(member.architecture, member.costs));
    text += text.empty() ? "" : "\n";
    text += costs_text(member.architecture, member.costs);
  }
  return json ? dumped(list) : text;
}

/// Files for Accelergy, and hwcomponents and Timeloop, which read the same.
void export_costs(const Workspace& workspace, const OptionValues& options) {
  const CostedArchitecture costed{workspace.need_architecture(), workspace.costs,
                                  workspace.classes};
  const AccelergyFiles files = accelergy_files(costed);
  if (options.given("out")) {
    const OutputDirectory directory(options.text("out"));
    directory.write("architecture.yaml", files.architecture);
    directory.write("ERT.yaml", files.energies);
    directory.write("ART.yaml", files.areas);
  }
  print_result(files.architecture + files.energies + files.areas);
}

int run_check(const Invocation& invocation) {
  OptionValues options = invocation.options;
  options.fill_from(check_options());
  if (invocation.operands.empty()) {
    throw UsageError(
        "nothing to check\nName spec files or library entries: `tessera check my.yaml`.");
  }
  const Workspace workspace = Workspace::load(invocation.operands, search_command().options);
  print_notes(options, workspace.notes);
  if (workspace.problem && workspace.architecture) {
    const Evaluator fit(*workspace.problem,
                        *workspace.architecture);  // throws where they do not fit
  }
  if (workspace.network && workspace.architecture) {
    for (const Layer& layer : workspace.network->layers) {
      const Problem problem = at_batch(layer, workspace.network->batch);
      const Evaluator fit(problem, *workspace.architecture);
    }
  }
  if (options.given("export")) {
    if (!options.flag("costs")) {
      throw UsageError("--export says how costs are written: give --costs, too");
    }
    export_costs(workspace, options);
    return kExitDone;
  }
  if (options.flag("costs")) {
    deliver(options, {"costs", "txt"}, costs_report(workspace, options.text("format") == "json"));
    return kExitDone;
  }
  if (!workspace.family.members.empty() && !options.flag("quiet")) {
    fmt::print(stderr,
               "tessera: a capacity is `auto`: shown is the machine with the largest sizes\n");
  }
  const std::string yaml = sections_yaml(workspace);
  deliver(options, {"check", "yaml"},
          options.text("format") == "json" ? dumped(spec_json(yaml)) : yaml);
  return kExitDone;
}

}  // namespace

Command check_command() {
  return {
      .name = "check",
      .operands = "SPEC...",
      .summary = "Reads specs and prints them as understood.",
      .description =
          "Parses and checks every section of the specs, used or not, and prints them as Tessera\n"
          "understands them: units converted, defaults in place. The output is a spec itself.\n"
          "\n"
          "  tessera check eyeriss-v1\n"
          "\n"
          "With --costs: every energy, leakage and area of the architecture with its unit, the "
          "rule\n"
          "that it comes from, its source and its error band.\n"
          "\n"
          "  tessera check --costs eyeriss-v1\n"
          "  tessera check --costs eyeriss-v2 --export accelergy --out files\n",
      .options = check_options(),
      .run = run_check};
}

}  // namespace tessera
