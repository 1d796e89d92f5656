// A mapping moves every word at least once to and from each memory that holds its tensor, and at
// most as many lanes work at a time as the machine has. What that costs depends on who holds what
// alone, not on the order of holds, so one look for each set of holds is enough: a fraction of a
// millisecond each, of which there are some thousand at most. It is a bound for every mapping, also
// where the normal forms are not enough for a proof; rules that a mapping must keep only raise what
// it costs, and so do hops, the passes of arrays and what does not overlap.

#include "search/lower_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "search/exact_cut.hpp"
#include "search/exact_objectives.hpp"
#include "search/exact_options.hpp"
#include "search/exact_terms.hpp"

namespace tessera {
namespace {

using HoldSet = std::set<std::pair<std::size_t, std::size_t>>;  // tensor, memory

/// Who holds what in a skeleton, in some order that keeps each tensor's own.
NormalForm holds_of(const Problem& problem, const Skeleton& skeleton, HoldSet& set) {
  NormalForm form;
  form.top = skeleton.top;
  const auto each = [&](const Hold& hold, const auto& visit) {
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      if (hold.tensors.contains(TensorId(t))) {
        set.emplace(t, hold.memory.index());
        visit(TensorId(t));
      }
    }
  };
  for (const Hold& hold : skeleton.top) {
    each(hold, [](TensorId) {});
  }
  for (const Hold& hold : skeleton.holds) {
    each(hold, [&](TensorId tensor) {
      form.holds.push_back({.tensor = tensor, .memory = hold.memory, .sweep = {}, .joined = false});
    });
  }
  return form;
}

bool known(const SearchOptions& options) {
  return options.objectives.size() <= kMostObjectives &&
         std::all_of(options.objectives.begin(), options.objectives.end(),
                     [](const Objective& objective) {
                       return objective != Objective::formula || objective.terms().rises();
                     });
}

}  // namespace

std::vector<double> lower_bounds(const Mapspace& space, const SearchOptions& options) {
  if (!known(options)) {
    return {};
  }
  const Problem& problem = space.problem();
  const ExactObjectives objectives(problem, space.architecture(), options);
  const OptionCut cut(space, dimension_groups(problem), objectives, {},
                      std::numeric_limits<double>::infinity());
  std::vector<double> least(objectives.size(), std::numeric_limits<double>::infinity());
  std::set<HoldSet> seen;
  for (const Skeleton& skeleton : space.skeletons()) {
    HoldSet set;
    const NormalForm form = holds_of(problem, skeleton, set);
    if (!seen.insert(std::move(set)).second) {
      continue;
    }
    const TermTable terms(problem, space.architecture(), form, space.spatial_slots());
    ObjectiveBounds bounds{};
    objectives.bounds(cut.least(terms), bounds);
    for (std::size_t o = 0; o < least.size(); ++o) {
      least[o] = std::min(least[o], bounds[o]);
    }
  }
  if (seen.empty()) {
    return {};
  }
  for (std::size_t o = 0; o < least.size(); ++o) {
    if (options.objectives[o] != Objective::latency) {  // a whole number already
      least[o] *= 1 - kExactRounding;                   // sums are rounded
    }
    if (options.objectives[o] == Objective::dram_words) {
      least[o] = std::ceil(least[o]);
    }
  }
  return least;
}

std::optional<std::vector<double>> lower_bounds(const Problem& problem,
                                                const Architecture& architecture,
                                                const Constraints& constraints,
                                                const SearchOptions& options) {
  const Mapspace space(problem, architecture, constraints, options.space, options.factors);
  std::vector<double> least = lower_bounds(space, options);
  return least.empty() ? std::nullopt : std::optional(std::move(least));
}

}  // namespace tessera
