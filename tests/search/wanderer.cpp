#include "tests/search/wanderer.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>

#include "mapper/factors.hpp"
#include "search/objective.hpp"
#include "search/occupancy.hpp"
#include "tests/mapper/random_mapping.hpp"

namespace tessera::test {
namespace {

constexpr int kWalk = 12;

std::int64_t ceil_of(std::int64_t a, std::int64_t b) {
  return (a - 1) / b + 1;
}

}  // namespace

Wanderer::Wanderer(const RandomCase& one, std::uint64_t seed)
    : one_(one),
      random_(seed),
      evaluator_(one.problem, one.architecture),
      memories_(memories_of(one.architecture)),
      axes_(axes_of(one.architecture)) {}

std::int64_t Wanderer::part_of(std::int64_t bound) {
  if (!perfect()) {
    return random_.integer(1, bound);
  }
  std::int64_t part = 0;
  do {
    part = random_.integer(1, bound);
  } while (bound % part != 0);
  return part;
}

std::int64_t Wanderer::rest_of(std::int64_t bound, std::int64_t part) const {
  return ceil_of(bound, part);
}

std::optional<AxisRef> Wanderer::any_axis() {
  if (axes_.empty() || random_.chance(55)) {
    return std::nullopt;
  }
  return random_.pick(axes_);
}

/// Any mapping: each tensor in a random set of memories (those that must hold it mostly do).
void Wanderer::draw() {
  mapping_.nodes.clear();
  std::vector<Node> nodes;
  for (std::size_t t = 0; t < one_.problem.tensors.size(); ++t) {
    const TensorKind kind = one_.problem.tensors[t].kind;
    TensorSet tensor;
    tensor.insert(TensorId(t));
    bool first = true;
    for (const LevelId memory : memories_) {
      const Memory& element = *one_.architecture.memory(memory);
      const bool hold =
          element.keep.contains(kind) ||
          (!element.bypass.contains(kind) && (memory == memories_[0] || random_.chance(60)));
      if (hold) {
        (first ? mapping_.nodes : nodes).emplace_back(Hold{memory, tensor});
        first = false;
      }
    }
  }
  for (std::size_t d = 0; d < one_.problem.dimensions.size(); ++d) {
    std::int64_t left = one_.problem.dimensions[d].bound;
    while (left > 1) {
      const std::int64_t part = random_.chance(40) ? left : part_of(left);
      if (part > 1) {
        nodes.emplace_back(Loop{DimensionId(d), part, any_axis()});
        left = rest_of(left, part);
      }
    }
  }
  random_.shuffle(nodes);
  // A tensor's memories must stand in order: sort its holds among the places they have.
  for (std::size_t t = 0; t < one_.problem.tensors.size(); ++t) {
    std::vector<std::size_t> places;
    std::vector<Hold> holds;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const Hold* hold = std::get_if<Hold>(&nodes[i]);
      if (hold != nullptr && hold->tensors.contains(TensorId(t))) {
        places.push_back(i);
        holds.push_back(*hold);
      }
    }
    std::sort(holds.begin(), holds.end(),
              [](const Hold& a, const Hold& b) { return a.memory < b.memory; });
    for (std::size_t i = 0; i < places.size(); ++i) {
      nodes[places[i]] = holds[i];
    }
  }
  mapping_.nodes.insert(mapping_.nodes.end(), nodes.begin(), nodes.end());
}

/// One loop becomes two, the inner one somewhere further in (or, by luck of `change`, further out).
void Wanderer::split(std::size_t node) {
  Loop* loop = std::get_if<Loop>(&mapping_.nodes[node]);
  if (loop == nullptr || loop->bound < 4) {
    return;
  }
  const std::int64_t part = part_of(loop->bound);
  const std::int64_t rest = rest_of(loop->bound, part);
  if (part == 1 || rest == 1) {
    return;
  }
  Loop inner = *loop;
  loop->bound = part;
  inner.bound = rest;
  inner.axis = random_.chance(50) ? inner.axis : any_axis();
  const auto place = random_.integer(0, static_cast<std::int64_t>(mapping_.nodes.size()));
  mapping_.nodes.insert(mapping_.nodes.begin() + place, inner);
}

/// Another loop of the same dimension goes into this one.
void Wanderer::join(std::size_t node) {
  Loop* loop = std::get_if<Loop>(&mapping_.nodes[node]);
  if (loop == nullptr) {
    return;
  }
  for (std::size_t i = 0; i < mapping_.nodes.size(); ++i) {
    const Loop* other = std::get_if<Loop>(&mapping_.nodes[i]);
    if (i != node && other != nullptr && other->dimension == loop->dimension) {
      loop->bound *= other->bound;
      mapping_.nodes.erase(mapping_.nodes.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
  }
}

/// Two loops of a dimension share their product anew.
void Wanderer::rebalance(std::size_t node) {
  Loop* loop = std::get_if<Loop>(&mapping_.nodes[node]);
  if (loop == nullptr) {
    return;
  }
  for (std::size_t i = 0; i < mapping_.nodes.size(); ++i) {
    Loop* other = std::get_if<Loop>(&mapping_.nodes[i]);
    if (i == node || other == nullptr || other->dimension != loop->dimension) {
      continue;
    }
    const std::int64_t product =
        perfect() ? loop->bound * other->bound
                  : std::min(loop->bound * other->bound, one_.problem.at(loop->dimension).bound);
    loop->bound = part_of(product);
    other->bound = rest_of(product, loop->bound);
    return;
  }
}

/// Takes a hold away, or adds one of any tensor in any memory.
void Wanderer::hold_or_drop(std::size_t node) {
  if (std::get_if<Hold>(&mapping_.nodes[node]) != nullptr && random_.chance(50)) {
    mapping_.nodes.erase(mapping_.nodes.begin() + static_cast<std::ptrdiff_t>(node));
    return;
  }
  TensorSet tensor;
  tensor.insert(TensorId(static_cast<std::size_t>(
      random_.integer(0, static_cast<std::int64_t>(one_.problem.tensors.size()) - 1))));
  mapping_.nodes.insert(mapping_.nodes.begin() + static_cast<std::ptrdiff_t>(node),
                        Hold{random_.pick(memories_), tensor});
}

void Wanderer::change() {
  if (mapping_.nodes.empty()) {
    return;
  }
  const auto last = static_cast<std::int64_t>(mapping_.nodes.size()) - 1;
  const auto node = static_cast<std::size_t>(random_.integer(0, last));
  switch (random_.integer(0, 7)) {
    case 0:
    case 1: {  // move
      const Node moved = mapping_.nodes[node];
      mapping_.nodes.erase(mapping_.nodes.begin() + static_cast<std::ptrdiff_t>(node));
      mapping_.nodes.insert(mapping_.nodes.begin() + random_.integer(0, last), moved);
      break;
    }
    case 2:
      std::swap(mapping_.nodes[node],
                mapping_.nodes[static_cast<std::size_t>(random_.integer(0, last))]);
      break;
    case 3:
      split(node);
      break;
    case 4:
      join(node);
      break;
    case 5:
      rebalance(node);
      break;
    case 6:
      hold_or_drop(node);
      break;
    default:
      if (Loop* loop = std::get_if<Loop>(&mapping_.nodes[node])) {
        loop->axis = any_axis();
      }
      break;
  }
  std::erase_if(mapping_.nodes, [](const Node& each) {
    const Loop* loop = std::get_if<Loop>(&each);
    return loop != nullptr && loop->bound == 1;
  });
}

bool Wanderer::all_start_outermost() const {
  TensorSet held;
  for (const Node& node : mapping_.nodes) {
    const Hold* hold = std::get_if<Hold>(&node);
    if (hold != nullptr && hold->memory == memories_[0]) {
      held.bits |= hold->tensors.bits;
    }
  }
  return static_cast<std::size_t>(std::popcount(held.bits)) == one_.problem.tensors.size();
}

/// The spaces have one loop of a dimension on an axis. Two, one after the other, can have a product
/// that one loop may not have, since it could be lowered: N=2 N=2 on an axis inside N=2 cover 5 on
/// 4 places, N=3 inside N=2 on 3 places. Where a bandwidth is shared by what is used, the former
/// may be faster. With perfect factors there is no difference.
bool Wanderer::has_one_loop_on_an_axis() const {
  for (std::size_t d = 0; d < one_.problem.dimensions.size(); ++d) {
    std::map<std::optional<AxisRef>, std::int64_t> on_axes;
    std::vector<std::int64_t> bounds;
    for (const Node& node : mapping_.nodes) {
      const Loop* loop = std::get_if<Loop>(&node);
      if (loop == nullptr || loop->dimension.index() != d) {
        continue;
      }
      if (loop->axis) {
        on_axes.try_emplace(loop->axis, 1).first->second *= loop->bound;
      } else {
        bounds.push_back(loop->bound);
      }
    }
    for (const auto& [axis, bound] : on_axes) {
      bounds.push_back(bound);
    }
    std::vector<std::int64_t> least = bounds;
    lower_to_minimal(one_.problem.dimensions[d].bound, least);
    if (least != bounds) {
      return false;
    }
  }
  return true;
}

bool Wanderer::legal(std::vector<double>& values) {
  if (!all_start_outermost() || !has_one_loop_on_an_axis() ||
      validate(one_.problem, one_.architecture, mapping_) ||
      find_violation(one_.problem, one_.architecture, one_.constraints, mapping_)) {
    return false;
  }
  if (perfect()) {
    std::vector<std::int64_t> products(one_.problem.dimensions.size(), 1);
    for (const Node& node : mapping_.nodes) {
      if (const Loop* loop = std::get_if<Loop>(&node)) {
        products[loop->dimension.index()] *= loop->bound;
      }
    }
    for (std::size_t d = 0; d < products.size(); ++d) {
      if (products[d] != one_.problem.dimensions[d].bound) {
        return false;
      }
    }
  }
  evaluator_.evaluate(mapping_, evaluation_);
  if (!evaluation_.feasible() || evaluation_.utilization < one_.constraints.min_utilization ||
      find_underfilled(one_.problem, one_.architecture, one_.constraints, evaluation_) ||
      find_broken(one_.options.limits, evaluation_)) {
    return false;
  }
  values.clear();
  for (const Objective& objective : one_.options.objectives) {
    values.push_back(value_of(objective, evaluation_));
  }
  return true;
}

bool Wanderer::next(std::vector<double>& values) {
  ++tried_;
  if (starts_.empty() || random_.chance(25)) {
    draw();
    return legal(values);
  }
  if (steps_left_ == 0) {
    steps_left_ = kWalk;
    from_ = random_.pick(starts_);
  }
  --steps_left_;
  mapping_ = from_;
  for (std::int64_t i = random_.integer(1, 3); i > 0; --i) {
    change();
  }
  if (mapping_.nodes.empty() || !legal(values)) {
    return false;
  }
  from_ = mapping_;
  return true;
}

}  // namespace tessera::test
