// Class files: what they say, read and checked. What it comes to is in component_class.cpp.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "arch/architecture_spec.hpp"
#include "arch/component_class.hpp"
#include "arch/element_spec.hpp"

namespace tessera {
namespace {

/// Keys of elements that mean something else than an attribute.
constexpr std::array<std::string_view, 27> kElementKeys = {
    "memory",    "fanout",   "compute",   "class",  "estimator", "energy",    "leakage",
    "area",      "keep",     "bypass",    "only",   "axes",      "multicast", "reduce",
    "hop",       "router",   "links",     "drains", "ramp",      "sizes",     "attributes",
    "bandwidth", "systolic", "buffering", "block",  "instances", "aligned"};

constexpr UnitType kEnergyPerBit = {{-1, 1, 0, 0, 0}};

std::vector<std::string> items_of(ElementSort sort) {
  if (sort == ElementSort::memory) {
    return {"read", "write", "leakage", "area"};
  }
  if (sort == ElementSort::fanout) {
    return {"energy", "area"};
  }
  return {"energy", "leakage", "area"};
}

bool fits(const UnitType& type, std::string_view item) {
  if (item == "area") {
    return type == type_of(Measure::area);
  }
  if (item == "leakage") {
    return type == type_of(Measure::power);
  }
  return type == type_of(Measure::energy) || (item != "energy" && type == kEnergyPerBit);
}

std::string_view expected_for(std::string_view item) {
  if (item == "area") {
    return "an area";
  }
  if (item == "leakage") {
    return "a power";
  }
  return item == "energy" ? "an energy" : "an energy (of an access) or an energy per bit";
}

std::string text_or(const SpecNode& node, std::string_view key, const std::string& otherwise) {
  const auto value = node.find(key);
  return value ? value->as_string() : otherwise;
}

}  // namespace

Formulas::Types ComponentClass::types() const {
  Formulas::Types types;
  for (const Attribute& attribute : attributes_) {
    types.emplace(attribute.name, attribute.type);
  }
  if (node_range_) {
    types["node"] = {type_of(Measure::length), {}};
    types["devices"] = {{}, {"lstp", "lop", "hp"}};
    for (const std::string_view factor : Scaling::kFactors) {
      types[fmt::format("scale.{}", factor)] = {};
    }
  }
  return types;
}

/// `node` is where the numbers hold: one, or a range that tables cover; `voltage` goes with it.
void ComponentClass::parse_nodes(const SpecNode& node) {
  const auto where = node.find("node");
  const auto voltage = node.find("voltage");
  if (!where) {
    if (voltage) {
      voltage->fail("a voltage needs the key `node` beside it: where the numbers hold");
    }
    return;
  }
  if (where->is_sequence()) {
    const std::vector<SpecNode> ends = where->items();
    if (ends.size() != 2) {
      where->fail("expected one node, or the least and the largest as in [22 nm, 90 nm]");
    }
    node_range_ = {ends[0].as_quantity(Measure::length).value,
                   ends[1].as_quantity(Measure::length).value};
  } else {
    const double nm = where->as_quantity(Measure::length).value;
    node_range_ = {nm, nm};
  }
  if (node_range_->first <= 0 || node_range_->first > node_range_->second) {
    where->fail("expected nodes above 0, the least first");
  }
}

void ComponentClass::parse_attribute(const SpecNode::Entry& entry) {
  if (std::find(kElementKeys.begin(), kElementKeys.end(), entry.name) != kElementKeys.end()) {
    entry.key.fail(fmt::format("'{}' is a key of elements; choose another name", entry.name));
  }
  if (entry.name == "bits" && sort_ == ElementSort::memory) {
    entry.key.fail("'bits' of a memory are those of the words in it; choose another name");
  }
  if (entry.name == "node" || entry.name == "devices" || find_unit_value(entry.key.as_name())) {
    entry.key.fail(fmt::format("'{}' stands for the technology's or is a unit; choose another name",
                               entry.name));
  }
  const SpecNode& node = entry.value;
  check_keys(node, {"unit", "choices", "whole", "default", "least", "most", "about", "follows"},
             {});
  Attribute attribute;
  attribute.name = entry.name;
  const auto fallback = node.find("default");
  if (const auto choices = node.find("choices")) {
    for (const SpecNode& choice : choices->items()) {
      attribute.type.choices.push_back(choice.as_string());
    }
    if (attribute.type.choices.empty()) {
      choices->fail("expected at least one word");
    }
    if (fallback) {
      attribute.fallback_word = fallback->as_string();
      const auto& known = attribute.type.choices;
      if (std::find(known.begin(), known.end(), attribute.fallback_word) == known.end()) {
        fallback->fail_unknown("choice", attribute.fallback_word, known);
      }
    }
    attributes_.push_back(std::move(attribute));
    return;
  }
  if (const auto unit = node.find("unit")) {
    const auto value = find_unit_value(unit->as_string());
    if (!value) {
      unit->fail(
          fmt::format("expected a unit such as bit, KiB, mm or pJ, got '{}'", unit->as_string()));
    }
    attribute.type.type = value->type;
    attribute.measure = unit->as_string() == "bit" ? Measure::bits : *measure_of(value->type);
  }
  if (const auto whole = node.find("whole")) {
    attribute.whole = whole->as_bool();
  }
  Formulas::Types before;
  for (const Attribute& earlier : attributes_) {
    before.emplace(earlier.name, earlier.type);
  }
  const Formulas scope(std::move(before));
  const auto read = [&](std::string_view key) -> std::optional<Expression> {
    const auto value = node.find(key);
    if (!value) {
      return std::nullopt;
    }
    Expression expression = Expression::parse(*value);
    const UnitType type = scope.check(expression);
    if (type != attribute.type.type) {
      value->fail(fmt::format("expected {}, as the unit of {} says, got {}",
                              describe(attribute.type.type), attribute.name, describe(type)));
    }
    return expression;
  };
  attribute.fallback = read("default");
  attribute.least = read("least");
  attribute.most = read("most");
  if (const auto follows = node.find("follows")) {
    if (attribute.type.type != type_of(Measure::bits) || attribute.measure != Measure::bits ||
        !attribute.fallback) {
      follows->fail(
          "an attribute follows the bits of a problem's tensors if its unit is bit and it has a "
          "default for where there is no problem");
    }
    attribute.follows = parse_kinds(*follows);
  }
  attributes_.push_back(std::move(attribute));
}

ComponentClass::Range ComponentClass::parse_range(const SpecNode::Entry& entry) const {
  const Formulas::Types& known = formulas_.types();
  const auto found = known.find(entry.name);
  if (found == known.end() || !found->second.choices.empty()) {
    std::vector<std::string> names;
    for (const auto& [name, type] : known) {
      if (type.choices.empty() && !name.starts_with("scale.")) {
        names.push_back(name);
      }
    }
    entry.key.fail_unknown("attribute", entry.name, names);
  }
  const std::vector<SpecNode> ends = entry.value.items();
  if (ends.size() != 2) {
    entry.value.fail("expected the least and the largest value, such as [8 bit, 1024 bit]");
  }
  Range range{entry.name, Expression::parse(ends[0]), Expression::parse(ends[1])};
  for (const Expression* end : {&range.least, &range.most}) {
    const UnitType type = formulas_.check(*end);
    if (type != found->second.type) {
      end->node().fail(fmt::format("expected {}, as {} is, got {}", describe(found->second.type),
                                   entry.name, describe(type)));
    }
  }
  return range;
}

ComponentClass::Rule ComponentClass::parse_rule(const SpecNode& node, const std::string& item,
                                                const std::string& source,
                                                const std::string& error) const {
  const bool map = node.is_map();
  if (map) {
    check_keys(node, {"value", "rule", "source", "error", "valid"}, {});
  }
  const SpecNode value = map ? node.at("value") : node;
  Rule rule{.value = Expression::parse(value),
            .type = {},
            .name = map ? text_or(node, "rule", "") : "",
            .source = map ? text_or(node, "source", source) : source,
            .error = map ? text_or(node, "error", error) : error,
            .valid = {}};
  rule.type = formulas_.check(rule.value);
  if (!fits(rule.type, item)) {
    value.fail(
        fmt::format("expected {} for `{}`, got {}{}", expected_for(item), item, describe(rule.type),
                    rule.type.plain() ? "; give a number its unit, as in `0.2 pJ * ...`" : ""));
  }
  if (const auto valid = map ? node.find("valid") : std::nullopt) {
    for (const SpecNode::Entry& entry : valid->entries()) {
      rule.valid.push_back(parse_range(entry));
    }
  }
  return rule;
}

void ComponentClass::parse_costs(const SpecNode& costs, const std::string& source,
                                 const std::string& error) {
  const std::vector<std::string> known = items_of(sort_);
  std::optional<UnitType> access;
  for (const SpecNode::Entry& entry : costs.entries()) {
    if (std::find(known.begin(), known.end(), entry.name) == known.end()) {
      entry.key.fail_unknown(fmt::format("cost of a {}", to_string(sort_)), entry.name, known);
    }
    Cost cost{.item = entry.name, .rules = {}};
    const std::vector<SpecNode> rules =
        entry.value.is_sequence() ? entry.value.items() : std::vector<SpecNode>{entry.value};
    for (const SpecNode& node : rules) {
      cost.rules.push_back(parse_rule(node, entry.name, source, error));
      if (entry.name == "read" || entry.name == "write") {
        const UnitType type = cost.rules.back().type;
        if (access.value_or(type) != type) {
          node.fail(
              "expected `read` and `write` in the same unit: both of an access or both per "
              "bit");
        }
        access = type;
      }
    }
    if (rules.empty()) {
      entry.value.fail("expected a formula, or a list of rules");
    }
    costs_.push_back(std::move(cost));
  }
  if (sort_ == ElementSort::memory && costs.has("read") != costs.has("write")) {
    costs.fail(fmt::format("expected `read` and `write` both: `{}` is missing",
                           costs.has("read") ? "write" : "read"));
  }
  if (costs_.empty()) {
    costs.fail("expected at least one cost");
  }
}

ComponentClass ComponentClass::parse(const SpecNode& node) {
  check_keys(node,
             {"name", "of", "about", "source", "error", "node", "voltage", "attributes", "tables",
              "let", "costs"},
             {});
  ComponentClass result;
  result.name_ = node.at("name").as_name();
  constexpr std::array kSorts = {ElementSort::memory, ElementSort::fanout, ElementSort::compute};
  result.sort_ = kSorts[node.at("of").as_choice({"memory", "fanout", "compute"})];
  result.about_ = text_or(node, "about", "");
  if (const auto attributes = node.find("attributes")) {
    for (const SpecNode::Entry& entry : attributes->entries()) {
      result.parse_attribute(entry);
    }
  }
  result.parse_nodes(node);
  result.formulas_ = Formulas::parse(node, result.types());
  if (result.node_range_) {
    const SpecNode voltage = node.at("voltage");
    result.voltage_ = Expression::parse(voltage);
    const UnitType type = result.formulas_.check(*result.voltage_);
    if (type != type_of(Measure::voltage)) {
      voltage.fail(fmt::format("expected a voltage such as 0.9 V, got {}", describe(type)));
    }
  }
  result.parse_costs(node.at("costs"), text_or(node, "source", ""), text_or(node, "error", ""));
  return result;
}

}  // namespace tessera
