#pragma once

#include <functional>

#include "search/scorer.hpp"

namespace tessera {

/// True once the caller wants the search to end.
bool stopped(const SearchControl& control);

/// The least value of each objective in a front; none if it is empty.
std::vector<double> least_values(const ParetoFront& front);

/// What the searches share: chunks of candidates are scored in parallel, each into a tally of its
/// own, and the tallies added up in the order of the chunks. `score_chunk` must poll
/// `stopped(control)`. Fills front, evaluated, feasible, rejections, distributions and stopped of
/// the result. A step of `control.state`: what is saved is the sum of the first chunks.
SearchResult score_chunks(
    std::uint64_t chunks, const SearchControl& control,
    const std::function<void(std::uint64_t chunk, std::size_t worker, Tally& tally)>& score_chunk);

}  // namespace tessera
