#pragma once

#include <optional>
#include <vector>

#include "search/search.hpp"

namespace tessera {

/// By objective of the options, what no mapping in the space of the problem on this machine comes
/// below: the least over all normal forms of what each of them costs at least (the bound that a
/// branch and bound starts from, before it looks at any tile). Takes a small part of the time of a
/// search. Limits are not looked at. Empty where branch and bound has none (see exact_obstacle);
/// zeros would be true, too.
std::optional<std::vector<double>> lower_bounds(const Problem& problem,
                                                const Architecture& architecture,
                                                const Constraints& constraints,
                                                const SearchOptions& options);

}  // namespace tessera
