#include "search/scorer.hpp"

#include <algorithm>
#include <cmath>

#include "search/occupancy.hpp"

namespace tessera {
namespace {

void add(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
  to.resize(std::max(to.size(), from.size()));
  for (std::size_t i = 0; i < from.size(); ++i) {
    to[i] += from[i];
  }
}

}  // namespace

void Tally::clear() {
  *this = Tally{};
}

void Tally::take(Tally& other) {
  front.merge(std::move(other.front));
  evaluated += other.evaluated;
  feasible += other.feasible;
  add(rejections.capacity, other.rejections.capacity);
  rejections.axis += other.rejections.axis;
  rejections.constraint += other.rejections.constraint;
  rejections.utilization += other.rejections.utilization;
  add(rejections.limits, other.rejections.limits);
  rejections.no_value += other.rejections.no_value;
  distributions.resize(std::max(distributions.size(), other.distributions.size()));
  for (std::size_t o = 0; o < other.distributions.size(); ++o) {
    distributions[o].merge(other.distributions[o]);
  }
  other.clear();
}

Scorer::Scorer(const Mapspace& space, const Constraints& constraints, const SearchOptions& options)
    : space_(space),
      constraints_(constraints),
      options_(options),
      evaluator_(space.problem(), space.architecture()) {}

Scorer::Verdict Scorer::score(const Mapping& mapping, Tally& tally, const ParetoFront* known) {
  ++tally.evaluated;
  if (space_.needs_filter() &&
      find_violation(space_.problem(), space_.architecture(), constraints_, mapping)) {
    ++tally.rejections.constraint;
    return Verdict::refused;
  }
  evaluator_.evaluate(mapping, evaluation_);
  if (!evaluation_.feasible()) {
    if (evaluation_.infeasible.why == Infeasible::Why::axis) {
      ++tally.rejections.axis;
      return Verdict::refused;
    }
    auto& capacity = tally.rejections.capacity;
    capacity.resize(space_.architecture().hierarchy.size());
    ++capacity[evaluation_.infeasible.level.index()];
    return Verdict::too_large;
  }
  if (evaluation_.utilization < constraints_.min_utilization ||
      find_underfilled(space_.problem(), space_.architecture(), constraints_, evaluation_)) {
    ++tally.rejections.utilization;
    return Verdict::refused;
  }
  if (const auto broken = find_broken(options_.limits, evaluation_)) {
    tally.rejections.limits.resize(options_.limits.size());
    ++tally.rejections.limits[*broken];
    return Verdict::refused;
  }
  values_.clear();
  for (const Objective& objective : options_.objectives) {
    values_.push_back(value_of(objective, evaluation_));
    if (!std::isfinite(values_.back())) {
      ++tally.rejections.no_value;
      return Verdict::refused;
    }
  }
  ++tally.feasible;
  if (recording_) {
    tally.distributions.resize(values_.size());
    for (std::size_t o = 0; o < values_.size(); ++o) {
      tally.distributions[o].add(values_[o]);
    }
  }
  if (!(known != nullptr && known->dominates(values_)) && !tally.front.dominates(values_)) {
    tally.front.insert({values_, mapping, mapping_key(mapping)});
  }
  return Verdict::feasible;
}

void Scorer::repeat_too_large(std::uint64_t times, Tally& tally) {
  tally.evaluated += times;
  tally.rejections.capacity[evaluation_.infeasible.level.index()] += times;
}

std::string mapping_key(const Mapping& mapping) {
  std::string key;
  const auto put = [&key](std::uint64_t value, int bytes) {
    for (int i = bytes; i-- > 0;) {
      key.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * i))));
    }
  };
  for (const Node& node : mapping.nodes) {
    if (const Hold* hold = std::get_if<Hold>(&node)) {
      put(0, 1);
      put(hold->memory.value, 1);
      put(hold->tensors.bits, 4);
    } else {
      const Loop& loop = std::get<Loop>(node);
      put(loop.axis ? 2u : 1u, 1);
      put(loop.axis ? loop.axis->fanout.value : 0u, 1);
      put(loop.axis ? loop.axis->axis : 0u, 1);
      put(loop.dimension.value, 1);
      put(static_cast<std::uint64_t>(loop.bound), 8);
    }
  }
  return key;
}

}  // namespace tessera
