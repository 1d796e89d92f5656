#pragma once

#include "arch/architecture.hpp"
#include "problems/problem.hpp"
#include "search/exact_terms.hpp"

namespace tessera {

/// Whether the branch and bound knows all that power, energy / time, depends on: where nothing has
/// a bandwidth, time is that of the steps. What its rules replace by something else keeps its steps
/// then and costs no less energy, so it has no less power. Where ports bind, a mapping that moves
/// words in vain takes longer, and may have less power than all that the search looks at.
bool knows_power(const Architecture& architecture);

/// A lower bound on power: the least energy over the most steps; 0 where power is not known.
class PowerBound {
 public:
  PowerBound(const Problem& problem, const Architecture& architecture);

  /// In W, for mappings of at least the energy of `cost` and at most its `most_steps`.
  double least(const TermCost& cost) const;

 private:
  double operations_;
  double clock_hz_;
  double latency_cycles_ = 0;  ///< of networks
  bool known_;
};

}  // namespace tessera
