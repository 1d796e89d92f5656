#pragma once

#include <optional>
#include <string_view>

#include "model/evaluation.hpp"

namespace tessera {

/// What can be minimised.
enum class Objective { energy, latency, area, edp, power, dram_words };

std::string_view to_string(Objective objective);
std::optional<Objective> parse_objective(std::string_view name);

/// The value of one objective: pJ, cycles (exact, orders as seconds do), mm2, J*s, W, words.
double value_of(Objective objective, const Evaluation& evaluation);

}  // namespace tessera
