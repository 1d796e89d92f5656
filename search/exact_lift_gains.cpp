// Which lifts (exact_terms.hpp) are worth their time: there are far more of them than bounds can
// look at, and which of them bite depends on the machine and the problem. So they are tried on some
// of a form's choices of spatial loops, with the least components of all further choices.

#include "search/exact_lift_gains.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace tessera {
namespace {

/// Choices of spatial loops that lifts are tried on.
constexpr std::size_t kSamples = 24;
/// A lift that never raises its target by more than this is not worth its time.
constexpr double kLeastGain = 1e-3;

}  // namespace

std::vector<std::uint16_t> largest_gains(std::vector<std::uint16_t> candidates,
                                         const std::vector<double>& gains, std::size_t most) {
  std::vector<double> sorted(gains);
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  const double least = sorted.size() > most ? sorted[most - 1] : 0.0;
  std::vector<std::uint16_t> chosen;
  for (std::size_t i = 0; i < candidates.size() && chosen.size() < most; ++i) {
    if (gains[i] > 0 && gains[i] >= least) {
      chosen.push_back(candidates[i]);
    }
  }
  return chosen;
}

std::vector<double> lift_gains(const SpatialTable& spatial, const ExactJob& job,
                               const std::vector<std::uint16_t>& candidates, bool added) {
  const std::vector<Lift>& lifts = job.terms.lifts();
  const std::size_t components = job.terms.components().size();
  std::vector<std::map<std::uint32_t, std::vector<double>>> below(job.groups.size());
  std::vector<double> gains(candidates.size(), 0.0);
  std::vector<double> values(components);
  std::vector<double> products(candidates.size());
  for (std::size_t sample = 0; sample < kSamples; ++sample) {
    std::fill(values.begin(), values.end(), 1.0);
    std::fill(products.begin(), products.end(), 1.0);
    std::uint32_t at = SpatialTable::kStart;
    bool possible = true;
    for (std::size_t g = 0; g < job.groups.size() && possible; ++g) {
      const GroupTrie& group = *job.groups[g];
      const TrieView& view = *group.view;
      const auto step = spatial.pick(at, group.spatial, sample * (7 + 6 * g));
      possible = step.has_value();
      if (!possible) {
        break;
      }
      at = step->next;
      const auto child = static_cast<std::uint32_t>(group.spatial[step->choice]);
      for (std::size_t c = 0; c < components; ++c) {
        values[c] *= view.least_below(0, child, c);
      }
      if (!added && below[g].count(child) == 0) {
        below[g].emplace(child, view.lifts_below(child, job.terms));
      }
      for (std::size_t i = 0; i < candidates.size(); ++i) {
        products[i] *= added ? view.least_below(0, child, components + candidates[i])
                             : below[g].at(child)[candidates[i]];
      }
    }
    for (std::size_t begin = 0, end = 0; possible && begin < candidates.size(); begin = end) {
      const Lift& of = lifts[candidates[begin]];
      std::size_t best = begin;
      double most = 0;
      for (end = begin; end < candidates.size(); ++end) {
        const Lift& lift = lifts[candidates[end]];
        if (lift.target != of.target || lift.second != of.second) {
          break;
        }
        if (products[end] * lift.per_word > most) {
          most = products[end] * lift.per_word;
          best = end;
        }
      }
      const double known =
          values[of.target] * (of.single() ? 1.0 : values[static_cast<std::size_t>(of.second)]);
      if (most > known * (1 + kLeastGain)) {
        gains[best] += (most / known - 1) * job.terms.energy_of(of.target, values.data());
      }
    }
  }
  return gains;
}

}  // namespace tessera
