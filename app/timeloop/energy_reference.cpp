#include "app/timeloop/energy_reference.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "app/timeloop/reading.hpp"

namespace tessera {
namespace {

constexpr double kMost = std::numeric_limits<double>::max();

/// An action may have several entries, one for each set of arguments (`address_delta` and such). As
/// in Timeloop the dearest one stands for all.
void set_dearest(std::optional<double>& into, double value) {
  into = std::max(into.value_or(0), value);
}

/// Actions of which dense execution has none: those of sparse components, and those that Accelergy
/// lists and Timeloop takes no energy from.
bool is_never_done(std::string_view name) {
  for (const std::string_view part : {"gated", "skipped", "metadata", "compression"}) {
    if (name.find(part) != std::string_view::npos) {
      return true;
    }
  }
  return name == "idle" || name == "mac_reused" || name == "mult_reused";
}

void read_action(const SpecNode& action, ReferenceEnergy& energy) {
  const SpecNode name_node = action.at("name");
  const std::string name = name_node.as_string();
  const double value = action.at("energy").as_number(0, kMost);
  if (const auto arguments = action.find("arguments"); arguments && arguments->is_map()) {
    arguments->entries();  // say how the value came about
  }
  action.finish();
  if (name == "read") {
    set_dearest(energy.read, value);
  } else if (name == "write") {
    set_dearest(energy.write, value);
  } else if (name == "update") {
    set_dearest(energy.update, value);
  } else if (name == "compute" || name == "mac_random" || name == "mult_random") {
    set_dearest(energy.compute, value);
  } else if (name == "leak") {
    set_dearest(energy.leak, value);
  } else if (!is_never_done(name)) {
    name_node.fail_unknown("action", name, {"read", "write", "update", "compute", "leak"});
  }
}

SpecNode tables_of(const SpecNode& root) {
  if (const auto version = root.find("version")) {
    check_version(*version);
  }
  const SpecNode tables = root.at("tables");
  root.finish();
  return tables;
}

}  // namespace

void import_energy_reference(const SpecNode& ert, TimeloopReference& reference) {
  for (const SpecNode& table : tables_of(ert).items()) {
    const SpecNode name_node = table.at("name");
    const std::string name = last_name(name_node.as_string());
    ReferenceEnergy energy{
        .node = name_node, .read = {}, .write = {}, .update = {}, .compute = {}, .leak = {}};
    const SpecNode actions = table.at("actions");
    table.finish();
    for (const SpecNode& action : actions.items()) {
      read_action(action, energy);
    }
    if (!reference.energies.emplace(name, energy).second) {
      name_node.fail(fmt::format("the component {} has a table already", name));
    }
  }
}

void import_area_reference(const SpecNode& art, TimeloopReference& reference) {
  for (const SpecNode& table : tables_of(art).items()) {
    const SpecNode name_node = table.at("name");
    const std::string name = last_name(name_node.as_string());
    const double area = table.at("area").as_number(0, kMost);
    table.finish();
    if (!reference.areas.emplace(name, std::pair{name_node, area}).second) {
      name_node.fail(fmt::format("the component {} has an area already", name));
    }
  }
}

}  // namespace tessera
