#include "app/workspace_yaml.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "arch/architecture_spec.hpp"
#include "mapper/constraints_spec.hpp"
#include "mapper/mapping_spec.hpp"
#include "problems/network_spec.hpp"
#include "problems/problem_spec.hpp"

namespace tessera {

namespace {

/// The rules for the layers of a network as one section if they read alike for all; else as
/// remarks, since no one section means them.
std::string layer_rules(const Workspace& workspace) {
  const Network& network = *workspace.network;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Constraints& rules = workspace.layer_constraints[i];
    texts.push_back(rules == Constraints{}
                        ? ""
                        : to_yaml(rules, network.layers[i].problem, *workspace.architecture));
  }
  if (std::all_of(texts.begin(), texts.end(),
                  [&](const std::string& text) { return text == texts.front(); })) {
    return texts.front();
  }
  std::string out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    out += fmt::format("# For the layer {}:\n", network.layers[i].problem.name);
    std::size_t from = 0;
    while (from < texts[i].size()) {
      const std::size_t end = std::min(texts[i].find('\n', from), texts[i].size());
      out += "# " + texts[i].substr(from, end - from) + "\n";
      from = end + 1;
    }
  }
  return out;
}

}  // namespace

std::string workspace_yaml(const Workspace& workspace) {
  std::string out;
  if (workspace.problem) {
    out += to_yaml(*workspace.problem);
  }
  if (workspace.network) {
    out += to_yaml(*workspace.network);
  }
  if (workspace.architecture) {
    out += to_yaml(*workspace.architecture);
  }
  if (workspace.mapping) {
    out += to_yaml(*workspace.mapping, *workspace.problem, *workspace.architecture);
  }
  if (workspace.constraints) {
    out += to_yaml(*workspace.constraints, *workspace.problem, *workspace.architecture);
  }
  if (!workspace.layer_constraints.empty()) {
    out += layer_rules(workspace);
  }
  return out;
}

}  // namespace tessera
