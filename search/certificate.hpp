#pragma once

#include <vector>

#include "search/search.hpp"

namespace tessera {

/// What is proven of a front if no mapping has less than `least`, by objective: a bound on how much
/// better the best of each objective may be. None if there is no front, or no bound over zero.
Certificate bounded_by(std::vector<double> least, const ParetoFront& front);

/// That of a front than which nothing is better.
Certificate proven(const ParetoFront& front);

}  // namespace tessera
