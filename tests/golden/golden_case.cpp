#include "tests/golden/golden_case.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/workspace.hpp"
#include "arch/architecture_spec.hpp"
#include "mapper/mapping_spec.hpp"
#include "model/evaluate.hpp"
#include "problems/problem_spec.hpp"
#include "search/occupancy.hpp"
#include "spec/error.hpp"
#include "spec/node.hpp"
#include "tests/oracle/compare.hpp"
#include "tests/oracle/execute.hpp"

namespace tessera::golden {
namespace {

using nlohmann::json;

json read_json(const std::filesystem::path& path) {
  std::ifstream stream(path);
  return json::parse(stream);
}

/// Energies of tensors are printed with two decimals; levels and totals in full.
bool close(double theirs, double ours, double rounding) {
  return std::abs(theirs - ours) <= std::max(rounding, 1e-6 * std::abs(theirs));
}

/// `reduction_supported` of the components in a v0.3 architecture, where it is given.
void collect_reductions(const SpecNode& node, std::map<std::string, bool>& into) {
  if (node.has("attributes") && node.at("attributes").has("reduction_supported")) {
    into[node.at("name").as_string()] =
        node.at("attributes").at("reduction_supported").as_string() == "True";
  }
  for (const char* inner : {"architecture", "subtree", "local"}) {
    if (node.has(inner)) {
      const SpecNode value = node.at(inner);
      for (const SpecNode& item : value.is_sequence() ? value.items() : std::vector{value}) {
        collect_reductions(item, into);
      }
    }
  }
}

std::map<std::string, bool> read_reductions(const std::filesystem::path& path) {
  std::map<std::string, bool> reductions;
  const SpecDocument document = SpecDocument::read(path.string());
  collect_reductions(document.root(), reductions);
  return reductions;
}

class Comparer {
 public:
  Comparer(const Workspace& workspace, const json& expected, std::map<std::string, bool> reductions)
      : problem_(*workspace.problem),
        architecture_(*workspace.architecture),
        mapping_(*workspace.mapping),
        expected_(expected),
        reductions_(std::move(reductions)),
        evaluation_(evaluate(problem_, architecture_, mapping_)) {}

  std::vector<Comparison> run() {
    compare_totals();
    for (const auto& [name, level] : expected_["levels"].items()) {
      compare_level(name, level);
    }
    for (const auto& [name, network] : expected_["networks"].items()) {
      compare_network(name, network);
    }
    return std::move(comparisons_);
  }

 private:
  void add(const std::string& where, const std::string& tensor, const std::string& quantity,
           double theirs, double ours) {
    comparisons_.push_back({where, tensor, quantity, theirs, ours, theirs == ours});
  }
  void add_energy(const std::string& where, const std::string& tensor, double theirs, double ours,
                  double rounding) {
    comparisons_.push_back(
        {where, tensor, "energy_pJ", theirs, ours, close(theirs, ours, rounding)});
  }

  void compare_totals() {
    const json& totals = expected_["totals"];
    const LevelResult& compute = evaluation_.levels.back();
    add("totals", "-", "cycles", totals["cycles"], static_cast<double>(evaluation_.cycles));
    add("totals", "-", "compute_cycles", totals["compute_cycles"],
        static_cast<double>(evaluation_.compute_cycles));
    add("totals", "-", "macs", totals["actual_macs"], static_cast<double>(evaluation_.operations));
    add("totals", "-", "macs_used", totals["mac_instances_used"],
        static_cast<double>(compute.instances_used));
    add("totals", "-", "utilization_pct", totals["utilization_pct"],
        std::round(evaluation_.utilization * 1e4) / 100);
    add_energy("totals", "-", totals["energy_pJ"], evaluation_.energy_pj, 0);
    add_energy("totals", "MAC", totals["mac_energy_pJ"], compute.energy_pj, 0);
  }

  void compare_level(const std::string& name, const json& level) {
    const LevelId id = architecture_.find(name).value();
    const LevelResult& result = evaluation_.levels[id.index()];
    add(name, "-", "cycles", level["cycles"],
        static_cast<double>(std::max(evaluation_.compute_cycles, result.cycles)));
    add_energy(name, "-", level["energy_total_pJ"], result.energy_pj, 0);
    std::set<std::string> seen;
    for (const auto& [tensor_name, counts] : level["tensors"].items()) {
      seen.insert(tensor_name);
      compare_tensor(name, tensor_name, counts, result);
    }
    for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
      if (result.tensors[i].held && !seen.contains(problem_.tensors[i].name)) {
        add(name, problem_.tensors[i].name, "held", 0, 1);
      }
    }
  }

  void compare_tensor(const std::string& level, const std::string& name, const json& counts,
                      const LevelResult& result) {
    const std::size_t tensor = problem_.find_tensor(name).value().index();
    const TensorTraffic& traffic = result.tensors[tensor];
    const bool output = problem_.tensors[tensor].role == TensorRole::output;
    const auto used = static_cast<double>(result.instances_used);
    const auto rounded = [&](std::int64_t total) {
      return std::floor(static_cast<double>(total) / used + 0.5);
    };
    add(level, name, "utilized_instances", counts["utilized_instances"], used);
    add(level, name, "capacity_used", counts["capacity_used"],
        static_cast<double>(traffic.tile_words));
    add(level, name, "reads", counts["reads"], rounded(traffic.reads + traffic.passed));
    add(level, name, "fills", counts["fills"],
        output ? rounded(traffic.fills) : std::floor(static_cast<double>(traffic.fills) / used));
    add(level, name, "updates", counts["updates"], rounded(traffic.updates));
    add(level, name, "temporal_reductions", counts["temporal_reductions"],
        output ? rounded(traffic.reads) : 0);
    add_energy(level, name, counts["energy_total_pJ"], traffic.energy_pj, 0.0051);
  }

  /// The words that one instance of the network directly inside `level` carries for a tensor: what
  /// a memory there would serve. Where the level does not hold the tensor, we evaluate a mapping in
  /// which it does: the same words pass.
  double ingresses(LevelId level, TensorId tensor) const {
    const LevelResult& result = evaluation_.levels[level.index()];
    if (result.tensors[tensor.index()].held) {
      return ingresses(result, tensor, reduces(level));
    }
    Mapping mapping = mapping_;
    if (!add_hold(mapping, level, tensor)) {
      return 0;  // outside the tensor's outermost memory nothing moves
    }
    Architecture roomy = architecture_;
    for (Element& element : roomy.hierarchy) {
      if (auto* memory = std::get_if<Memory>(&element)) {
        memory->capacity.reset();
      }
    }
    const Evaluation passing = evaluate(problem_, roomy, mapping);
    return ingresses(passing.levels[level.index()], tensor, reduces(level));
  }

  double ingresses(const LevelResult& result, TensorId tensor, bool reduction) const {
    const TensorTraffic& traffic = result.tensors[tensor.index()];
    const bool output = problem_.at(tensor).role == TensorRole::output;
    const std::int64_t words =
        output ? traffic.updates + (reduction ? 0 : traffic.reads) : traffic.reads;
    return static_cast<double>(words) / static_cast<double>(result.instances_used);
  }

  /// S4: where a parent does not reduce, partial sums going down are counted too.
  bool reduces(LevelId level) const {
    const std::string& name = architecture_.name_of(level);
    const auto given = reductions_.find(name);
    return given != reductions_.end() ? given->second : name != "DRAM";
  }

  /// Lets `level` hold the tensor where it holds others; false where no memory outside it does.
  static bool add_hold(Mapping& mapping, LevelId level, TensorId tensor) {
    bool outside = false;
    for (Node& node : mapping.nodes) {
      if (auto* hold = std::get_if<Hold>(&node)) {
        outside |= hold->tensors.contains(tensor) && hold->memory < level;
        if (hold->memory == level && outside) {
          hold->tensors.insert(tensor);
          return true;
        }
      }
    }
    return false;
  }

  /// Hops a word over the network directly inside `level`, as Timeloop prints it, with two
  /// decimals.
  double average_hops(LevelId level, TensorId tensor) const {
    const LevelId inside(level.index() + 1);
    if (architecture_.fanout(inside) == nullptr) {
      return 0;
    }
    Architecture counting = architecture_;
    std::get<Fanout>(counting.hierarchy[inside.index()]).hop_pj = 0;
    const Evaluation evaluation = evaluate(problem_, counting, mapping_);
    const NetworkTraffic& traffic = evaluation.levels[inside.index()].network[tensor.index()];
    // Hops over links are counted apart there.
    const auto half_hops = static_cast<double>(traffic.half_hops - 2 * traffic.passed);
    return traffic.sent == 0 ? 0
                             : std::round(half_hops / static_cast<double>(traffic.sent) * 50) / 100;
  }

  void compare_network(const std::string& name, const json& network) {
    const std::string outer = name.substr(0, name.find(' '));
    const LevelId level = architecture_.find(outer).value();
    for (const auto& [tensor_name, counts] : network["tensors"].items()) {
      const TensorId tensor = problem_.find_tensor(tensor_name).value();
      add(name, tensor_name, "ingresses", counts["ingresses"], ingresses(level, tensor));
      add(name, tensor_name, "hops", counts["avg_hops"], average_hops(level, tensor));
    }
    double energy = 0;
    const LevelId inside(level.index() + 1);
    if (architecture_.fanout(inside) != nullptr) {
      energy = evaluation_.levels[inside.index()].energy_pj;
    }
    add_energy(name, "-", network["energy_total_pJ"], energy, 0.0051);
  }

  const Problem& problem_;
  const Architecture& architecture_;
  const Mapping& mapping_;
  const json& expected_;
  std::map<std::string, bool> reductions_;  ///< `reduction_supported` by level, where given
  Evaluation evaluation_;
  std::vector<Comparison> comparisons_;
};

std::string infeasibility(const Workspace& workspace, const Infeasible& infeasible) {
  return fmt::format("{}: needs {} of {}", workspace.architecture->name_of(infeasible.level),
                     infeasible.needed, infeasible.available);
}

}  // namespace

std::vector<std::string> list_cases(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_directory()) {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

namespace {

Workspace load_case(const std::filesystem::path& folder) {
  return Workspace::load(files_of(folder), {});
}

}  // namespace

std::vector<std::string> files_of(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  if (std::filesystem::exists(folder / "expected.json")) {
    const json expected = read_json(folder / "expected.json");
    for (const json& input : expected["inputs"]) {
      files.push_back((folder / input.get<std::string>()).string());
    }
    return files;
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

OracleResult execute_case(const std::filesystem::path& folder, std::int64_t most) {
  OracleResult result;
  try {
    const Workspace workspace = load_case(folder);
    const oracle::Case nest{*workspace.problem, *workspace.architecture, *workspace.mapping};
    result.skipped = oracle::execution_size(nest.mapping) > most ||
                     !evaluate(nest.problem, nest.architecture, nest.mapping).feasible();
    if (!result.skipped) {
      result.differences = oracle::compare_with_model(nest);
    }
  } catch (const SpecError&) {
    result.skipped = true;  // a refused case
  }
  return result;
}

std::string write_and_read(const std::filesystem::path& folder) {
  try {
    const Workspace workspace = load_case(folder);
    const auto read = [](const std::string& text) { return SpecDocument::parse("written", text); };
    const SpecDocument problem = read(to_yaml(*workspace.problem));
    const SpecDocument architecture = read(to_yaml(*workspace.architecture));
    const SpecDocument mapping =
        read(to_yaml(*workspace.mapping, *workspace.problem, *workspace.architecture));
    if (parse_problem(problem.root().at("problem")) != *workspace.problem) {
      return "the problem is another";
    }
    if (parse_architecture(architecture.root().at("architecture")) != *workspace.architecture) {
      return "the architecture is another";
    }
    if (parse_mapping(mapping.root().at("mapping"), *workspace.problem, *workspace.architecture) !=
        *workspace.mapping) {
      return "the mapping is another";
    }
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

CaseResult run_case(const std::filesystem::path& folder) {
  const json expected = read_json(folder / "expected.json");
  CaseResult result;
  try {
    const Workspace workspace = load_case(folder);
    const Evaluation evaluation =
        evaluate(*workspace.problem, *workspace.architecture, *workspace.mapping);
    const auto under =
        evaluation.feasible()
            ? find_underfilled(*workspace.problem, *workspace.architecture,
                               workspace.constraints.value_or(Constraints{}), evaluation)
            : std::nullopt;
    if (!evaluation.feasible()) {
      result.refused = infeasibility(workspace, evaluation.infeasible);
    } else if (under) {
      result.refused =
          fmt::format("{}: {} is less than {}", workspace.architecture->name_of(under->memory),
                      under->filled, under->needed);
    } else if (expected["valid"].get<bool>()) {
      result.comparisons =
          Comparer(workspace, expected, read_reductions(folder / "arch.yaml")).run();
    }
  } catch (const SpecError& error) {
    result.refused = error.what();
  }
  return result;
}

}  // namespace tessera::golden
