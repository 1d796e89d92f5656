#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "mapper/mapping.hpp"

namespace tessera {

/// One point of a front: the objectives' values in the order asked for, and a mapping that reaches
/// them.
struct ParetoPoint {
  std::vector<double> values;
  Mapping mapping;
  /// Breaks ties between mappings of equal values: the lesser key stays, whichever came first.
  std::string key;
};

/// Mutually non-dominated points, smaller is better, compared exactly. Of points with equal values
/// one stays: that of the least key. So the front of a set does not depend on the order of
/// insertion.
class ParetoFront {
 public:
  /// True if a point with these values would be refused whatever its key: something at least as
  /// good in every value and better in one is there.
  bool dominates(const std::vector<double>& values) const;
  /// Adds the point unless it is dominated or ties with a lesser key; drops what it dominates.
  bool insert(ParetoPoint point);
  /// Inserts all points of `other`.
  void merge(ParetoFront other);

  /// Drops all points but the first.
  void keep_first() { points_.resize(std::min<std::size_t>(points_.size(), 1)); }

  /// Sorted by values, lexicographically.
  const std::vector<ParetoPoint>& points() const { return points_; }
  bool empty() const { return points_.empty(); }
  std::size_t size() const { return points_.size(); }

 private:
  std::vector<ParetoPoint> points_;
};

}  // namespace tessera
