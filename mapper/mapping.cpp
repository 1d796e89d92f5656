#include "mapper/mapping.hpp"

#include <limits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tessera {
namespace {

/// Products of bounds are only compared with dimensions' bounds, so they may stop at the largest
/// value.
std::int64_t saturating_product(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::int64_t>::max()
                                                : product;
}

std::optional<std::string> fault_of(const Problem& problem, const Architecture& architecture,
                                    const Hold& hold) {
  if (hold.memory.index() >= architecture.hierarchy.size()) {
    return "a hold names an element that the architecture does not have";
  }
  const std::string& name = architecture.name_of(hold.memory);
  if (architecture.memory(hold.memory) == nullptr) {
    return fmt::format("{} is no memory and holds nothing", name);
  }
  if (hold.tensors.empty()) {
    return fmt::format("{} holds no tensor here; name some, or remove the hold", name);
  }
  if (hold.tensors.bits >> problem.tensors.size() != 0) {
    return fmt::format("{} holds a tensor that the problem does not have", name);
  }
  return std::nullopt;
}

std::optional<std::string> fault_of(const Problem& problem, const Architecture& architecture,
                                    const Loop& loop) {
  if (loop.dimension.index() >= problem.dimensions.size()) {
    return "a loop is over a dimension that the problem does not have";
  }
  const std::string& name = problem.at(loop.dimension).name;
  if (loop.bound < 2) {
    return fmt::format("expected a loop over {} of bound 2 or more, got {}", name, loop.bound);
  }
  if (!loop.axis) {
    return std::nullopt;
  }
  if (loop.axis->fanout.index() >= architecture.hierarchy.size()) {
    return fmt::format("the loop over {} is on an element that the architecture does not have",
                       name);
  }
  const Fanout* fanout = architecture.fanout(loop.axis->fanout);
  if (fanout == nullptr) {
    return fmt::format("the loop over {} is on {}, which is no fanout", name,
                       architecture.name_of(loop.axis->fanout));
  }
  if (loop.axis->axis >= fanout->axes.size()) {
    return fmt::format("the loop over {} is on an axis that {} does not have", name, fanout->name);
  }
  return std::nullopt;
}

/// Rules that a node breaks by itself.
std::optional<MappingFault> check_nodes(const Problem& problem, const Architecture& architecture,
                                        const Mapping& mapping) {
  std::size_t loops = 0;
  for (std::size_t i = 0; i < mapping.nodes.size(); ++i) {
    const auto message = std::visit(
        [&](const auto& node) { return fault_of(problem, architecture, node); }, mapping.nodes[i]);
    if (message) {
      return MappingFault{i, *message};
    }
    loops += std::holds_alternative<Loop>(mapping.nodes[i]) ? 1 : 0;
    if (loops > kMaxLoops) {
      return MappingFault{i, fmt::format("more than {} loops", kMaxLoops)};
    }
  }
  return std::nullopt;
}

std::string loop_text(const Problem& problem, const Loop& loop) {
  return fmt::format("{}={}", problem.at(loop.dimension).name, loop.bound);
}

/// Where each tensor is held while the nodes are walked inward.
class HoldOrder {
 public:
  HoldOrder(const Problem& problem, const Architecture& architecture)
      : problem_(problem), architecture_(architecture), innermost_(problem.tensors.size()) {}

  void pass(const Loop& loop) { first_loop_ = first_loop_ ? first_loop_ : &loop; }

  std::optional<std::string> pass(const Hold& hold) {
    for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
      if (hold.tensors.contains(TensorId(i))) {
        if (auto message = pass(hold.memory, TensorId(i))) {
          return message;
        }
      }
    }
    return std::nullopt;
  }

  /// Once all nodes are passed.
  std::optional<std::string> missing() const {
    for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
      if (!innermost_[i]) {
        return fmt::format("no memory holds {}; its outermost hold must stand before all loops",
                           problem_.tensors[i].name);
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<std::string> pass(LevelId memory, TensorId tensor) {
    std::optional<LevelId>& outer = innermost_[tensor.index()];
    const std::string& tensor_name = problem_.at(tensor).name;
    const std::string& name = architecture_.name_of(memory);
    if (!outer && first_loop_ != nullptr) {
      return fmt::format(
          "{} is first held by {}, after the loop {}; a tensor's outermost hold must stand before "
          "all loops",
          tensor_name, name, loop_text(problem_, *first_loop_));
    }
    if (outer == memory) {
      return fmt::format("{} is held by {} twice", tensor_name, name);
    }
    if (outer && memory < *outer) {
      return fmt::format("{} is held by {} before {}, which is outside it in the hierarchy",
                         tensor_name, architecture_.name_of(*outer), name);
    }
    outer = memory;
    return std::nullopt;
  }

  const Problem& problem_;
  const Architecture& architecture_;
  std::vector<std::optional<LevelId>> innermost_;  ///< by tensor
  const Loop* first_loop_ = nullptr;
};

std::optional<MappingFault> check_holds(const Problem& problem, const Architecture& architecture,
                                        const Mapping& mapping) {
  HoldOrder order(problem, architecture);
  for (std::size_t i = 0; i < mapping.nodes.size(); ++i) {
    if (const auto* loop = std::get_if<Loop>(&mapping.nodes[i])) {
      order.pass(*loop);
    } else if (const auto message = order.pass(std::get<Hold>(mapping.nodes[i]))) {
      return MappingFault{i, *message};
    }
  }
  if (const auto message = order.missing()) {
    return MappingFault{mapping.nodes.size(), *message};
  }
  return std::nullopt;
}

struct PlacedLoop {
  std::size_t node;
  std::int64_t bound;
};

std::string too_short(const Dimension& dimension, const std::vector<PlacedLoop>& loops,
                      std::int64_t product) {
  if (loops.empty()) {
    return fmt::format("no loop runs over {}; add loops whose bounds multiply to its bound, {}",
                       dimension.name, dimension.bound);
  }
  return fmt::format("{} is covered only up to {} of {}: its loops' bounds multiply to {}",
                     dimension.name, product, dimension.bound, product);
}

std::string too_long(const Dimension& dimension, std::vector<PlacedLoop> loops, std::size_t which,
                     std::int64_t enough) {
  if (dimension.bound == 1) {
    return fmt::format("{} has bound 1 and needs no loop; remove this one", dimension.name);
  }
  const std::int64_t bound = loops[which].bound;
  if (loops.size() == 1) {
    return fmt::format("bound {} of {} can be lowered to {}: that is all of {}", bound,
                       dimension.name, enough, dimension.name);
  }
  loops[which].bound = enough;
  std::vector<std::int64_t> factors;
  for (const PlacedLoop& loop : loops) {
    if (loop.bound > 1) {
      factors.push_back(loop.bound);
    }
  }
  const std::string rest =
      fmt::format("{} covers {} already", fmt::join(factors, " x "), dimension.bound);
  return enough == 1 ? fmt::format("the loop of bound {} over {} is not needed: {}", bound,
                                   dimension.name, rest)
                     : fmt::format("bound {} of {} can be lowered to {}: {}", bound, dimension.name,
                                   enough, rest);
}

/// The least bound of `loops[which]` that still covers `dimension`.
std::int64_t enough_bound(const Dimension& dimension, const std::vector<PlacedLoop>& loops,
                          std::size_t which) {
  std::int64_t others = 1;
  for (std::size_t i = 0; i < loops.size(); ++i) {
    others = i == which ? others : saturating_product(others, loops[i].bound);
  }
  return (dimension.bound - 1) / others + 1;
}

/// The product of bounds covers the dimension, and no bound can be lowered by one without losing
/// that.
std::optional<MappingFault> check_coverage(const Dimension& dimension,
                                           const std::vector<PlacedLoop>& loops,
                                           std::size_t node_count) {
  std::int64_t product = 1;
  for (const PlacedLoop& loop : loops) {
    product = saturating_product(product, loop.bound);
  }
  if (product < dimension.bound) {
    return MappingFault{loops.empty() ? node_count : loops.back().node,
                        too_short(dimension, loops, product)};
  }
  // Of several bounds that can be lowered, show a loop that can go, else the largest bound.
  std::optional<std::size_t> worst;
  bool worst_can_go = false;
  for (std::size_t i = 0; i < loops.size(); ++i) {
    const std::int64_t enough = enough_bound(dimension, loops, i);
    const bool can_go = enough == 1;
    if (enough < loops[i].bound && (!worst || std::pair(can_go, loops[i].bound) >
                                                  std::pair(worst_can_go, loops[*worst].bound))) {
      worst = i;
      worst_can_go = can_go;
    }
  }
  if (worst) {
    return MappingFault{loops[*worst].node,
                        too_long(dimension, loops, *worst, enough_bound(dimension, loops, *worst))};
  }
  return std::nullopt;
}

std::optional<MappingFault> check_loops(const Problem& problem, const Mapping& mapping) {
  std::vector<std::vector<PlacedLoop>> loops(problem.dimensions.size());
  for (std::size_t i = 0; i < mapping.nodes.size(); ++i) {
    if (const auto* loop = std::get_if<Loop>(&mapping.nodes[i])) {
      loops[loop->dimension.index()].push_back({i, loop->bound});
    }
  }
  for (std::size_t i = 0; i < problem.dimensions.size(); ++i) {
    if (auto fault = check_coverage(problem.dimensions[i], loops[i], mapping.nodes.size())) {
      return fault;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<MappingFault> validate(const Problem& problem, const Architecture& architecture,
                                     const Mapping& mapping) {
  if (auto fault = check_nodes(problem, architecture, mapping)) {
    return fault;
  }
  if (auto fault = check_holds(problem, architecture, mapping)) {
    return fault;
  }
  return check_loops(problem, mapping);
}

}  // namespace tessera
