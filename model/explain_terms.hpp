#pragma once

// Private to the explanations: formulas from their parts.

#include <cstdint>
#include <vector>

#include "model/explain.hpp"
#include "model/window_clipped.hpp"

namespace tessera {

/// A formula of one number.
Formula number(Meaning meaning, std::int64_t value);
Formula of_dimension(Meaning meaning, std::size_t dimension, std::int64_t value);
Formula of_rank(Meaning meaning, std::size_t rank, std::int64_t value);
/// A product; one factor stands for itself, none is the number 1 of `meaning`.
Formula product(std::vector<Formula> factors, Meaning meaning);
Formula sum(std::vector<Formula> parts);
/// Steps x places for each number of places.
Formula sum_of(const std::vector<WindowSteps>& steps, std::size_t rank);

}  // namespace tessera
