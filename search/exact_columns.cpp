// Says which columns the components of a group of dimensions are made of. Of plain dimensions every
// count is a product, one factor a dimension, also with remainders (model/traffic.hpp). A sliding
// rank of perfect dimensions has a closed form in which extents add, repetitions multiply and
// spatial offsets combine. So each choice of a dimension is looked at once, and not once a
// combination or a form: what the place of a hold decides is only which of its loops stand before
// it. exact_combination.cpp combines; what neither covers is asked of the model.

#include "search/exact_columns.hpp"

#include <algorithm>
#include <cstdlib>

namespace tessera {

GroupColumns::GroupColumns(const Mapspace& space, const NormalForm& form, const TermTable& terms,
                           DimensionSet group, std::vector<ChoiceTable*> tables)
    : space_(space), form_(form), terms_(terms), group_(group), tables_(std::move(tables)) {
  const Problem& problem = space.problem();
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    if (!group.contains(DimensionId(d))) {
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
    tensors_.push_back(restricted(t));
  }
  const std::vector<Component>& components = terms.components();
  for (std::size_t i = 0; i < components.size(); ++i) {
    const Component& component = components[i];
    const TensorShape& tensor = tensors_[component.tensor];
    factors_.emplace_back();
    for (std::size_t nth = 0; nth < dimensions_.size(); ++nth) {
      const bool relevant = (tensor.relevant >> dimensions_[nth] & 1u) != 0;
      const bool plain = (tensor.plain >> dimensions_[nth] & 1u) != 0;
      const Role role = !relevant ? Role::none : plain ? Role::plain : Role::window;
      factors_.back().push_back(tables_[nth]->factor(factor_key(component, role, nth)));
    }
    add_windows(i);
  }
}

/// The sliding ranks that a component counts: one window each, or one for each dimension of the
/// rank that may be the sweep.
void GroupColumns::add_windows(std::size_t i) {
  const Component& component = terms_.components()[i];
  const Component::Kind kind = component.kind;
  if (kind == Component::Kind::steps || kind == Component::Kind::axis ||
      kind == Component::Kind::used) {
    return;
  }
  const TensorShape& tensor = tensors_[component.tensor];
  for (const tessera::Window& rank : tensor.windows) {
    std::vector<std::optional<std::size_t>> sweeps;
    const auto number_of = [&](const WindowTerm& term) {
      const auto at = std::find(dimensions_.begin(), dimensions_.end(), term.dimension);
      return static_cast<std::size_t>(at - dimensions_.begin());
    };
    const DimensionSet may_sweep = sweeps_of(component);
    for (const WindowTerm& term : rank.terms()) {
      if (may_sweep.contains(DimensionId(term.dimension))) {
        sweeps.emplace_back(number_of(term));
      }
    }
    if (sweeps.empty()) {
      sweeps.emplace_back();  // where another rank may sweep instead, it moves no less here
    }
    for (std::size_t choice = 0; choice < sweeps.size(); ++choice) {
      Window window{.component = i,
                    .tile = kind == Component::Kind::tile,
                    .closed = kind == Component::Kind::entering || kind == Component::Kind::tile,
                    .sharing = component.sharing,
                    .swept = sweeps[choice],
                    .alternative = choice > 0,
                    .shapes = std::vector<std::uint32_t>(dimensions_.size(), kNone)};
      for (const WindowTerm& term : rank.terms()) {
        const std::size_t nth = number_of(term);
        window.shapes[nth] = tables_[nth]->shape(
            shape_key(component, nth, std::abs(term.coefficient), window.swept == nth));
      }
      window.whole =
          window.closed && tensor.windows.size() == 1 &&
          std::find(window.shapes.begin(), window.shapes.end(), kNone) == window.shapes.end();
      windows_.push_back(std::move(window));
    }
  }
}

/// The group's dimensions that may be the sweep of what a component counts.
DimensionSet GroupColumns::sweeps_of(const Component& component) const {
  DimensionSet sweeps;
  if (component.kind != Component::Kind::tile && component.child >= 0) {
    const std::size_t hold = sweeper_of(form_, static_cast<std::size_t>(component.child));
    sweeps.bits = form_.holds[hold].sweeps().bits & form_.blocks[hold].bits & group_.bits;
  }
  return sweeps;
}

TensorShape GroupColumns::restricted(std::size_t tensor) const {
  TensorShape shape = shape_of(space_.problem(), space_.architecture(), TensorId(tensor));
  shape.relevant &= group_.bits;
  shape.plain &= group_.bits;
  shape.plain_words = 1;
  for (const std::size_t d : dimensions_) {
    if ((shape.plain >> d & 1u) != 0) {
      shape.plain_words *= space_.problem().dimensions[d].bound;
    }
  }
  std::erase_if(shape.windows, [&](const tessera::Window& window) {
    return !group_.contains(DimensionId(window.terms().front().dimension));
  });
  return shape;
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

/// The slots on fanouts outside `level`.
std::uint32_t GroupColumns::slots_before(std::int16_t level) const {
  std::uint32_t slots = 0;
  for (std::size_t s = 0; s < space_.spatial_slots().size(); ++s) {
    if (space_.spatial_slots()[s].axis.fanout.value < level) {
      slots |= std::uint32_t{1} << s;
    }
  }
  return slots;
}

/// The slots that keep instances apart which could share.
std::uint32_t GroupColumns::slots_apart(std::uint8_t tensor) const {
  std::uint32_t slots = 0;
  for (std::size_t s = 0; s < space_.spatial_slots().size(); ++s) {
    const AxisRef& axis = space_.spatial_slots()[s].axis;
    if ((tensors_[tensor].apart.levels[axis.axis] >> axis.fanout.value & 1u) != 0) {
      slots |= std::uint32_t{1} << s;
    }
  }
  return slots;
}

/// How many of the dimension's blocks stand before hold number `child`; -1: the compute units, -2:
/// everything.
std::uint8_t GroupColumns::blocks_before(std::size_t nth, std::int8_t child) const {
  if (child == -2) {
    return 0;
  }
  const auto before = [&](std::size_t block) {
    return child == -1 || block <= static_cast<std::size_t>(child);
  };
  return static_cast<std::uint8_t>(std::count_if(blocks_[nth].begin(), blocks_[nth].end(), before));
}

FactorKey GroupColumns::factor_key(const Component& component, Role role, std::size_t nth) const {
  const std::int16_t level = level_of(component);
  const std::uint8_t before = blocks_before(nth, component.child);
  const auto all = static_cast<std::uint8_t>(blocks_[nth].size());
  const std::uint32_t apart = slots_before(level) & slots_apart(component.tensor);
  const std::int16_t alone = component.sharing == Sharing::none ? level : component.server;
  const LoopSet moves{.first = 0, .last = before, .slots = slots_before(alone) | apart};
  const LoopSet served{.slots = slots_before(component.server)};
  FactorKey key;
  switch (component.kind) {
    case Component::Kind::entering:
      key.whole = role == Role::plain;
      key.over = role == Role::none ? moves : LoopSet{};
      break;
    case Component::Kind::distinct:
      key.whole = role == Role::plain;
      key.over = role == Role::none ? served : LoopSet{};
      break;
    case Component::Kind::groups:
      key.whole = role == Role::plain;
      key.over.slots = role == Role::none ? served.slots | apart : 0;
      break;
    case Component::Kind::visits:
      if (role == Role::none) {
        key.over = moves;
        key.under = served;
      }
      return key;
    case Component::Kind::tile:
      if (role == Role::plain) {
        key.over = {.first = before,
                    .last = all,
                    .slots = ~slots_before(static_cast<std::int16_t>(level + 1))};
      }
      break;
    case Component::Kind::steps:
      key.over = {.first = 0, .last = all, .slots = 0};
      break;
    case Component::Kind::used:
      key.over = served;
      break;
    case Component::Kind::axis:
      key.over = {.slots = std::uint32_t{1} << static_cast<unsigned>(component.server)};
      break;
  }
  if (component.per_instance >= 0) {
    key.under = {.slots = slots_before(component.per_instance)};
  }
  return key;
}

ShapeKey GroupColumns::shape_key(const Component& component, std::size_t nth,
                                 std::int64_t coefficient, bool sweeps) const {
  const std::int16_t level = level_of(component);
  ShapeKey key{
      .coefficient = coefficient,
      .tile = component.kind == Component::Kind::tile,
      .inside = blocks_before(nth, component.child),
      .inside_slots = ~slots_before(static_cast<std::int16_t>(level + 1)),
      .shared_slots = component.sharing == Sharing::none
                          ? 0  // every instance for itself: they repeat
                          : ~(slots_before(component.server) | slots_apart(component.tensor))};
  if (sweeps) {
    const std::size_t hold = sweeper_of(form_, static_cast<std::size_t>(component.child));
    const auto at = std::find(blocks_[nth].begin(), blocks_[nth].end(), hold);
    key.swept = static_cast<std::int8_t>(at - blocks_[nth].begin());
  }
  return key;
}

}  // namespace tessera
