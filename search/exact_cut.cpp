#include "search/exact_cut.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <utility>

namespace tessera {
namespace {

/// Above so many combinations of indices, distinct sums are not counted.
constexpr std::int64_t kMostSums = 100'000;

/// Distinct values of a rank over the dimensions of `group`: at least and at most.
std::pair<double, double> distinct_values(const Problem& problem, const Rank& rank,
                                          DimensionSet group) {
  std::set<std::int64_t> sums = {0};
  std::int64_t combinations = 1;
  std::int64_t largest = 1;
  double reach = 1;
  double product = 1;
  for (const Term& term : rank) {
    const std::int64_t bound = problem.at(term.dimension).bound;
    if (!group.contains(term.dimension) || bound == 1) {
      continue;
    }
    largest = std::max(largest, bound);
    product *= static_cast<double>(bound);
    reach += std::abs(static_cast<double>(term.coefficient)) * static_cast<double>(bound - 1);
    combinations = combinations > kMostSums / bound ? kMostSums + 1 : combinations * bound;
    if (combinations > kMostSums) {
      continue;
    }
    std::set<std::int64_t> next;
    for (const std::int64_t sum : sums) {
      for (std::int64_t i = 0; i < bound; ++i) {
        next.insert(sum + i * term.coefficient);
      }
    }
    sums = std::move(next);
  }
  if (combinations > kMostSums) {
    return {static_cast<double>(largest), std::min(reach, product)};
  }
  return {static_cast<double>(sums.size()), static_cast<double>(sums.size())};
}

}  // namespace

OptionCut::OptionCut(const Mapspace& space, const std::vector<DimensionSet>& groups,
                     const ExactObjectives& objectives, const ParetoFront& known,
                     double most_cycles)
    : space_(space), objectives_(objectives), most_cycles_(most_cycles) {
  known_.reset(known);
  const Problem& problem = space.problem();
  const Architecture& architecture = space.architecture();
  operations_ = static_cast<double>(problem.operations());
  lanes_ = static_cast<double>(architecture.instances(LevelId(architecture.hierarchy.size() - 1)));
  least_steps_ = LeastSteps(space, {}).of_all();
  without_one_.resize(problem.dimensions.size());
  most_words_.resize(problem.tensors.size(), 1);
  for (const DimensionSet& group : groups) {
    words_.emplace_back();
    without_.emplace_back(space, group);
    for (std::size_t d = 0; std::popcount(group.bits) > 1 && d < without_one_.size(); ++d) {
      if (group.contains(DimensionId(d))) {
        DimensionSet one;
        one.insert(DimensionId(d));
        without_one_[d].emplace(space, one);
      }
    }
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      double words = 1;
      for (const Rank& rank : problem.tensors[t].projection.ranks) {
        const auto [least, most] = distinct_values(problem, rank, group);
        words *= least;
        most_words_[t] *= most;
      }
      words_.back().push_back(words);
    }
  }
}

/// True for what operations move to or from a memory without a fanout inside it: each its own word.
bool OptionCut::unshared(const Component& component) const {
  const Architecture& architecture = space_.architecture();
  return component.child == -1 && component.per_instance < 0 &&
         static_cast<double>(
             architecture.instances(LevelId(static_cast<std::size_t>(component.server)))) == lanes_;
}

TermCost OptionCut::least(const TermTable& terms) const {
  std::vector<double> all;
  for (const Rest& rest : this->rest(terms, words_.size())) {
    all.push_back(rest.times + rest.known);
  }
  return terms.cost(all.data(), least_steps());
}

TermCost OptionCut::least(const TermTable& terms, std::span<const OptionTrie* const> tries) const {
  const bool all = std::find(tries.begin(), tries.end(), nullptr) == tries.end();
  const std::vector<Rest> rests = rest(terms, words_.size());
  std::vector<double> values;
  for (std::size_t c = 0; c < rests.size(); ++c) {
    const Component& component = terms.components()[c];
    const bool words =
        component.kind == Component::Kind::entering || component.kind == Component::Kind::distinct;
    double least = 1;
    for (std::size_t g = 0; g < tries.size(); ++g) {
      const double unknown = words ? words_[g][component.tensor] : 1.0;
      least *= tries[g] != nullptr ? tries[g]->least_of(0, c) : unknown;
    }
    const bool divided = component.per_instance >= 0 && !all;  // by what is not known
    const bool is_known = rests[c].known > 0;  // `distinct` only together with its visits
    values.push_back(is_known ? rests[c].known : divided ? 0.0 : least);
  }
  return terms.cost(values.data(), least_steps());
}

std::vector<OptionCut::Rest> OptionCut::rest(const TermTable& terms, std::size_t group) const {
  std::vector<Rest> rests;
  for (const Component& component : terms.components()) {
    double of_others = 1;
    for (std::size_t g = 0; g < words_.size(); ++g) {
      of_others *= g == group ? 1 : words_[g][component.tensor];
    }
    // Updates are distinct words times visits: as many as operations. They cost least where there
    // are most distinct ones, no more than every lane has of every word.
    const double visits = std::max(1.0, operations_ / (most_words_[component.tensor] * lanes_));
    Rest rest;
    switch (component.kind) {
      case Component::Kind::entering:
        rest = unshared(component) ? Rest{.times = 0, .known = operations_}
                                   : Rest{.times = of_others, .known = 0};
        break;
      case Component::Kind::distinct:
        rest = unshared(component) ? Rest{.times = 0, .known = operations_ / visits}
                                   : Rest{.times = of_others, .known = 0};
        break;
      case Component::Kind::visits:
        rest =
            unshared(component) ? Rest{.times = 0, .known = visits} : Rest{.times = 1, .known = 0};
        break;
      case Component::Kind::groups:
      case Component::Kind::tile:
      case Component::Kind::axis:
        rest.times = 1;
        break;
      case Component::Kind::steps:
      case Component::Kind::used:
        break;
    }
    rests.push_back(component.per_instance < 0 ? rest : Rest{});
  }
  return rests;
}

bool OptionCut::hopeless(const TermCost& cost) const {
  ObjectiveBounds bound;
  objectives_.bounds(cost, bound);
  return cost.cycles > most_cycles_ * (1 + kExactRounding) || objectives_.beyond_limits(cost) ||
         known_.reach(bound);
}

void OptionCut::hopeless(const BatchCosts& costs, std::size_t count,
                         std::array<bool, kBatch>& open) const {
  std::array<BatchRow, kMostObjectives> bounds;
  objectives_.bounds(costs, count, bounds.data());
  known_.reach(bounds.data(), count, open);
  const double most = most_cycles_ * (1 + kExactRounding);
  for (std::size_t i = 0; i < count; ++i) {
    open[i] = open[i] && costs.cycles[i / 2][i % 2] <= most;
  }
  for (std::size_t i = 0; i < count && objectives_.has_limits(); ++i) {
    open[i] = open[i] && !objectives_.beyond_limits(costs.at(i));
  }
}

}  // namespace tessera
