// The exact size of a mapspace, by counting.
//
// What a dimension contributes to the loops of a mapping is which slots it has a loop in, and how
// many ways there are to give those loops bounds. By symmetry the latter depends only on the bounds
// on the axes and on the number k of temporal loops. So
//
//   size = sum over k of G(k) * M(k),     k = (temporal loops of each dimension),
//
// where M(k) counts, over all skeletons, the 0/1 matrices (dimension x slot) with row sums k,
// weighted with the orders of each slot (the factorial of its column sum), columns that need a loop
// not empty, forbidden entries 0; and G(k) counts the bounds: on the axes within their sizes, and k
// temporal ones over 1 for each dimension; times (k + 1) places for each spatial loop of a sliding
// dimension. M is filled slot by slot, G dimension by dimension, with the room left on the axes as
// the state: floors of quotients by what is used, of which there are few.
#include <algorithm>
#include <map>

#include "mapper/mapspace.hpp"

namespace tessera {
namespace {

/// About as many steps as the count may take: some seconds.
constexpr double kMostWork = 6e8;

/// A box of vectors k, 0 <= k[d] <= most[d], as one index.
struct Box {
  std::vector<std::size_t> most;
  std::vector<std::size_t> stride;
  std::size_t size = 1;

  explicit Box(std::vector<std::size_t> most_by_dimension)
      : most(std::move(most_by_dimension)), stride(most.size()) {
    for (std::size_t d = most.size(); d-- > 0;) {
      stride[d] = size;
      size *= most[d] + 1;
    }
  }
  std::size_t digit(std::size_t index, std::size_t d) const {
    return index / stride[d] % (most[d] + 1);
  }
};

/// The kinds of slots that matter for M: which dimensions (as bits by place) and whether empty is
/// allowed.
using SlotType = std::pair<std::uint32_t, bool>;

class Matrices {
 public:
  Matrices(const Mapspace& space, const Box& box) : space_(space), box_(box) {}

  /// Sum of M over all skeletons. Skeletons whose slots are the same but for order count alike.
  std::vector<WideCount> count() {
    std::map<std::vector<SlotType>, std::uint64_t> signatures;
    for (const Skeleton& skeleton : space_.skeletons()) {
      std::vector<SlotType> types;
      for (std::size_t slot = 0; slot < skeleton.slots(); ++slot) {
        std::uint32_t mask = 0;
        for (std::size_t d = 0; d < space_.dimensions().size(); ++d) {
          mask |= skeleton.allowed[slot].contains(space_.dimensions()[d].id) ? 1u << d : 0u;
        }
        types.emplace_back(mask, skeleton.needs_loop[slot]);
      }
      std::sort(types.begin(), types.end(), [](const SlotType& a, const SlotType& b) {
        return std::pair(a.second, a.first) < std::pair(b.second, b.first);
      });
      ++signatures[types];
    }
    std::vector<WideCount> total(box_.size);
    // Neighbours in the map share beginnings: `steps_` keeps the tables of the current one's.
    std::vector<SlotType> current;
    steps_.assign(1, std::vector<WideCount>(box_.size));
    steps_[0][0] = 1;
    for (const auto& [types, times] : signatures) {
      const auto end = std::mismatch(types.begin(), types.end(), current.begin(), current.end());
      const auto shared = static_cast<std::size_t>(end.first - types.begin());
      steps_.resize(shared + 1);
      for (std::size_t i = shared; i < types.size(); ++i) {
        steps_.push_back(with_slot(steps_.back(), types[i]));
      }
      current = types;
      for (std::size_t k = 0; k < box_.size; ++k) {
        total[k] += steps_.back()[k] * times;
      }
    }
    return total;
  }

 private:
  std::vector<WideCount> with_slot(const std::vector<WideCount>& before, SlotType type) {
    std::vector<WideCount> after(box_.size);
    for (std::size_t k = 0; k < box_.size; ++k) {
      if (!before[k].is_zero()) {
        choose(after, before[k], type, k, k, 0, 0);
      }
    }
    return after;
  }

  /// Adds `value` (already times the orders) for every choice of the slot's dimensions from `d` on.
  void choose(std::vector<WideCount>& after, const WideCount& value, SlotType type,
              std::size_t from, std::size_t to, std::size_t d, std::uint64_t chosen) {
    if (d == box_.most.size()) {
      if (chosen > 0 || !type.second) {
        after[to] += value;
      }
      return;
    }
    choose(after, value, type, from, to, d + 1, chosen);
    if ((type.first >> d & 1u) != 0 && box_.digit(from, d) < box_.most[d]) {
      choose(after, value * (chosen + 1), type, from, to + box_.stride[d], d + 1, chosen + 1);
    }
  }

  const Mapspace& space_;
  const Box& box_;
  std::vector<std::vector<WideCount>> steps_;
};

/// What room may be left on each axis, as one index over all axes; 0 is all room.
class Rooms {
 public:
  Rooms(const Mapspace& space, bool use_axes) {
    for (const SpatialSlot& slot : space.spatial_slots()) {
      std::vector<std::int64_t> values;
      for (std::int64_t used = 1; use_axes && used <= slot.size; ++used) {
        if (values.empty() || values.back() != slot.size / used) {
          values.push_back(slot.size / used);
        }
      }
      if (values.empty()) {
        values.push_back(1);  // nothing but bound 1 fits
      }
      size_ *= values.size();
      axes_.push_back(std::move(values));
    }
  }

  std::size_t size() const { return size_; }
  std::int64_t most(std::size_t axis) const { return axes_[axis].front(); }

  /// The room after loops of `bounds` have been entered; size() if they do not fit.
  std::size_t after(std::size_t room, const std::vector<std::int64_t>& bounds) const {
    std::size_t result = 0;
    std::size_t stride = 1;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      const std::int64_t left = axes_[a][room % axes_[a].size()] / bounds[a];
      room /= axes_[a].size();
      if (left == 0) {
        return size_;
      }
      const auto place = std::lower_bound(axes_[a].begin(), axes_[a].end(), left, std::greater<>());
      result += stride * static_cast<std::size_t>(place - axes_[a].begin());
      stride *= axes_[a].size();
    }
    return result;
  }

 private:
  std::vector<std::vector<std::int64_t>> axes_;  // descending
  std::size_t size_ = 1;
};

/// The ways of one dimension with these bounds on the axes, by the number of its temporal loops.
struct Option {
  std::vector<std::int64_t> axis_bounds;
  std::vector<std::uint64_t> ways;
  std::vector<std::size_t> next_room;  // by room; Rooms::size() where it does not fit
};

class Options {
 public:
  Options(const Mapspace& space, std::size_t dimension, const Rooms& rooms)
      : space_(space), dimension_(space.dimensions()[dimension]), rooms_(rooms) {
    const Factorizations& all = dimension_.factorizations;
    axis_bounds_.assign(space.spatial_slots().size(), 1);
    for (std::size_t i = 0; i < all.multisets(); ++i) {
      left_.of(all.multiset(i));
      choose(0, all.multiset(i).size(), 1);
    }
  }

  std::vector<Option> list() {
    std::vector<Option> options;
    for (auto& [bounds, ways] : ways_) {
      options.push_back({bounds, std::move(ways), {}});
      for (std::size_t room = 0; room < rooms_.size(); ++room) {
        options.back().next_room.push_back(rooms_.after(room, bounds));
      }
    }
    return options;
  }

 private:
  void choose(std::size_t axis, std::size_t temporal, std::uint64_t spatial) {
    if (axis == axis_bounds_.size()) {
      auto& ways = ways_[axis_bounds_];
      ways.resize(dimension_.factorizations.longest() + 1);
      std::uint64_t here = static_cast<std::uint64_t>(orderings(left_.counts));
      for (std::uint64_t loops = 1; dimension_.sliding && loops < spatial; ++loops) {
        if (__builtin_mul_overflow(here, temporal + 1, &here)) {
          throw OverflowError();
        }
      }
      if (__builtin_add_overflow(ways[temporal], here, &ways[temporal])) {
        throw OverflowError();
      }
      return;
    }
    axis_bounds_[axis] = 1;
    choose(axis + 1, temporal, spatial);
    const SpatialSlot& slot = space_.spatial_slots()[axis];
    for (std::size_t v = 0; v < left_.values.size() && slot.allowed.contains(dimension_.id); ++v) {
      if (left_.counts[v] > 0 && left_.values[v] <= rooms_.most(axis)) {
        axis_bounds_[axis] = left_.values[v];
        --left_.counts[v];
        choose(axis + 1, temporal - 1, spatial + 1);
        ++left_.counts[v];
      }
    }
    axis_bounds_[axis] = 1;
  }

  const Mapspace& space_;
  const MapspaceDimension& dimension_;
  const Rooms& rooms_;
  std::vector<std::int64_t> axis_bounds_;
  FactorCounts left_;
  std::map<std::vector<std::int64_t>, std::vector<std::uint64_t>> ways_;
};

/// Adds up G(k) * M(k), walking the box dimension by dimension.
class Summation {
 public:
  Summation(const Box& box, const std::vector<std::vector<Option>>& options,
            const std::vector<WideCount>& matrices, std::size_t rooms)
      : box_(box), options_(options), matrices_(matrices) {
    tables_.assign(options.size() + 1, std::vector<WideCount>(rooms));
    tables_[0][0] = 1;
  }

  WideCount total() {
    sum(0, 0);
    return total_;
  }

 private:
  void sum(std::size_t d, std::size_t index) {
    const std::vector<WideCount>& before = tables_[d];
    if (d == options_.size()) {
      WideCount bounds;
      for (const WideCount& part : before) {
        bounds += part;
      }
      total_ += bounds * matrices_[index];
      return;
    }
    for (std::size_t k = 0; k <= box_.most[d]; ++k) {
      std::vector<WideCount>& after = tables_[d + 1];
      std::fill(after.begin(), after.end(), WideCount());
      bool any = false;
      for (const Option& option : options_[d]) {
        const std::uint64_t ways = option.ways[k];
        for (std::size_t room = 0; ways > 0 && room < before.size(); ++room) {
          if (option.next_room[room] < before.size() && !before[room].is_zero()) {
            after[option.next_room[room]] += before[room] * ways;
            any = true;
          }
        }
      }
      if (any) {
        sum(d + 1, index + k * box_.stride[d]);
      }
    }
  }

  const Box& box_;
  const std::vector<std::vector<Option>>& options_;
  const std::vector<WideCount>& matrices_;
  std::vector<std::vector<WideCount>> tables_;
  WideCount total_;
};

double matrix_work(const Mapspace& space, const std::vector<std::size_t>& most) {
  std::size_t slots = 1;
  double work = 1;
  for (const Skeleton& skeleton : space.skeletons()) {
    slots = std::max(slots, skeleton.slots());
  }
  for (const std::size_t each : most) {
    work *= 2.0 * static_cast<double>(each + 1);
  }
  return work * static_cast<double>(slots * std::min<std::size_t>(slots, space.skeletons().size()));
}

/// With the axes, or for the mappings that use none.
std::optional<WideCount> count(const Mapspace& space, bool use_axes) {
  std::vector<std::size_t> most;
  for (const MapspaceDimension& dimension : space.dimensions()) {
    most.push_back(dimension.factorizations.longest());
  }
  if (matrix_work(space, most) > kMostWork) {
    return std::nullopt;
  }
  const Rooms rooms(space, use_axes);
  std::vector<std::vector<Option>> options;
  double work = 0;
  double prefix = 1;
  for (std::size_t d = 0; d < most.size(); ++d) {
    options.push_back(Options(space, d, rooms).list());
    work += prefix * static_cast<double>(rooms.size() * options.back().size());
    prefix *= static_cast<double>(most[d] + 1);
    if (work > kMostWork) {
      return std::nullopt;
    }
  }
  const Box box(most);
  const std::vector<WideCount> matrices = Matrices(space, box).count();
  return Summation(box, options, matrices, rooms.size()).total();
}

}  // namespace

MapspaceSize Mapspace::size() const {
  if (skeletons_.empty()) {
    return {};
  }
  for (const bool use_axes : {true, false}) {
    try {
      if (const auto counted = count(*this, use_axes)) {
        return {*counted, use_axes || spatial_.empty()};
      }
    } catch (const OverflowError&) {
      // Too many for the counter: fall back to what can be counted.
    }
  }
  return {WideCount(), false};
}

}  // namespace tessera
