#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arch/architecture.hpp"
#include "mapper/mapping.hpp"
#include "problems/problem.hpp"

namespace tessera {

/// Rules for one memory, for each tensor that it holds: `loops` and `innermost` speak of the
/// temporal loops between that hold and the tensor's next hold inward (or the compute units).
struct MemoryConstraint {
  LevelId memory;
  TensorSet keep;                                           ///< must hold these
  TensorSet bypass;                                         ///< must not hold these
  std::vector<std::pair<DimensionId, std::int64_t>> loops;  ///< product of the loops' bounds
  /// The innermost loops of bound over 1, last one innermost, where there are that many: each loop
  /// at place i from the inside must be of the i-th dimension from the end.
  std::vector<DimensionId> innermost;
  /// Share of the capacity that the tiles in it must fill. A matter of the evaluation
  /// (`find_underfilled` in search/), not of the mapping alone.
  double min_utilization = 0;

  bool operator==(const MemoryConstraint&) const = default;
};

/// Dimensions that may lie on one axis.
struct AxisConstraint {
  AxisRef axis;
  DimensionSet allowed;

  bool operator==(const AxisConstraint&) const = default;
};

enum class FactorRelation : std::uint8_t { equal, at_most, at_least };

/// What the bounds of all loops over a dimension in one place multiply to. The place is a fanout
/// (its spatial loops) or the block of a memory: the temporal loops from its last hold to the next
/// hold of another memory, whatever tensors these hold. A rule on the node list, Timeloop's;
/// `MemoryConstraint::loops` follows single tensors instead.
struct FactorConstraint {
  LevelId level;
  DimensionId dimension;
  FactorRelation relation = FactorRelation::equal;
  std::int64_t factor = 1;

  bool operator==(const FactorConstraint&) const = default;
};

/// How the loops of a memory's block (see FactorConstraint) stand: those over listed dimensions
/// innermost, in the order of the list, outer to inner; all others outside them.
struct OrderConstraint {
  LevelId memory;
  std::vector<DimensionId> order;

  bool operator==(const OrderConstraint&) const = default;
};

/// What the user demands of every mapping, beyond the architecture's own rules.
struct Constraints {
  std::vector<MemoryConstraint> memories;
  std::vector<AxisConstraint> axes;
  std::vector<FactorConstraint> factors;
  std::vector<OrderConstraint> orders;
  double min_utilization = 0;  ///< of `Evaluation::utilization`

  bool operator==(const Constraints&) const = default;
};

/// Says in one sentence how `mapping` breaks the constraints or the architecture's own keep, bypass
/// and axis rules; empty if it does not. Shares nothing with the enumerator, so that search results
/// can be re-checked by it. `min_utilization` is a matter of the evaluation and is checked there.
std::optional<std::string> find_violation(const Problem& problem, const Architecture& architecture,
                                          const Constraints& constraints, const Mapping& mapping);

}  // namespace tessera
