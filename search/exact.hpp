#pragma once

#include <optional>
#include <string>

#include "mapper/mapspace.hpp"
#include "search/search.hpp"

namespace tessera {

/// Why `search_exact` cannot take this space and these options, as part of a sentence; empty if it can.
std::optional<std::string> exact_obstacle(const Mapspace& space, const Constraints& constraints,
                                          const SearchOptions& options);

/// The exact front by branch and bound over normal forms (DESIGN 5.1). Keeps nothing. Throws SearchError
/// where there is an obstacle.
SearchResult search_exact(const Mapspace& space, const Constraints& constraints,
                          const SearchOptions& options, const SearchControl& control);

}  // namespace tessera
