#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mapper/constraints_spec.hpp"
#include "mapper/name_scope.hpp"

namespace tessera {
namespace {

std::string dimensions_text(const Problem& problem, const std::vector<DimensionId>& dimensions) {
  std::vector<std::string_view> names;
  for (const DimensionId dimension : dimensions) {
    names.push_back(problem.at(dimension).name);
  }
  return fmt::format("[{}]", fmt::join(names, ", "));
}

/// `factors: [R=1, K<=4]` of one level, as an entry of its map; empty if it has none.
std::vector<std::string> factors_entry(const NameScope& scope, const Constraints& constraints,
                                       LevelId level) {
  std::vector<std::string> factors;
  for (const FactorConstraint& rule : constraints.factors) {
    if (rule.level == level) {
      const std::string_view sign = rule.relation == FactorRelation::equal     ? "="
                                    : rule.relation == FactorRelation::at_most ? "<="
                                                                               : ">=";
      factors.push_back(
          fmt::format("{}{}{}", scope.problem.at(rule.dimension).name, sign, rule.factor));
    }
  }
  if (factors.empty()) {
    return {};
  }
  return {fmt::format("factors: [{}]", fmt::join(factors, ", "))};
}

std::vector<std::string> memory_entries(const NameScope& scope, const MemoryConstraint& rules) {
  std::vector<std::string> entries;
  if (!rules.keep.empty()) {
    entries.push_back(fmt::format("keep: [{}]", scope.tensor_names(rules.keep, ", ")));
  }
  if (!rules.bypass.empty()) {
    entries.push_back(fmt::format("bypass: [{}]", scope.tensor_names(rules.bypass, ", ")));
  }
  if (!rules.loops.empty()) {
    std::vector<std::string> loops;
    for (const auto& [dimension, product] : rules.loops) {
      loops.push_back(fmt::format("{}: {}", scope.problem.at(dimension).name, product));
    }
    entries.push_back(fmt::format("loops: {{{}}}", fmt::join(loops, ", ")));
  }
  if (!rules.innermost.empty()) {
    entries.push_back("innermost: " + dimensions_text(scope.problem, rules.innermost));
  }
  if (rules.min_utilization != 0) {
    entries.push_back(fmt::format("min_utilization: {}", rules.min_utilization));
  }
  return entries;
}

/// All rules of one memory; empty if there are none. Rules that say nothing are written as `{}`.
std::string memory_text(const NameScope& scope, const Constraints& constraints, LevelId level) {
  std::vector<std::string> entries;
  bool any = false;
  for (const MemoryConstraint& rules : constraints.memories) {
    if (rules.memory == level) {
      entries = memory_entries(scope, rules);
      any = true;
    }
  }
  for (const std::string& entry : factors_entry(scope, constraints, level)) {
    entries.push_back(entry);
  }
  for (const OrderConstraint& rule : constraints.orders) {
    if (rule.memory == level) {
      entries.push_back("order: " + dimensions_text(scope.problem, rule.order));
    }
  }
  return any || !entries.empty() ? fmt::format("{{{}}}", fmt::join(entries, ", ")) : "";
}

/// The rules of one fanout's axes; empty if it has none.
std::string axes_text(const NameScope& scope, const Constraints& constraints, LevelId level) {
  std::vector<std::string> axes = factors_entry(scope, constraints, level);
  for (const AxisConstraint& rule : constraints.axes) {
    if (rule.axis.fanout != level) {
      continue;
    }
    std::vector<DimensionId> allowed;
    for (std::size_t i = 0; i < scope.problem.dimensions.size(); ++i) {
      if (rule.allowed.contains(DimensionId(i))) {
        allowed.push_back(DimensionId(i));
      }
    }
    axes.push_back(fmt::format("{}: {}",
                               scope.architecture.fanout(level)->axes[rule.axis.axis].name,
                               dimensions_text(scope.problem, allowed)));
  }
  return axes.empty() ? "" : fmt::format("{{{}}}", fmt::join(axes, ", "));
}

}  // namespace

std::string to_yaml(const Constraints& constraints, const Problem& problem,
                    const Architecture& architecture) {
  const NameScope scope{problem, architecture};
  std::string text;
  for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
    const LevelId level(i);
    const std::string& name = architecture.name_of(level);
    if (architecture.memory(level) != nullptr) {
      const std::string rules = memory_text(scope, constraints, level);
      text += rules.empty() ? "" : fmt::format("  {}: {}\n", name, rules);
      continue;
    }
    if (const std::string axes = axes_text(scope, constraints, level); !axes.empty()) {
      text += fmt::format("  {}: {}\n", name, axes);
    }
  }
  if (constraints.min_utilization != 0) {
    text += fmt::format("  min_utilization: {}\n", constraints.min_utilization);
  }
  return text.empty() ? "constraints: {}\n" : "constraints:\n" + text;
}

}  // namespace tessera
