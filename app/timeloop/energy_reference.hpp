#pragma once

#include <map>
#include <optional>
#include <string>

#include "spec/node.hpp"

namespace tessera {

/// What Accelergy's energy reference table says of one component, in pJ an action and instance;
/// `leak` a cycle.
struct ReferenceEnergy {
  SpecNode node;  ///< the component's table
  std::optional<double> read;
  std::optional<double> write;
  std::optional<double> update;
  std::optional<double> compute;
  std::optional<double> leak;
};

/// Energies by component, and areas in square micrometres of one instance.
struct TimeloopReference {
  std::map<std::string, ReferenceEnergy> energies;
  std::map<std::string, std::pair<SpecNode, double>> areas;
};

/// Read the values of the top-level keys `ERT` and `ART` (Accelergy 0.3 and 0.4) into `reference`.
/// Tables are known by the last name of their path without its range (`System.Chip.PE[0..3].Reg` is
/// `Reg`). Of an action's entries with different arguments the dearest counts, as in Timeloop;
/// actions that dense execution never does are left out. Throw SpecError.
void import_energy_reference(const SpecNode& ert, TimeloopReference& reference);
void import_area_reference(const SpecNode& art, TimeloopReference& reference);

}  // namespace tessera
