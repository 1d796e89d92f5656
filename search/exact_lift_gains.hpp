#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/exact_jobs.hpp"
#include "search/exact_spatial.hpp"

namespace tessera {

/// Tries lifts of a form where some spatial choice has been made: by candidate, how much more it
/// makes of its component's costs than any other lift of that component does, on average, in pJ.
/// `added`: the views have rows for them.
std::vector<double> lift_gains(const SpatialTable& spatial, const ExactJob& job,
                               const std::vector<std::uint16_t>& candidates, bool added);

/// Up to `most` candidates of the largest gains, if any, in their order.
std::vector<std::uint16_t> largest_gains(std::vector<std::uint16_t> candidates,
                                         const std::vector<double>& gains, std::size_t most);

}  // namespace tessera
