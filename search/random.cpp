// Random search: scores independent draws of MapspaceSampler, whose distribution its header gives.
// The honest baseline: it proves nothing, and `feasible / evaluated` describes the sampler, not the
// space.
#include <algorithm>

#include "mapper/mapspace_sampler.hpp"
#include "search/algorithms.hpp"
#include "search/chunk_runner.hpp"

namespace tessera {
namespace {

/// Draws that are scored as one: small enough that a stop is seen at once and threads are balanced.
constexpr std::uint64_t kChunk = 1024;

struct Worker {
  MapspaceSampler sampler;
  Scorer scorer;
  Mapping mapping;
};

}  // namespace

SearchResult search_random(const Mapspace& space, const Constraints& constraints,
                           const SearchOptions& options, const SearchControl& control) {
  std::vector<Worker> workers;
  for (int i = 0; i < std::max(control.threads, 1); ++i) {
    workers.push_back({MapspaceSampler(space), Scorer(space, constraints, options), {}});
  }
  const auto score_chunk = [&](std::uint64_t chunk, std::size_t index, Tally& tally) {
    Worker& worker = workers[index];
    const std::uint64_t end = std::min(options.samples, (chunk + 1) * kChunk);
    for (std::uint64_t i = chunk * kChunk; i < end && !stopped(control); ++i) {
      CounterRng rng(options.seed, i);
      if (worker.sampler.draw(rng, worker.mapping)) {
        worker.scorer.score(worker.mapping, tally);
      } else {
        ++tally.evaluated;
        ++tally.rejections.constraint;
      }
    }
  };
  const std::uint64_t samples = space.skeletons().empty() ? 0 : options.samples;
  const std::uint64_t chunks = samples / kChunk + (samples % kChunk != 0 ? 1 : 0);
  return score_chunks(chunks, control, score_chunk);
}

}  // namespace tessera
