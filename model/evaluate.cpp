// Puts the model together: mapping -> nest -> tiles and capacity -> traffic of each tensor from
// hold to hold -> cycles, energy, area. docs/counting.md defines every count; traffic.hpp and
// window.hpp compute them.

#include "model/evaluate.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "model/checked.hpp"
#include "model/cost.hpp"
#include "model/nest.hpp"
#include "model/network.hpp"
#include "model/traffic.hpp"

namespace tessera {
namespace {

constexpr std::uint32_t kEverything = ~std::uint32_t{0};

/// The levels between two.
std::uint32_t between(std::int16_t outer, std::int16_t inner) {
  return ((1u << (inner - outer - 1)) - 1) << (outer + 1);
}

/// A rank must span less than 2^62 so that sums and differences of places cannot overflow.
void check_extents(const Problem& problem) {
  for (const Tensor& tensor : problem.tensors) {
    for (const Rank& rank : tensor.projection.ranks) {
      std::int64_t extent = 1;
      for (const Term& term : rank) {
        extent = checked_add(
            extent, checked_mul(std::abs(term.coefficient), 2 * problem.at(term.dimension).bound));
      }
      checked_mul(extent, 2);
    }
  }
}

}  // namespace

struct Evaluator::Impl {
  const Problem& problem;
  const Architecture& architecture;
  CostModel cost;
  std::vector<std::int64_t> bounds;
  std::vector<TensorShape> shapes;
  std::int64_t operations = 1;
  std::uint32_t fanouts = 0;  ///< their levels
  /// By tensor: fanouts that share only equal tiles of it, and those with links for it.
  std::array<std::uint32_t, kMaxTensors> by_tile{};
  std::array<std::uint32_t, kMaxTensors> linked{};
  std::uint32_t networks = 0;  ///< levels of fanouts whose words or hops cost something
  std::array<Mesh, kMaxLevels> meshes{};
  Nest nest;
  WindowScratch scratch;
  TrafficCounter counter;
  HopCounter hops;
  std::uint32_t spread = 0;  ///< levels of fanouts over which the mapping spreads

  Impl(const Problem& p, const Architecture& a)
      : problem(p),
        architecture(a),
        cost(p, a),
        counter(bounds, nest, scratch),
        hops(bounds, nest, scratch) {
    check_extents(problem);
    for (const Dimension& dimension : problem.dimensions) {
      bounds.push_back(dimension.bound);
      operations = checked_mul(operations, dimension.bound);
    }
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      shapes.push_back(shape_of(problem, architecture, TensorId(t)));
    }
    for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
      const Fanout* fanout = architecture.fanout(LevelId(i));
      if (fanout == nullptr) {
        continue;
      }
      fanouts |= 1u << i;
      if (fanout->counts_hops() || fanout->bandwidth.any()) {
        networks |= 1u << i;
        meshes[i] = mesh_of(*fanout, static_cast<std::int16_t>(i));
      }
      for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
        const Tensor& tensor = problem.tensors[t];
        if (tensor.role != TensorRole::output &&
            fanout->multicast[static_cast<std::size_t>(tensor.kind)] == Multicast::tile) {
          by_tile[t] |= 1u << i;
        }
        if (fanout->links.contains(tensor.kind) && !shapes[t].windows.empty()) {
          linked[t] |= 1u << i;
        }
      }
    }
  }

  std::int16_t compute_level() const {
    return static_cast<std::int16_t>(architecture.hierarchy.size() - 1);
  }

  void reset(Evaluation& result) const;
  bool fits_axes(Evaluation& result) const;
  bool fits_capacity(Evaluation& result) const;
  bool spreads(std::int16_t outer, std::int16_t inner) const;
  /// How the instances between two levels share that do.
  Sharing sharing_between(std::size_t tensor, std::int16_t outer, std::int16_t inner) const;
  void count_fanouts(std::size_t tensor, const Boundary& child, std::int64_t by_child,
                     Evaluation& result);
  void count_network(std::size_t tensor, Boundary child, std::int16_t level,
                     NetworkTraffic& traffic);
  void count_input(std::size_t tensor, Evaluation& result);
  void count_output(std::size_t tensor, Evaluation& result);
  void count_passes(Evaluation& result) const;
  Boundary child_of(std::size_t tensor, std::size_t hold) const;
};

void Evaluator::Impl::reset(Evaluation& result) const {
  result.infeasible = {};
  result.operations = operations;
  result.levels.resize(architecture.hierarchy.size());
  for (std::size_t i = 0; i < result.levels.size(); ++i) {
    LevelResult& level = result.levels[i];
    const bool fanout = (fanouts >> i & 1u) != 0;
    const bool memory = !fanout && i + 1 < result.levels.size();
    level.passes = 0;
    level.exposed_cycles = 0;
    level.tensors.assign(memory ? shapes.size() : 0, TensorTraffic{});
    level.words.assign(fanout ? shapes.size() : 0, 0);
    level.words_energy_pj.assign(fanout ? shapes.size() : 0, 0.0);
  }
  if (networks != 0 || result.has_networks) {
    for (std::size_t i = 0; i < result.levels.size(); ++i) {
      result.levels[i].network.assign((networks >> i & 1u) != 0 ? shapes.size() : 0,
                                      NetworkTraffic{});
    }
    result.has_networks = networks != 0;
  }
}

bool Evaluator::Impl::fits_axes(Evaluation& result) const {
  const auto spatial = nest.spatial();
  for (std::size_t s = 0; s < spatial.size(); ++s) {
    const Digit& digit = nest.digit(spatial[s]);
    std::int64_t used = 1;
    for (const std::uint8_t other : spatial) {
      const Digit& same = nest.digit(other);
      if (same.level == digit.level && same.axis == digit.axis) {
        used = checked_mul(used, same.bound);
      }
    }
    const LevelId level(static_cast<std::size_t>(digit.level));
    const std::int64_t size = architecture.fanout(level)->axes[digit.axis].size;
    if (used > size) {
      result.infeasible = {.why = Infeasible::Why::axis,
                           .level = level,
                           .axis = digit.axis,
                           .in_words = false,
                           .needed = used,
                           .available = size};
      return false;
    }
  }
  return true;
}

bool Evaluator::Impl::fits_capacity(Evaluation& result) const {
  std::array<std::int64_t, kMaxLevels> needed{};
  for (std::size_t t = 0; t < shapes.size(); ++t) {
    for (const HoldPlace& hold : nest.holds(t)) {
      const auto level = static_cast<std::size_t>(hold.level);
      const Boundary tile{.time = hold.time, .level = hold.level};
      TensorTraffic& traffic = result.levels[level].tensors[t];
      traffic.held = true;
      traffic.tile_words = counter.tile_words(shapes[t], tile);
      const TileRoom& room = cost.room(level);
      if (room.available >= 0) {
        needed[level] =
            checked_add(needed[level], checked_mul(traffic.tile_words, room.per_word[t]));
      }
    }
  }
  for (std::size_t level = 0; level < architecture.hierarchy.size(); ++level) {
    const TileRoom& room = cost.room(level);
    if (room.available >= 0 && needed[level] > room.available) {
      result.infeasible = {.why = Infeasible::Why::capacity,
                           .level = LevelId(level),
                           .axis = 0,
                           .in_words = room.in_words,
                           .needed = room.in_capacity(needed[level]),
                           .available = room.in_capacity(room.available)};
      return false;
    }
  }
  return true;
}

/// Whether the mapping makes several instances between two levels.
bool Evaluator::Impl::spreads(std::int16_t outer, std::int16_t inner) const {
  return (spread & between(outer, inner)) != 0;
}

Sharing Evaluator::Impl::sharing_between(std::size_t tensor, std::int16_t outer,
                                         std::int16_t inner) const {
  return (spread & by_tile[tensor] & between(outer, inner)) != 0 ? Sharing::tile : Sharing::word;
}

/// Words over each fanout between a memory (`child.server`) and its child, which moves `by_child`
/// words: as if a memory stood just inside the fanout.
void Evaluator::Impl::count_fanouts(std::size_t tensor, const Boundary& child,
                                    std::int64_t by_child, Evaluation& result) {
  for (std::int16_t level = static_cast<std::int16_t>(child.level - 1); level > child.server;
       --level) {
    const auto at = static_cast<std::size_t>(level);
    if ((fanouts >> at & 1u) == 0) {
      continue;
    }
    std::int64_t words = by_child;
    if (spreads(level, child.level)) {
      Boundary here = child;
      here.server = static_cast<std::int16_t>(level + 1);
      const Sharing further_in = sharing_between(tensor, level, child.level);
      words = problem.tensors[tensor].role == TensorRole::output
                  ? counter.leaving(shapes[tensor], here, further_in)
                  : counter.entering(shapes[tensor], here, further_in);
    }
    result.levels[at].words[tensor] = checked_add(result.levels[at].words[tensor], words);
    if ((networks >> at & 1u) != 0) [[unlikely]] {
      count_network(tensor, child, level, result.levels[at].network[tensor]);
    }
  }
}

/// What crosses the fanout at `level` between a memory (`child.server`) and its child, and how far.
void Evaluator::Impl::count_network(std::size_t tensor, Boundary child, std::int16_t level,
                                    NetworkTraffic& traffic) {
  child.server = level;
  const Sharing sharing =
      sharing_between(tensor, static_cast<std::int16_t>(level - 1), child.level);
  const bool output = problem.tensors[tensor].role == TensorRole::output;
  const std::int64_t sent = output ? counter.leaving(shapes[tensor], child, sharing)
                                   : counter.entering(shapes[tensor], child, sharing);
  traffic.sent = checked_add(traffic.sent, sent);
  if (child.links == level) {
    const std::int64_t passed = counter.passed(shapes[tensor], child);
    traffic.passed = checked_add(traffic.passed, passed);
    if (architecture.fanout(LevelId(static_cast<std::size_t>(level)))->counts_hops()) {
      traffic.half_hops = checked_add(traffic.half_hops, checked_mul(2, passed));  // one hop each
    }
  }
  const auto at = static_cast<std::size_t>(level);
  if (architecture.fanout(LevelId(at))->counts_hops()) {
    traffic.half_hops =
        checked_add(traffic.half_hops,
                    hops.half_hops(shapes[tensor], child, sharing,
                                   output ? Direction::leaving : Direction::entering, meshes[at]));
  }
}

Boundary Evaluator::Impl::child_of(std::size_t tensor, std::size_t hold) const {
  const auto holds = nest.holds(tensor);
  Boundary child = hold + 1 < holds.size() ? counter.boundary(shapes[tensor], holds[hold + 1])
                                           : counter.compute_boundary(compute_level());
  child.server = holds[hold].level;
  if (linked[tensor] != 0 && hold + 1 < holds.size()) [[unlikely]] {
    // Neighbours are the instances of the child on the fanout next outside it.
    const std::uint32_t outside = fanouts & between(child.server, child.level);
    const int innermost = std::bit_width(outside) - 1;
    if (innermost >= 0 && (linked[tensor] & spread & 1u << innermost) != 0) {
      child.links = static_cast<std::int16_t>(innermost);
      child.linked = sharing_between(tensor, static_cast<std::int16_t>(innermost - 1), child.level);
    }
  }
  return child;
}

void Evaluator::Impl::count_input(std::size_t tensor, Evaluation& result) {
  const auto holds = nest.holds(tensor);
  const TensorShape& shape = shapes[tensor];
  for (std::size_t i = 0; i < holds.size(); ++i) {
    const Boundary child = child_of(tensor, i);
    const bool innermost = i + 1 == holds.size();
    // The compute units take one word an operation.
    const std::int64_t by_child =
        innermost ? operations : counter.entering(shape, child, Sharing::none);
    result.levels[static_cast<std::size_t>(holds[i].level)].tensors[tensor].reads =
        spreads(child.server, child.level)
            ? counter.entering(shape, child, sharing_between(tensor, child.server, child.level))
            : by_child;
    if (!innermost) {
      TensorTraffic& inner = result.levels[static_cast<std::size_t>(child.level)].tensors[tensor];
      inner.fills = by_child;
      if (child.links >= 0) {
        inner.passed = counter.passed(shape, child);
      }
    }
    count_fanouts(tensor, child, by_child, result);
  }
}

void Evaluator::Impl::count_output(std::size_t tensor, Evaluation& result) {
  const auto holds = nest.holds(tensor);
  const TensorShape& shape = shapes[tensor];
  const auto distinct_at = [&](Boundary boundary, std::int16_t server) {
    boundary.server = server;
    return counter.distinct(shape, boundary);
  };
  for (std::size_t i = 0; i < holds.size(); ++i) {
    const Boundary child = child_of(tensor, i);
    const bool innermost = i + 1 == holds.size();
    const bool shared = spreads(child.server, child.level);
    const Sharing sharing_here = sharing_between(tensor, child.server, child.level);
    const std::int64_t by_child =
        innermost ? operations : counter.leaving(shape, child, Sharing::none);
    const std::int64_t distinct = distinct_at(child, 0);
    const std::int64_t distinct_by_parent = distinct_at(child, child.server);
    const std::int64_t distinct_by_child =
        shared ? distinct_at(child, child.level) : distinct_by_parent;
    TensorTraffic& parent = result.levels[static_cast<std::size_t>(holds[i].level)].tensors[tensor];
    parent.updates = shared ? counter.leaving(shape, child, sharing_here) : by_child;
    parent.reads = parent.updates - distinct_by_parent;
    // What arrives is finished if nothing is left to be added to it there.
    const bool whole = !shared || (distinct_by_parent == distinct &&
                                   counter.distinct_apart(shape, child) == distinct_by_parent);
    parent.final_updates = distinct_by_parent == distinct && whole ? distinct : 0;
    if (!innermost) {
      TensorTraffic& inner = result.levels[static_cast<std::size_t>(child.level)].tensors[tensor];
      inner.drains = by_child;
      inner.fills = by_child - distinct_by_child;
      inner.final_drains = distinct_by_child == distinct ? distinct : 0;
    }
    count_fanouts(tensor, child, by_child, result);
  }
}

/// Of each systolic fanout: how often the tensor that stays longest inside it gets a new tile.
void Evaluator::Impl::count_passes(Evaluation& result) const {
  for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
    result.levels[i].passes = 0;
    const Fanout* fanout = architecture.fanout(LevelId(i));
    if (fanout == nullptr || !fanout->systolic) {
      continue;
    }
    std::int64_t passes = 0;
    for (std::size_t t = 0; t < shapes.size(); ++t) {
      for (const HoldPlace& hold : nest.holds(t)) {
        if (static_cast<std::size_t>(hold.level) > i) {
          const Boundary tile = counter.boundary(shapes[t], hold);
          const std::int64_t tiles = counter.combinations(kEverything, tile.sweep, 0);
          passes = passes == 0 ? tiles : std::min(passes, tiles);
          break;
        }
      }
    }
    result.levels[i].passes = std::max<std::int64_t>(passes, 1);
  }
}

Evaluator::Evaluator(const Problem& problem, const Architecture& architecture)
    : impl_(std::make_unique<Impl>(problem, architecture)) {}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;

void Evaluator::evaluate(const Mapping& mapping, Evaluation& result) {
  Impl& model = *impl_;
  model.nest.build(model.bounds, model.shapes.size(), mapping);
  model.reset(result);
  if (!model.fits_axes(result) || !model.fits_capacity(result)) {
    return;
  }
  model.spread = 0;
  for (const std::uint8_t at : model.nest.spatial()) {
    model.spread |= 1u << model.nest.digit(at).level;
  }
  const auto steps = static_cast<std::int16_t>(model.nest.temporal_count());
  result.compute_cycles = model.counter.combinations(kEverything, steps, 0);
  std::int64_t used = 1;
  for (std::size_t i = 0; i < result.levels.size(); ++i) {
    result.levels[i].instances_used = used;
    if ((model.spread >> i & 1u) != 0) {
      used = model.counter.combinations(kEverything, 0, static_cast<std::int16_t>(i + 1));
    }
  }
  result.dram_words = 0;
  for (std::size_t t = 0; t < model.shapes.size(); ++t) {
    if (model.problem.tensors[t].role == TensorRole::output) {
      model.count_output(t, result);
    } else {
      model.count_input(t, result);
    }
    const auto outermost = static_cast<std::size_t>(model.nest.holds(t).front().level);
    const TensorTraffic& traffic = result.levels[outermost].tensors[t];
    result.dram_words = checked_add(result.dram_words, checked_add(traffic.reads, traffic.updates));
  }
  if (model.cost.systolic()) {
    model.count_passes(result);
  }
  model.cost.apply(result);
}

Evaluation evaluate(const Problem& problem, const Architecture& architecture,
                    const Mapping& mapping) {
  Evaluation result;
  Evaluator(problem, architecture).evaluate(mapping, result);
  return result;
}

}  // namespace tessera
