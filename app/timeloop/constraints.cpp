#include "app/timeloop/constraints.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/timeloop/reading.hpp"

namespace tessera {
namespace {

DimensionSet all_dimensions(const Problem& problem) {
  DimensionSet all;
  for (std::size_t i = 0; i < problem.dimensions.size(); ++i) {
    all.insert(DimensionId(i));
  }
  return all;
}

DimensionSet set_of(const std::vector<DimensionId>& dimensions) {
  DimensionSet set;
  for (const DimensionId dimension : dimensions) {
    set.insert(dimension);
  }
  return set;
}

}  // namespace

bool is_timeloop_constraints(const SpecNode& constraints) {
  return constraints.is_sequence() || constraints.has("targets");
}

bool holds_timeloop_constraints(const SpecNode& section) {
  return section.is_sequence() ||
         (section.is_map() && (section.has("targets") || section.has("constraints")));
}

void TimeloopConstraintsReader::read_section(const SpecNode& section) {
  if (section.is_null()) {
    return;
  }
  if (section.is_map()) {
    if (const auto version = section.find("version")) {
      check_version(*version);
    }
    section.find("template");  // of the mapspace, which sections.cpp speaks of
    const auto constraints = section.find("constraints");
    const SpecNode targets = constraints ? *constraints : section.at("targets");
    section.finish();
    if (!targets.is_null()) {
      read_section(targets);
    }
    return;
  }
  for (const SpecNode& directive : section.items()) {
    read_directive(directive);
  }
}

void TimeloopConstraintsReader::read_directive(const SpecNode& node) {
  const auto name = node.find("name");  // an older spelling
  const TimeloopTarget target =
      parse_target(name && !node.has("target") ? *name : node.at("target"), architecture_);
  if (const auto rules = node.find("constraints")) {
    node.finish();
    for (const SpecNode& rule : rules->items()) {
      read_rule(rule, target);
    }
    return;
  }
  read_rule(node, target);
}

void TimeloopConstraintsReader::read_rule(const SpecNode& node, const TimeloopTarget& target) {
  const SpecNode type = node.at("type");
  const auto attributes = node.find("attributes");  // an older spelling
  const SpecNode rule = attributes ? *attributes : node;
  switch (parse_type(type)) {
    case DirectiveType::temporal:
      read_temporal(rule, target.level);
      break;
    case DirectiveType::spatial:
      read_spatial(rule, fanout_of(target, architecture_));
      break;
    case DirectiveType::dataspace:
      read_dataspace(rule, target.level, false);
      break;
    case DirectiveType::utilization:
      type.fail(
          "a demand on the utilization is not read; write `min_utilization` in constraints of our "
          "own format");
    case DirectiveType::other:
      type.fail(fmt::format("constraints of type {} are not supported", type.as_string()));
  }
  rule.finish();
  node.finish();
}

void TimeloopConstraintsReader::read_inline(const std::vector<TimeloopInlineConstraints>& all) {
  for (const TimeloopInlineConstraints& each : all) {
    const auto temporal = each.node.find("temporal");
    const auto spatial = each.node.find("spatial");
    const auto dataspace = each.node.find("dataspace");
    each.node.finish();
    const auto memory = architecture_.find(each.target);
    const auto fanout = architecture_.find("inter_" + each.target + "_spatial");
    const auto here = [&](const SpecNode& node) {
      if (!memory || memory->index() + 1 == architecture_.hierarchy.size()) {
        node.fail(fmt::format(
            "{} is neither a memory nor a fanout, so there is nothing to constrain", each.target));
      }
      return *memory;
    };
    if (temporal && !temporal->is_null()) {
      read_temporal(*temporal, here(*temporal));
      temporal->finish();
    }
    if (spatial && !spatial->is_null()) {
      const LevelId level = fanout ? *fanout : here(*spatial);
      if (architecture_.fanout(level) == nullptr) {
        spatial->fail(fmt::format("there is one {} only, so nothing is spatial here", each.target));
      }
      read_spatial(*spatial, level);
      spatial->finish();
    }
    if (dataspace && !dataspace->is_null()) {
      read_dataspace(*dataspace, here(*dataspace), each.parallel);
      dataspace->finish();
    }
  }
}

void TimeloopConstraintsReader::note_switch(const SpecNode& node, std::string_view key) {
  const auto value = find_key(node, key);
  if (value && !parse_tensors(*value, problem_).empty()) {
    add_note(notes_, *value,
             fmt::format("`{}` changes how Timeloop counts, not what the loops do", key));
  }
}

void TimeloopConstraintsReader::read_temporal(const SpecNode& node, LevelId level) {
  const bool dummy = architecture_.fanout(level) != nullptr;
  if (const auto list = node.find("factors")) {
    for (const TimeloopFactor& factor : parse_factors(*list, problem_)) {
      if (factor.last != factor.bound) {
        factor.fail("a constraint with a remainder is not supported");
      }
      if (dummy && factor.bound > 1 && factor.relation != FactorRelation::at_most) {
        factor.fail("expected the factor 1: a fanout holds nothing between temporal loops");
      }
      if (!dummy) {
        constraints_.factors.push_back({.level = level,
                                        .dimension = factor.dimension,
                                        .relation = factor.relation,
                                        .factor = factor.bound});
      }
    }
  }
  if (const auto list = node.find("permutation")) {
    std::vector<DimensionId> order = parse_permutation(*list, problem_);
    std::reverse(order.begin(), order.end());
    if (!dummy && !order.empty()) {
      constraints_.orders.push_back({.memory = level, .order = std::move(order)});
    }
  }
  for (const std::string_view key :
       {"no_reuse", "no_temporal_reuse", "rmw_first_update", "rmw_on_first_writeback"}) {
    note_switch(node, key);
  }
}

void TimeloopConstraintsReader::read_spatial(const SpecNode& node, LevelId fanout) {
  const auto permutation = node.find("permutation");
  const auto split = node.find("split");
  const std::vector<DimensionId> order =
      permutation ? parse_permutation(*permutation, problem_) : std::vector<DimensionId>{};
  DimensionSet on_x = all_dimensions(problem_);
  DimensionSet on_y = on_x;
  if (split && !split->is_null()) {
    // The first ones of the permutation lie on X, the rest on Y; where dimensions that it leaves
    // out lie follows only if those listed fill X.
    const auto count = static_cast<std::size_t>(as_whole(*split, 0, INT32_MAX));
    const std::size_t listed = std::min(count, order.size());
    const DimensionSet first =
        set_of({order.begin(), order.begin() + static_cast<std::ptrdiff_t>(listed)});
    const DimensionSet rest{set_of(order).bits & ~first.bits};
    on_y.bits &= ~first.bits;
    on_x.bits = listed == count ? first.bits : on_x.bits & ~rest.bits;
  }
  if (const auto list = node.find("factors")) {
    for (const TimeloopFactor& factor : parse_factors(*list, problem_)) {
      if (factor.last != factor.bound) {
        factor.fail("a constraint with a remainder is not supported");
      }
      if (factor.bound == 1 && factor.relation != FactorRelation::at_least) {
        on_x.erase(factor.dimension);
        on_y.erase(factor.dimension);
      } else {
        constraints_.factors.push_back({.level = fanout,
                                        .dimension = factor.dimension,
                                        .relation = factor.relation,
                                        .factor = factor.bound});
      }
    }
  }
  for (const bool y : {false, true}) {
    const DimensionSet allowed = y ? on_y : on_x;
    const auto axis = axis_of(fanout, y, architecture_);
    if (axis && allowed != all_dimensions(problem_)) {
      allow(*axis, allowed);
    }
  }
  for (const std::string_view key : {"no_reuse", "no_multicast_no_reduction"}) {
    if (const auto list = find_key(node, key)) {
      forbid_sharing(*list, problem_, std::get<Fanout>(architecture_.hierarchy[fanout.index()]));
    }
  }
  if (const auto list = find_key(node, "no_link_transfer")) {
    parse_tensors(*list, problem_);
  }
}

void TimeloopConstraintsReader::allow(AxisRef axis, DimensionSet dimensions) {
  for (AxisConstraint& rule : constraints_.axes) {
    if (rule.axis == axis) {
      rule.allowed.bits &= dimensions.bits;
      return;
    }
  }
  constraints_.axes.push_back({axis, dimensions});
}

void TimeloopConstraintsReader::read_dataspace(const SpecNode& node, LevelId level,
                                               bool others_bypass) {
  const auto keep_node = node.find("keep");
  const auto bypass_node = node.find("bypass");
  note_switch(node, "no_coalesce");
  const TensorSet keep = keep_node ? parse_tensors(*keep_node, problem_) : TensorSet{};
  TensorSet bypass = bypass_node ? parse_tensors(*bypass_node, problem_) : TensorSet{};
  if (architecture_.fanout(level) != nullptr) {
    if (!keep.empty()) {
      keep_node->fail(
          fmt::format("{} is a fanout and keeps nothing", architecture_.name_of(level)));
    }
    return;
  }
  if (others_bypass && keep_node) {
    for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
      if (!keep.contains(TensorId(i))) {
        bypass.insert(TensorId(i));
      }
    }
  }
  MemoryConstraint& rules = rules_of(level);
  rules.keep.bits |= keep.bits;
  rules.bypass.bits |= bypass.bits;
  for (std::size_t i = 0; i < problem_.tensors.size(); ++i) {
    if (rules.keep.contains(TensorId(i)) && rules.bypass.contains(TensorId(i))) {
      node.fail(fmt::format("{} cannot keep and bypass {}", architecture_.name_of(level),
                            problem_.tensors[i].name));
    }
  }
}

MemoryConstraint& TimeloopConstraintsReader::rules_of(LevelId memory) {
  for (MemoryConstraint& rules : constraints_.memories) {
    if (rules.memory == memory) {
      return rules;
    }
  }
  MemoryConstraint fresh;
  fresh.memory = memory;
  constraints_.memories.push_back(std::move(fresh));
  return constraints_.memories.back();
}

void TimeloopConstraintsReader::finish() {
  std::sort(constraints_.memories.begin(), constraints_.memories.end(),
            [](const auto& a, const auto& b) { return a.memory < b.memory; });
  std::sort(constraints_.axes.begin(), constraints_.axes.end(),
            [](const auto& a, const auto& b) { return a.axis < b.axis; });
}

}  // namespace tessera
