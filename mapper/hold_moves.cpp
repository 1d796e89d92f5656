// Moves of the genetic search that change what holds what, and in which order: two neighbouring
// holds swap, one is left out or put in, or any other skeleton is taken. Loops go along with the
// holds that they follow.

#include <algorithm>

#include "mapper/mapspace_moves.hpp"

namespace tessera {
namespace {

constexpr std::size_t kNoSplit = static_cast<std::size_t>(-1);

}  // namespace

void MapspaceMoves::write_key(const std::vector<Hold>& top, const std::vector<Hold>& holds,
                              std::vector<std::uint64_t>& key) {
  key.clear();
  const auto put = [&key](const Hold& hold) {
    key.push_back(static_cast<std::uint64_t>(hold.memory.value) << 32 | hold.tensors.bits);
  };
  std::for_each(top.begin(), top.end(), put);
  key.push_back(UINT64_MAX);
  std::for_each(holds.begin(), holds.end(), put);
}

bool MapspaceMoves::change_holds(MapspacePoint& point, CounterRng& rng) {
  if (space_.skeletons().size() == 1) {
    return false;
  }
  switch (rng.below(8)) {
    case 0:
      return jump(point, rng);
    case 1:
    case 2:
      return leave_out(point, rng);
    case 3:
    case 4:
      return put_in(point, rng);
    default:
      return swap_holds(point, rng);
  }
}

std::optional<std::size_t> MapspaceMoves::find(const std::vector<Hold>& top,
                                               const std::vector<Hold>& holds) {
  write_key(top, holds, key_);
  const auto found = index_.find(key_);
  return found == index_.end() ? std::nullopt : std::optional(found->second);
}

bool MapspaceMoves::swap_holds(MapspacePoint& point, CounterRng& rng) {
  const Skeleton& skeleton = space_.skeletons()[point.skeleton];
  if (skeleton.holds.size() < 2) {
    return false;
  }
  holds_ = skeleton.holds;
  const std::size_t i = rng.below(holds_.size() - 1);
  std::swap(holds_[i], holds_[i + 1]);
  const auto found = find(skeleton.top, holds_);
  if (!found) {
    return false;
  }
  for (std::size_t slot = 0; slot < skeleton.slots(); ++slot) {
    target_[slot] = slot;
  }
  return remap(point, *found, kNoSplit, 0, rng);
}

bool MapspaceMoves::leave_out(MapspacePoint& point, CounterRng& rng) {
  const Skeleton& skeleton = space_.skeletons()[point.skeleton];
  if (skeleton.holds.empty()) {
    return false;
  }
  holds_ = skeleton.holds;
  const std::size_t left_out = rng.below(holds_.size());
  holds_.erase(holds_.begin() + static_cast<long>(left_out));
  const auto found = find(skeleton.top, holds_);
  if (!found) {
    return false;
  }
  for (std::size_t slot = 0; slot < skeleton.slots(); ++slot) {
    target_[slot] = slot - (slot > left_out ? 1 : 0);
  }
  return remap(point, *found, kNoSplit, 0, rng);
}

bool MapspaceMoves::put_in(MapspacePoint& point, CounterRng& rng) {
  const Skeleton& skeleton = space_.skeletons()[point.skeleton];
  if (single_.empty()) {
    return false;
  }
  holds_ = skeleton.holds;
  const std::size_t before = rng.below(holds_.size() + 1);
  holds_.insert(holds_.begin() + static_cast<long>(before), single_[rng.below(single_.size())]);
  const auto found = find(skeleton.top, holds_);
  if (!found) {
    return false;
  }
  for (std::size_t slot = 0; slot < skeleton.slots(); ++slot) {
    target_[slot] = slot + (slot > before ? 1 : 0);
  }
  const std::size_t cut = rng.below(point.order[before].size() + 1);
  return remap(point, *found, before, cut, rng);
}

bool MapspaceMoves::jump(MapspacePoint& point, CounterRng& rng) {
  const std::size_t to = rng.below(space_.skeletons().size());
  if (to == point.skeleton) {
    return false;
  }
  const Skeleton& from = space_.skeletons()[point.skeleton];
  for (std::size_t slot = 0; slot < from.slots(); ++slot) {
    target_[slot] = slot_after_same_hold(from, slot, space_.skeletons()[to]);
  }
  return remap(point, to, kNoSplit, 0, rng);
}

/// The slot after the innermost hold outside `slot` that `to` has too.
std::size_t MapspaceMoves::slot_after_same_hold(const Skeleton& from, std::size_t slot,
                                                const Skeleton& to) const {
  for (; slot > 0; --slot) {
    const auto hold = std::find(to.holds.begin(), to.holds.end(), from.holds[slot - 1]);
    if (hold != to.holds.end()) {
      return static_cast<std::size_t>(hold - to.holds.begin()) + 1;
    }
  }
  return 0;
}

/// Enters a loop of dimension d into `next_`: at `slot`, or at the nearest one that may have it,
/// outward before inward. False if none may.
bool MapspaceMoves::place_loop(std::size_t d, std::size_t slot, std::int64_t bound) {
  const std::vector<DimensionSet>& allowed = space_.skeletons()[next_.skeleton].allowed;
  const DimensionId id = space_.dimensions()[d].id;
  std::size_t place = slot;
  while (place > 0 && !allowed[place].contains(id)) {
    --place;
  }
  if (!allowed[place].contains(id)) {
    place = slot;
    while (place < allowed.size() && !allowed[place].contains(id)) {
      ++place;
    }
    if (place == allowed.size()) {
      return false;
    }
  }
  auto& order = next_.order[place];
  if (std::find(order.begin(), order.end(), static_cast<std::uint8_t>(d)) == order.end()) {
    order.push_back(static_cast<std::uint8_t>(d));
  }
  const std::int64_t whole = space_.dimensions()[d].bound;
  std::int64_t& joined = next_.bounds[d][place];
  joined = bound >= ceil_div(whole, joined) ? whole : joined * bound;
  return true;
}

/// Moves all loops to another skeleton: from each slot to its target, and from slot `split` those
/// from place `cut` on to the one after. False, with nothing done, if a loop may stand nowhere.
bool MapspaceMoves::remap(MapspacePoint& point, std::size_t skeleton, std::size_t split,
                          std::size_t cut, CounterRng& rng) {
  const Skeleton& to = space_.skeletons()[skeleton];
  const std::size_t old_slots = slots(point);
  const std::size_t axes = space_.spatial_slots().size();
  next_.skeleton = skeleton;
  for (std::size_t slot = 0; slot < to.slots(); ++slot) {
    next_.order[slot].clear();
  }
  for (std::size_t d = 0; d < point.bounds.size(); ++d) {
    std::fill(next_.bounds[d].begin(), next_.bounds[d].end(), 1);
    next_.gaps[d] = point.gaps[d];
  }
  for (std::size_t slot = 0; slot < old_slots; ++slot) {
    for (std::size_t i = 0; i < point.order[slot].size(); ++i) {
      const std::size_t d = point.order[slot][i];
      const std::size_t inward = slot == split && i >= cut ? 1 : 0;
      if (!place_loop(d, target_[slot] + inward, point.bounds[d][slot])) {
        return false;
      }
    }
  }
  for (std::size_t d = 0; d < point.bounds.size(); ++d) {
    std::copy_n(point.bounds[d].begin() + static_cast<long>(old_slots), axes,
                next_.bounds[d].begin() + static_cast<long>(to.slots()));
    if (space_.factors() == Factors::imperfect) {
      lower_to_minimal(space_.dimensions()[d].bound,
                       std::span(next_.bounds[d]).first(to.slots() + axes));
    }
  }
  std::swap(point, next_);
  for (std::size_t d = 0; d < point.bounds.size(); ++d) {
    settle(point, d, rng);
  }
  return true;
}

}  // namespace tessera
