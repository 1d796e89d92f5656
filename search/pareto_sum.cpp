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

/// The next sum of one front's point with the points before, which are sorted.
struct Cursor {
  Values values{};
  std::uint32_t choice = 0;
  std::uint32_t parent = 0;
};

/// Orders cursors for a queue that gives the least first.
struct Later {
  bool operator()(const Cursor& a, const Cursor& b) const {
    if (a.values != b.values) {
      return b.values < a.values;
    }
    return a.choice != b.choice ? b.choice < a.choice : b.parent < a.parent;
  }
};

}  // namespace

ParetoSum::ParetoSum(std::size_t values, std::size_t most) : count_(values), most_(most) {
  points_.push_back({});
}

bool ParetoSum::add(const std::vector<Values>& front) {
  std::priority_queue<Cursor, std::vector<Cursor>, Later> queue;
  for (std::uint32_t choice = 0; choice < front.size(); ++choice) {
    queue.push({sum(points_.front().values, front[choice]), choice, 0});
  }
  std::vector<Point> next;
  Sweep sweep(count_);
  while (!queue.empty()) {
    const Cursor cursor = queue.top();
    queue.pop();
    if (cursor.parent + 1 < points_.size()) {
      queue.push({sum(points_[cursor.parent + 1].values, front[cursor.choice]), cursor.choice,
                  cursor.parent + 1});
    }
    if (sweep.dominated(cursor.values)) {
      continue;
    }
    // Rounding can make first values equal whose points then come in the wrong order.
    while (!next.empty() && at_least_as_good(cursor.values, next.back().values)) {
      next.pop_back();
    }
    sweep.add(cursor.values);
    next.push_back({cursor.values, {cursor.parent, cursor.choice}});
    if (next.size() > most_ && count_ > 2) {
      return false;
    }
  }
  std::vector<Origin> origins(points_.size());
  std::transform(points_.begin(), points_.end(), origins.begin(),
                 [](const Point& point) { return point.origin; });
  stages_.push_back(std::move(origins));
  points_ = std::move(next);
  if (points_.size() > most_) {
    thin();
  }
  return true;
}

void ParetoSum::thin() {
  const std::size_t goal = std::max<std::size_t>(most_ / 2, 2);
  std::vector<Point> kept;
  double factor = 1e-9;
  do {
    factor *= 2;
    kept.assign(1, points_.front());
    for (std::size_t first = 1; first < points_.size();) {
      const double reach = points_[first].values[0] * (1 + factor);
      std::size_t last = first;
      while (last + 1 < points_.size() && points_[last + 1].values[0] <= reach) {
        ++last;
      }
      kept.push_back(points_[last]);
      first = last + 1;
    }
  } while (kept.size() > goal);
  points_ = std::move(kept);
  slack_ = (1 + slack_) * (1 + factor) - 1;
}

std::vector<std::uint32_t> ParetoSum::choices(std::size_t point) const {
  std::vector<std::uint32_t> chosen(stages_.size());
  Origin origin = points_[point].origin;
  for (std::size_t stage = stages_.size(); stage-- > 0;) {
    chosen[stage] = origin.choice;
    origin = stages_[stage][origin.parent];
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
