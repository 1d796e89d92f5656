#pragma once

#include <optional>
#include <vector>

#include "mapper/mapspace.hpp"
#include "search/search.hpp"

namespace tessera {

/// By objective of the options, what no mapping in the space comes below: what moving every word
/// once to wherever it is held costs at least, on all lanes (the bound that a branch and bound
/// starts from, before it looks at any tile). Takes milliseconds. Limits are not looked at. Empty
/// where an objective need not grow with energy and latency, or there is no mapping.
std::vector<double> lower_bounds(const Mapspace& space, const SearchOptions& options);

/// The same of a problem on a machine.
std::optional<std::vector<double>> lower_bounds(const Problem& problem,
                                                const Architecture& architecture,
                                                const Constraints& constraints,
                                                const SearchOptions& options);

}  // namespace tessera
