#include "arch/element_spec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arch/architecture_spec.hpp"

namespace tessera {
namespace {

/// Words that stand beside element names in mappings and constraints, or that YAML takes for
/// nothing.
constexpr std::array<std::string_view, 8> kReservedNames = {
    "all", "dataflow", "for", "min_utilization", "spatial", "null", "Null", "NULL"};

KindSet parse_kind_list(const SpecNode& node) {
  KindSet kinds;
  for (const SpecNode& item : node.items()) {
    const TensorKind kind = kTensorKinds[item.as_choice({"inputs", "weights", "outputs"})];
    if (kinds.contains(kind)) {
      item.fail(fmt::format("{} stands in the list twice", to_string(kind)));
    }
    kinds.insert(kind);
  }
  if (kinds.empty()) {
    node.fail("expected at least one of inputs, weights, outputs; leave the key out for none");
  }
  return kinds;
}

}  // namespace

void check_keys(const SpecNode& node, std::initializer_list<std::string_view> known,
                std::initializer_list<UnsupportedKey> unsupported) {
  for (const std::string_view key : known) {
    node.find(key);
  }
  for (const UnsupportedKey& entry : unsupported) {
    if (const auto value = node.find(entry.key)) {
      value->fail(
          fmt::format("`{}` is not supported in this version; {}", entry.key, entry.remedy));
    }
  }
  node.finish();
}

std::string parse_element_name(const SpecNode& node) {
  const std::string name = node.as_name();
  if (name.find('.') != std::string::npos) {
    node.fail(
        fmt::format("expected a name without dots, got '{}': a dot separates a fanout from "
                    "its axis, as in `PEs.X`",
                    name));
  }
  if (std::find(kReservedNames.begin(), kReservedNames.end(), name) != kReservedNames.end()) {
    node.fail(fmt::format("'{}' is a reserved word; choose another name", name));
  }
  return name;
}

double parse_area(const SpecNode& node) {
  return node.as_quantity(Measure::area).value;
}

double parse_leakage(const SpecNode& node) {
  const double watts = node.as_quantity(Measure::power).value;
  // Milliwatts are our unit: taken as they stand, they survive a round trip to the last bit.
  const std::string text = node.as_string();
  if (text.ends_with("mW")) {
    double milliwatts = 0;
    std::from_chars(text.data(), text.data() + text.size(), milliwatts);
    return milliwatts;
  }
  return watts * 1000;
}

Compute parse_compute(const SpecNode& node) {
  check_keys(node, {"compute", "energy", "leakage", "area"}, {});
  Compute compute;
  compute.name = parse_element_name(node.at("compute"));
  if (const auto energy = node.find("energy")) {
    const Quantity quantity = energy->as_quantity(Measure::energy);
    if (!quantity.per.empty() && quantity.per != "operation") {
      energy->fail(fmt::format(
          "expected the energy of an operation, such as `1 pJ/operation`, got one per {}",
          quantity.per));
    }
    compute.energy_pj = quantity.value;
  }
  if (const auto leakage = node.find("leakage")) {
    compute.leakage_mw = parse_leakage(*leakage);
  }
  if (const auto area = node.find("area")) {
    compute.area_mm2 = parse_area(*area);
  }
  return compute;
}

KindSet parse_kinds(const SpecNode& node) {
  if (node.is_sequence()) {
    return parse_kind_list(node);
  }
  const std::size_t choice = node.as_choice({"all", "inputs", "weights", "outputs"});
  if (choice == 0) {
    return KindSet::all();
  }
  KindSet kinds;
  kinds.insert(kTensorKinds[choice - 1]);
  return kinds;
}

std::string kinds_text(KindSet kinds) {
  if (kinds == KindSet::all()) {
    return "all";
  }
  std::vector<std::string_view> names;
  for (const TensorKind kind : kTensorKinds) {
    if (kinds.contains(kind)) {
      names.push_back(to_string(kind));
    }
  }
  return fmt::format("[{}]", fmt::join(names, ", "));
}

std::string element_text(const Compute& compute) {
  std::string text = fmt::format("    - compute: {}\n", compute.name);
  if (compute.energy_pj) {
    text += fmt::format("      energy: {} pJ/operation\n", *compute.energy_pj);
  }
  return text + leakage_text(compute.leakage_mw) + area_text(compute.area_mm2);
}

std::string exact_text(double value, Measure measure, std::initializer_list<ScaledUnit> units) {
  std::string best = fmt::format("{} {}", value, units.begin()->name);
  for (const ScaledUnit& unit : units) {
    const std::string text = fmt::format("{} {}", value / unit.scale, unit.name);
    const auto read = parse_quantity(text, measure);
    if (text.size() < best.size() && read && read->value == value) {
      best = text;
    }
  }
  return best;
}

std::string area_text(const std::optional<double>& area_mm2) {
  return area_mm2 ? fmt::format("      area: {} mm2\n", *area_mm2) : "";
}

std::string leakage_text(double leakage_mw) {
  return leakage_mw != 0 ? fmt::format("      leakage: {} mW\n", leakage_mw) : "";
}

}  // namespace tessera
