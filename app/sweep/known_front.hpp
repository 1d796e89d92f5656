#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "app/results/results_file.hpp"
#include "search/objective.hpp"
#include "search/pareto_front.hpp"

namespace tessera {

/// The objectives of a sweep's results. Throws UsageError where they cannot be read.
std::vector<Objective> objectives_of(const SweepIdentity& identity);
/// What a row says, as the model would.
Evaluation evaluation_of(const FrontRow& row);

/// The rows of a sweep that are undominated so far.
class KnownFront {
 public:
  explicit KnownFront(std::vector<Objective> objectives) : objectives_(std::move(objectives)) {}

  void add(const PointResult& result);
  std::size_t size() const { return front_.size(); }
  /// Point and place of each row; of equal rows the first.
  std::set<std::pair<std::uint64_t, std::uint64_t>> rows() const;
  /// The point of a row that is better than `least` in some objective and at least as good in all:
  /// whatever has no less than `least` of anything is dominated, and not even equal to a row of the
  /// front.
  std::optional<std::uint64_t> dominating(const Evaluation& least) const;

 private:
  std::vector<Objective> objectives_;
  ParetoFront front_;
};

}  // namespace tessera
