// Any legal mapping: first by a short genetic search, which finds one where they are not rare, then
// by proof: all mappings one by one where there are few, else branch and bound.

#include "search/legal_search.hpp"

#include <algorithm>

#include "model/evaluate.hpp"
#include "search/algorithms.hpp"
#include "search/chunk_runner.hpp"
#include "search/exact.hpp"
#include "spec/error.hpp"

namespace tessera {
namespace {

using Verdict = Remedy::Verdict;

/// Up to so many mappings are tried one by one.
constexpr std::uint64_t kMostEnumerated = 100'000;
/// Most effort of a branch and bound, as exact_obstacle() estimates it: some tenths of a second.
constexpr double kMostEffort = 1e12;
/// Mappings that the genetic search scores before.
constexpr std::uint64_t kGenetic = 6'000;

bool has(const std::vector<Objective>& objectives, const Objective& objective) {
  return std::any_of(objectives.begin(), objectives.end(), [&](const Objective& each) {
    return static_cast<Objective::Kind>(each) == static_cast<Objective::Kind>(objective);
  });
}

class LegalSearch {
 public:
  LegalSearch(const Problem& problem, const SearchControl& control)
      : problem_(problem), control_(control) {}

  Attempt run(const SearchCase& searched, std::optional<Objective> least);

 private:
  ParetoFront guess(const Mapspace& space, const Constraints& constraints,
                    const SearchOptions& options);
  static ParetoFront select(const ParetoFront& front, const Mapspace& space,
                            const Constraints& constraints, const SearchOptions& options);

  const Problem& problem_;
  const SearchControl& control_;
};

/// What a short genetic search finds, of `options` without limits. The utilization asked for is an
/// objective of it: it is drawn to what has that, where it would know no better than to draw.
ParetoFront LegalSearch::guess(const Mapspace& space, const Constraints& constraints,
                               const SearchOptions& options) {
  SearchOptions drawn = options;
  drawn.samples = kGenetic;
  Constraints looser = constraints;
  looser.min_utilization = 0;
  if (constraints.min_utilization > 0 && !has(drawn.objectives, Objective::latency)) {
    drawn.objectives.push_back(Objective::latency);
  }
  const SearchResult found = search_genetic(space, looser, drawn, control_);
  return select(found.front, space, constraints, options);
}

/// The points of a front that are legal.
ParetoFront LegalSearch::select(const ParetoFront& front, const Mapspace& space,
                                const Constraints& constraints, const SearchOptions& options) {
  Scorer scorer(space, constraints, options);
  Tally tally;
  for (const ParetoPoint& point : front.points()) {
    scorer.score(point.mapping, tally);
  }
  return std::move(tally.front);
}

/// Searches for a legal mapping; with `least` for one of the least value.
///
/// Limits are no bounds for branch and bound, objectives are: so the front of all limited metrics
/// is searched without the limits. Where a legal mapping exists, that front has one: the point that
/// is at most it in every objective. The same holds for the one of the least value.
Attempt LegalSearch::run(const SearchCase& searched, std::optional<Objective> least) {
  SearchOptions limited = searched.options;
  limited.objectives.clear();
  if (least) {
    limited.objectives.push_back(*least);
  }
  for (const Limit& limit : limited.limits) {
    if (!has(limited.objectives, limited_objective(limit.metric))) {
      limited.objectives.push_back(limited_objective(limit.metric));
    }
  }
  if (limited.objectives.empty()) {
    limited.objectives.push_back(Objective::area);  // the same for all: any mapping ends a search
  }
  SearchOptions free = limited;
  free.limits.clear();
  const Constraints& constraints = searched.constraints;
  const Mapspace space(problem_, searched.architecture, constraints, free.space, free.factors);
  if (space.skeletons().empty()) {
    return {.verdict = Verdict::not_enough, .mapping = {}, .least = false};
  }
  const auto answer = [&](const ParetoFront& front, bool all) {
    const ParetoFront legal = select(front, space, constraints, limited);
    Attempt result;
    if (!legal.empty()) {
      result = {Verdict::enough, legal.points().front().mapping, all};
    } else if (all) {
      result.verdict = Verdict::not_enough;
    }
    return result;
  };
  const MapspaceSize size = space.size();
  if (size.exact && size.count <= WideCount(kMostEnumerated)) {
    const SearchResult all =
        search_exhaustive(space, constraints, free, control_, size.count.low());
    return answer(all.front, !all.stopped);
  }
  ParetoFront known = guess(space, constraints, free);
  Attempt result = answer(known, false);
  if (!least && result.verdict == Verdict::enough) {
    return result;
  }
  if (!exact_obstacle(space, constraints, free, kMostEffort)) {
    const SearchResult proof = search_exact(space, constraints, free, control_, std::move(known));
    return answer(proof.front, !proof.stopped);
  }
  if (result.verdict != Verdict::enough && free.factors == Factors::imperfect) {
    SearchCase perfect = searched;  // all its mappings are mappings here too
    perfect.options.factors = Factors::perfect;
    result = run(perfect, std::move(least));
    result.least = false;
    if (result.verdict == Verdict::not_enough) {
      result.verdict = Verdict::unknown;
    }
  }
  return result;
}

}  // namespace

Attempt find_legal(const Problem& problem, const SearchCase& searched,
                   const std::optional<Objective>& least, const SearchControl& control) {
  if (stopped(control)) {
    return {};
  }
  try {
    return LegalSearch(problem, control).run(searched, least);
  } catch (const MapspaceError&) {  // too large a space: nothing is known
  } catch (const SearchError&) {
  } catch (const ModelError&) {
  } catch (const OverflowError&) {
  }
  return {};
}

}  // namespace tessera
