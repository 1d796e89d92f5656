// Random search: scores uniform draws from the mapspace. The honest baseline: it proves nothing,
// but what it sees is the space. `feasible / evaluated` is an estimate of the share of canonical
// mappings that are legal, and the distributions of the objectives are those of the legal ones.
#include <algorithm>

#include "mapper/uniform_sampler.hpp"
#include "search/algorithms.hpp"
#include "search/chunk_runner.hpp"

namespace tessera {
namespace {

/// Draws that are scored as one: small enough that a stop is seen at once and threads are balanced.
constexpr std::uint64_t kChunk = 1024;

struct Worker {
  MapspacePoint point;
  Scorer scorer;
  Mapping mapping;
};

}  // namespace

SearchResult search_random(const Mapspace& space, const Constraints& constraints,
                           const SearchOptions& options, const SearchControl& control) {
  const UniformSampler sampler(space);
  std::vector<Worker> workers;
  for (int i = 0; i < std::max(control.threads, 1); ++i) {
    workers.push_back({space.make_point(), Scorer(space, constraints, options), {}});
    workers.back().scorer.record_distributions();
  }
  const auto score_chunk = [&](std::uint64_t chunk, std::size_t index, Tally& tally) {
    Worker& worker = workers[index];
    const std::uint64_t end = std::min(options.samples, (chunk + 1) * kChunk);
    for (std::uint64_t i = chunk * kChunk; i < end && !stopped(control); ++i) {
      CounterRng rng(options.seed, i);
      sampler.draw(rng, worker.point);
      space.build(worker.point, worker.mapping);
      worker.scorer.score(worker.mapping, tally);
    }
  };
  const std::uint64_t samples = sampler.empty() ? 0 : options.samples;
  const std::uint64_t chunks = samples / kChunk + (samples % kChunk != 0 ? 1 : 0);
  return score_chunks(chunks, control, score_chunk);
}

}  // namespace tessera
