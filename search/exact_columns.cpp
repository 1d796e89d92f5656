// Counts the components of a group of dimensions. Of plain dimensions every count is a product, one
// factor a dimension, also with remainders (model/traffic.hpp). A sliding rank of perfect
// dimensions has a closed form in which extents add, repetitions multiply and spatial offsets
// combine, so that each choice of a dimension is looked at once and not once a combination
// (exact_combination.cpp then combines). What neither covers is asked of the model.

#include "search/exact_columns.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "model/radix.hpp"

namespace tessera {

struct GroupColumns::Digit {
  std::int64_t bound = 1;
  std::int64_t weight = 1;
  std::int16_t block = -1;  ///< of a temporal loop
  std::int16_t level = -1;  ///< of a spatial one: its fanout
  std::uint8_t slot = 0;

  bool temporal() const { return block >= 0; }
  /// Whether a temporal loop stands before hold number `hold`; -1: the compute units.
  bool before(std::int8_t hold) const { return temporal() && (hold == -1 || block <= hold); }
};

/// The loops of one dimension, outer to inner.
struct GroupColumns::Digits {
  std::size_t dimension = 0;
  std::int64_t bound = 1;
  bool perfect = true;
  std::size_t size = 0;
  std::array<Digit, kMaxLoops> list;

  /// Values that the digits in question take together.
  template <class Wanted>
  std::int64_t count(Wanted&& wanted) const {
    if (perfect) {
      std::int64_t product = 1;
      for (std::size_t i = 0; i < size; ++i) {
        product *= wanted(list[i]) ? list[i].bound : 1;
      }
      return product;
    }
    Radix radix;
    for (std::size_t i = 0; i < size; ++i) {
      if (wanted(list[i])) {
        radix.push(list[i].bound, list[i].weight);
      }
    }
    return radix.count_below(bound);
  }
};

GroupColumns::GroupColumns(const Mapspace& space, const NormalForm& form, const TermTable& terms,
                           DimensionSet group)
    : space_(space),
      form_(form),
      terms_(terms),
      group_(group),
      times_(form.holds.size()),
      swept_(form.holds.size()),
      traffic_(bounds_, nest_, scratch_) {
  const Problem& problem = space.problem();
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    const bool mine = group.contains(DimensionId(d));
    bounds_.push_back(mine ? problem.dimensions[d].bound : 1);
    if (!mine) {
      continue;
    }
    dimensions_.push_back(d);
    blocks_.emplace_back();
    for (std::size_t b = 0; b < form.blocks.size(); ++b) {
      if (form.blocks[b].contains(DimensionId(d))) {
        blocks_.back().push_back(b);
      }
    }
  }
  for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
    tensors_.push_back(restricted(shape_of(problem, space.architecture(), TensorId(t))));
  }
  const std::vector<Component>& components = terms.components();
  for (std::size_t i = 0; i < components.size(); ++i) {
    const TensorShape& tensor = tensors_[components[i].tensor];
    roles_.emplace_back();
    for (const std::size_t d : dimensions_) {
      const bool relevant = (tensor.relevant >> d & 1u) != 0;
      const bool plain = (tensor.plain >> d & 1u) != 0;
      roles_.back().push_back(!relevant ? Role::none : plain ? Role::plain : Role::window);
    }
    const Component::Kind kind = components[i].kind;
    if (kind == Component::Kind::steps || kind == Component::Kind::axis ||
        kind == Component::Kind::used) {
      continue;
    }
    const bool closed = (kind == Component::Kind::entering || kind == Component::Kind::tile) &&
                        space.spatial_slots().size() <= WindowShape::kMostOffsets;
    for (const Window& window : tensor.windows) {
      windows_.push_back({i, closed});
      coefficients_.emplace_back(dimensions_.size(), 0);
      for (const WindowTerm& term : window.terms()) {
        const auto at = std::find(dimensions_.begin(), dimensions_.end(), term.dimension);
        coefficients_.back()[static_cast<std::size_t>(at - dimensions_.begin())] =
            std::abs(term.coefficient);
      }
    }
  }
}

TensorShape GroupColumns::restricted(TensorShape shape) const {
  shape.relevant &= group_.bits;
  shape.plain &= group_.bits;
  shape.plain_words = 1;
  for (const std::size_t d : dimensions_) {
    if ((shape.plain >> d & 1u) != 0) {
      shape.plain_words *= space_.problem().dimensions[d].bound;
    }
  }
  std::erase_if(shape.windows, [&](const Window& window) {
    return !group_.contains(DimensionId(window.terms().front().dimension));
  });
  return shape;
}

std::size_t GroupColumns::sweeper(std::int8_t hold) const {
  auto at = static_cast<std::size_t>(hold);
  while (form_.holds[at].joined) {
    --at;
  }
  return at;
}

std::int16_t GroupColumns::level_of(const Component& component) const {
  if (component.kind == Component::Kind::tile) {
    return component.server;
  }
  return component.child < 0
             ? static_cast<std::int16_t>(space_.architecture().hierarchy.size() - 1)
             : static_cast<std::int16_t>(
                   form_.holds[static_cast<std::size_t>(component.child)].memory.value);
}

void GroupColumns::read_digits(const ChoiceList& list, std::size_t row, std::size_t nth,
                               Digits& digits) const {
  const auto spatial = list.spatial(row);
  const auto gaps = list.gaps(row);
  const auto temporal = list.temporal(row);
  digits.dimension = dimensions_[nth];
  digits.bound = bounds_[digits.dimension];
  digits.size = 0;
  std::int64_t loops = 0;
  const auto push_spatial = [&] {
    for (std::size_t s = 0; s < spatial.size(); ++s) {
      if (spatial[s] > 1 && gaps[s] == loops) {
        digits.list[digits.size++] = {
            .bound = spatial[s],
            .weight = 1,
            .block = -1,
            .level = static_cast<std::int16_t>(space_.spatial_slots()[s].axis.fanout.value),
            .slot = static_cast<std::uint8_t>(s)};
      }
    }
  };
  for (std::size_t i = 0; i < temporal.size(); ++i) {
    if (temporal[i] > 1) {
      push_spatial();
      ++loops;
      digits.list[digits.size++] = {
          .bound = temporal[i],
          .weight = 1,
          .block = static_cast<std::int16_t>(blocks_[nth][i / kLoopParts]),
          .level = -1,
          .slot = 0};
    }
  }
  push_spatial();
  std::int64_t weight = 1;
  for (std::size_t i = digits.size; i-- > 0;) {
    digits.list[i].weight = weight;
    weight *= digits.list[i].bound;
  }
  digits.perfect = weight == digits.bound;
}

bool GroupColumns::apart(const Component& component, const Digit& digit) const {
  const std::size_t axis = space_.spatial_slots()[digit.slot].axis.axis;
  return (tensors_[component.tensor].apart.levels[axis] >> digit.level & 1u) != 0;
}

double GroupColumns::factor(const Component& component, Role role, const Digits& digits) const {
  const std::int16_t level = level_of(component);
  const auto beyond = [](const Digit& digit, std::int16_t limit) {
    return !digit.temporal() && digit.level < limit;
  };
  const auto moves = [&](const Digit& digit) {
    return digit.before(component.child) ||
           beyond(digit, component.sharing == Sharing::none ? level : component.server) ||
           (beyond(digit, level) && apart(component, digit));
  };
  const auto served = [&](const Digit& digit) { return beyond(digit, component.server); };
  const auto in_groups = [&](const Digit& digit) {
    return served(digit) || (beyond(digit, level) && apart(component, digit));
  };
  std::int64_t value = 1;
  switch (component.kind) {
    case Component::Kind::entering:
      value = role == Role::plain ? digits.bound : role == Role::none ? digits.count(moves) : 1;
      break;
    case Component::Kind::distinct:
      value = role == Role::plain ? digits.bound : role == Role::none ? digits.count(served) : 1;
      break;
    case Component::Kind::groups:
      value = role == Role::plain ? digits.bound : role == Role::none ? digits.count(in_groups) : 1;
      break;
    case Component::Kind::visits:
      if (role == Role::none) {
        return static_cast<double>(digits.count(moves)) / static_cast<double>(digits.count(served));
      }
      break;
    case Component::Kind::tile:
      if (role == Role::plain) {
        value = digits.count([&](const Digit& digit) {
          return digit.temporal() ? component.child == -2 || !digit.before(component.child)
                                  : digit.level > level;
        });
      }
      break;
    case Component::Kind::steps:
      value = digits.count([](const Digit& digit) { return digit.temporal(); });
      break;
    case Component::Kind::used:
      value = digits.count(served);
      break;
    case Component::Kind::axis:
      for (std::size_t i = 0; i < digits.size; ++i) {
        const Digit& digit = digits.list[i];
        value *= !digit.temporal() && digit.slot == component.server ? digit.bound : 1;
      }
      break;
  }
  if (component.per_instance >= 0) {
    return static_cast<double>(value) / static_cast<double>(digits.count([&](const Digit& digit) {
             return beyond(digit, component.per_instance);
           }));
  }
  return static_cast<double>(value);
}

WindowShape GroupColumns::shape(const Component& component, const Digits& digits,
                                std::int64_t coefficient) const {
  WindowShape shape;
  const bool tile = component.kind == Component::Kind::tile;
  const std::int16_t level = level_of(component);
  std::int16_t swept = -1;  // the block of the sweep, if it is of this dimension
  if (!tile && component.child >= 0) {
    const std::size_t hold = sweeper(component.child);
    const auto& sweep = form_.holds[hold].sweep;
    if (sweep && sweep->index() == digits.dimension) {
      swept = static_cast<std::int16_t>(hold);
    }
  }
  std::int64_t times = 1;
  std::int64_t back = 0;  // how far the sweep's digits go back
  for (std::size_t i = 0; i < digits.size; ++i) {
    const Digit& digit = digits.list[i];
    if (digit.temporal() && digit.block == swept) {
      back += digit.weight * (digit.bound - 1);
    }
  }
  for (std::size_t i = 0; i < digits.size; ++i) {
    const Digit& digit = digits.list[i];
    const bool inside = digit.temporal() ? component.child == -2 || !digit.before(component.child)
                                         : digit.level > level;
    if (inside) {
      shape.extent += coefficient * digit.weight * (digit.bound - 1);
    } else if (tile) {
      continue;
    } else if (digit.temporal() && digit.block == swept) {
      back -= digit.weight * (digit.bound - 1);
      shape.times[shape.moves] = (digit.bound - 1) * times;
      shape.steps[shape.moves] = coefficient * (digit.weight - back);
      ++shape.moves;
      times *= digit.bound;
    } else if (!digit.temporal() && digit.level >= component.server &&
               !apart(component, digit)) {
      shape.instances *= digit.bound;
      shape.offsets[shape.spread++] = {coefficient * digit.weight, digit.bound};
    } else {
      shape.repeats *= digit.bound;
    }
  }
  return shape;
}

void GroupColumns::read(const ChoiceList& list, std::size_t row, std::size_t nth,
                        Part& part) const {
  Digits digits;
  read_digits(list, row, nth, digits);
  const std::vector<Component>& components = terms_.components();
  part.perfect = digits.perfect;
  part.factors.resize(components.size());
  for (std::size_t i = 0; i < components.size(); ++i) {
    part.factors[i] = factor(components[i], roles_[i][nth], digits);
  }
  part.shapes.assign(windows_.size(), {});
  if (digits.perfect) {
    for (std::size_t w = 0; w < windows_.size(); ++w) {
      if (windows_[w].closed && coefficients_[w][nth] != 0) {
        part.shapes[w] = shape(components[windows_[w].component], digits, coefficients_[w][nth]);
      }
    }
  }
}

void GroupColumns::expand(const ChoiceList& list, std::size_t row, std::size_t nth,
                          NormalBounds& bounds) const {
  const std::size_t d = dimensions_[nth];
  for (std::size_t s = 0; s < list.slots; ++s) {
    bounds.spatial[d][s] = list.spatial(row)[s];
    bounds.gaps[d][s] = static_cast<std::uint8_t>(list.gaps(row)[s]);
  }
  for (std::size_t i = 0; i < list.blocks; ++i) {
    for (std::size_t part = 0; part < kLoopParts; ++part) {
      bounds.temporal[d][blocks_[nth][i] * kLoopParts + part] =
          list.temporal(row)[i * kLoopParts + part];
    }
  }
}

NormalBounds GroupColumns::no_loops() const {
  const std::size_t dimensions = bounds_.size();
  const std::size_t slots = space_.spatial_slots().size();
  NormalBounds bounds;
  bounds.temporal.assign(dimensions,
                         std::vector<std::int64_t>(form_.blocks.size() * kLoopParts, 1));
  bounds.spatial.assign(dimensions, std::vector<std::int64_t>(slots, 1));
  bounds.gaps.assign(dimensions, std::vector<std::uint8_t>(slots, 0));
  return bounds;
}

void GroupColumns::alone(const Part& part, std::vector<double>& values) const {
  values = part.factors;
  for (std::size_t w = 0; w < windows_.size(); ++w) {
    if (part.perfect && windows_[w].closed) {
      values[windows_[w].component] *= static_cast<double>(1 + part.shapes[w].extent);
    }
  }
}

}  // namespace tessera
