#include "arch/component_class.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "arch/element_spec.hpp"

namespace tessera {
namespace {

/// Keys of elements that mean something else than an attribute.
constexpr std::array<std::string_view, 24> kElementKeys = {
    "memory",   "fanout", "compute", "class",     "estimator", "energy",    "leakage", "area",
    "keep",     "bypass", "only",    "axes",      "multicast", "reduce",    "hop",     "router",
    "links",    "drains", "ramp",    "bandwidth", "systolic",  "buffering", "block",   "instances"};

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

/// A value of an attribute as a user would write it.
std::string value_text(double base, const UnitType& type) {
  const auto in = [&](std::string_view unit) {
    return fmt::format("{:.6g} {}", base / find_unit_value(unit)->scale, unit);
  };
  if (type == type_of(Measure::data)) {
    for (const std::string_view unit : {"GiB", "MiB", "KiB", "B"}) {
      const double count = base / find_unit_value(unit)->scale;
      if (count >= 1 && count * 8 == std::floor(count * 8) && base >= 512) {
        return in(unit);
      }
    }
    return in("bit");
  }
  if (type == type_of(Measure::length)) {
    return base >= 1e5 ? in("mm") : in("nm");
  }
  if (type == type_of(Measure::energy)) {
    return in("pJ");
  }
  return fmt::format("{:.6g}", base);
}

std::string text_or(const SpecNode& node, std::string_view key, const std::string& otherwise) {
  const auto value = node.find(key);
  return value ? value->as_string() : otherwise;
}

}  // namespace

double six_digits(double value) {
  return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr);
}

std::string_view to_string(ElementSort sort) {
  constexpr std::array<std::string_view, 3> kNames = {"memory", "fanout", "compute"};
  return kNames[static_cast<std::size_t>(sort)];
}

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
  if (entry.name == "node" || entry.name == "devices" || find_unit_value(entry.key.as_name())) {
    entry.key.fail(fmt::format("'{}' stands for the technology's or is a unit; choose another name",
                               entry.name));
  }
  const SpecNode& node = entry.value;
  check_keys(node, {"unit", "choices", "whole", "default", "least", "most", "about"}, {});
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

bool ComponentClass::fully_sourced() const {
  return std::all_of(costs_.begin(), costs_.end(), [](const Cost& cost) {
    return std::all_of(cost.rules.begin(), cost.rules.end(), [](const Rule& rule) {
      return !rule.source.empty() && !rule.error.empty();
    });
  });
}

std::optional<std::string> ComponentClass::fill_defaults(Formulas::Values& values) const {
  const Formulas none;
  for (const Attribute& attribute : attributes_) {
    if (values.contains(attribute.name)) {
      continue;
    }
    if (!attribute.fallback && attribute.fallback_word.empty()) {
      return attribute.name;
    }
    AttributeValue value;
    value.word = attribute.fallback_word;
    if (attribute.fallback) {
      value.number = Formulas::Scope(none, values).value(*attribute.fallback);
    }
    values.emplace(attribute.name, value);
  }
  return std::nullopt;
}

std::optional<ComponentClass::Outside> ComponentClass::find_beyond_bounds(
    const Formulas::Values& values) const {
  const Formulas none;
  Formulas::Scope scope(none, values);
  for (const Attribute& attribute : attributes_) {
    const double value = values.at(attribute.name).number;
    const UnitType& type = attribute.type.type;
    if (attribute.least && !(value >= scope.value(*attribute.least))) {
      return Outside{"", attribute.name,
                     "at least " + value_text(scope.value(*attribute.least), type)};
    }
    if (attribute.most && !(value <= scope.value(*attribute.most))) {
      return Outside{"", attribute.name,
                     "at most " + value_text(scope.value(*attribute.most), type)};
    }
  }
  return std::nullopt;
}

std::optional<ComponentClass::Outside> ComponentClass::find_outside(
    const Rule& rule, const std::string& item, Formulas::Scope& scope,
    const Formulas::Values& values) const {
  for (const Range& range : rule.valid) {
    const double value = values.at(range.attribute).number;
    const double least = scope.value(range.least);
    const double most = scope.value(range.most);
    if (!(value >= least && value <= most)) {
      const UnitType type = formulas_.types().at(range.attribute).type;
      return Outside{item, range.attribute,
                     fmt::format("{} to {}", value_text(least, type), value_text(most, type))};
    }
  }
  return std::nullopt;
}

ComponentClass::Result ComponentClass::estimate(Formulas::Values values,
                                                const Technology& technology,
                                                const Scaling& scaling) const {
  std::string scaled;
  if (node_range_) {
    const double target = technology.node_nm.value_or(node_range_->first);
    const double own = std::clamp(target, node_range_->first, node_range_->second);
    values["node"] = {own, {}};
    values["devices"] = {0, technology.devices};
    for (const std::string_view factor : Scaling::kFactors) {
      values[fmt::format("scale.{}", factor)] = {1, {}};
    }
    const double own_voltage = Formulas::Scope(formulas_, values).value(*voltage_);
    const Scaling::Point from{own, own_voltage};
    const Scaling::Point to{target, technology.voltage.value_or(own_voltage)};
    for (const std::string_view factor : Scaling::kFactors) {
      const double ratio = scaling.ratio(factor, from, to);
      if (!(ratio > 0) && technology.place) {
        technology.place->fail(
            fmt::format("class {} has its numbers at {} nm, and the scaling {} goes from {} only; "
                        "choose another `scaling` or give the costs",
                        name_, own, scaling.name(), scaling.range_text()));
      }
      values[fmt::format("scale.{}", factor)].number = ratio;
    }
    if (target != own) {
      scaled = fmt::format("; from {:.6g} nm to {:.6g} nm by the scaling {}", own, target,
                           scaling.name());
    }
    if (to.voltage != from.voltage) {
      scaled += fmt::format("; from {:.6g} V to {:.6g} V by the scaling {}", from.voltage,
                            to.voltage, scaling.name());
    }
  }
  Result result;
  Formulas::Scope scope(formulas_, values);
  for (const Cost& cost : costs_) {
    std::optional<Outside> outside;
    bool found = false;
    for (const Rule& rule : cost.rules) {
      outside = find_outside(rule, cost.item, scope, values);
      const double value = outside ? -1 : scope.value(rule.value);
      if (value >= 0 && std::isfinite(value)) {
        result.estimates.push_back(
            {cost.item, six_digits(value), rule.type, rule.name, rule.source + scaled, rule.error});
        found = true;
        break;
      }
    }
    if (!found) {
      result.outside = outside.value_or(Outside{cost.item, "", ""});
      return result;
    }
  }
  return result;
}

}  // namespace tessera
