// What a component class costs for given attributes and a technology.

#include "arch/component_class.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace tessera {
namespace {

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

}  // namespace

double six_digits(double value) {
  return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr);
}

std::string_view to_string(ElementSort sort) {
  constexpr std::array<std::string_view, 3> kNames = {"memory", "fanout", "compute"};
  return kNames[static_cast<std::size_t>(sort)];
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
