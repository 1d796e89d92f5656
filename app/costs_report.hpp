#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "arch/costs.hpp"

namespace tessera {

/// Every number that a machine costs, with its unit, the rule that it comes from, its source and
/// its error band; then the area of each element and in total, and what is not modelled.
std::string costs_text(const Architecture& architecture, const std::vector<Cost>& costs);

/// The same as a document with the schema `tessera.costs/1`.
nlohmann::ordered_json costs_json(const Architecture& architecture, const std::vector<Cost>& costs);

/// A sentence on the share of area that control and routing add.
std::string overhead_text(const Architecture& architecture);

}  // namespace tessera
