#include "search/pareto_sum.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <queue>

namespace tessera {

namespace {

using Values = ParetoSum::Values;

/// Sees points in lexicographic order of their values and says which are dominated by (or equal to)
/// an earlier one. Rounded sums may come slightly out of order only where leading values are equal;
/// those are told apart by `replaces`.
class Sweep {
 public:
  explicit Sweep(std::size_t count) : count_(count) {}

  bool dominated(const Values& v) const {
    if (count_ == 1) {
      return any_;
    }
    if (count_ == 2) {
      return any_ && least_ <= v[1];
    }
    // The steps rise in the second value and fall in the third.
    const auto after = steps_.upper_bound(v[1]);
    return after != steps_.begin() && std::prev(after)->second <= v[2];
  }

  void add(const Values& v) {
    any_ = true;
    least_ = v[1];
    if (count_ == 3) {
      const auto [place, fresh] = steps_.insert_or_assign(v[1], v[2]);
      const auto next = std::next(place);
      auto end = next;
      while (end != steps_.end() && end->second >= v[2]) {
        ++end;
      }
      steps_.erase(next, end);
    }
  }

 private:
  std::size_t count_;
  bool any_ = false;
  double least_ = 0;
  std::map<double, double> steps_;
};

bool at_least_as_good(const Values& a, const Values& b) {
  return a[0] <= b[0] && a[1] <= b[1] && a[2] <= b[2];
}

Values sum(const Values& a, const Values& b) {
  return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}

/// Orders merged points for a queue that gives the least first.
struct Later {
  bool operator()(const MergedPoint& a, const MergedPoint& b) const {
    if (a.values != b.values) {
      return b.values < a.values;
    }
    return a.list != b.list ? b.list < a.list : b.place < a.place;
  }
};

}  // namespace

std::optional<std::vector<MergedPoint>> merge_undominated(std::size_t values, std::size_t most,
                                                          const std::vector<ShiftedPoints>& lists) {
  std::priority_queue<MergedPoint, std::vector<MergedPoint>, Later> queue;
  for (std::uint32_t list = 0; list < lists.size(); ++list) {
    if (!lists[list].points->empty()) {
      queue.push({sum(lists[list].points->front(), lists[list].added), list, 0});
    }
  }
  std::vector<MergedPoint> kept;
  Sweep sweep(values);
  while (!queue.empty()) {
    const MergedPoint point = queue.top();
    queue.pop();
    const ShiftedPoints& list = lists[point.list];
    if (point.place + 1 < list.points->size()) {
      queue.push({sum((*list.points)[point.place + 1], list.added), point.list, point.place + 1});
    }
    if (sweep.dominated(point.values)) {
      continue;
    }
    // Rounding can make first values equal whose points then come in the wrong order.
    while (!kept.empty() && at_least_as_good(point.values, kept.back().values)) {
      kept.pop_back();
    }
    sweep.add(point.values);
    kept.push_back(point);
    if (kept.size() > most && values > 2) {
      return std::nullopt;
    }
  }
  return kept;
}

double thin(std::vector<MergedPoint>& points, std::size_t most) {
  const std::size_t goal = std::max<std::size_t>(most / 2, 2);
  std::vector<MergedPoint> kept;
  double factor = 1e-9;
  do {
    factor *= 2;
    kept.assign(1, points.front());
    for (std::size_t first = 1; first < points.size();) {
      const double reach = points[first].values[0] * (1 + factor);
      std::size_t last = first;
      while (last + 1 < points.size() && points[last + 1].values[0] <= reach) {
        ++last;
      }
      kept.push_back(points[last]);
      first = last + 1;
    }
  } while (kept.size() > goal);
  points = std::move(kept);
  return factor;
}

ParetoSum::ParetoSum(std::size_t values, std::size_t most) : count_(values), most_(most) {
  points_.push_back({});
}

bool ParetoSum::add(const std::vector<Values>& front) {
  std::vector<ShiftedPoints> lists;
  for (const Values& values : front) {
    lists.push_back({&points_, values});
  }
  auto next = merge_undominated(count_, most_, lists);
  if (!next) {
    return false;
  }
  if (next->size() > most_) {
    slack_ = (1 + slack_) * (1 + thin(*next, most_)) - 1;
  }
  std::vector<Origin>& origins = stages_.emplace_back();
  std::vector<Values> values;
  for (const MergedPoint& point : *next) {
    origins.push_back({point.place, point.list});
    values.push_back(point.values);
  }
  points_ = std::move(values);
  return true;
}

std::vector<std::uint32_t> ParetoSum::choices(std::size_t point) const {
  std::vector<std::uint32_t> chosen(stages_.size());
  for (std::size_t stage = stages_.size(); stage-- > 0;) {
    const Origin& origin = stages_[stage][point];
    chosen[stage] = origin.choice;
    point = origin.parent;
  }
  return chosen;
}

std::vector<std::size_t> undominated(const std::vector<Values>& points, std::size_t values) {
  std::vector<Values> shown = points;
  for (Values& v : shown) {
    std::fill(v.begin() + static_cast<std::ptrdiff_t>(values), v.end(), 0.0);
  }
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return shown[a] < shown[b]; });
  Sweep sweep(values);
  std::vector<std::size_t> kept;
  for (const std::size_t place : order) {
    if (!sweep.dominated(shown[place])) {
      sweep.add(shown[place]);
      kept.push_back(place);
    }
  }
  return kept;
}

}  // namespace tessera
