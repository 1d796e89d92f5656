// Genetic search: NSGA-II (Deb, Pratap, Agarwal, Meyarivan, IEEE TEC 2002) over the canonical
// mappings of the mapspace, for spaces that no proof reaches.
//
// A population of mappings that fit is drawn by FittingSampler. In each generation every child is
// made from a parent, chosen by tournament of two; half of the children take some dimensions' loops
// from a second parent (MapspaceMoves::exchange), all are changed a little (mutate). A child that
// overflows a memory is repaired: factors move out of that memory until it fits, a few times. Then
// the best of parents and children, in the order of nondominated_order(), are the next generation.
// Everything that was scored is offered to the archive, the front of the result, which never loses
// a point.
//
// Children are made and scored in parallel, each from random numbers of its own (seed, generation,
// place), and committed in order: the result does not depend on the number of threads.
//
// An era ends when the hypervolume of the era's own front has not grown for kPatience generations.
// The next one starts from new draws, since a population that has settled seldom leaves its place;
// the search ends when kFruitless eras in a row have not enlarged the archive's hypervolume.
#include <algorithm>
#include <cmath>
#include <limits>

#include "mapper/fitting_sampler.hpp"
#include "mapper/mapspace_moves.hpp"
#include "search/algorithms.hpp"
#include "search/chunk_runner.hpp"
#include "search/hypervolume.hpp"
#include "search/nondominated_sort.hpp"
#include "search/parallel.hpp"
#include "search/search_state.hpp"

namespace tessera {
namespace {

/// Children that are made as one piece of work.
constexpr std::uint64_t kChunk = 16;
constexpr int kRepairs = 6;
/// Draws that an individual of a first generation may take.
constexpr std::uint64_t kDraws = 32;
constexpr std::uint64_t kPatience = 100;
/// Generations between looks at the hypervolume.
constexpr std::uint64_t kCheck = 5;
constexpr std::uint64_t kFruitless = 4;
/// What counts as growth of the hypervolume.
constexpr double kGrowth = 1e-6;

struct Individual {
  MapspacePoint point;
  std::vector<double> values;
  bool feasible = false;
};

struct Worker {
  FittingSampler sampler;
  MapspaceMoves moves;
  Scorer scorer;
  Mapping mapping;
};

class Genetic {
 public:
  Genetic(const Mapspace& space, const Constraints& constraints, const SearchOptions& options,
          const SearchControl& control)
      : space_(space),
        options_(options),
        control_(control),
        checkpoint_(control, step_key("genetic", options)),
        tallies_(slots_for(control.threads)) {
    for (int i = 0; i < std::max(control.threads, 1); ++i) {
      workers_.push_back(
          {FittingSampler(space), MapspaceMoves(space), Scorer(space, constraints, options), {}});
    }
    individuals_.resize(2 * options.population);
    for (Individual& individual : individuals_) {
      individual.point = space.make_point();
    }
    next_ = individuals_;
  }

  SearchResult run() {
    if (auto result = checkpoint_.result()) {
      return *std::move(result);
    }
    restore();
    while (!space_.skeletons().empty() && fruitless_ < kFruitless && run_era()) {
      const double grown = volume(total_.front);
      fruitless_ = grown > known_ * (1 + kGrowth) ? 0 : fruitless_ + 1;
      known_ = grown;
    }
    SearchResult result;
    result.stopped = stopped(control_);
    result.front = std::move(total_.front);
    result.evaluated = total_.evaluated;
    result.feasible = total_.feasible;
    result.rejections = std::move(total_.rejections);
    checkpoint_.finish(result);
    return result;
  }

 private:
  /// True if the search may go on after it.
  bool run_era() {
    bool go_on = true;
    if (!in_era_) {
      era_ = {};
      alive_ = 0;
      idle_ = 0;
      go_on = run_generation(kDraws, [this](Worker& worker, CounterRng& rng, Individual& child,
                                            Tally& tally) { draw(worker, rng, child, tally); });
      if (reference_.empty()) {
        set_reference();
      }
      known_of_era_ = volume(era_);
    }
    in_era_ = true;
    while (go_on && alive_ > 0 && idle_ < kPatience) {
      checkpoint_.offer([this](StateWriter& state) { save(state); });
      go_on =
          run_generation(1 + kRepairs, [this](Worker& worker, CounterRng& rng, Individual& child,
                                              Tally& tally) { breed(worker, rng, child, tally); });
      if (generation_ % kCheck != 0) {
        continue;
      }
      const double grown = volume(era_);
      idle_ = grown > known_of_era_ * (1 + kGrowth) ? 0 : idle_ + kCheck;
      known_of_era_ = grown;
    }
    in_era_ = false;
    return go_on;
  }

  /// All that the next generation of an era depends on.
  void save(StateWriter& state) const {
    state.put(generation_);
    state.put(fruitless_);
    state.put(known_);
    state.put(idle_);
    state.put(known_of_era_);
    state.put(reference_);
    state.put(era_);
    state.put(total_);
    state.put(std::uint64_t{alive_});
    for (std::size_t i = 0; i < alive_; ++i) {
      state.put(individuals_[i].point);
      state.put(individuals_[i].values);
    }
  }

  void restore() {
    StateReader* state = checkpoint_.saved();
    if (state == nullptr) {
      return;
    }
    state->get(generation_);
    state->get(fruitless_);
    state->get(known_);
    state->get(idle_);
    state->get(known_of_era_);
    state->get(reference_);
    state->get(era_);
    state->get(total_);
    state->get(alive_, options_.population);
    for (std::size_t i = 0; i < alive_; ++i) {
      state->get(individuals_[i].point);
      state->get(individuals_[i].values);
      individuals_[i].feasible = true;
    }
    state->finish();
    in_era_ = true;
  }

  /// Makes children and keeps the best. `dearest` is the most mappings that one child may take.
  template <class Make>
  bool run_generation(std::uint64_t dearest, Make make) {
    const std::uint64_t left = options_.samples - std::min(options_.samples, total_.evaluated);
    const std::uint64_t children = std::min(options_.population, left / dearest);
    if (children == 0 || generation_ == options_.generations || stopped(control_)) {
      return false;
    }
    for (std::size_t i = 0; i < children; ++i) {
      individuals_[alive_ + i].feasible = false;
    }
    Tally made;
    const ChunkedWork work = {
        .chunks = (children + kChunk - 1) / kChunk,
        .propose =
            [&](std::uint64_t chunk, std::size_t slot, std::size_t worker) {
              const std::uint64_t end = std::min(children, (chunk + 1) * kChunk);
              for (std::uint64_t i = chunk * kChunk; i < end && !stopped(control_); ++i) {
                CounterRng rng(options_.seed, generation_ << 32 | i);
                make(workers_[worker], rng, individuals_[alive_ + i], tallies_[slot]);
              }
            },
        .commit = [&](std::uint64_t, std::size_t slot) { made.take(tallies_[slot]); },
    };
    run_chunks(work, control_.threads, control_.stop);
    era_.merge(made.front);
    total_.take(made);
    ++generation_;
    select(alive_ + children);
    report();
    return true;
  }

  /// A first individual: the first of a few draws that is feasible.
  void draw(Worker& worker, CounterRng& rng, Individual& child, Tally& tally) {
    for (std::uint64_t i = 0; i < kDraws && !child.feasible; ++i) {
      if (worker.sampler.draw(rng, worker.mapping)) {
        child.point = worker.sampler.point();
        score(worker, child, tally);
      } else {
        ++tally.evaluated;
        ++tally.rejections.constraint;
      }
    }
  }

  void breed(Worker& worker, CounterRng& rng, Individual& child, Tally& tally) {
    child.point = individuals_[choose_parent(rng)].point;
    if (rng.coin()) {
      worker.moves.exchange(child.point, individuals_[choose_parent(rng)].point, rng);
    }
    worker.moves.mutate(child.point, rng);
    for (int repairs = 0; score(worker, child, tally) == Scorer::Verdict::too_large; ++repairs) {
      if (repairs == kRepairs ||
          !worker.moves.relieve(child.point, worker.scorer.too_small(), rng)) {
        return;
      }
    }
  }

  /// The better of two: individuals stand best first.
  std::size_t choose_parent(CounterRng& rng) const {
    const std::uint64_t first = rng.below(alive_);
    return std::min(first, rng.below(alive_));
  }

  Scorer::Verdict score(Worker& worker, Individual& child, Tally& tally) {
    space_.build(child.point, worker.mapping);
    const Scorer::Verdict verdict = worker.scorer.score(worker.mapping, tally, &era_);
    if (verdict == Scorer::Verdict::feasible) {
      child.feasible = true;
      child.values = worker.scorer.values();
    }
    return verdict;
  }

  /// Brings the best of the first `count` individuals to the front, as many as the population has.
  void select(std::size_t count) {
    std::vector<const std::vector<double>*> values;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < count; ++i) {
      if (individuals_[i].feasible) {
        values.push_back(&individuals_[i].values);
        places.push_back(i);
      }
    }
    std::size_t to = 0;
    for (const std::size_t i : nondominated_order(values)) {
      std::swap(next_[to++], individuals_[places[i]]);
    }
    individuals_.swap(next_);
    alive_ = std::min<std::size_t>(to, options_.population);
  }

  /// Twice the worst of the first population in each objective: what is worse than that is of no
  /// interest.
  void set_reference() {
    for (std::size_t i = 0; i < alive_; ++i) {
      reference_.resize(individuals_[i].values.size(), 0);
      for (std::size_t o = 0; o < reference_.size(); ++o) {
        const double value = individuals_[i].values[o];
        reference_[o] = std::max(reference_[o], value + std::abs(value));
      }
    }
  }

  /// The hypervolume of a front. Beyond three objectives, where it takes long, the sum of those of
  /// all pairs of objectives.
  double volume(const ParetoFront& front) const {
    std::vector<std::vector<double>> points;
    for (const ParetoPoint& point : front.points()) {
      points.push_back(point.values);
    }
    if (reference_.size() <= 3) {
      return hypervolume(std::move(points), reference_);
    }
    double sum = 0;
    for (std::size_t a = 0; a < reference_.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        std::vector<std::vector<double>> pairs;
        for (const std::vector<double>& point : points) {
          pairs.push_back({point[a] / reference_[a], point[b] / reference_[b]});
        }
        sum += hypervolume(std::move(pairs), {1, 1});
      }
    }
    return sum;
  }

  void report() const {
    if (control_.on_progress) {
      const auto share = [](std::uint64_t done, std::uint64_t most) {
        return static_cast<double>(done) / static_cast<double>(most);
      };
      control_.on_progress({total_.evaluated, total_.feasible,
                            std::max(share(total_.evaluated, options_.samples),
                                     share(generation_, options_.generations)),
                            least_values(total_.front)});
    }
  }

  const Mapspace& space_;
  const SearchOptions& options_;
  const SearchControl& control_;
  Checkpoint checkpoint_;
  std::vector<Worker> workers_;
  std::vector<Tally> tallies_;           // by slot of run_chunks
  std::vector<Individual> individuals_;  // parents, best first; then children
  std::vector<Individual> next_;
  std::size_t alive_ = 0;  // parents
  std::uint64_t generation_ = 0;
  ParetoFront era_;  // of this era alone
  bool in_era_ = false;
  std::uint64_t idle_ = 0;       // generations without growth in this era
  double known_of_era_ = 0;      // hypervolume
  std::uint64_t fruitless_ = 0;  // eras without growth
  double known_ = 0;             // hypervolume of all eras
  Tally total_;
  std::vector<double> reference_;
};

}  // namespace

SearchResult search_genetic(const Mapspace& space, const Constraints& constraints,
                            const SearchOptions& options, const SearchControl& control) {
  return Genetic(space, constraints, options, control).run();
}

}  // namespace tessera
