// `tessera import timeloop`: Timeloop's files in, our own YAML out.

#include <fmt/format.h>

#include "app/command.hpp"
#include "app/errors.hpp"
#include "app/output_files.hpp"
#include "app/timeloop/mapping.hpp"
#include "app/workspace.hpp"
#include "arch/architecture_spec.hpp"
#include "mapper/constraints_spec.hpp"
#include "mapper/mapping_spec.hpp"
#include "problems/problem_spec.hpp"

namespace tessera {

namespace {

struct WrittenFile {
  std::string name;
  std::string text;
};

std::vector<WrittenFile> files_of(const Workspace& workspace) {
  std::vector<WrittenFile> files;
  if (workspace.problem) {
    files.push_back({"problem.yaml", to_yaml(*workspace.problem)});
  }
  if (workspace.architecture) {
    files.push_back({"architecture.yaml", to_yaml(*workspace.architecture)});
  }
  if (workspace.constraints) {
    files.push_back({"constraints.yaml",
                     to_yaml(*workspace.constraints, *workspace.problem, *workspace.architecture)});
  }
  if (workspace.mapping) {
    files.push_back(
        {"mapping.yaml", to_yaml(*workspace.mapping, *workspace.problem, *workspace.architecture)});
  }
  return files;
}

int run_import(const Invocation& invocation) {
  OptionValues options = invocation.options;
  options.fill_from(common_options({"text"}));
  if (invocation.operands.empty() || invocation.operands.front() != "timeloop") {
    throw UsageError(
        invocation.operands.empty()
            ? "what is imported is missing\nWrite `tessera import timeloop FILE...`."
            : fmt::format("cannot import '{}'; known is timeloop\nWrite `tessera import "
                          "timeloop FILE...`.",
                          invocation.operands.front()));
  }
  if (invocation.operands.size() == 1) {
    throw UsageError("no file given\nWrite `tessera import timeloop FILE...`.");
  }
  const Workspace workspace = Workspace::load(
      {invocation.operands.begin() + 1, invocation.operands.end()}, search_command().options);
  print_notes(options, workspace.notes);
  const std::vector<WrittenFile> files = files_of(workspace);
  std::string text;
  if (!options.given("out")) {
    for (const WrittenFile& file : files) {
      text += file.text;
    }
    print_result(text);
    return kExitDone;
  }
  const OutputDirectory directory(options.text("out"));
  for (const WrittenFile& file : files) {
    directory.write(file.name, file.text);
    text += fmt::format("{}/{}\n", options.text("out"), file.name);
  }
  print_result(text);
  return kExitDone;
}

}  // namespace

Command import_command() {
  return {.name = "import",
          .operands = "timeloop FILE...",
          .summary = "Writes specs of other tools in our own format.",
          .description =
              "Reads problems, architectures, mappings and constraints in Timeloop's format (v0.3, "
              "v0.4),\n"
              "with Accelergy's ERT and ART, and prints them in our own; with --out DIR it writes\n"
              "problem.yaml, architecture.yaml, constraints.yaml and mapping.yaml there. Every "
              "command\n"
              "reads such files directly too.\n",
          .options = common_options({"text"}),
          .run = run_import};
}

}  // namespace tessera
