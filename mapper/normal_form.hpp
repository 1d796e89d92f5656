#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "mapper/mapping.hpp"
#include "mapper/mapspace.hpp"

namespace tessera {

/// One tensor held by one memory, at its place in the order of holds.
struct NormalHold {
  TensorId tensor;
  LevelId memory;
  /// For a tensor with a sliding rank: the dimension of the last loop before the hold, its sweep.
  std::optional<DimensionId> sweep;
  /// No loop stands between this hold and the one before, which is the same tensor's: it sweeps
  /// with that one.
  bool joined = false;
};

/// A class of mappings: where which dimension may have a loop, given an order of holds and the
/// sweeps. Block i precedes holds[i], the last block follows all holds.
struct NormalForm {
  std::vector<Hold> top;
  std::vector<NormalHold> holds;
  std::vector<DimensionSet> blocks;
};

/// All normal forms of a skeleton of the space `free`: single-tensor holds that may stand in any
/// order.
std::vector<NormalForm> normal_forms(const Problem& problem, const Skeleton& skeleton);

/// Loops of one dimension in one block: more than one only where spatial loops of the same
/// dimension stand between them.
inline constexpr std::size_t kLoopParts = 3;

/// The bounds of a mapping in normal form (1: no loop).
struct NormalBounds {
  /// By dimension, then kLoopParts a block, outer to inner.
  std::vector<std::vector<std::int64_t>> temporal;
  std::vector<std::vector<std::int64_t>> spatial;  ///< by dimension and spatial slot
  /// By dimension and spatial slot: how many of the dimension's temporal loops stand outside.
  std::vector<std::vector<std::uint8_t>> gaps;
};

/// Writes the loops of `dimensions` (all others as if they had none) and, if `with_holds`, the
/// holds, outermost first.
void write_normal(const NormalForm& form, const std::vector<SpatialSlot>& axes,
                  const NormalBounds& bounds, DimensionSet dimensions, bool with_holds,
                  Mapping& mapping);

/// Writes temporal loops whose bound could be lowered as adjacent loops that could not, where such
/// loops have the same product.
void separate_loops(const Problem& problem, Mapping& mapping);

}  // namespace tessera
