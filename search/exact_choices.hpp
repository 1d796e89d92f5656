#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mapper/factors.hpp"
#include "mapper/mapspace.hpp"
#include "mapper/normal_form.hpp"

namespace tessera {

/// All ways to give the loops of one dimension over the blocks where it may have one and the
/// spatial slots: a row each.
struct ChoiceList {
  std::size_t slots = 0;              ///< spatial slots of the architecture
  std::size_t blocks = 0;             ///< blocks where the dimension may have a loop
  std::vector<std::int64_t> numbers;  ///< rows

  std::size_t width() const { return 2 * slots + blocks * kLoopParts; }
  std::size_t size() const { return width() == 0 ? 0 : numbers.size() / width(); }
  /// By spatial slot: the loop's bound, 1 where there is none.
  std::span<const std::int64_t> spatial(std::size_t row) const {
    return {numbers.data() + row * width(), slots};
  }
  /// By spatial slot: how many temporal loops (parts of bound over 1) stand outside the spatial
  /// one.
  std::span<const std::int64_t> gaps(std::size_t row) const {
    return {numbers.data() + row * width() + slots, slots};
  }
  /// By block: kLoopParts bounds, outer to inner.
  std::span<const std::int64_t> temporal(std::size_t row) const {
    return {numbers.data() + row * width() + 2 * slots, blocks * kLoopParts};
  }
};

/// What a dimension may do, apart from the number of blocks.
struct ChoiceRules {
  const Factorizations* factorizations = nullptr;
  DimensionId dimension;
  bool placed = false;  ///< it matters where its spatial loops stand
  bool split = false;   ///< a spatial loop may stand between two parts of a block's loop
};

ChoiceList list_choices(const ChoiceRules& rules, const std::vector<SpatialSlot>& axes,
                        std::size_t blocks);

}  // namespace tessera
