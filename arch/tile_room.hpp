#pragma once

#include <cstdint>
#include <vector>

#include "arch/architecture.hpp"

namespace tessera {

/// How tiles fill a memory: the sum of tile words x `per_word` may be at most `available`. The unit
/// is a bit, or a word where capacity is compared in words. Where words lie as in accesses
/// (`Memory::aligned`) a word takes 1/12 or 3 of them, and the unit is the fraction of an access
/// that makes all of this integers.
struct TileRoom {
  std::int64_t available = -1;  ///< half the capacity if double buffered; -1: unbounded
  bool in_words = false;
  std::int64_t units_per_access = 1;   ///< where aligned
  std::int64_t access_bits = 1;        ///< where aligned
  std::vector<std::int64_t> per_word;  ///< by tensor

  /// Units as the capacity is given, in words or bits; where aligned in the bits of the accesses
  /// that they need: `amount` fits if and only if this is at most the capacity.
  std::int64_t in_capacity(std::int64_t amount) const {
    return (amount / units_per_access + (amount % units_per_access != 0 ? 1 : 0)) * access_bits;
  }
};

/// The room that a memory has for tiles of these tensors, also of those that it must not hold.
/// Throws OverflowError where aligned words of many sizes have no common unit that counts hold.
TileRoom tile_room(const Memory& memory, const std::vector<TensorWord>& tensors);

}  // namespace tessera
