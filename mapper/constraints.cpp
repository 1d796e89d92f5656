// The rules, read off the node list as they are stated and with nothing of the enumerator's
// cleverness: what the search returns is checked by this.

#include "mapper/constraints.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tessera {
namespace {

using Violation = std::optional<std::string>;

/// The index of the node where `memory` takes in `tensor`, if it does.
std::optional<std::size_t> hold_of(const Mapping& mapping, LevelId memory, TensorId tensor) {
  for (std::size_t i = 0; i < mapping.nodes.size(); ++i) {
    const auto* hold = std::get_if<Hold>(&mapping.nodes[i]);
    if (hold != nullptr && hold->memory == memory && hold->tensors.contains(tensor)) {
      return i;
    }
  }
  return std::nullopt;
}

/// The temporal loops from the hold at `begin` to the next hold of `tensor`, or to the compute
/// units.
std::vector<Loop> loops_below(const Mapping& mapping, std::size_t begin, TensorId tensor) {
  std::vector<Loop> loops;
  for (std::size_t i = begin + 1; i < mapping.nodes.size(); ++i) {
    if (const auto* loop = std::get_if<Loop>(&mapping.nodes[i])) {
      if (!loop->axis) {
        loops.push_back(*loop);
      }
    } else if (std::get<Hold>(mapping.nodes[i]).tensors.contains(tensor)) {
      break;
    }
  }
  return loops;
}

Violation check_architecture_holds(const Problem& problem, const Architecture& architecture,
                                   const Mapping& mapping) {
  for (std::size_t level = 0; level < architecture.hierarchy.size(); ++level) {
    const Memory* memory = architecture.memory(LevelId(level));
    if (memory == nullptr) {
      continue;
    }
    for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
      const Tensor& tensor = problem.tensors[i];
      const bool held = hold_of(mapping, LevelId(level), TensorId(i)).has_value();
      if (!held && memory->keep.contains(tensor.kind)) {
        return fmt::format("{} does not hold {}, and the architecture makes it keep {}",
                           memory->name, tensor.name, to_string(tensor.kind));
      }
      if (held && memory->bypass.contains(tensor.kind)) {
        return fmt::format("{} holds {}, and the architecture makes it bypass {}", memory->name,
                           tensor.name, to_string(tensor.kind));
      }
    }
  }
  return std::nullopt;
}

/// A spatial loop against the architecture's `reuse` of its axis.
Violation check_reuse(const Problem& problem, const Architecture& architecture, const Loop& loop) {
  const Fanout& fanout = *architecture.fanout(loop.axis->fanout);
  const Axis& axis = fanout.axes[loop.axis->axis];
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    const Tensor& tensor = problem.tensors[i];
    if (axis.reuse.contains(tensor.kind) &&
        relevant_dimensions(problem, TensorId(i)).contains(loop.dimension)) {
      return fmt::format(
          "{} lies on {}.{}, which the architecture keeps for the reuse of {}, and "
          "{} depends on {}",
          problem.at(loop.dimension).name, fanout.name, axis.name, to_string(tensor.kind),
          tensor.name, problem.at(loop.dimension).name);
    }
  }
  return std::nullopt;
}

Violation check_allowed(const Problem& problem, const Architecture& architecture,
                        const AxisConstraint& rule, const Loop& loop) {
  if (rule.axis != *loop.axis || rule.allowed.contains(loop.dimension)) {
    return std::nullopt;
  }
  std::vector<std::string_view> allowed;
  for (std::size_t i = 0; i < problem.dimensions.size(); ++i) {
    if (rule.allowed.contains(DimensionId(i))) {
      allowed.push_back(problem.dimensions[i].name);
    }
  }
  const Fanout& fanout = *architecture.fanout(rule.axis.fanout);
  const std::string what =
      allowed.empty() ? "nothing" : fmt::format("{} only", fmt::join(allowed, ", "));
  return fmt::format("{} lies on {}.{}, where the constraints allow {}",
                     problem.at(loop.dimension).name, fanout.name, fanout.axes[rule.axis.axis].name,
                     what);
}

Violation check_axes(const Problem& problem, const Architecture& architecture,
                     const Constraints& constraints, const Mapping& mapping) {
  for (const Node& node : mapping.nodes) {
    const auto* loop = std::get_if<Loop>(&node);
    if (loop == nullptr || !loop->axis) {
      continue;
    }
    if (auto violation = check_reuse(problem, architecture, *loop)) {
      return violation;
    }
    for (const AxisConstraint& rule : constraints.axes) {
      if (auto violation = check_allowed(problem, architecture, rule, *loop)) {
        return violation;
      }
    }
  }
  return std::nullopt;
}

/// Where a rule on loops was broken, for messages: "below the hold of Inputs in GlobalBuffer".
std::string below(const std::string& memory, const std::string& tensor) {
  return fmt::format("below the hold of {} in {}", tensor, memory);
}

Violation check_products(const Problem& problem, const MemoryConstraint& rules,
                         const std::vector<Loop>& loops, const std::string& where) {
  for (const auto& [dimension, wanted] : rules.loops) {
    std::int64_t product = 1;
    for (const Loop& loop : loops) {
      product *= loop.dimension == dimension ? loop.bound : 1;
    }
    if (product != wanted) {
      return fmt::format("the loops over {} {} multiply to {}, and the constraints demand {}",
                         problem.at(dimension).name, where, product, wanted);
    }
  }
  return std::nullopt;
}

Violation check_innermost(const Problem& problem, const MemoryConstraint& rules,
                          const std::vector<Loop>& loops, const std::string& where) {
  const std::size_t count = std::min(loops.size(), rules.innermost.size());
  for (std::size_t i = 1; i <= count; ++i) {
    const DimensionId found = loops[loops.size() - i].dimension;
    const DimensionId wanted = rules.innermost[rules.innermost.size() - i];
    if (found != wanted) {
      const std::string place =
          i == 1 ? "the innermost loop" : fmt::format("loop {} from the inside", i);
      return fmt::format("{} {} is over {}, and the constraints demand {}", place, where,
                         problem.at(found).name, problem.at(wanted).name);
    }
  }
  return std::nullopt;
}

Violation check_memory(const Problem& problem, const Architecture& architecture,
                       const MemoryConstraint& rules, const Mapping& mapping) {
  const std::string& name = architecture.name_of(rules.memory);
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    const TensorId tensor(i);
    const std::string& tensor_name = problem.at(tensor).name;
    const auto hold = hold_of(mapping, rules.memory, tensor);
    if (!hold && rules.keep.contains(tensor)) {
      return fmt::format("{} does not hold {}, and the constraints make it keep {}", name,
                         tensor_name, tensor_name);
    }
    if (hold && rules.bypass.contains(tensor)) {
      return fmt::format("{} holds {}, and the constraints make it bypass {}", name, tensor_name,
                         tensor_name);
    }
    if (!hold) {
      continue;
    }
    const std::vector<Loop> loops = loops_below(mapping, *hold, tensor);
    const std::string where = below(name, tensor_name);
    if (auto violation = check_products(problem, rules, loops, where)) {
      return violation;
    }
    if (auto violation = check_innermost(problem, rules, loops, where)) {
      return violation;
    }
  }
  return std::nullopt;
}

/// The temporal loops from the last hold of `memory` to the next hold of another one.
std::vector<Loop> block_of(const Mapping& mapping, LevelId memory) {
  std::vector<Loop> loops;
  bool inside = false;
  for (const Node& node : mapping.nodes) {
    if (const auto* hold = std::get_if<Hold>(&node)) {
      inside = hold->memory == memory;
      if (inside) {
        loops.clear();
      }
    } else if (const Loop& loop = std::get<Loop>(node); inside && !loop.axis) {
      loops.push_back(loop);
    }
  }
  return loops;
}

std::vector<Loop> spatial_loops(const Mapping& mapping, LevelId fanout) {
  std::vector<Loop> loops;
  for (const Node& node : mapping.nodes) {
    const auto* loop = std::get_if<Loop>(&node);
    if (loop != nullptr && loop->axis && loop->axis->fanout == fanout) {
      loops.push_back(*loop);
    }
  }
  return loops;
}

std::string_view relation_text(FactorRelation relation) {
  switch (relation) {
    case FactorRelation::equal:
      return "";
    case FactorRelation::at_most:
      return "at most ";
    case FactorRelation::at_least:
      return "at least ";
  }
  return "";
}

Violation check_factor(const Problem& problem, const Architecture& architecture,
                       const FactorConstraint& rule, const Mapping& mapping) {
  const bool spatial = architecture.fanout(rule.level) != nullptr;
  std::int64_t product = 1;
  for (const Loop& loop :
       spatial ? spatial_loops(mapping, rule.level) : block_of(mapping, rule.level)) {
    product *= loop.dimension == rule.dimension ? loop.bound : 1;
  }
  const bool met = rule.relation == FactorRelation::equal     ? product == rule.factor
                   : rule.relation == FactorRelation::at_most ? product <= rule.factor
                                                              : product >= rule.factor;
  if (met) {
    return std::nullopt;
  }
  return fmt::format("the {} loops over {} at {} multiply to {}, and the constraints demand {}{}",
                     spatial ? "spatial" : "temporal", problem.at(rule.dimension).name,
                     architecture.name_of(rule.level), product, relation_text(rule.relation),
                     rule.factor);
}

Violation check_order(const Problem& problem, const Architecture& architecture,
                      const OrderConstraint& rule, const Mapping& mapping) {
  std::optional<DimensionId> outer;  // the last loop passed, and whether it is listed
  std::size_t reached = 0;
  bool listed = false;
  for (const Loop& loop : block_of(mapping, rule.memory)) {
    const auto place = std::find(rule.order.begin(), rule.order.end(), loop.dimension);
    const auto index = static_cast<std::size_t>(place - rule.order.begin());
    const bool is_listed = place != rule.order.end();
    if ((listed && !is_listed) || (is_listed && listed && index < reached)) {
      return fmt::format(
          "at {} the loop over {} stands inside the one over {}, and the constraints "
          "demand the opposite",
          architecture.name_of(rule.memory), problem.at(loop.dimension).name,
          problem.at(*outer).name);
    }
    outer = loop.dimension;
    reached = is_listed ? index : reached;
    listed = listed || is_listed;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_violation(const Problem& problem, const Architecture& architecture,
                                          const Constraints& constraints, const Mapping& mapping) {
  if (auto violation = check_architecture_holds(problem, architecture, mapping)) {
    return violation;
  }
  if (auto violation = check_axes(problem, architecture, constraints, mapping)) {
    return violation;
  }
  for (const MemoryConstraint& rules : constraints.memories) {
    if (auto violation = check_memory(problem, architecture, rules, mapping)) {
      return violation;
    }
  }
  for (const FactorConstraint& rule : constraints.factors) {
    if (auto violation = check_factor(problem, architecture, rule, mapping)) {
      return violation;
    }
  }
  for (const OrderConstraint& rule : constraints.orders) {
    if (auto violation = check_order(problem, architecture, rule, mapping)) {
      return violation;
    }
  }
  return std::nullopt;
}

}  // namespace tessera
