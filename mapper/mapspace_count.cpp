// The exact size of a mapspace, by counting.
//
// What a dimension contributes to the loops of a mapping is which slots it has a loop in, and how
// many ways there are to give those loops bounds. By symmetry the latter depends only on the bounds
// on the axes and on the number k of temporal loops. So
//
//   size = sum over k of G(k) * M(k),     k = (temporal loops of each dimension),
//
// where M(k) counts the ways to place loops, over all skeletons (mapspace_matrices.cpp), and G(k)
// the bounds: on the axes within their sizes, and k temporal ones over 1 for each dimension; times
// (k + 1) places for each spatial loop of a sliding dimension. G is filled dimension by dimension,
// with the room left on the axes as the state: floors of quotients by what is used, of which there
// are few.
#include <algorithm>
#include <map>

#include "mapper/mapspace.hpp"
#include "mapper/mapspace_matrices.hpp"

namespace tessera {
namespace {

/// About as many steps as the count may take: some seconds.
constexpr double kMostWork = 6e8;

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

/// Adds up G(k) * M(k), walking the box dimension by dimension. Of the last dimension only the
/// number of ways counts, not the room that they leave.
class Summation {
 public:
  Summation(const Box& box, const std::vector<std::vector<Option>>& options,
            const std::vector<WideCount>& matrices, std::size_t rooms)
      : box_(box), options_(options), matrices_(matrices) {
    tables_.assign(options.size() + 1, std::vector<WideCount>(rooms));
    tables_[0][0] = 1;
    if (options.empty()) {
      return;
    }
    last_.assign(box.most.back() + 1, std::vector<WideCount>(rooms));
    for (const Option& option : options.back()) {
      for (std::size_t k = 0; k < last_.size(); ++k) {
        for (std::size_t room = 0; option.ways[k] > 0 && room < rooms; ++room) {
          if (option.next_room[room] < rooms) {
            last_[k][room] += option.ways[k];
          }
        }
      }
    }
  }

  WideCount total() {
    sum(0, 0);
    return total_;
  }

 private:
  void sum(std::size_t d, std::size_t index) {
    const std::vector<WideCount>& before = tables_[d];
    if (d == options_.size()) {
      total_ += before[0] * matrices_[index];  // no dimensions, no loops
      return;
    }
    if (d + 1 == options_.size()) {
      sum_last(before, index);
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

  void sum_last(const std::vector<WideCount>& before, std::size_t index) {
    for (std::size_t k = 0; k < last_.size(); ++k) {
      const WideCount& orders = matrices_[index + k * box_.stride.back()];
      if (orders.is_zero()) {
        continue;
      }
      WideCount bounds;
      for (std::size_t room = 0; room < before.size(); ++room) {
        if (!before[room].is_zero() && !last_[k][room].is_zero()) {
          bounds += before[room] * last_[k][room];
        }
      }
      total_ += bounds * orders;
    }
  }

  const Box& box_;
  const std::vector<std::vector<Option>>& options_;
  const std::vector<WideCount>& matrices_;
  std::vector<std::vector<WideCount>> tables_;
  std::vector<std::vector<WideCount>> last_;  ///< by loops and room: ways of the last dimension
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
  const std::vector<WideCount> matrices = count_matrices(space, box);
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
