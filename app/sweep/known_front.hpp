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
/// The values that are compared, of one run of a network that computes `items` items: in seconds,
/// since machines may have different clocks; with `by_item` what one item comes to of energy,
/// latency, cycles, words and so of all that is made of them. Area, power and utilization stay.
std::vector<double> compared_values(const std::vector<Objective>& objectives, const Evaluation& e,
                                    std::int64_t items, bool by_item);
/// What a row says, as the model would.
Evaluation evaluation_of(const FrontRow& row);

/// The rows of a sweep that are undominated so far.
class KnownFront {
 public:
  explicit KnownFront(const SweepIdentity& identity)
      : objectives_(objectives_of(identity)), by_item_(identity.by_item()) {}

  void add(const PointResult& result);
  std::size_t size() const { return front_.size(); }
  /// Point and place of each row; of equal rows the first.
  std::set<std::pair<std::uint64_t, std::uint64_t>> rows() const;
  /// The point of a row that is better than `least`, of `items` items, in some objective and at
  /// least as good in all: whatever has no less than `least` of anything is dominated, and not even
  /// equal to a row of the front.
  std::optional<std::uint64_t> dominating(const Evaluation& least, std::int64_t items) const;

 private:
  std::vector<Objective> objectives_;
  bool by_item_;
  ParetoFront front_;
};

}  // namespace tessera
