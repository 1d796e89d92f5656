// Points are kept sorted by their values, lexicographically. With one or two objectives that
// decides dominance in logarithmic time: along a front of two the first value rises and the second
// falls, so of all points whose first value is not greater, the last one has the least second
// value. With more objectives the points are looked at one by one: those after the place of a value
// can not dominate it, those before it can not be dominated by it.
#include "search/pareto_front.hpp"

#include <algorithm>
#include <utility>

namespace tessera {
namespace {

bool at_least_as_good(const std::vector<double>& a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) {
      return false;
    }
  }
  return true;
}

/// The first point whose values are greater, in lexicographic order; any that dominates or equals
/// stands before it.
template <class Points>
auto first_after(Points& points, const std::vector<double>& values) {
  return std::upper_bound(
      points.begin(), points.end(), values,
      [](const std::vector<double>& v, const ParetoPoint& point) { return v < point.values; });
}

}  // namespace

bool ParetoFront::dominates(const std::vector<double>& values) const {
  const auto after = first_after(points_, values);
  if (after == points_.begin()) {
    return false;
  }
  const auto before = std::prev(after);
  if (before->values == values) {
    return false;  // nothing else in the front dominates a point of the front
  }
  if (values.size() <= 2) {
    return at_least_as_good(before->values, values);
  }
  return std::any_of(points_.begin(), after, [&](const ParetoPoint& point) {
    return at_least_as_good(point.values, values);
  });
}

bool ParetoFront::insert(ParetoPoint point) {
  if (dominates(point.values)) {
    return false;
  }
  auto after = first_after(points_, point.values);
  if (after != points_.begin() && std::prev(after)->values == point.values) {
    ParetoPoint& tied = *std::prev(after);
    if (tied.key <= point.key) {
      return false;
    }
    tied = std::move(point);
    return true;
  }
  const auto place = after - points_.begin();
  auto end = after;
  if (point.values.size() <= 2) {
    while (end != points_.end() && at_least_as_good(point.values, end->values)) {
      ++end;
    }
    after = points_.erase(after, end);
  } else {
    end = std::remove_if(after, points_.end(), [&](const ParetoPoint& other) {
      return at_least_as_good(point.values, other.values);
    });
    points_.erase(end, points_.end());
  }
  points_.insert(points_.begin() + place, std::move(point));
  return true;
}

void ParetoFront::merge(ParetoFront other) {
  for (ParetoPoint& point : other.points_) {
    insert(std::move(point));
  }
}

}  // namespace tessera
