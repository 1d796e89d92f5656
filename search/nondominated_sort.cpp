// Ranks by efficient nondominated sorting (Zhang, Tian, Cheng, Jin, IEEE TEC 2015): in
// lexicographic order a vector can only be dominated by those before it, so each goes to the first
// rank in which none dominates it. With two objectives the last one of a rank has its least second
// value, and it alone needs a look.
#include "search/nondominated_sort.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace tessera {
namespace {

using Values = std::vector<double>;

bool at_least_as_good(const Values& a, const Values& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) {
      return false;
    }
  }
  return true;
}

bool any_dominates(const std::vector<std::size_t>& rank, const std::vector<const Values*>& values,
                   const Values& point) {
  if (point.size() <= 2) {
    return at_least_as_good(*values[rank.back()], point);
  }
  return std::any_of(rank.rbegin(), rank.rend(),
                     [&](std::size_t other) { return at_least_as_good(*values[other], point); });
}

/// Distance between the neighbours of each of a rank, added up over objectives; the ends of each
/// objective are kept whatever their neighbours.
std::vector<double> crowding(const std::vector<std::size_t>& rank,
                             const std::vector<const Values*>& values) {
  std::vector<double> distance(rank.size(), 0);
  std::vector<std::size_t> order(rank.size());
  const std::size_t objectives = values[rank.front()]->size();
  for (std::size_t o = 0; o < objectives; ++o) {
    const auto value = [&](std::size_t i) { return (*values[rank[i]])[o]; };
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return value(a) < value(b); });
    const double range = value(order.back()) - value(order.front());
    distance[order.front()] = std::numeric_limits<double>::infinity();
    distance[order.back()] = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; range > 0 && i + 1 < order.size(); ++i) {
      distance[order[i]] += (value(order[i + 1]) - value(order[i - 1])) / range;
    }
  }
  return distance;
}

}  // namespace

std::vector<std::size_t> nondominated_order(const std::vector<const Values*>& values) {
  std::vector<std::size_t> sorted(values.size());
  std::iota(sorted.begin(), sorted.end(), std::size_t{0});
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](std::size_t a, std::size_t b) { return *values[a] < *values[b]; });
  std::vector<std::size_t> twins;
  std::vector<std::vector<std::size_t>> ranks;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Values& point = *values[sorted[i]];
    if (i > 0 && point == *values[sorted[i - 1]]) {
      twins.push_back(sorted[i]);
      continue;
    }
    const auto rank = std::find_if(ranks.begin(), ranks.end(), [&](const auto& members) {
      return !any_dominates(members, values, point);
    });
    if (rank == ranks.end()) {
      ranks.push_back({sorted[i]});
    } else {
      rank->push_back(sorted[i]);
    }
  }
  std::vector<std::size_t> best_first;
  for (const std::vector<std::size_t>& rank : ranks) {
    const std::vector<double> distance = crowding(rank, values);
    std::vector<std::size_t> order(rank.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return distance[a] > distance[b]; });
    for (const std::size_t i : order) {
      best_first.push_back(rank[i]);
    }
  }
  best_first.insert(best_first.end(), twins.begin(), twins.end());
  return best_first;
}

}  // namespace tessera
