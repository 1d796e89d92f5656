#include "mapper/mapspace.hpp"

#include <algorithm>
#include <array>

namespace tessera {
namespace {

/// Puts the holds from `first` on into the order of (memory, tensors) and joins those of one
/// memory.
void settle_run(std::vector<Node>& nodes, std::size_t first) {
  const auto begin = nodes.begin() + static_cast<long>(first);
  std::sort(begin, nodes.end(), [](const Node& a, const Node& b) {
    const Hold& left = std::get<Hold>(a);
    const Hold& right = std::get<Hold>(b);
    return std::pair(left.memory, left.tensors.bits) < std::pair(right.memory, right.tensors.bits);
  });
  std::size_t last = first;
  for (std::size_t i = first + 1; i < nodes.size(); ++i) {
    Hold& joined = std::get<Hold>(nodes[last]);
    const Hold& hold = std::get<Hold>(nodes[i]);
    if (hold.memory == joined.memory) {
      joined.tensors.bits |= hold.tensors.bits;
    } else {
      nodes[++last] = nodes[i];
    }
  }
  if (first < nodes.size()) {
    nodes.resize(last + 1);
  }
}

/// Before which node the spatial loops of a fanout stand unless told otherwise.
std::size_t default_place(const std::vector<Node>& nodes, LevelId fanout) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Hold* hold = std::get_if<Hold>(&nodes[i]);
    if (hold != nullptr && hold->memory > fanout) {
      return i;
    }
  }
  return nodes.size();
}

/// The place with `gap` temporal loops of the dimension outside it that is nearest to `place`.
std::size_t place_in_gap(const std::vector<Node>& nodes, DimensionId dimension, std::size_t gap,
                         std::size_t place) {
  std::size_t outside = 0;
  std::size_t after = 0;  // the least place with `gap` loops outside
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Loop* loop = std::get_if<Loop>(&nodes[i]);
    if (loop == nullptr || loop->dimension != dimension) {
      continue;
    }
    if (outside == gap) {
      return std::clamp(place, after, i);
    }
    ++outside;
    after = i + 1;
  }
  return std::max(place, after);
}

struct PlacedLoop {
  std::size_t before;  // index of a node of the list without spatial loops
  Loop loop;
};

}  // namespace

Mapspace::Mapspace(const Problem& problem, const Architecture& architecture,
                   const Constraints& constraints, Space space, Factors factors)
    : problem_(problem),
      architecture_(architecture),
      kind_(space),
      factors_(factors),
      skeletons_(list_skeletons(problem, architecture, constraints, space, kMaxSkeletons)) {
  find_dimensions();
  find_axes(constraints);
  needs_filter_ = !constraints.factors.empty() || !constraints.orders.empty();
  for (const MemoryConstraint& constraint : constraints.memories) {
    needs_filter_ = needs_filter_ || !constraint.innermost.empty();
    for (const auto& [dimension, product] : constraint.loops) {
      needs_filter_ = needs_filter_ || product != 1;
    }
  }
}

void Mapspace::find_dimensions() {
  for (std::size_t d = 0; d < problem_.dimensions.size(); ++d) {
    const std::int64_t bound = problem_.dimensions[d].bound;
    if (bound > 1) {
      dimensions_.push_back({DimensionId(d), bound, false, Factorizations(bound, factors_)});
    }
  }
  DimensionSet sliding;
  for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
    sliding.bits |= sliding_dimensions(problem_, TensorId(t)).bits;
  }
  for (MapspaceDimension& dimension : dimensions_) {
    dimension.sliding = sliding.contains(dimension.id);
  }
}

void Mapspace::find_axes(const Constraints& constraints) {
  for (std::size_t level = 0; level < architecture_.hierarchy.size(); ++level) {
    const Fanout* fanout = architecture_.fanout(LevelId(level));
    for (std::size_t a = 0; fanout != nullptr && a < fanout->axes.size(); ++a) {
      const Axis& axis = fanout->axes[a];
      if (axis.size <= 1) {
        continue;
      }
      SpatialSlot slot{{LevelId(level), static_cast<std::uint8_t>(a)}, axis.size, {}};
      for (const MapspaceDimension& dimension : dimensions_) {
        slot.allowed.insert(dimension.id);
      }
      for (const AxisConstraint& constraint : constraints.axes) {
        if (constraint.axis == slot.axis) {
          slot.allowed.bits &= constraint.allowed.bits;
        }
      }
      for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
        if (axis.reuse.contains(problem_.tensors[t].kind)) {
          slot.allowed.bits &= ~relevant_dimensions(problem_, TensorId(t)).bits;
        }
      }
      if (!slot.allowed.empty()) {
        spatial_.push_back(slot);
      }
    }
  }
}

MapspacePoint Mapspace::make_point() const {
  MapspacePoint point;
  std::size_t most = 1;
  for (const Skeleton& skeleton : skeletons_) {
    most = std::max(most, skeleton.slots());
  }
  point.bounds.assign(dimensions_.size(), std::vector<std::int64_t>(most + spatial_.size(), 1));
  point.order.resize(most);
  for (auto& order : point.order) {
    order.reserve(dimensions_.size());
  }
  point.gaps.assign(dimensions_.size(), std::vector<std::uint8_t>(spatial_.size(), 0));
  return point;
}

void Mapspace::build(const MapspacePoint& point, Mapping& mapping) const {
  const Skeleton& skeleton = skeletons_[point.skeleton];
  std::vector<Node>& nodes = mapping.nodes;
  nodes.assign(skeleton.top.begin(), skeleton.top.end());
  std::size_t run = 0;
  for (std::size_t slot = 0; slot < skeleton.slots(); ++slot) {
    if (slot > 0) {
      nodes.emplace_back(skeleton.holds[slot - 1]);
    }
    if (point.order[slot].empty()) {
      continue;
    }
    settle_run(nodes, run);
    for (const std::uint8_t d : point.order[slot]) {
      nodes.emplace_back(Loop{dimensions_[d].id, point.bounds[d][slot], std::nullopt});
    }
    run = nodes.size();
  }
  settle_run(nodes, run);

  std::array<PlacedLoop, kMaxLoops> placed;
  std::size_t count = 0;
  for (std::size_t a = 0; a < spatial_.size(); ++a) {
    const AxisRef axis = spatial_[a].axis;
    const std::size_t place = default_place(nodes, axis.fanout);
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      const std::int64_t bound = point.bounds[d][skeleton.slots() + a];
      if (bound == 1) {
        continue;
      }
      const std::size_t before =
          dimensions_[d].sliding ? place_in_gap(nodes, dimensions_[d].id, point.gaps[d][a], place)
                                 : place;
      placed[count++] = {before, Loop{dimensions_[d].id, bound, axis}};
    }
  }
  // Few, and nearly sorted: insertion keeps the order of axes and dimensions at one place.
  for (std::size_t i = 1; i < count; ++i) {
    for (std::size_t j = i; j > 0 && placed[j].before < placed[j - 1].before; --j) {
      std::swap(placed[j], placed[j - 1]);
    }
  }
  std::size_t from = nodes.size();
  nodes.resize(nodes.size() + count);
  std::size_t to = nodes.size();
  while (count > 0) {
    if (placed[count - 1].before == from) {
      nodes[--to] = placed[--count].loop;
    } else {
      nodes[--to] = nodes[--from];
    }
  }
}

}  // namespace tessera
