#pragma once

#include <string>

#include "arch/costs.hpp"

namespace tessera {

/// A machine as Accelergy reads it; hwcomponents and Timeloop read the same. Each is a file with
/// one top-level key.
struct AccelergyFiles {
  std::string architecture;  ///< `architecture`, version 0.4, with Accelergy's primitive classes
  std::string energies;      ///< `ERT`: our energies in pJ an action, leakage in pJ a cycle
  std::string areas;         ///< `ART`: our areas in um2
};

/// Elements keep their names, in the container `system`. What Accelergy has no word for stands in
/// comments. Energies that nobody gave have no table.
AccelergyFiles accelergy_files(const CostedArchitecture& costed);

}  // namespace tessera
