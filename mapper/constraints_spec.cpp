#include "mapper/constraints_spec.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "mapper/dataflow.hpp"
#include "mapper/name_scope.hpp"
#include "problems/problem_spec.hpp"

namespace tessera {
namespace {

/// A list, or one value for a list of one.
std::vector<SpecNode> items_of(const SpecNode& node) {
  return node.is_scalar() ? std::vector<SpecNode>{node} : node.items();
}

std::optional<TensorKind> find_kind(std::string_view name) {
  for (const TensorKind kind : kTensorKinds) {
    if (to_string(kind) == name) {
      return kind;
    }
  }
  return std::nullopt;
}

class ConstraintsReader {
 public:
  explicit ConstraintsReader(const NameScope& scope) : scope_(scope) {}

  Constraints read(const SpecNode& node) {
    for (const SpecNode::Entry& entry : node.entries()) {
      read_entry(entry);
    }
    const auto by_memory = [](const auto& a, const auto& b) { return a.memory < b.memory; };
    std::sort(constraints_.memories.begin(), constraints_.memories.end(), by_memory);
    const auto by_axis = [](const auto& a, const auto& b) { return a.axis < b.axis; };
    std::sort(constraints_.axes.begin(), constraints_.axes.end(), by_axis);
    if (dataflow_) {
      expand(*dataflow_);
    }
    check_every_tensor_has_a_memory(node);
    return std::move(constraints_);
  }

 private:
  void read_entry(const SpecNode::Entry& entry) {
    if (entry.name == "min_utilization") {
      constraints_.min_utilization = entry.value.as_number(0, 1);
      return;
    }
    if (entry.name == "dataflow") {
      dataflow_ = entry.value;
      return;
    }
    const Architecture& architecture = scope_.architecture;
    const auto level = architecture.find(entry.name);
    if (!level) {
      std::vector<std::string> known;
      for (std::size_t i = 0; i + 1 < architecture.hierarchy.size(); ++i) {
        known.push_back(architecture.name_of(LevelId(i)));
      }
      known.push_back("min_utilization");
      known.push_back("dataflow");
      entry.key.fail_unknown("memory or fanout", entry.name, known);
    }
    if (architecture.memory(*level) != nullptr) {
      read_memory(*level, entry.value);
    } else if (const Fanout* fanout = architecture.fanout(*level)) {
      read_axes(*level, *fanout, entry.value);
    } else {
      entry.key.fail(
          fmt::format("{} is the compute element; rules are for memories and fanouts", entry.name));
    }
  }

  void expand(const SpecNode& node) {
    std::vector<std::string> known;
    for (const Dataflow dataflow : kDataflows) {
      known.emplace_back(to_string(dataflow));
      if (node.as_string() == known.back()) {
        if (const auto fault =
                add_dataflow(dataflow, scope_.problem, scope_.architecture, constraints_)) {
          node.fail(*fault);
        }
        return;
      }
    }
    node.fail_unknown("dataflow", node.as_string(), known);
  }

  // -- memories -----------------------------------------------------------------------------------
  void read_memory(LevelId level, const SpecNode& node) {
    const auto keep = node.find("keep");
    const auto bypass = node.find("bypass");
    const auto loops = node.find("loops");
    const auto innermost = node.find("innermost");
    const auto min_utilization = node.find("min_utilization");
    const auto factors = node.find("factors");
    const auto order = node.find("order");
    if (node.find("only")) {
      node.at("only").fail("`only` is a key of the architecture; write `keep` and `bypass` here");
    }
    node.finish();
    MemoryConstraint rules;
    rules.memory = level;
    const Memory& memory = *scope_.architecture.memory(level);
    if (keep) {
      rules.keep = read_tensors(*keep);
      refuse_common(*keep, rules.keep, tensors_of(memory.bypass),
                    fmt::format("the architecture makes {} bypass", memory.name));
    }
    if (bypass) {
      rules.bypass = read_tensors(*bypass);
      refuse_common(*bypass, rules.bypass, rules.keep, "the rule `keep` here names");
      refuse_common(*bypass, rules.bypass, tensors_of(memory.keep),
                    fmt::format("the architecture makes {} keep", memory.name));
    }
    if (loops) {
      rules.loops = read_loops(*loops);
    }
    if (innermost) {
      for (const SpecNode& item : items_of(*innermost)) {
        rules.innermost.push_back(scope_.dimension(item, item.as_string()));
      }
    }
    if (min_utilization) {
      if (!memory.capacity) {
        min_utilization->fail(
            fmt::format("{} has no capacity of which tiles could fill a share", memory.name));
      }
      rules.min_utilization = min_utilization->as_number(0, 1);
    }
    if (factors) {
      read_factors(level, *factors);
    }
    if (order) {
      constraints_.orders.push_back({level, read_order(*order)});
    }
    MemoryConstraint none;
    none.memory = level;
    if (!(rules == none) || (!factors && !order)) {
      constraints_.memories.push_back(std::move(rules));
    }
  }

  /// A list such as `[R=1, K<=4, C>=2]`.
  void read_factors(LevelId level, const SpecNode& node) {
    for (const SpecNode& item : items_of(node)) {
      const std::string text = item.as_string();
      const std::size_t equals = text.find('=');
      const bool bounded = equals != std::string::npos && equals > 0 &&
                           (text[equals - 1] == '<' || text[equals - 1] == '>');
      const std::size_t end = bounded ? equals - 1 : equals;
      std::int64_t factor = 0;
      const char* begin = equals == std::string::npos ? nullptr : text.data() + equals + 1;
      if (begin == nullptr ||
          std::from_chars(begin, text.data() + text.size(), factor).ptr !=
              text.data() + text.size() ||
          factor < 1) {
        item.fail(fmt::format("expected a factor such as `K=4`, `K<=4` or `K>=4`, got '{}'", text));
      }
      constraints_.factors.push_back({.level = level,
                                      .dimension = scope_.dimension(item, text.substr(0, end)),
                                      .relation = !bounded           ? FactorRelation::equal
                                                  : text[end] == '<' ? FactorRelation::at_most
                                                                     : FactorRelation::at_least,
                                      .factor = factor});
    }
  }

  std::vector<DimensionId> read_order(const SpecNode& node) const {
    std::vector<DimensionId> order;
    for (const SpecNode& item : items_of(node)) {
      const DimensionId dimension = scope_.dimension(item, item.as_string());
      if (std::find(order.begin(), order.end(), dimension) != order.end()) {
        item.fail(fmt::format("{} stands in the list twice", item.as_string()));
      }
      order.push_back(dimension);
    }
    return order;
  }

  TensorSet tensors_of(KindSet kinds) const {
    TensorSet tensors;
    for (std::size_t i = 0; i < scope_.problem.tensors.size(); ++i) {
      if (kinds.contains(scope_.problem.tensors[i].kind)) {
        tensors.insert(TensorId(i));
      }
    }
    return tensors;
  }

  /// `all`, tensors by name, or all tensors of a kind.
  TensorSet read_tensors(const SpecNode& node) const {
    TensorSet tensors;
    for (const SpecNode& item : items_of(node)) {
      const std::string name = item.as_string();
      if (name == "all") {
        tensors.bits |= scope_.all_tensors().bits;
      } else if (const auto kind = find_kind(name)) {
        KindSet kinds;
        kinds.insert(*kind);
        const TensorSet found = tensors_of(kinds);
        if (found.empty()) {
          item.fail(fmt::format("no tensor of {} is of the kind {}", scope_.problem.name, name));
        }
        tensors.bits |= found.bits;
      } else {
        tensors.insert(scope_.tensor(item, name));
      }
    }
    return tensors;
  }

  /// `why` ends before the name of the tensor.
  void refuse_common(const SpecNode& node, TensorSet mine, TensorSet others,
                     const std::string& why) const {
    for (std::size_t i = 0; i < scope_.problem.tensors.size(); ++i) {
      if (mine.contains(TensorId(i)) && others.contains(TensorId(i))) {
        node.fail(fmt::format("{} {}; no mapping can keep and bypass it", why,
                              scope_.problem.tensors[i].name));
      }
    }
  }

  std::vector<std::pair<DimensionId, std::int64_t>> read_loops(const SpecNode& node) const {
    std::vector<std::pair<DimensionId, std::int64_t>> loops;
    for (const SpecNode::Entry& entry : node.entries()) {
      const DimensionId dimension = scope_.dimension(entry.key, entry.name);
      const std::int64_t product = entry.value.as_integer(1, 2 * kMaxDimensionBound);
      const std::int64_t bound = scope_.problem.at(dimension).bound;
      // No bound can be lowered, so the product of any loops of a dimension stays below twice its
      // bound.
      if (product >= 2 * bound) {
        entry.value.fail(fmt::format("{} has bound {}, so its loops never multiply to {}",
                                     entry.name, bound, product));
      }
      loops.emplace_back(dimension, product);
    }
    return loops;
  }

  // -- fanouts ------------------------------------------------------------------------------------
  void read_axes(LevelId level, const Fanout& fanout, const SpecNode& node) {
    for (const SpecNode::Entry& entry : node.entries()) {
      if (entry.name == "factors") {
        read_factors(level, entry.value);
        continue;
      }
      std::vector<std::string> known;
      std::optional<std::size_t> axis;
      for (std::size_t i = 0; i < fanout.axes.size(); ++i) {
        known.push_back(fanout.axes[i].name);
        axis = fanout.axes[i].name == entry.name ? std::optional(i) : axis;
      }
      if (!axis) {
        entry.key.fail_unknown(fmt::format("axis of {}", fanout.name), entry.name, known);
      }
      constraints_.axes.push_back(
          {{level, static_cast<std::uint8_t>(*axis)}, read_allowed(entry.value)});
    }
  }

  DimensionSet read_allowed(const SpecNode& node) const {
    DimensionSet allowed;
    if (node.is_map()) {
      const TensorSet reused = read_tensors(node.at("reuse"));
      node.finish();
      for (std::size_t i = 0; i < scope_.problem.dimensions.size(); ++i) {
        allowed.insert(DimensionId(i));
      }
      for (std::size_t i = 0; i < scope_.problem.tensors.size(); ++i) {
        if (reused.contains(TensorId(i))) {
          allowed.bits &= ~relevant_dimensions(scope_.problem, TensorId(i)).bits;
        }
      }
      return allowed;
    }
    for (const SpecNode& item : items_of(node)) {
      const DimensionId dimension = scope_.dimension(item, item.as_string());
      if (allowed.contains(dimension)) {
        item.fail(fmt::format("{} stands in the list twice", item.as_string()));
      }
      allowed.insert(dimension);
    }
    return allowed;
  }

  // -- the whole ----------------------------------------------------------------------------------
  void check_every_tensor_has_a_memory(const SpecNode& node) const {
    TensorSet homeless = scope_.all_tensors();
    for (std::size_t i = 0; i < scope_.architecture.hierarchy.size(); ++i) {
      if (const Memory* memory = scope_.architecture.memory(LevelId(i))) {
        TensorSet bypass = tensors_of(memory->bypass);
        for (const MemoryConstraint& rules : constraints_.memories) {
          bypass.bits |= rules.memory == LevelId(i) ? rules.bypass.bits : 0;
        }
        homeless.bits &= bypass.bits;
      }
    }
    if (!homeless.empty()) {
      node.fail(
          fmt::format("no memory may hold {}: by these rules and the architecture's own, "
                      "all of them bypass it",
                      scope_.tensor_names(homeless, " or ")));
    }
  }

  const NameScope& scope_;
  Constraints constraints_;
  std::optional<SpecNode> dataflow_;
};

}  // namespace

Constraints parse_constraints(const SpecNode& node, const Problem& problem,
                              const Architecture& architecture) {
  const NameScope scope{problem, architecture};
  return ConstraintsReader(scope).read(node);
}

}  // namespace tessera
