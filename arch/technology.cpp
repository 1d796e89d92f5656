#include "arch/technology.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "arch/element_spec.hpp"

namespace tessera {
namespace {

double parse_node(const SpecNode& node) {
  const double nm = node.as_quantity(Measure::length).value;
  if (nm < 1 || nm > 1000) {
    node.fail("expected a technology node from 1 nm to 1 um");
  }
  return nm;
}

}  // namespace

Scaling Scaling::parse(const SpecNode& node) {
  check_keys(node, {"name", "about", "source", "nodes", "tables", "let", "factors"}, {});
  Scaling scaling;
  scaling.name_ = node.at("name").as_name();
  scaling.source_ = node.at("source").as_string();
  node.at("about").as_string();
  const SpecNode nodes = node.at("nodes");
  const std::vector<SpecNode> range = nodes.items();
  if (range.size() != 2) {
    nodes.fail("expected the least and the largest node, such as [7 nm, 130 nm]");
  }
  scaling.least_nm_ = parse_node(range[0]);
  scaling.most_nm_ = parse_node(range[1]);
  scaling.range_text_ = fmt::format("{} nm to {} nm", scaling.least_nm_, scaling.most_nm_);
  scaling.formulas_ = Formulas::parse(node, {{"node", {type_of(Measure::length), {}}},
                                             {"voltage", {type_of(Measure::voltage), {}}}});
  const SpecNode factors = node.at("factors");
  std::vector<std::string> known(kFactors.begin(), kFactors.end());
  for (const SpecNode::Entry& entry : factors.entries()) {
    if (std::find(known.begin(), known.end(), entry.name) == known.end()) {
      entry.key.fail_unknown("factor", entry.name, known);
    }
    Expression expression = Expression::parse(entry.value);
    scaling.formulas_.check(expression);  // of any type: only ratios count
    scaling.factors_.emplace(entry.name, std::move(expression));
  }
  for (const std::string& name : known) {
    factors.at(name);
  }
  return scaling;
}

double Scaling::value(std::string_view factor, Point at) const {
  if (at.node_nm < least_nm_ || at.node_nm > most_nm_) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const Formulas::Values values = {{"node", {at.node_nm, {}}}, {"voltage", {at.voltage, {}}}};
  return Formulas::Scope(formulas_, values).value(factors_.find(factor)->second);
}

double Scaling::ratio(std::string_view factor, Point from, Point to) const {
  if (from.node_nm == to.node_nm && from.voltage == to.voltage) {
    return 1;
  }
  return value(factor, to) / value(factor, from);
}

Technology parse_technology(const SpecNode& node) {
  Technology technology;
  technology.place = node;
  if (!node.is_map()) {
    technology.text = node.as_string();
    if (const auto length = parse_quantity(technology.text, Measure::length)) {
      technology.node_nm = length->value;
    }
    return technology;
  }
  check_keys(node, {"node", "voltage", "devices", "scaling"}, {});
  technology.detailed = true;
  technology.node_nm = parse_node(node.at("node"));
  technology.text = node.at("node").as_string();
  if (const auto voltage = node.find("voltage")) {
    technology.voltage = voltage->as_quantity(Measure::voltage).value;
    if (*technology.voltage < 0.1 || *technology.voltage > 5) {
      voltage->fail("expected a supply voltage from 0.1 V to 5 V");
    }
  }
  if (const auto devices = node.find("devices")) {
    constexpr std::array kDevices = {"lstp", "lop", "hp"};
    technology.devices = kDevices[devices->as_choice({"lstp", "lop", "hp"})];
  }
  if (const auto scaling = node.find("scaling")) {
    technology.scaling = scaling->as_string();
    technology.scaling_place = scaling;
    if (find_class_file("scaling", technology.scaling) == nullptr) {
      scaling->fail_unknown("scaling", technology.scaling, class_file_names("scaling"));
    }
  }
  return technology;
}

std::string full_text(const Technology& technology) {
  std::string text = technology.text;
  if (technology.voltage) {
    text += fmt::format(", {} V", *technology.voltage);
  }
  return text + fmt::format(", {} devices, scaling {}", technology.devices, technology.scaling);
}

}  // namespace tessera
