#include "mapper/mapspace_moves.hpp"

#include <algorithm>
#include <bit>

namespace tessera {
namespace {

constexpr int kTries = 8;

/// Log-uniform in 1 .. most: its number of bits is uniform.
std::int64_t draw_log_uniform(std::int64_t most, CounterRng& rng) {
  const auto width = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(most)));
  const std::int64_t least = std::int64_t{1} << rng.below(width);
  const std::int64_t end = std::min(most, 2 * least - 1) + 1;
  return least + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(end - least)));
}

}  // namespace

MapspaceMoves::MapspaceMoves(const Mapspace& space) : space_(space), next_(space.make_point()) {
  const auto& skeletons = space.skeletons();
  for (std::size_t i = 0; i < skeletons.size(); ++i) {
    write_key(skeletons[i].top, skeletons[i].holds, key_);
    index_.emplace(key_, i);
    for (const Hold& hold : skeletons[i].holds) {
      if (std::find(single_.begin(), single_.end(), hold) == single_.end()) {
        single_.push_back(hold);
      }
    }
  }
  std::size_t most = 1;
  for (const Skeleton& skeleton : skeletons) {
    most = std::max(most, skeleton.slots());
  }
  target_.resize(most);
  for (const MapspaceDimension& dimension : space.dimensions()) {
    auto& divisors = divisors_.emplace_back();
    if (space.factors() == Factors::perfect) {
      divisors = divisors_of(dimension.bound);
    }
  }
  for (std::size_t t = 0; t < space.problem().tensors.size(); ++t) {
    relevant_.push_back(relevant_dimensions(space.problem(), TensorId(t)));
  }
}

void MapspaceMoves::mutate(MapspacePoint& point, CounterRng& rng) {
  if (space_.dimensions().empty()) {
    return;
  }
  do {
    bool made = false;
    for (int i = 0; i < kTries && !made; ++i) {
      const std::uint64_t kind = rng.below(16);
      if (kind < 8) {
        made = move_factor(point, rng);
      } else if (kind < 10) {
        made = swap_factors(point, rng);
      } else if (kind < 12) {
        made = move_loop(point, rng);
      } else if (kind < 13) {
        made = move_place(point, rng);
      } else {
        made = change_holds(point, rng);
      }
    }
  } while (rng.coin());
}

bool MapspaceMoves::allows(const MapspacePoint& point, std::size_t d, std::size_t place) const {
  const Skeleton& skeleton = space_.skeletons()[point.skeleton];
  const DimensionId id = space_.dimensions()[d].id;
  return place < skeleton.slots()
             ? skeleton.allowed[place].contains(id)
             : space_.spatial_slots()[place - skeleton.slots()].allowed.contains(id);
}

/// The greatest bound of dimension d that the place can take.
std::int64_t MapspaceMoves::room(const MapspacePoint& point, std::size_t d,
                                 std::size_t place) const {
  const std::size_t temporal = slots(point);
  if (place < temporal) {
    return space_.dimensions()[d].bound;
  }
  std::int64_t left = space_.spatial_slots()[place - temporal].size;
  for (std::size_t other = 0; other < point.bounds.size(); ++other) {
    if (other != d) {
      left /= point.bounds[other][place];
    }
  }
  return left;
}

/// A place where the dimension has a loop.
std::optional<std::size_t> MapspaceMoves::draw_loop(const MapspacePoint& point, std::size_t d,
                                                    CounterRng& rng) {
  const std::size_t places = slots(point) + space_.spatial_slots().size();
  std::optional<std::size_t> drawn;
  std::uint64_t seen = 0;
  for (std::size_t place = 0; place < places; ++place) {
    if (point.bounds[d][place] > 1 && rng.below(++seen) == 0) {
      drawn = place;
    }
  }
  return drawn;
}

/// Another place where the dimension may have a loop.
std::optional<std::size_t> MapspaceMoves::draw_place(const MapspacePoint& point, std::size_t d,
                                                     std::size_t other_than, CounterRng& rng) {
  const std::size_t places = slots(point) + space_.spatial_slots().size();
  for (int i = 0; i < kTries; ++i) {
    const std::size_t place = rng.below(places);
    if (place != other_than && allows(point, d, place)) {
      return place;
    }
  }
  return std::nullopt;
}

/// A new bound for one of two loops of a dimension that together cover `joint`.
std::int64_t MapspaceMoves::draw_bound(std::size_t d, std::int64_t now, std::int64_t joint,
                                       CounterRng& rng) {
  if (space_.factors() == Factors::perfect) {
    const bool next_divisor = rng.coin();
    const bool up = rng.coin();
    std::int64_t drawn = now;
    std::uint64_t seen = 0;
    for (const std::int64_t divisor : divisors_[d]) {
      if (joint % divisor != 0 || divisor == now) {
        continue;
      }
      if (!next_divisor) {
        drawn = rng.below(++seen) == 0 ? divisor : drawn;
      } else if (!up && divisor < now) {
        drawn = divisor;
      } else if (up && divisor > now) {
        return divisor;
      }
    }
    return drawn;
  }
  std::int64_t bound = 1;
  switch (rng.below(4)) {
    case 0:
      bound = rng.coin() ? now + 1 : now - 1;
      break;
    case 1:
      bound = rng.coin() ? 2 * now : ceil_div(now, 2);
      break;
    case 2:
      bound = draw_log_uniform(joint, rng);
      break;
    default:
      bound = ceil_div(joint, draw_log_uniform(joint, rng));
      break;
  }
  return std::clamp<std::int64_t>(bound, 1, joint);
}

/// Gives the loop at `to` the bound, or the most that fits there, and the rest to the loop at
/// `from`. False, with nothing done, if that does not fit or changes nothing.
bool MapspaceMoves::share_out(MapspacePoint& point, std::size_t d, std::size_t from, std::size_t to,
                              std::int64_t bound) {
  auto& bounds = point.bounds[d];
  const std::int64_t joint = [&] {
    std::int64_t left = space_.dimensions()[d].bound;
    for (std::size_t place = 0; place < slots(point) + space_.spatial_slots().size(); ++place) {
      left = place == from || place == to ? left : ceil_div(left, bounds[place]);
    }
    return left;
  }();
  bound = std::min(bound, room(point, d, to));
  if (space_.factors() == Factors::perfect) {
    while (joint % bound != 0) {
      --bound;
    }
  }
  const std::int64_t rest = ceil_div(joint, bound);
  if (bound == bounds[to] || rest > room(point, d, from)) {
    return false;
  }
  bounds[to] = bound;
  bounds[from] = rest;
  if (space_.factors() == Factors::imperfect) {
    lower_to_minimal(space_.dimensions()[d].bound,
                     std::span(bounds).first(slots(point) + space_.spatial_slots().size()));
  }
  return true;
}

bool MapspaceMoves::move_factor(MapspacePoint& point, CounterRng& rng) {
  const std::size_t d = rng.below(point.bounds.size());
  const auto from = draw_loop(point, d, rng);
  const auto to = from ? draw_place(point, d, *from, rng) : std::nullopt;
  if (!to) {
    return false;
  }
  const std::int64_t now = point.bounds[d][*to];
  const std::int64_t bound = draw_bound(d, now, now * point.bounds[d][*from], rng);
  if (!share_out(point, d, *from, *to, bound)) {
    return false;
  }
  settle(point, d, rng);
  return true;
}

/// Where tiles fill their memories, a factor can only come in when another goes out.
bool MapspaceMoves::swap_factors(MapspacePoint& point, CounterRng& rng) {
  const std::size_t d = rng.below(point.bounds.size());
  const std::size_t e = rng.below(point.bounds.size());
  const auto from = draw_loop(point, d, rng);
  const auto to = from ? draw_place(point, d, *from, rng) : std::nullopt;
  if (d == e || !to || point.bounds[e][*to] == 1 || !allows(point, e, *from)) {
    return false;
  }
  const std::int64_t leaving = point.bounds[d][*from];
  const std::int64_t going = point.bounds[e][*to];
  const std::int64_t out = draw_bound(d, leaving, leaving * point.bounds[d][*to], rng);
  const std::int64_t in = draw_bound(e, going, going * point.bounds[e][*from], rng);
  if (out >= leaving || in >= going) {
    return false;
  }
  // The one that makes room goes first.
  const bool moved = share_out(point, e, *from, *to, in);
  settle(point, e, rng);
  const bool moved_back = share_out(point, d, *to, *from, out);
  settle(point, d, rng);
  return moved || moved_back;
}

bool MapspaceMoves::move_loop(MapspacePoint& point, CounterRng& rng) {
  const std::size_t temporal = slots(point);
  for (int i = 0; i < kTries; ++i) {
    auto& order = point.order[rng.below(temporal)];
    if (order.size() < 2) {
      continue;
    }
    const std::size_t from = rng.below(order.size());
    std::size_t to = rng.below(order.size() - 1);
    to += to >= from ? 1 : 0;
    const std::uint8_t moved = order[from];
    order.erase(order.begin() + static_cast<long>(from));
    order.insert(order.begin() + static_cast<long>(to), moved);
    return true;
  }
  return false;
}

bool MapspaceMoves::move_place(MapspacePoint& point, CounterRng& rng) {
  const std::size_t temporal = slots(point);
  candidates_.clear();
  for (std::size_t d = 0; d < point.bounds.size(); ++d) {
    for (std::size_t a = 0; a < space_.spatial_slots().size(); ++a) {
      if (space_.dimensions()[d].sliding && point.bounds[d][temporal + a] > 1) {
        candidates_.emplace_back(d, a);
      }
    }
  }
  if (candidates_.empty()) {
    return false;
  }
  const auto [d, a] = candidates_[rng.below(candidates_.size())];
  const auto loops =
      std::count_if(point.bounds[d].begin(), point.bounds[d].begin() + static_cast<long>(temporal),
                    [](std::int64_t bound) { return bound > 1; });
  const auto gap = static_cast<std::uint8_t>(rng.below(static_cast<std::uint64_t>(loops) + 1));
  const bool changed = gap != point.gaps[d][a];
  point.gaps[d][a] = gap;
  return changed;
}

/// Brings order and places in line with the bounds of dimension d: a new loop gets any place in its
/// slot.
void MapspaceMoves::settle(MapspacePoint& point, std::size_t d, CounterRng& rng) {
  const std::size_t temporal = slots(point);
  std::size_t loops = 0;
  for (std::size_t slot = 0; slot < temporal; ++slot) {
    auto& order = point.order[slot];
    const auto place = std::find(order.begin(), order.end(), static_cast<std::uint8_t>(d));
    const bool has_loop = point.bounds[d][slot] > 1;
    loops += has_loop ? 1 : 0;
    if (place != order.end() && !has_loop) {
      order.erase(place);
    } else if (place == order.end() && has_loop) {
      const auto at = static_cast<long>(rng.below(order.size() + 1));
      order.insert(order.begin() + at, static_cast<std::uint8_t>(d));
    }
  }
  for (std::size_t a = 0; a < space_.spatial_slots().size(); ++a) {
    std::uint8_t& gap = point.gaps[d][a];
    const bool placed = space_.dimensions()[d].sliding && point.bounds[d][temporal + a] > 1;
    gap = placed ? std::min(gap, static_cast<std::uint8_t>(loops)) : std::uint8_t{0};
  }
}

void MapspaceMoves::exchange(MapspacePoint& point, const MapspacePoint& other, CounterRng& rng) {
  const std::size_t count = point.bounds.size();
  if (count == 0) {
    return;
  }
  const Skeleton& to = space_.skeletons()[point.skeleton];
  const Skeleton& from = space_.skeletons()[other.skeleton];
  const std::size_t certain = rng.below(count);
  for (std::size_t slot = 0; slot < from.slots(); ++slot) {
    target_[slot] = slot_after_same_hold(from, slot, to);
  }
  taken_.assign(count, 0);
  next_ = point;
  // Without the loops that go, the axes have room for those that come.
  for (std::size_t d = 0; d < count; ++d) {
    taken_[d] = d == certain || rng.below(3) == 0 ? 1 : 0;
    if (taken_[d] != 0) {
      std::fill(next_.bounds[d].begin(), next_.bounds[d].end(), 1);
      next_.gaps[d] = other.gaps[d];
    }
  }
  for (std::size_t d = 0; d < count; ++d) {
    if (taken_[d] != 0 && !take_loops(d, other)) {
      return;
    }
  }
  std::swap(point, next_);
  for (std::size_t d = 0; d < count; ++d) {
    settle(point, d, rng);
  }
}

/// Enters the loops that `other` has for dimension d into `next_`, at the targets of their slots.
bool MapspaceMoves::take_loops(std::size_t d, const MapspacePoint& other) {
  const std::size_t from_slots = slots(other);
  const std::size_t to_slots = slots(next_);
  const std::size_t axes = space_.spatial_slots().size();
  for (std::size_t slot = 0; slot < from_slots; ++slot) {
    const std::int64_t bound = other.bounds[d][slot];
    if (bound > 1 && !place_loop(d, target_[slot], bound)) {
      return false;
    }
  }
  for (std::size_t a = 0; a < axes; ++a) {
    const std::int64_t bound = other.bounds[d][from_slots + a];
    if (bound <= room(next_, d, to_slots + a)) {
      next_.bounds[d][to_slots + a] = bound;
    } else if (!place_loop(d, 0, bound)) {
      return false;
    }
  }
  if (space_.factors() == Factors::imperfect) {
    lower_to_minimal(space_.dimensions()[d].bound,
                     std::span(next_.bounds[d]).first(to_slots + axes));
  }
  return true;
}

bool MapspaceMoves::relieve(MapspacePoint& point, LevelId memory, CounterRng& rng) {
  const Skeleton& skeleton = space_.skeletons()[point.skeleton];
  const std::size_t temporal = skeleton.slots();
  candidates_.clear();
  std::size_t outside = 0;  // the slot directly outside the hold that is relieved
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < skeleton.holds.size(); ++i) {
    if (skeleton.holds[i].memory == memory && rng.below(++seen) == 0) {
      outside = i;
    }
  }
  if (seen == 0) {
    return false;
  }
  for (std::size_t d = 0; d < point.bounds.size(); ++d) {
    bool matters = false;
    for (std::size_t t = 0; t < relevant_.size(); ++t) {
      matters = matters || (skeleton.holds[outside].tensors.contains(TensorId(t)) &&
                            relevant_[t].contains(space_.dimensions()[d].id));
    }
    const std::size_t places = temporal + space_.spatial_slots().size();
    for (std::size_t place = outside + 1; matters && place < places; ++place) {
      const bool inside =
          place < temporal || space_.spatial_slots()[place - temporal].axis.fanout > memory;
      if (inside && point.bounds[d][place] > 1) {
        candidates_.emplace_back(d, place);
      }
    }
  }
  if (candidates_.empty()) {
    return false;
  }
  const auto [d, from] = candidates_[rng.below(candidates_.size())];
  const std::size_t to = rng.below(outside + 1);
  const std::int64_t now = point.bounds[d][from];
  const bool halve = rng.coin();
  if (!allows(point, d, to)) {
    return true;  // another draw may do better
  }
  std::int64_t less = halve ? ceil_div(now, 2) : now - 1;
  if (space_.factors() == Factors::perfect) {
    for (std::size_t i = 0; divisors_[d][i] < now; ++i) {
      less = now % divisors_[d][i] == 0 ? divisors_[d][i] : less;
    }
  }
  share_out(point, d, to, from, less);
  settle(point, d, rng);
  return true;
}

}  // namespace tessera
