#include "search/chunk_runner.hpp"

#include <algorithm>
#include <string>

#include "search/parallel.hpp"
#include "search/search_state.hpp"

namespace tessera {

std::vector<double> least_values(const ParetoFront& front) {
  std::vector<double> best;
  for (const ParetoPoint& point : front.points()) {
    if (best.empty()) {
      best = point.values;
    }
    for (std::size_t i = 0; i < best.size(); ++i) {
      best[i] = std::min(best[i], point.values[i]);
    }
  }
  return best;
}

bool stopped(const SearchControl& control) {
  return control.stop != nullptr && control.stop->load(std::memory_order_relaxed);
}

SearchResult score_chunks(
    std::uint64_t chunks, const SearchControl& control,
    const std::function<void(std::uint64_t, std::size_t, Tally&)>& score_chunk) {
  Checkpoint checkpoint(control, "chunks " + std::to_string(chunks));
  if (auto result = checkpoint.result()) {
    return *std::move(result);
  }
  std::vector<Tally> tallies(slots_for(control.threads));
  Tally total;
  std::uint64_t committed = 0;
  if (StateReader* saved = checkpoint.saved()) {
    saved->get(committed, chunks);
    saved->get(total);
    saved->finish();
  }
  const ChunkedWork work = {
      .chunks = chunks - committed,
      .propose = [&, first = committed](
                     std::uint64_t chunk, std::size_t slot,
                     std::size_t worker) { score_chunk(first + chunk, worker, tallies[slot]); },
      .commit =
          [&](std::uint64_t, std::size_t slot) {
            total.take(tallies[slot]);
            ++committed;
            if (control.on_progress) {
              control.on_progress({total.evaluated, total.feasible,
                                   static_cast<double>(committed) / static_cast<double>(chunks),
                                   least_values(total.front)});
            }
            checkpoint.offer([&](StateWriter& state) {
              state.put(committed);
              state.put(total);
            });
          },
  };
  const bool complete = run_chunks(work, control.threads, control.stop);
  SearchResult result;
  // A chunk may have been cut short by a stop that came while the last ones ran.
  result.stopped = !complete || stopped(control);
  result.front = std::move(total.front);
  result.evaluated = total.evaluated;
  result.feasible = total.feasible;
  result.rejections = std::move(total.rejections);
  result.distributions = std::move(total.distributions);
  checkpoint.finish(result);
  return result;
}

}  // namespace tessera
