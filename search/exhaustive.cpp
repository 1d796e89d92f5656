// Exhaustive search without pruning: scores every canonical mapping. Slow and plain on purpose:
// what it finds is true by enumeration, so it is the ground truth for searches that prove more with
// less.
//
// One thing is not scored one by one: mappings that differ only in the order of loops within slots
// have the same tiles, so where the first of them does not fit into a memory, none does.
#include <algorithm>

#include "search/algorithms.hpp"
#include "search/certificate.hpp"
#include "search/chunk_runner.hpp"

namespace tessera {
namespace {

/// Mappings that a chunk should hold, about: some tens of milliseconds of work.
constexpr std::uint64_t kChunk = 16'384;

}  // namespace

SearchResult search_exhaustive(const Mapspace& space, const Constraints& constraints,
                               const SearchOptions& options, const SearchControl& control,
                               std::uint64_t size) {
  std::vector<Scorer> scorers;
  for (int i = 0; i < std::max(control.threads, 1); ++i) {
    scorers.emplace_back(space, constraints, options);
  }
  const std::uint64_t shards = space.shards();
  const std::uint64_t wanted =
      std::clamp<std::uint64_t>(size / kChunk, 1, std::max<std::uint64_t>(shards, 1));
  const std::uint64_t per_chunk = (shards + wanted - 1) / wanted;
  const std::uint64_t chunks = shards == 0 ? 0 : (shards + per_chunk - 1) / per_chunk;
  const auto score_chunk = [&](std::uint64_t chunk, std::size_t worker, Tally& tally) {
    Scorer& scorer = scorers[worker];
    const std::uint64_t first = chunk * per_chunk;
    space.for_each(first, std::min(first + per_chunk, shards), [&](const MapspaceVisit& visit) {
      if (stopped(control)) {
        return VisitAnswer::stop;
      }
      if (scorer.score(visit.mapping, tally) != Scorer::Verdict::too_large ||
          space.needs_filter()) {
        return VisitAnswer::next;
      }
      scorer.repeat_too_large(visit.same_tiles - 1, tally);
      return VisitAnswer::skip_same_tiles;
    });
  };
  SearchResult result = score_chunks(chunks, control, score_chunk);
  if (!result.stopped) {
    result.certificate = proven(result.front);
  }
  return result;
}

}  // namespace tessera
