#include "search/search.hpp"

#include <algorithm>
#include <limits>

#include "search/algorithms.hpp"
#include "search/chunk_runner.hpp"
#include "search/exact.hpp"

namespace tessera {
namespace {

/// Up to so many mappings are tried one by one rather than pruned: a tenth of a second.
constexpr std::uint64_t kMostAutomatic = 100'000;
/// Up to so much effort `automatic` proves imperfect factors, since perfect ones are there as a
/// fallback.
constexpr double kMostEffort = 1e13;
/// Mappings that a genetic search scores before a branch and bound: fewer in spaces where the proof
/// takes hardly longer than that.
constexpr std::uint64_t kFirstScored = 10'000;
constexpr std::uint64_t kFirstScoredInSmall = 2'000;
constexpr std::uint64_t kSmallSpace = 10'000'000'000'000'000;
/// Draws that find out why nothing is legal.
constexpr std::uint64_t kReasonDraws = 20'000;

bool at_most(const MapspaceSize& size, std::uint64_t most) {
  return size.exact && size.count <= WideCount(most);
}

/// How a search is carried out.
enum class Way { enumerate, prune, sample, evolve };

Way choose(const Mapspace& space, const MapspaceSize& size, const Constraints& constraints,
           const SearchOptions& options, std::string& why) {
  if (options.algorithm == Algorithm::random) {
    return Way::sample;
  }
  if (options.algorithm == Algorithm::genetic) {
    return Way::evolve;
  }
  const bool automatic = options.algorithm == Algorithm::automatic;
  const std::string count = size.to_string();
  if (at_most(size, kMostAutomatic)) {
    why = automatic ? std::string("all ") + count + " mappings can be tried" : "";
    return Way::enumerate;
  }
  const bool quick = automatic && options.factors == Factors::imperfect;
  const auto obstacle = exact_obstacle(
      space, constraints, options, quick ? kMostEffort : std::numeric_limits<double>::infinity());
  if (!obstacle) {
    why = "branch and bound over normal forms, from what a short genetic search found";
    return Way::prune;
  }
  if (automatic) {
    why = "genetic, without proof: " + *obstacle;
    return Way::evolve;
  }
  if (at_most(size, kMostEnumerated)) {
    return Way::enumerate;
  }
  throw SearchError(*obstacle + ", and the space has " + count + " mappings, more than the " +
                    std::to_string(kMostEnumerated) +
                    " that can be tried one by one: use genetic or random, a smaller "
                    "space (hierarchical, even), perfect factors, or constraints");
}

/// Limits bound nothing: where no mapping keeps them, no mapping would ever cut anything. So, where
/// none is known that does, the front of the limited metrics alone is searched first, without the
/// limits. If any mapping keeps them, that front has one: the point that is at most it in all those
/// metrics.
SearchResult search_within_limits(const Mapspace& space, const Constraints& constraints,
                                  const SearchOptions& options, const SearchControl& control) {
  SearchOptions metrics = options;
  metrics.limits.clear();
  metrics.objectives.clear();
  for (const Limit& limit : options.limits) {
    const Objective objective = limited_objective(limit.metric);
    if (std::none_of(metrics.objectives.begin(), metrics.objectives.end(), [&](const auto& each) {
          return static_cast<Objective::Kind>(each) == static_cast<Objective::Kind>(objective);
        })) {
      metrics.objectives.push_back(objective);
    }
  }
  SearchOptions short_search = metrics;
  short_search.samples = kFirstScored;
  SearchControl quiet = control;
  quiet.on_progress = nullptr;
  SearchResult first = search_genetic(space, constraints, short_search, quiet);
  SearchResult found = search_exact(space, constraints, metrics, control, std::move(first.front));
  Scorer scorer(space, constraints, options);
  Tally tally;
  for (const ParetoPoint& point : found.front.points()) {
    scorer.score(point.mapping, tally);
  }
  found.front = std::move(tally.front);
  found.evaluated += first.evaluated;
  found.feasible = tally.feasible;
  if (found.stopped) {
    found.certificate = {};
  }
  return found;
}

/// The front of perfect factors is proven far sooner than that of imperfect ones, and all its
/// mappings are legal among these too. Mappings already found cut it, also those of imperfect factors.
void add_perfect_front(const Mapspace& space, const Constraints& constraints,
                       const SearchOptions& options, const SearchControl& control,
                       SearchResult& result) {
  SearchOptions perfect = options;
  perfect.factors = Factors::perfect;
  const Mapspace inner(space.problem(), space.architecture(), constraints, perfect.space,
                       perfect.factors);
  if (result.stopped || exact_obstacle(inner, constraints, perfect)) {
    return;
  }
  SearchResult proven = search_exact(inner, constraints, perfect, control, result.front);
  result.front = std::move(proven.front);
  result.evaluated += proven.evaluated;
  result.feasible += proven.feasible;
  result.stopped = proven.stopped;
  result.tree = proven.tree;
  if (!proven.stopped) {
    result.why += "; no mapping of perfect factors is better (proven)";
  }
}

/// A short genetic search first, and before a large proof of imperfect factors that of perfect ones:
/// what they find cuts from the start, and is there if the search is stopped early.
SearchResult prove(const Mapspace& space, const MapspaceSize& size, const Constraints& constraints,
                   const SearchOptions& options, const SearchControl& control) {
  SearchOptions short_search = options;
  short_search.samples = at_most(size, kSmallSpace) ? kFirstScoredInSmall : kFirstScored;
  SearchControl quiet = control;
  quiet.on_progress = nullptr;
  SearchResult first = search_genetic(space, constraints, short_search, quiet);
  if (first.front.empty() && !options.limits.empty() && !stopped(control)) {
    SearchResult within = search_within_limits(space, constraints, options, control);
    first.evaluated += within.evaluated;
    if (within.front.empty() || within.stopped) {
      within.algorithm = Algorithm::exhaustive;
      within.evaluated = first.evaluated;
      within.rejections = std::move(first.rejections);
      return within;
    }
    first.front = std::move(within.front);
  }
  if (options.factors == Factors::imperfect && !at_most(size, kSmallSpace)) {
    add_perfect_front(space, constraints, options, quiet, first);
  }
  SearchResult result = search_exact(space, constraints, options, control, std::move(first.front));
  result.algorithm = Algorithm::exhaustive;
  result.evaluated += first.evaluated;
  result.feasible += first.feasible;
  result.rejections = std::move(first.rejections);
  return result;
}

/// A pruned search that finds nothing cannot say how many mappings each reason refuses; draws can.
void count_reasons(const Mapspace& space, const Constraints& constraints,
                   const SearchOptions& options, const SearchControl& control,
                   SearchResult& result) {
  SearchOptions draws = options;
  draws.samples = std::min(options.samples, kReasonDraws);
  SearchControl quiet = control;
  quiet.on_progress = nullptr;
  try {
    const SearchResult sampled = search_random(space, constraints, draws, quiet);
    result.evaluated = sampled.evaluated;
    result.rejections = sampled.rejections;
  } catch (const MapspaceError&) {
    // A space that cannot be drawn from: that nothing is legal is proven all the same.
  }
}

}  // namespace

SearchResult search(const Problem& problem, const Architecture& architecture,
                    const Constraints& constraints, const SearchOptions& options,
                    const SearchControl& control) {
  if (options.objectives.empty()) {
    throw SearchError("no objective is given: name at least one, such as energy");
  }
  try {
    const Mapspace space(problem, architecture, constraints, options.space, options.factors);
    const MapspaceSize size = space.size();
    std::string why;
    SearchResult result;
    switch (choose(space, size, constraints, options, why)) {
      case Way::enumerate:
        result = search_exhaustive(space, constraints, options, control, size.count.low());
        result.algorithm = Algorithm::exhaustive;
        break;
      case Way::prune:
        result = prove(space, size, constraints, options, control);
        if (result.front.empty() && !result.stopped) {
          count_reasons(space, constraints, options, control, result);
        }
        break;
      case Way::sample:
        result = search_random(space, constraints, options, control);
        result.algorithm = Algorithm::random;
        break;
      case Way::evolve:
        result = search_genetic(space, constraints, options, control);
        result.algorithm = Algorithm::genetic;
        break;
    }
    result.why = why;
    if (result.algorithm == Algorithm::genetic && options.algorithm == Algorithm::automatic &&
        options.factors == Factors::imperfect) {
      add_perfect_front(space, constraints, options, control, result);
    }
    if (options.lexicographic) {
      result.front.keep_first();
    }
    result.space_size = size.to_string();
    return result;
  } catch (const MapspaceError& error) {
    throw SearchError(error.what());
  }
}

}  // namespace tessera
