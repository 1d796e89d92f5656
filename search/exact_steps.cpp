// Whatever the temporal loops are, they and the spatial loops of a dimension together cover its
// bound: with spatial loops of product f, its steps are at least bound / f, rounded up. (With
// perfect factors f divides the bound.) The least product over dimensions, all of whose spatial
// loops fit the axes together, is found one dimension after the other: what is left of an axis is
// its size over what has been used, rounded down, so there are few cases. Rules on factors are left
// out, which makes the least no larger.

#include "search/exact_steps.hpp"

#include <algorithm>
#include <limits>

namespace tessera {
namespace {

/// Machines with more cases are only divided by.
constexpr std::size_t kMostCases = 1024;
/// With remainders, every case may become any smaller one.
constexpr std::size_t kMostPairs = 20'000;

}  // namespace

LeastSteps::LeastSteps(const Mapspace& space, DimensionSet taken) {
  const bool perfect = space.factors() == Factors::perfect;
  std::size_t cases = 1;
  for (const SpatialSlot& slot : space.spatial_slots()) {
    nothing_.push_back(1);
    Axis& axis = axes_.emplace_back();
    axis.size = slot.size;
    axis.allowed = slot.allowed;
    axis.stride = cases;
    for (std::int64_t by = 1; by <= slot.size && axis.rooms.size() <= kMostCases;
         by = slot.size / (slot.size / by) + 1) {
      axis.rooms.push_back(slot.size / by);
    }
    std::reverse(axis.rooms.begin(), axis.rooms.end());
    cases = std::min(cases * axis.rooms.size(), kMostCases + 1);
  }
  const auto each = [&](auto&& visit) {
    for (const MapspaceDimension& dimension : space.dimensions()) {
      if (!taken.contains(dimension.id)) {
        visit(dimension, space.problem().at(dimension.id).bound);
      }
    }
  };
  each([&](const MapspaceDimension&, std::int64_t bound) {
    operations_ *= static_cast<double>(bound);
  });
  if (cases > kMostCases || (!perfect && cases * cases > kMostPairs)) {
    return;
  }
  steps_.assign(cases, 1.0);
  each([&](const MapspaceDimension& dimension, std::int64_t bound) {
    take(dimension, bound, perfect);
  });
}

std::size_t LeastSteps::Axis::place(std::int64_t room) const {
  const auto at = std::lower_bound(rooms.begin(), rooms.end(), room);
  return static_cast<std::size_t>(at - rooms.begin()) * stride;
}

double LeastSteps::of(std::span<const std::int64_t> used) const {
  if (steps_.empty()) {
    double lanes = 1;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      lanes *= static_cast<double>(axes_[a].size / used[a]);
    }
    return operations_ / lanes;
  }
  std::size_t at = 0;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    at += axes_[a].place(axes_[a].size / used[a]);
  }
  return steps_[at];
}

/// One more dimension.
void LeastSteps::take(const MapspaceDimension& dimension, std::int64_t bound, bool perfect) {
  before_ = steps_;
  rooms_.resize(axes_.size());
  for (std::size_t at = 0; at < steps_.size(); ++at) {
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      rooms_[a] = axes_[a].rooms[at / axes_[a].stride % axes_[a].rooms.size()];
    }
    least_ = std::numeric_limits<double>::infinity();
    spread(dimension, bound, perfect, 0, 0);
    steps_[at] = least_;
  }
}

/// Tries all spatial loops of a dimension on the axes from number `axis` on, `rest` of its bound
/// being left to cover, rounded up, and `left` what the axes before have left.
void LeastSteps::spread(const MapspaceDimension& dimension, std::int64_t rest, bool perfect,
                        std::size_t axis, std::size_t left) {
  if (axis == axes_.size()) {
    least_ = std::min(least_, static_cast<double>(rest) * before_[left]);
    return;
  }
  const Axis& here = axes_[axis];
  const std::int64_t room = rooms_[axis];
  if (!here.allowed.contains(dimension.id)) {
    spread(dimension, rest, perfect, axis + 1, left + here.place(room));
  } else if (perfect) {
    for (std::int64_t loop = 1; loop <= std::min(room, rest); ++loop) {
      if (rest % loop == 0) {
        spread(dimension, rest / loop, perfect, axis + 1, left + here.place(room / loop));
      }
    }
  } else {
    for (const std::int64_t next : here.rooms) {
      if (next <= room) {  // the longest loop that leaves as much
        spread(dimension, ceil_div(rest, room / next), perfect, axis + 1, left + here.place(next));
      }
    }
  }
}

}  // namespace tessera
