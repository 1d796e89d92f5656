#pragma once

#include <algorithm>
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
  /// By block: kLoopParts bounds, outer to inner. With remainders, a bound may be that of several
  /// loops that touch: see separate_loops().
  std::span<const std::int64_t> temporal(std::size_t row) const {
    return {numbers.data() + row * width() + 2 * slots, blocks * kLoopParts};
  }
};

/// With remainders: bounds that stand for several loops of a dimension which touch.
class JoinedBounds {
 public:
  /// `factorizations` are covers, of single loops.
  explicit JoinedBounds(const Factorizations& factorizations);

  /// Whether a bound cannot be lowered by one, where all bounds multiply to `product`.
  bool whole(std::int64_t bound, std::int64_t product) const {
    return product - bound_ <= (product - 1) / bound;
  }
  /// At least the number of ways to write bounds over so many slots, single loops among them.
  double count_at_most(std::size_t slots) const;

  /// Calls `visit` with all bounds over `slots` slots where some could be lowered, but not if it
  /// stands for several loops. The slots from `first_single` on have no more than one loop each.
  template <class Visit>
  void for_each(std::size_t slots, std::size_t first_single, Visit&& visit) const {
    std::vector<std::int64_t> bounds(slots, 1);
    for (const Product& product : products_) {
      fill(product, product.value, 0, first_single, bounds, visit);
    }
  }

 private:
  struct Product {
    std::int64_t value = 1;
    std::vector<std::int64_t> divisors;
  };

  template <class Visit>
  void fill(const Product& product, std::int64_t rest, std::size_t slot, std::size_t first_single,
            std::vector<std::int64_t>& bounds, Visit&& visit) const {
    const auto single = [&](std::int64_t bound) { return whole(bound, product.value); };
    if (slot == bounds.size()) {
      if (rest == 1 && !std::all_of(bounds.begin(), bounds.end(), single)) {
        visit(std::span<const std::int64_t>(bounds));
      }
      return;
    }
    for (const std::int64_t divisor : product.divisors) {
      if (divisor > rest) {
        break;
      }
      if (rest % divisor == 0 && (slot < first_single || single(divisor))) {
        bounds[slot] = divisor;
        fill(product, rest / divisor, slot + 1, first_single, bounds, visit);
      }
    }
    bounds[slot] = 1;
  }

  std::int64_t bound_;
  std::vector<Product> products_;
};

/// What the spatial loops of a dimension on one fanout multiply to.
struct SpatialRule {
  std::vector<std::size_t> slots;  ///< spatial slots of the fanout
  FactorRelation relation = FactorRelation::equal;
  std::int64_t factor = 1;

  bool met(std::span<const std::int64_t> spatial) const;
};

/// What a dimension may do, apart from the number of blocks.
struct ChoiceRules {
  const Factorizations* factorizations = nullptr;
  DimensionId dimension;
  bool placed = false;  ///< it matters where its spatial loops stand
  bool split = false;   ///< a spatial loop may stand between two parts of a block's loop
  std::vector<SpatialRule> spatial;
  const JoinedBounds* joined = nullptr;  ///< null where all factors are perfect
};

ChoiceList list_choices(const ChoiceRules& rules, const std::vector<SpatialSlot>& axes,
                        std::size_t blocks);

}  // namespace tessera
