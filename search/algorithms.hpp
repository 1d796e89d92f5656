#pragma once

#include "search/scorer.hpp"
#include "search/search.hpp"

namespace tessera {

/// Most mappings that the exhaustive search enumerates.
inline constexpr std::uint64_t kMostEnumerated = 200'000'000;

/// Scores `options.samples` uniform draws from the space. Sample i depends on (seed, i) alone.
SearchResult search_random(const Mapspace& space, const Constraints& constraints,
                           const SearchOptions& options, const SearchControl& control);

/// NSGA-II over the mapspace (search/genetic.cpp): ends after `options.samples` mappings,
/// `options.generations`, or when the hypervolume of what it found no longer grows.
SearchResult search_genetic(const Mapspace& space, const Constraints& constraints,
                            const SearchOptions& options, const SearchControl& control);

/// Scores every canonical mapping, `size` in all. The front is exact if it ran to its end.
SearchResult search_exhaustive(const Mapspace& space, const Constraints& constraints,
                               const SearchOptions& options, const SearchControl& control,
                               std::uint64_t size);

}  // namespace tessera
