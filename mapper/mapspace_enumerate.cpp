// Visits every mapping of a mapspace: for a skeleton, dimension by dimension, each ordered
// factorization over the slots; then the places of sliding spatial loops; then the orders of the
// loops in each slot. Axis sizes and forbidden slots cut while factors are placed; a slot that
// needs a loop is checked when all are.
#include <algorithm>
#include <array>

#include "mapper/mapspace.hpp"

namespace tessera {
namespace {

class Walker {
 public:
  Walker(const Mapspace& space, const std::function<VisitAnswer(const MapspaceVisit&)>& visit)
      : space_(space),
        visit_(visit),
        dimensions_(space.dimensions()),
        spatial_(space.spatial_slots()),
        point_(space.make_point()) {
    room_.resize(spatial_.size());
    pools_.resize(dimensions_.size());
  }

  /// The mappings of one skeleton with the given ordered factorization of the first dimension.
  bool walk(std::size_t skeleton, std::int64_t first) {
    point_.skeleton = skeleton;
    slots_ = space_.skeletons()[skeleton].slots();
    for (std::size_t a = 0; a < spatial_.size(); ++a) {
      room_[a] = spatial_[a].size;
    }
    if (dimensions_.empty()) {
      return finish();
    }
    auto& bounds = point_.bounds[0];
    dimensions_[0].factorizations.at(first, {bounds.data(), slots_ + spatial_.size()});
    for (std::size_t slot = 0; slot < slots_ + spatial_.size(); ++slot) {
      if (bounds[slot] > 1 && !enter(0, slot, bounds[slot])) {
        return true;
      }
    }
    return factorize(1);
  }

 private:
  /// The factors over 1 of the dimension that are still to be placed.
  struct Pool {
    std::vector<std::int64_t> values;
    std::vector<std::size_t> left;
    std::size_t total = 0;
  };

  /// False if the slot cannot take the loop; else takes the room on its axis.
  bool enter(std::size_t d, std::size_t slot, std::int64_t bound) {
    if (slot < slots_) {
      return space_.skeletons()[point_.skeleton].allowed[slot].contains(dimensions_[d].id);
    }
    const std::size_t a = slot - slots_;
    if (bound > room_[a] || !spatial_[a].allowed.contains(dimensions_[d].id)) {
      return false;
    }
    room_[a] /= bound;  // floors nest: what fits is decided by the floor alone
    return true;
  }

  bool factorize(std::size_t d) {
    if (d == dimensions_.size()) {
      return finish();
    }
    const Factorizations& all = dimensions_[d].factorizations;
    for (std::size_t i = 0; i < all.multisets(); ++i) {
      Pool& pool = pools_[d];
      pool.values.clear();
      pool.left.clear();
      pool.total = all.multiset(i).size();
      for (const std::int64_t factor : all.multiset(i)) {
        if (!pool.values.empty() && pool.values.back() == factor) {
          ++pool.left.back();
        } else {
          pool.values.push_back(factor);
          pool.left.push_back(1);
        }
      }
      if (!place(d, 0)) {
        return false;
      }
    }
    return true;
  }

  bool place(std::size_t d, std::size_t slot) {
    Pool& pool = pools_[d];
    const std::size_t remaining = slots_ + spatial_.size() - slot;
    if (pool.total > remaining) {
      return true;
    }
    if (remaining == 0) {
      return factorize(d + 1);
    }
    point_.bounds[d][slot] = 1;
    if (!place(d, slot + 1)) {
      return false;
    }
    for (std::size_t v = 0; v < pool.values.size(); ++v) {
      if (pool.left[v] == 0) {
        continue;
      }
      const std::int64_t before = slot < slots_ ? 0 : room_[slot - slots_];
      if (enter(d, slot, pool.values[v])) {
        point_.bounds[d][slot] = pool.values[v];
        --pool.left[v];
        --pool.total;
        const bool go_on = place(d, slot + 1);
        ++pool.left[v];
        ++pool.total;
        if (slot >= slots_) {
          room_[slot - slots_] = before;
        }
        if (!go_on) {
          return false;
        }
      }
    }
    return true;
  }

  /// All bounds are there: orders and places.
  bool finish() {
    const Skeleton& skeleton = space_.skeletons()[point_.skeleton];
    std::uint64_t orders = 1;
    for (std::size_t slot = 0; slot < slots_; ++slot) {
      auto& order = point_.order[slot];
      order.clear();
      for (std::size_t d = 0; d < dimensions_.size(); ++d) {
        if (point_.bounds[d][slot] > 1) {
          order.push_back(static_cast<std::uint8_t>(d));
          orders *= order.size();
        }
      }
      if (order.empty() && skeleton.needs_loop[slot]) {
        return true;
      }
    }
    std::array<std::uint8_t*, kMaxLoops> gaps;
    std::array<std::uint8_t, kMaxLoops> most;
    std::size_t count = 0;
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      const auto& bounds = point_.bounds[d];
      const auto temporal =
          std::count_if(bounds.begin(), bounds.begin() + static_cast<long>(slots_),
                        [](std::int64_t bound) { return bound > 1; });
      for (std::size_t a = 0; dimensions_[d].sliding && a < spatial_.size(); ++a) {
        if (bounds[slots_ + a] > 1) {
          gaps[count] = &point_.gaps[d][a];
          most[count] = static_cast<std::uint8_t>(temporal);
          *gaps[count++] = 0;
        }
      }
    }
    while (true) {
      if (!visit_orders(orders)) {
        return false;
      }
      std::size_t digit = 0;
      while (digit < count && *gaps[digit] == most[digit]) {
        *gaps[digit++] = 0;
      }
      if (digit == count) {
        return true;
      }
      ++*gaps[digit];
    }
  }

  bool visit_orders(std::uint64_t orders) {
    bool more = true;
    while (more) {
      space_.build(point_, mapping_);
      const VisitAnswer answer = visit_({mapping_, orders--});
      if (answer == VisitAnswer::stop) {
        return false;
      }
      more = false;
      for (std::size_t slot = 0; slot < slots_ && !more; ++slot) {
        more = std::next_permutation(point_.order[slot].begin(), point_.order[slot].end());
      }
      if (answer == VisitAnswer::skip_same_tiles) {
        for (std::size_t slot = 0; slot < slots_; ++slot) {
          std::sort(point_.order[slot].begin(), point_.order[slot].end());
        }
        return true;
      }
    }
    return true;
  }

  const Mapspace& space_;
  const std::function<VisitAnswer(const MapspaceVisit&)>& visit_;
  const std::vector<MapspaceDimension>& dimensions_;
  const std::vector<SpatialSlot>& spatial_;
  MapspacePoint point_;
  Mapping mapping_;
  std::size_t slots_ = 0;
  std::vector<std::int64_t> room_;
  std::vector<Pool> pools_;
};

}  // namespace

std::uint64_t Mapspace::shards_of(const Skeleton& skeleton) const {
  if (dimensions_.empty()) {
    return 1;
  }
  const std::size_t slots = skeleton.slots() + spatial_.size();
  return static_cast<std::uint64_t>(dimensions_.front().factorizations.count(slots));
}

std::uint64_t Mapspace::shards() const {
  std::uint64_t total = 0;
  for (const Skeleton& skeleton : skeletons_) {
    if (__builtin_add_overflow(total, shards_of(skeleton), &total)) {
      throw OverflowError();
    }
  }
  return total;
}

bool Mapspace::for_each(std::uint64_t first, std::uint64_t last,
                        const std::function<VisitAnswer(const MapspaceVisit&)>& visit) const {
  Walker walker(*this, visit);
  std::uint64_t start = 0;
  for (std::size_t skeleton = 0; skeleton < skeletons_.size() && start < last; ++skeleton) {
    const std::uint64_t end = start + shards_of(skeletons_[skeleton]);
    for (std::uint64_t shard = std::max(first, start); shard < std::min(last, end); ++shard) {
      if (!walker.walk(skeleton, static_cast<std::int64_t>(shard - start))) {
        return false;
      }
    }
    start = end;
  }
  return true;
}

}  // namespace tessera
