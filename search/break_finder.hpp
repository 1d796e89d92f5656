#pragma once

#include <cstddef>
#include <vector>

#include "model/evaluate.hpp"
#include "search/demand.hpp"

namespace tessera {

/// Finds the demands that one mapping does not meet.
class BreakFinder {
 public:
  /// Keeps references.
  BreakFinder(const Problem& problem, const SearchCase& given, std::vector<Demand> demands);
  BreakFinder(const BreakFinder&) = delete;
  BreakFinder& operator=(const BreakFinder&) = delete;

  const std::vector<Demand>& demands() const { return demands_; }

  /// Indices of demands; good until the next call.
  const std::vector<std::size_t>& find(const Mapping& mapping);

 private:
  const Architecture& roomy_room();
  Constraints only(const Demand& demand) const;
  bool met(const Demand& demand, const Constraints& alone, const Mapping& mapping) const;

  const Problem& problem_;
  const SearchCase& given_;
  std::vector<Demand> demands_;
  std::vector<Constraints> alone_;
  Architecture roomy_;
  Evaluator evaluator_;
  Evaluation evaluation_;
  std::vector<std::size_t> broken_;
};

}  // namespace tessera
