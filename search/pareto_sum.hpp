#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tessera {

/// The Pareto sum of fronts: of all ways to choose one point from each front, those whose sums of
/// values are not dominated. Fronts are added one by one, and what is dominated so far is dropped
/// at once: adding the same point to two sums cannot turn dominance around (not even after
/// rounding, which is monotone), so the result is exact. Of equal sums one is kept, the same one at
/// every run.
///
/// A sum can have far more points than its fronts. Beyond `most` points it is thinned, where it has
/// one or two values: of the points whose first value is within a factor of 1 + d of each other the
/// one with the least second value stays. Then every point of the true sum is within `slack()` of
/// one that stayed: no worse in the second value, and by a factor of at most 1 + slack() in the
/// first. The points of the least first and the least second value always stay.
class ParetoSum {
 public:
  static constexpr std::size_t kMostValues = 3;
  using Values = std::array<double, kMostValues>;

  /// Points of `values` (1 to kMostValues) values each, none negative.
  ParetoSum(std::size_t values, std::size_t most);

  /// Adds one point of `front`, which must not be empty. False, and nothing is done, where the sum
  /// would have more than `most` points of three values, which are not thinned.
  bool add(const std::vector<Values>& front);

  std::size_t size() const { return points_.size(); }
  const Values& values(std::size_t point) const { return points_[point]; }
  /// Which point of each front was chosen, in the order in which the fronts were added.
  std::vector<std::uint32_t> choices(std::size_t point) const;
  double slack() const { return slack_; }

 private:
  struct Origin {
    std::uint32_t parent = 0;  ///< a point of the stage before
    std::uint32_t choice = 0;  ///< a point of the front added
  };

  std::size_t count_;
  std::size_t most_;
  double slack_ = 0;
  std::vector<Values> points_;               ///< sorted
  std::vector<std::vector<Origin>> stages_;  ///< of all stages, by point
};

/// Points, sorted by their values, to all of which the same is added.
struct ShiftedPoints {
  const std::vector<ParetoSum::Values>* points;
  ParetoSum::Values added;
};

/// One of the points of several lists.
struct MergedPoint {
  ParetoSum::Values values{};
  std::uint32_t list = 0;
  std::uint32_t place = 0;  ///< in that list
};

/// The points of all lists together that no other dominates, one of each value, sorted by value; of
/// `values` (1 to kMostValues) values. Empty optional where there are more than `most` of three.
std::optional<std::vector<MergedPoint>> merge_undominated(std::size_t values, std::size_t most,
                                                          const std::vector<ShiftedPoints>& lists);

/// Leaves at most half of `most` points, as the class comment says; returns the share by which the
/// points left out may be better in their first value. Points are sorted and undominated.
double thin(std::vector<MergedPoint>& points, std::size_t most);

/// The places of the points that no other dominates, one of each value, sorted by value. Only the
/// first `values` (1 to 3) of each point count.
std::vector<std::size_t> undominated(const std::vector<ParetoSum::Values>& points,
                                     std::size_t values);

}  // namespace tessera
