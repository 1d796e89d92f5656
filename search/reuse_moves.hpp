#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mapper/constraints.hpp"
#include "mapper/mapping.hpp"
#include "model/evaluation.hpp"

namespace tessera {

/// A mapping that differs from a given one in the place of one node: a temporal loop, or the hold
/// of one tensor. `passed` is the last hold or temporal loop that it was moved past.
struct NodeMove {
  Node moved;  ///< a hold of a single tensor, or a temporal loop
  Node passed;
  bool inward = true;  ///< else outward
  Mapping mapping;     ///< holds of single tensors
  /// Without regard to capacities; see `Reuse::too_large`.
  Evaluation evaluation;
};

/// What one move could save of the words between one hold of a tensor and its parent.
struct Reuse {
  LevelId memory;
  TensorId tensor;
  std::int64_t words = 0;  ///< fills + drains now
  /// The legal move that saves the most words, if any saves some; moves that lower the energy of
  /// the whole go before all others. Ties: least energy, then cycles, then the shortest way.
  std::optional<NodeMove> best;
  /// The same of moves that fail for want of capacity alone, if that saves more still.
  std::optional<NodeMove> too_large;
  Infeasible shortage;  ///< of `too_large`
};

struct ReuseMoves {
  std::vector<Reuse> reuses;  ///< of every hold but the outermost of each tensor, by tensor
  std::optional<NodeMove> least_energy;  ///< the legal move with the least energy, if it saves any
  std::optional<NodeMove> least_cycles;  ///< the same of cycles
  std::uint64_t tried = 0;               ///< mappings
};

/// Evaluates every mapping that one move makes of `mapping`, which is valid and feasible.
ReuseMoves find_reuse_moves(const Problem& problem, const Architecture& architecture,
                            const Constraints& constraints, const Mapping& mapping);

}  // namespace tessera
