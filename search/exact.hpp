#pragma once

#include <limits>
#include <optional>
#include <string>

#include "mapper/mapspace.hpp"
#include "search/exact_rules.hpp"
#include "search/proof_effort.hpp"
#include "search/search.hpp"

namespace tessera {

/// Why `search_exact` cannot take this space and these options, as part of a sentence; empty if it
/// can. `most_effort` refuses searches that may take long: the effort is the number of combinations
/// of all groups' options; 1e13 of them take in the order of ten seconds.
std::optional<std::string> exact_obstacle(
    const Mapspace& space, const Constraints& constraints, const SearchOptions& options,
    double most_effort = std::numeric_limits<double>::infinity());

/// The exact front by branch and bound over normal forms (DESIGN 5.1). `known` are legal mappings
/// of the space to start from: they cut, and are there if the search is stopped early. A proof that
/// takes more than `most` is given up: its certificate is a bound, though it was not stopped.
/// Throws SearchError where there is an obstacle.
SearchResult search_exact(const Mapspace& space, const Constraints& constraints,
                          const SearchOptions& options, const SearchControl& control,
                          ParetoFront known = {}, const ExactRules& rules = {},
                          const ProofEffort& most = {});

}  // namespace tessera
