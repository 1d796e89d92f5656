#pragma once

#include <array>
#include <vector>

#include "arch/architecture.hpp"
#include "search/exact_power.hpp"
#include "search/exact_terms.hpp"
#include "search/pareto_front.hpp"
#include "search/search.hpp"

namespace tessera {

/// Sums of products are rounded; a bound counts as reached within this share.
inline constexpr double kExactRounding = 1e-12;

/// Most objectives of one proof.
inline constexpr std::size_t kMostObjectives = 8;
using ObjectiveBounds = std::array<double, kMostObjectives>;

/// Turns bounds on costs into bounds on objectives.
class ExactObjectives {
 public:
  /// Keeps a reference to the options.
  ExactObjectives(const Problem& problem, const Architecture& architecture,
                  const SearchOptions& options);

  std::size_t size() const { return objectives_.size(); }
  void bounds(const TermCost& cost, ObjectiveBounds& values) const;
  /// The same of a batch: `values` has one row an objective.
  void bounds(const BatchCosts& costs, std::size_t count, BatchRow* values) const;
  /// True if a limit is broken by every mapping of at least these costs.
  bool beyond_limits(const TermCost& cost) const;
  bool has_limits() const { return !limits_.empty(); }
  /// True if power is an objective or limited: then less energy in less time is not better.
  bool needs_power() const { return needs_power_; }
  /// Product of all bounds: where to look first.
  double rank(const ObjectiveBounds& values) const;

 private:
  const std::vector<Objective>& objectives_;
  const std::vector<Limit>& limits_;
  PowerBound power_;
  double clock_hz_;
  double area_mm2_ = 0;
  double lane_operations_ = 0;  ///< operations / lanes: cycles at full utilization
  bool needs_power_ = false;
};

/// The front as far as it is known, for cutting.
class Incumbents {
 public:
  void reset(const ParetoFront& front);
  void add(const std::vector<double>& values);
  /// Grows with every point: what was not reached by the first n need only be asked about the rest.
  std::size_t size() const { return points_.size(); }

  /// True if some point from number `first` on is at most `bound` in every objective.
  bool reach(const ObjectiveBounds& bound, std::size_t first = 0) const;
  /// The same of a batch of bounds, one row an objective; clears `open` where it is true.
  void reach(const BatchRow* bounds, std::size_t count, std::array<bool, kBatch>& open) const;

 private:
  std::size_t width_ = 0;
  std::vector<ObjectiveBounds> points_;
};

}  // namespace tessera
