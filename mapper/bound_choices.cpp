// What a uniform sampler draws bounds from.

#include "mapper/bound_choices.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include "mapper/wide_count.hpp"

namespace tessera {
namespace {

/// Rooms (over all axes together) that the tables tell apart, if axes can be told apart by less.
constexpr std::size_t kMostRooms = 64;
constexpr std::size_t kMostEntries = 40'000'000;

}  // namespace

double draw_unit(CounterRng& rng) {
  return static_cast<double>(rng.next() >> 11) * 0x1p-53;
}

std::size_t pick(std::span<const double> sums, double at) {
  auto found = std::upper_bound(sums.begin(), sums.end(), at);
  if (found == sums.end()) {
    found = std::lower_bound(sums.begin(), sums.end(), sums.back());
  }
  return static_cast<std::size_t>(found - sums.begin());
}

RoomUnits::RoomUnits(const std::vector<SpatialSlot>& axes) {
  for (root_ = 4; root_ > 1 && count(axes) > kMostRooms; --root_) {
  }
  for (const SpatialSlot& axis : axes) {
    most_.push_back(units(axis.size));
    if (rooms() > kMostCoarseRooms) {
      most_.back() = 0;
    }
  }
}

std::size_t RoomUnits::rooms() const {
  std::size_t result = 1;
  for (const std::size_t most : most_) {
    result *= most + 1;
  }
  return result;
}

std::size_t RoomUnits::cost(std::span<const std::int64_t> bounds) const {
  std::size_t index = 0;
  for (std::size_t a = most_.size(); a-- > 0;) {
    index = index * (most_[a] + 1) + (most_[a] > 0 ? units(bounds[a]) : 0);
  }
  return index;
}

std::size_t RoomUnits::after(std::size_t room, std::size_t cost) const {
  std::size_t result = 0;
  std::size_t stride = 1;
  for (const std::size_t most : most_) {
    const std::size_t has = room % (most + 1);
    const std::size_t takes = cost % (most + 1);
    if (takes > has) {
      return rooms();
    }
    result += stride * (has - takes);
    stride *= most + 1;
    room /= most + 1;
    cost /= most + 1;
  }
  return result;
}

std::size_t RoomUnits::count(const std::vector<SpatialSlot>& axes) const {
  std::size_t result = 1;
  for (const SpatialSlot& axis : axes) {
    result *= units(axis.size) + 1;
  }
  return result;
}

/// floor(root * log2(bound)), in whole numbers while they last.
std::size_t RoomUnits::units(std::int64_t bound) const {
  if (bound >= std::int64_t{1} << 31) {
    return root_ *
           (static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(bound))) - 1);
  }
  Uint128 power = 1;
  for (std::size_t i = 0; i < root_; ++i) {
    power *= static_cast<Uint128>(bound);
  }
  std::size_t width = 0;
  while (power >>= 1) {
    ++width;
  }
  return width;
}

BoundChoices::BoundChoices(const Mapspace& space, std::size_t dimension, const RoomUnits& units)
    : index_(dimension),
      dimension_(space.dimensions()[dimension]),
      axes_(space.spatial_slots()),
      spread_(axes_.size(), 1) {
  list(units);
  const std::size_t rooms = units.rooms();
  for (const auto& classes : by_loops_) {
    for (const Class& each : classes) {
      if (after_.size() <= each.cost) {
        after_.resize(each.cost + 1);
      }
      if (after_[each.cost].empty()) {
        for (std::size_t room = 0; room < rooms; ++room) {
          after_[each.cost].push_back(static_cast<std::uint32_t>(units.after(room, each.cost)));
        }
      }
    }
  }
}

std::size_t BoundChoices::choose(const Class& from, CounterRng& rng) const {
  const std::span<const double> sums(up_to_.data() + from.first, from.last - from.first);
  return from.first + pick(sums, draw_unit(rng) * sums.back());
}

std::size_t BoundChoices::draw_temporal(std::size_t choice, CounterRng& rng,
                                        std::array<std::int64_t, kMaxFactors>& bounds) const {
  const auto factors = dimension_.factorizations.multiset(choices_[choice].multiset);
  std::copy(factors.begin(), factors.end(), bounds.begin());
  std::size_t count = factors.size();
  for (const std::int64_t bound : spread(choice)) {
    if (bound > 1) {
      const auto end = bounds.begin() + static_cast<long>(count);
      std::swap(*std::find(bounds.begin(), end, bound), bounds[count - 1]);
      --count;
    }
  }
  rng.shuffle(std::span(bounds.data(), count));
  return count;
}

void BoundChoices::list(const RoomUnits& units) {
  const Factorizations& all = dimension_.factorizations;
  for (std::size_t i = 0; i < all.multisets(); ++i) {
    left_.of(all.multiset(i));
    extend(0, static_cast<std::uint32_t>(i), all.multiset(i).size(), 0, units);
  }
  std::stable_sort(listed_.begin(), listed_.end(), [](const Listed& a, const Listed& b) {
    return std::pair(a.loops, a.cost) < std::pair(b.loops, b.cost);
  });
  by_loops_.resize(all.longest() + 1);
  for (std::size_t i = 0; i < listed_.size(); ++i) {
    const Listed& each = listed_[i];
    auto& classes = by_loops_[each.loops];
    if (classes.empty() || classes.back().cost != each.cost) {
      classes.push_back({each.cost, 0, i, i});
    }
    classes.back().weight += each.weight;
    classes.back().last = i + 1;
    choices_.push_back(each.choice);
    up_to_.push_back(classes.back().weight);
  }
  listed_ = {};
  seen_.clear();
}

void BoundChoices::extend(std::size_t axis, std::uint32_t multiset, std::size_t temporal,
                          std::size_t spatial, const RoomUnits& units) {
  if (axis == axes_.size()) {
    double weight = static_cast<double>(orderings(left_.counts));
    for (std::size_t i = 0; dimension_.sliding && i < spatial; ++i) {
      weight *= static_cast<double>(temporal + 1);
    }
    const auto [seen, is_new] = seen_.try_emplace(
        spread_, std::pair(static_cast<std::uint32_t>(seen_.size()), std::uint32_t{0}));
    if (is_new) {
      spreads_.insert(spreads_.end(), spread_.begin(), spread_.end());
      seen->second.second = static_cast<std::uint32_t>(units.cost(spread_));
    }
    listed_.push_back({{multiset, seen->second.first},
                       static_cast<std::uint32_t>(temporal),
                       seen->second.second,
                       weight});
    if (listed_.size() > kMostEntries) {
      throw MapspaceError("a dimension of " + std::to_string(dimension_.bound) +
                          " has too many factorizations to draw from: use perfect factors, or "
                          "the genetic search");
    }
    return;
  }
  spread_[axis] = 1;
  extend(axis + 1, multiset, temporal, spatial, units);
  for (std::size_t v = 0; v < left_.values.size() && axes_[axis].allowed.contains(dimension_.id);
       ++v) {
    if (left_.counts[v] > 0 && left_.values[v] <= axes_[axis].size) {
      spread_[axis] = left_.values[v];
      --left_.counts[v];
      extend(axis + 1, multiset, temporal - 1, spatial + 1, units);
      ++left_.counts[v];
    }
  }
  spread_[axis] = 1;
}

}  // namespace tessera
