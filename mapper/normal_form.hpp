#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "mapper/mapping.hpp"
#include "mapper/mapspace.hpp"

namespace tessera {

/// Visits the numbers of the ids whose bits are set (IdSet), ascending.
template <class Visit>
void for_each_number(std::uint32_t bits, Visit&& visit) {
  for (std::uint32_t left = bits; left != 0; left &= left - 1) {
    visit(static_cast<std::size_t>(std::countr_zero(left)));
  }
}

/// One tensor held by one memory, as far outward as it can stand without any count changing.
struct NormalHold {
  TensorId tensor;
  LevelId memory;
  /// For a tensor with a sliding rank: the dimension of the last loop before the hold, its sweep.
  std::optional<DimensionId> sweep;
  /// Where a form stands for several: further dimensions that may be the sweep instead.
  DimensionSet other_sweeps = {};
  /// It sweeps with the hold before, which slides too. No loop stands between the two, except that
  /// the block may have one of the dimension that the hold before sweeps: then the sweep goes on.
  bool joined = false;

  /// All that may be the sweep.
  DimensionSet sweeps() const {
    DimensionSet set = other_sweeps;
    if (sweep) {
      set.insert(*sweep);
    }
    return set;
  }
};

/// A hold as a mapping of a form has it: after so many blocks. The rules of a space may put it
/// further in than the `NormalHold`s of its tensors; the loops between are then free for them.
struct PlacedHold {
  Hold hold;
  std::size_t blocks = 0;
};

/// A class of mappings: where which dimension may have a loop, given an order of holds and the
/// sweeps. Block i precedes holds[i], the last block follows all holds.
struct NormalForm {
  std::vector<Hold> top;  ///< the outermost hold of every tensor
  std::vector<NormalHold> holds;
  std::vector<DimensionSet> blocks;
  std::vector<PlacedHold> written;  ///< all holds, outermost first
};

/// The hold whose sweep hold number `hold` goes by: itself, or the first of those it is joined to.
std::size_t sweeper_of(const NormalForm& form, std::size_t hold);

/// Whether a form leaves open what sweeps.
bool stands_for_several(const NormalForm& form);

/// The normal forms of a skeleton, which need not be one of the space's own. Skeletons of
/// `hierarchical` that differ only in the order of a memory's tensors have theirs in common: all
/// but one of them give none. Stops when there are `most`.
std::vector<NormalForm> normal_forms(const Mapspace& space, const Skeleton& skeleton,
                                     std::size_t most = std::numeric_limits<std::size_t>::max());

/// The fanouts that share words of the tensor's overlapping windows (multicast `word`, and a
/// sliding dimension of it may lie on an axis), outermost first.
std::vector<LevelId> window_sharing_fanouts(const Mapspace& space, TensorId tensor);

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
