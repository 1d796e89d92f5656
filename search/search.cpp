#include "search/search.hpp"

#include <algorithm>

#include "search/algorithms.hpp"
#include "search/certificate.hpp"
#include "search/chunk_runner.hpp"
#include "search/exact.hpp"
#include "search/lower_bounds.hpp"
#include "search/relaxation.hpp"

namespace tessera {
namespace {

/// Up to so many mappings are tried one by one rather than pruned: a tenth of a second.
constexpr std::uint64_t kMostAutomatic = 100'000;
/// Where branch and bound cannot prune: some seconds.
constexpr std::uint64_t kMostWithoutBounds = 3'000'000;
/// So much `automatic` spends on a proof of imperfect factors, since perfect ones are there as a
/// fallback: some ten seconds.
constexpr ProofEffort kMostEffort{.combinations = 15'000'000, .nodes = 150'000'000};
/// And on one of perfect factors, where holds may stand in very many orders: about a minute.
constexpr ProofEffort kMostEffortPerfect{.nodes = 1'000'000'000};
/// Mappings that a genetic search scores before a branch and bound: fewer in spaces where the proof
/// takes hardly longer than that.
constexpr std::uint64_t kFirstScored = 10'000;
constexpr std::uint64_t kFirstScoredInSmall = 1'000;
constexpr std::uint64_t kSmallSpace = 10'000'000'000'000'000;
/// Draws that find out why nothing is legal.
constexpr std::uint64_t kReasonDraws = 20'000;

bool at_most(const MapspaceSize& size, std::uint64_t most) {
  return size.exact && size.count <= WideCount(most);
}

/// How a search is carried out. `bound`: evolve, and prune a space with fewer rules.
enum class Way { enumerate, prune, bound, sample, evolve };

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
  const auto obstacle = exact_obstacle(space, constraints, options);
  if (!obstacle) {
    why = "branch and bound over normal forms, from what a short genetic search found";
    return Way::prune;
  }
  if (automatic && at_most(size, kMostWithoutBounds)) {
    why = "all " + count + " mappings can be tried, and " + *obstacle;
    return Way::enumerate;
  }
  if (const auto relaxed = relax(space.architecture(), constraints, options)) {
    const Mapspace wider(space.problem(), relaxed->architecture, relaxed->constraints,
                         options.space, options.factors);
    if (!exact_obstacle(wider, relaxed->constraints, relaxed->options)) {
      why = "genetic, with a bound from branch and bound without " + relaxed->without;
      return Way::bound;
    }
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
                    " that can be tried one by one: use auto, which searches it and gives a bound, "
                    "a smaller space (hierarchical, even), perfect factors, or constraints");
}

/// The front of perfect factors is proven far sooner than that of imperfect ones, and all its
/// mappings are legal among these too. Mappings already found cut it, also those of imperfect
/// factors. False if that is not known of it.
bool add_perfect_front(const Mapspace& space, const Constraints& constraints,
                       const SearchOptions& options, const SearchControl& control,
                       SearchResult& result) {
  SearchOptions perfect = options;
  perfect.factors = Factors::perfect;
  const Mapspace inner(space.problem(), space.architecture(), constraints, perfect.space,
                       perfect.factors);
  if (result.stopped || exact_obstacle(inner, constraints, perfect)) {
    return false;
  }
  SearchResult proven = search_exact(inner, constraints, perfect, control, result.front);
  result.front = std::move(proven.front);
  result.evaluated += proven.evaluated;
  result.feasible += proven.feasible;
  result.stopped = proven.stopped;
  result.tree = proven.tree;
  return !proven.stopped;
}

/// For `SearchResult::why`.
constexpr const char* kPerfectProven = "; no mapping of perfect factors is better (proven)";

/// Adds what a further search found.
void take(SearchResult more, SearchResult& result) {
  result.front.merge(std::move(more.front));
  result.certificate = bounded_by(std::move(result.certificate.least), result.front);
  result.evaluated += more.evaluated;
  result.feasible += more.feasible;
  result.rejections = std::move(more.rejections);
  result.stopped = more.stopped;
}

ProofEffort effort_of(const SearchOptions& options) {
  if (options.algorithm != Algorithm::automatic) {
    return {};
  }
  return options.factors == Factors::imperfect ? kMostEffort : kMostEffortPerfect;
}

/// A short genetic search first, and before a large proof of imperfect factors that of perfect
/// ones: what they find cuts from the start, and is there if the search is stopped early. Where the
/// proof is given up, a long genetic search, and the bound.
SearchResult prove(const Mapspace& space, const MapspaceSize& size, const Constraints& constraints,
                   const SearchOptions& options, const SearchControl& control) {
  SearchOptions short_search = options;
  short_search.samples = at_most(size, kSmallSpace) ? kFirstScoredInSmall : kFirstScored;
  SearchControl quiet = control;
  quiet.on_progress = nullptr;
  SearchResult first = search_genetic(space, constraints, short_search, quiet);
  const bool perfect_proven = options.factors == Factors::imperfect &&
                              !at_most(size, kSmallSpace) &&
                              add_perfect_front(space, constraints, options, quiet, first);
  if (first.stopped) {
    first.algorithm = Algorithm::exhaustive;
    return first;
  }
  SearchResult result = search_exact(space, constraints, options, control, std::move(first.front),
                                     {}, effort_of(options));
  result.algorithm = Algorithm::exhaustive;
  result.evaluated += first.evaluated;
  result.feasible += first.feasible;
  result.rejections = std::move(first.rejections);
  if (!result.stopped && result.certificate.kind != Certificate::Kind::exact) {
    take(search_genetic(space, constraints, options, control), result);
    result.algorithm = Algorithm::genetic;
    result.why =
        std::string("genetic, with the bound of a proof that was given up: ") +
        (options.factors == Factors::imperfect ? "imperfect factors" : "the orders of the holds") +
        " leave too much to look at (--algorithm exhaustive does)" +
        (perfect_proven ? kPerfectProven : "");
  }
  return result;
}

/// A genetic search, and what a proof without the rules that it does not know says of its front.
/// Where that is not all and the space is small enough, `exhaustive` tries all mappings.
SearchResult search_with_bound(const Mapspace& space, const MapspaceSize& size,
                               const Constraints& constraints, const SearchOptions& options,
                               const SearchControl& control) {
  SearchResult result = search_genetic(space, constraints, options, control);
  result.algorithm = Algorithm::genetic;
  const auto relaxed = relax(space.architecture(), constraints, options);
  if (result.stopped || !relaxed) {
    return result;
  }
  const Mapspace wider(space.problem(), relaxed->architecture, relaxed->constraints, options.space,
                       options.factors);
  // What was found, at what it costs there.
  Scorer scorer(wider, relaxed->constraints, relaxed->options);
  Tally known;
  for (const ParetoPoint& point : result.front.points()) {
    scorer.score(point.mapping, known);
  }
  bound_by(search_exact(wider, relaxed->constraints, relaxed->options, control,
                        std::move(known.front), {}, effort_of(options)),
           space, constraints, options, result);
  if (options.algorithm == Algorithm::exhaustive && !result.stopped &&
      result.certificate.kind != Certificate::Kind::exact && at_most(size, kMostEnumerated)) {
    result = search_exhaustive(space, constraints, options, control, size.count.low());
    result.algorithm = Algorithm::exhaustive;
  }
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
      case Way::bound:
        result = search_with_bound(space, size, constraints, options, control);
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
    result.why = result.why.empty() ? why : result.why;
    const bool told = options.algorithm == Algorithm::random ||
                      options.algorithm == Algorithm::genetic;  // no word of a proof
    if (result.certificate.kind == Certificate::Kind::none && !told) {
      if (result.algorithm == Algorithm::genetic && options.factors == Factors::imperfect &&
          add_perfect_front(space, constraints, options, control, result)) {
        result.why += kPerfectProven;
      }
      result.certificate = bounded_by(lower_bounds(space, options), result.front);
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
