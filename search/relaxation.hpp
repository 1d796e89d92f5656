#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mapper/constraints.hpp"
#include "mapper/mapspace.hpp"
#include "search/search.hpp"

namespace tessera {

/// A search without those rules and costs that the branch and bound does not know. Every mapping
/// that keeps the rules is one of it too and costs no more there, so its front is a lower bound;
/// and what of it keeps the rules, at the same cost, is proven.
struct Relaxation {
  Architecture architecture;
  Constraints constraints;
  SearchOptions options;
  std::string without;  ///< the rules left out, for a sentence: `a, b and c`
};

/// Leaves out rules on the loops of memories and on how full they are, and a limit on power where
/// that is not known; and what hops and routers of a mesh cost. Empty if there are none.
std::optional<Relaxation> relax(const Architecture& architecture, const Constraints& constraints,
                                const SearchOptions& options);

/// Of mappings that cost no more than `found` and differ from it in the order of nodes (neighbours
/// swapped, holds among themselves in their order), the first that keeps the rules: `found` itself
/// if it does. Gives up after `most` mappings.
std::optional<Mapping> keeping_rules(const Mapspace& space, const Constraints& constraints,
                                     const SearchOptions& options, const Mapping& found,
                                     std::size_t most = 4000);

/// Improves `found`, what is known of the search with all rules, by what the proven front of the
/// relaxed one says: points that keep the rules, and a certificate.
/// With a limit on power, time is at least the least energy over it.
void bound_by(const SearchResult& relaxed, const Mapspace& space, const Constraints& constraints,
              const SearchOptions& options, SearchResult& found);

}  // namespace tessera
