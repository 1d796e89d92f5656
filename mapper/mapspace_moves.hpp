#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "mapper/mapspace.hpp"
#include "mapper/rng.hpp"

namespace tessera {

/// Changes mappings into others of the same space: the operators of the genetic search. A change
/// keeps what the space keeps by construction (covers, axis sizes, allowed slots and holds); it may
/// break capacities and what `needs_filter()` speaks of. Where a change that was drawn cannot be
/// made, another is drawn, a few times; then the point stays as it is. Allocates nothing once warm.
class MapspaceMoves {
 public:
  /// Keeps a reference to the space.
  explicit MapspaceMoves(const Mapspace& space);

  /// Makes one change, two with probability 1/2, three with 1/4, and so on. A change is one of
  ///  * a factor of a dimension moves between two slots or axes (about half of the changes): to the
  ///    next divisor of the pair's product or to any; imperfect bounds also by one, or to any bound
  ///    that covers;
  ///  * two dimensions move factors between the same two slots, in opposite directions;
  ///  * a loop moves to another place in its slot;
  ///  * the place of a spatial loop of a sliding dimension changes;
  ///  * two neighbouring holds swap, a hold is left out or put in (a bypass flips), or any other
  ///    skeleton is taken.
  void mutate(MapspacePoint& point, CounterRng& rng);

  /// Gives `point` all loops that `other` has for some dimensions (drawn; at least one): a loop
  /// goes to the slot after the same hold. What does not fit an axis goes to a temporal slot.
  void exchange(MapspacePoint& point, const MapspacePoint& other, CounterRng& rng);

  /// Makes the tiles in `memory` smaller: moves part of a loop out of a hold there. False if no
  /// loop is left inside that could move.
  bool relieve(MapspacePoint& point, LevelId memory, CounterRng& rng);

 private:
  using Key = std::vector<std::uint64_t>;

  std::size_t slots(const MapspacePoint& point) const {
    return space_.skeletons()[point.skeleton].slots();
  }
  static void write_key(const std::vector<Hold>& top, const std::vector<Hold>& holds, Key& key);
  bool allows(const MapspacePoint& point, std::size_t d, std::size_t place) const;
  std::int64_t room(const MapspacePoint& point, std::size_t d, std::size_t place) const;
  std::optional<std::size_t> draw_loop(const MapspacePoint& point, std::size_t d, CounterRng& rng);
  std::optional<std::size_t> draw_place(const MapspacePoint& point, std::size_t d,
                                        std::size_t other_than, CounterRng& rng);
  std::int64_t draw_bound(std::size_t d, std::int64_t now, std::int64_t joint, CounterRng& rng);
  bool share_out(MapspacePoint& point, std::size_t d, std::size_t from, std::size_t to,
                 std::int64_t bound);
  bool move_factor(MapspacePoint& point, CounterRng& rng);
  bool swap_factors(MapspacePoint& point, CounterRng& rng);
  bool move_loop(MapspacePoint& point, CounterRng& rng);
  bool move_place(MapspacePoint& point, CounterRng& rng);
  bool change_holds(MapspacePoint& point, CounterRng& rng);
  bool swap_holds(MapspacePoint& point, CounterRng& rng);
  bool leave_out(MapspacePoint& point, CounterRng& rng);
  bool put_in(MapspacePoint& point, CounterRng& rng);
  bool jump(MapspacePoint& point, CounterRng& rng);
  bool remap(MapspacePoint& point, std::size_t skeleton, std::size_t split, std::size_t cut,
             CounterRng& rng);
  bool place_loop(std::size_t d, std::size_t slot, std::int64_t bound);
  bool take_loops(std::size_t d, const MapspacePoint& other);
  void settle(MapspacePoint& point, std::size_t d, CounterRng& rng);
  std::size_t slot_after_same_hold(const Skeleton& from, std::size_t slot,
                                   const Skeleton& to) const;
  std::optional<std::size_t> find(const std::vector<Hold>& top, const std::vector<Hold>& holds);

  const Mapspace& space_;
  std::map<Key, std::size_t> index_;  // of skeletons
  std::vector<Hold> single_;          // every hold that stands below the top anywhere
  std::vector<std::vector<std::int64_t>> divisors_;  // by dimension; perfect factors only
  std::vector<DimensionSet> relevant_;               // by tensor
  std::vector<std::size_t> target_;                  // by old slot: the slot that its loops go to
  std::vector<std::pair<std::size_t, std::size_t>> candidates_;
  std::vector<char> taken_;  // by dimension
  std::vector<Hold> holds_;
  MapspacePoint next_;
  Key key_;
};

}  // namespace tessera
