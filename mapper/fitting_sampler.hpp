#pragma once

#include <cstdint>
#include <vector>

#include "mapper/mapspace.hpp"
#include "mapper/rng.hpp"

namespace tessera {

/// Draws mappings that fit. Uniform draws from a mapspace almost never fit into small register
/// files, so bounds are drawn from the inside out, each limited by the room that is left. The
/// distribution, exactly:
///
///  1. the skeleton uniformly;
///  2. for each spatial loop of a sliding dimension its place, uniformly over the boundaries of
///  slots;
///  3. with probability 1/2 the products that `loops: {D: n}` fixes, n > 1: each as one loop in a
///  slot
///     drawn uniformly from those that the rule speaks of for every tensor, and no other loop of D
///     where it speaks (else they are left to chance and to the filter: a product may also be split
///     over slots);
///  4. axes in random order, on each the dimensions in random order, then the temporal slots from
///  the
///     innermost outward, in each the dimensions in random order: no loop with probability 1/2, the
///     greatest bound that fits with 1/4, else a bound that is log-uniform (its number of bits is
///     uniform) below what is left of the dimension, drawn again below itself until it fits.
///     Perfect bounds are rounded down to a divisor of what is left;
///  5. what is left of each dimension in the outermost slot that constraints allow it in (mostly
///     slot 0, where no tile grows any more); imperfect bounds are then lowered to a minimal cover;
///  6. the order of the loops of each slot uniformly.
///
/// "Fits" means: for every memory the tiles so far are within its usable capacity. Tiles are taken
/// as products of bounds, clipped at the dimension's bound, and for sliding ranks as hulls: never
/// less than the model's largest tile. So whatever a draw puts into the slots fits, with exceptions
/// that the model rejects: memories that even a tile of one word overflows; and the loops of step 5
/// where they grow a tile after all, because constraints keep a dimension out of slot 0, or because
/// a spatial loop placed outside all loops spreads a buffer's window over the whole dimension
/// (about 1 % of the draws of a 3x3 layer on Eyeriss). Every canonical mapping that fits by these
/// tiles has a chance. The draws are not uniform: statistics of them describe this distribution,
/// not the space.
class FittingSampler {
 public:
  /// Keeps a reference to the space.
  explicit FittingSampler(const Mapspace& space);

  /// One draw, allocating nothing once warm. False if constraints leave a dimension no slot in the
  /// skeleton that was drawn; `mapping` is then meaningless.
  bool draw(CounterRng& rng, Mapping& mapping);
  /// The coordinates of the last draw.
  const MapspacePoint& point() const { return point_; }

 private:
  /// One tensor in a memory with a capacity, and what its tile depends on.
  struct Tile {
    LevelId memory;
    std::size_t first_slot = 0;  // of the temporal loops inside
    TensorId tensor;
    std::size_t room = 0;
    std::vector<std::int64_t> count;  // by dimension: product of the bounds inside
    std::vector<std::int64_t> span;   // by dimension: greatest minus least index inside
  };
  struct Room {
    LevelId memory;
    double usable = 0;             // in the units of TileRoom
    std::vector<double> per_word;  // by tensor
  };
  struct RankTerm {
    std::size_t dimension;
    std::int64_t coefficient;
  };

  void start(std::size_t skeleton, CounterRng& rng);
  bool draw_fixed(CounterRng& rng);
  void draw_axis(std::size_t axis, CounterRng& rng);
  void draw_slot(std::size_t slot, CounterRng& rng);
  std::int64_t draw_bound(std::size_t d, std::size_t place, std::int64_t most, CounterRng& rng);
  std::int64_t largest_fitting(std::size_t d, std::size_t place, std::int64_t most);
  std::int64_t usable_bound(std::size_t d, std::int64_t at_most) const;
  bool fits_with(std::size_t d, std::size_t place, std::int64_t bound);
  void take(std::size_t d, std::size_t place, std::int64_t bound);
  void measure(std::size_t d);
  bool fits();
  double tile_words(const Tile& tile) const;
  void finish(CounterRng& rng);

  const Mapspace& space_;
  MapspacePoint point_;
  std::size_t slots_ = 0;
  std::vector<std::vector<std::vector<RankTerm>>> ranks_;  // by tensor, without bounds of 1
  std::vector<double> bits_;                               // by tensor
  std::vector<Room> rooms_;
  std::vector<std::vector<std::int64_t>> divisors_;  // by dimension; perfect factors only
  std::vector<std::vector<Tile>> tiles_;             // by skeleton
  std::vector<std::int64_t> left_;                   // by dimension: still to be covered
  std::vector<std::vector<std::uint8_t>> places_;    // by dimension and axis: boundary
  std::vector<DimensionSet> allowed_;                // by slot, in this draw
  std::vector<std::size_t> outermost_;               // by dimension: first allowed slot
  std::vector<std::size_t> dimension_order_;
  std::vector<std::size_t> axis_order_;
  std::vector<double> used_;  // by room
};

}  // namespace tessera
