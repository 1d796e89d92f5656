#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "app/evaluation_report.hpp"

namespace tessera {

/// An evaluation as `tessera.evaluation/1` (DESIGN section 8), keys in that order.
nlohmann::ordered_json evaluation_json(const Scored& scored);
/// The same for a mapping that is not legal: `feasible` is false and `reason` says why.
nlohmann::ordered_json refusal_json(const Scored& scored, const Refusal& refusal);
/// The costs that every report has: energy, cycles, latency, area and what follows from them.
nlohmann::ordered_json costs_json(const Evaluation& e);
/// What `levels` and `fanouts` hold in it.
nlohmann::ordered_json levels_json(const Scored& scored);
nlohmann::ordered_json fanouts_json(const Scored& scored);
nlohmann::ordered_json resources_json(const Scored& scored);
/// Indented, with a newline at the end.
std::string dumped(const nlohmann::ordered_json& document);

}  // namespace tessera
