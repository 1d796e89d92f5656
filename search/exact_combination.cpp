// Combines one choice a dimension (exact_columns.cpp) into the components of an option: factors
// multiply, shapes of a sliding rank give its closed form. What neither covers is asked of the
// model, with a nest of the group's loops.

#include <algorithm>

#include "search/exact_columns.hpp"

namespace tessera {

double GroupColumns::closed(std::span<const Part* const> parts, std::size_t window) {
  const Component& component = terms_.components()[windows_[window].component];
  std::int64_t extent = 1;
  std::int64_t repeats = 1;
  std::int64_t instances = 1;
  Comb offsets;
  const WindowShape* sweeping = nullptr;
  for (const Part* part : parts) {
    const WindowShape& shape = part->shapes[window];
    extent += shape.extent;
    repeats *= shape.repeats;
    instances *= shape.instances;
    for (std::size_t i = 0; i < shape.spread; ++i) {
      offsets.push(shape.offsets[i].step, shape.offsets[i].count);
    }
    if (shape.moves > 0) {
      sweeping = &shape;
    }
  }
  if (component.kind == Component::Kind::tile) {
    return static_cast<double>(extent);
  }
  const bool whole = component.sharing == Sharing::none || offsets.size == 0;
  std::int64_t places = instances;
  if (!whole && component.sharing == Sharing::tile) {
    places = union_size(1, offsets, scratch_.intervals);
  }
  const auto moved = [&](std::int64_t length) {
    return whole || component.sharing == Sharing::tile
               ? length * places
               : union_size(length, offsets, scratch_.intervals);
  };
  std::int64_t words = moved(extent);
  for (std::size_t i = 0; sweeping != nullptr && i < sweeping->moves; ++i) {
    words += sweeping->times[i] * moved(std::min(sweeping->steps[i], extent));
  }
  return static_cast<double>(words) * static_cast<double>(repeats);
}

void GroupColumns::combine(std::span<const Part* const> parts, const NormalBounds& bounds,
                           double* values) {
  const std::size_t width = terms_.components().size();
  std::copy_n(parts[0]->factors.data(), width, values);
  bool perfect = parts[0]->perfect;
  for (const Part* part : parts.subspan(1)) {
    perfect = perfect && part->perfect;
    for (std::size_t i = 0; i < width; ++i) {
      values[i] *= part->factors[i];
    }
  }
  bool built = false;
  std::size_t last = width;
  for (std::size_t w = 0; w < windows_.size(); ++w) {
    const std::size_t at = windows_[w].component;
    if (perfect && windows_[w].closed) {
      values[at] *= closed(parts, w);
      continue;
    }
    if (at == last) {
      continue;  // the model counts all windows of a tensor at once
    }
    last = at;
    if (!built) {
      build_nest(bounds);
      built = true;
    }
    values[at] = counted(terms_.components()[at]);
  }
}

void GroupColumns::build_nest(const NormalBounds& bounds) {
  write_normal(form_, space_.spatial_slots(), bounds, group_, false, mapping_);
  nest_.build(bounds_, 0, mapping_);
  std::int16_t time = 0;
  for (std::size_t h = 0; h < form_.holds.size(); ++h) {
    swept_[h] = 0;
    for (std::size_t nth = 0; nth < dimensions_.size(); ++nth) {
      const std::size_t d = dimensions_[nth];
      const auto& sweep = form_.holds[h].sweep;
      for (std::size_t part = 0; part < kLoopParts; ++part) {
        if (bounds.temporal[d][h * kLoopParts + part] > 1) {
          ++time;
          swept_[h] = static_cast<std::int16_t>(swept_[h] + (sweep && sweep->index() == d ? 1 : 0));
        }
      }
    }
    times_[h] = time;
    if (form_.holds[h].joined) {
      swept_[h] = swept_[h - 1];
    }
  }
}

double GroupColumns::counted(const Component& component) const {
  const TensorShape& shape = tensors_[component.tensor];
  Boundary boundary;
  if (component.child >= 0) {
    const auto hold = static_cast<std::size_t>(component.child);
    boundary.time = times_[hold];
    boundary.sweep = times_[hold];
    boundary.outside = static_cast<std::int16_t>(times_[hold] - swept_[hold]);
  } else if (component.child == -1) {
    boundary = traffic_.compute_boundary(0);
  }
  boundary.level = level_of(component);
  boundary.server = component.server;
  double value = 1;
  switch (component.kind) {
    case Component::Kind::entering:
      value = static_cast<double>(traffic_.entering(shape, boundary, component.sharing));
      break;
    case Component::Kind::distinct:
      value = static_cast<double>(traffic_.distinct(shape, boundary));
      break;
    case Component::Kind::groups:
      value = static_cast<double>(traffic_.distinct_apart(shape, boundary));
      break;
    case Component::Kind::visits:
      value = static_cast<double>(traffic_.leaving(shape, boundary, component.sharing)) /
              static_cast<double>(traffic_.distinct(shape, boundary));
      break;
    case Component::Kind::tile:
      value = static_cast<double>(traffic_.tile_words(shape, boundary));
      break;
    case Component::Kind::steps:
    case Component::Kind::axis:
    case Component::Kind::used:
      break;  // no window
  }
  return component.per_instance < 0 ? value
                                    : value / static_cast<double>(traffic_.combinations(
                                                  ~std::uint32_t{0}, 0, component.per_instance));
}

}  // namespace tessera
