#include "tests/oracle/random_case.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "tests/oracle/random_problem.hpp"
#include "tests/oracle/random_source.hpp"

namespace tessera::oracle {

namespace {

// -- machines
// -----------------------------------------------------------------------------------------

std::optional<Bandwidth> random_bandwidth(RandomSource& random, bool has_accesses) {
  std::vector<BandwidthUnit> units = {
      BandwidthUnit::words_per_second, BandwidthUnit::words_per_cycle,
      BandwidthUnit::bits_per_second, BandwidthUnit::bits_per_cycle};
  if (has_accesses) {
    units.push_back(BandwidthUnit::accesses_per_second);
    units.push_back(BandwidthUnit::accesses_per_cycle);
  }
  const BandwidthUnit unit = random.pick(units);
  const double amount = random.pick({0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 8.0, 48.0});
  const bool per_second = unit == BandwidthUnit::words_per_second ||
                          unit == BandwidthUnit::bits_per_second ||
                          unit == BandwidthUnit::accesses_per_second;
  return Bandwidth{per_second ? amount * 1e8 : amount, unit};
}

Memory random_memory(RandomSource& random, std::size_t number) {
  Memory memory;
  memory.name.append("M").append(std::to_string(number));
  if (random.chance(60)) {
    memory.width = random.pick({8, 16, 20, 64});
  }
  if (random.chance(20)) {
    memory.block = random.pick({1, 2, 3, 8});
  }
  if (random.chance(40)) {
    if (random.chance(50)) {
      memory.ports.shared = random_bandwidth(random, memory.has_accesses());
    } else {
      memory.ports.read = random_bandwidth(random, memory.has_accesses());
      if (random.chance(70)) {
        memory.ports.write = random_bandwidth(random, memory.has_accesses());
      }
    }
  }
  memory.buffering = random.pick(
      {Buffering::ideal, Buffering::ideal, Buffering::single_buffer, Buffering::double_buffer});
  memory.ramp = memory.buffering != Buffering::single_buffer && random.chance(30);
  if (random.chance(60)) {
    memory.energy = MemoryEnergy{.read_pj = static_cast<double>(random.between(0, 200)),
                                 .write_pj = static_cast<double>(random.between(0, 200)),
                                 .basis = memory.has_accesses() && random.chance(50)
                                              ? EnergyBasis::access
                                              : random.pick({EnergyBasis::word, EnergyBasis::bit})};
  }
  return memory;
}

Fanout random_fanout(RandomSource& random, Flavor flavor, std::size_t number) {
  Fanout fanout;
  fanout.name.append("F").append(std::to_string(number));
  for (std::int64_t axis = random.between(1, 2); axis > 0; --axis) {
    fanout.axes.push_back(
        {std::string(1, "YX"[axis - 1]), random.between(2, random.chance(20) ? 12 : 5), {}});
  }
  for (const TensorKind kind : {TensorKind::inputs, TensorKind::weights}) {
    const bool word = (flavor == Flavor::sliding || flavor == Flavor::sweep) && random.chance(80);
    fanout.multicast[static_cast<std::size_t>(kind)] =
        word ? Multicast::word
             : random.pick({Multicast::word, Multicast::word, Multicast::tile, Multicast::none});
  }
  fanout.reduce = random.chance(65);
  fanout.systolic = random.chance(25);
  return fanout;
}

/// Costs of the network; drawn apart, so that a seed makes the same machine with and without.
void add_network(RandomSource& random, Fanout& fanout) {
  if (random.chance(60)) {
    fanout.hop_pj = static_cast<double>(random.between(0, 20)) / 8;
  }
  if (random.chance(40)) {
    fanout.router_pj = static_cast<double>(random.between(0, 20)) / 8;
  }
  if (random.chance(25)) {
    fanout.bandwidth.shared = random_bandwidth(random, false);
  } else if (random.chance(25)) {
    for (auto& kind : fanout.bandwidth.by_kind) {
      if (random.chance(60)) {
        kind = random_bandwidth(random, false);
      }
    }
  }
  if (fanout.reduce && fanout.axes.size() > 1 && random.chance(30)) {
    fanout.axes[random.chance(50) ? 1 : 0].reduce = false;
  }
  for (const TensorKind kind : {TensorKind::inputs, TensorKind::weights}) {
    if (random.chance(35)) {
      fanout.links.insert(kind);
    }
  }
  if (random.chance(20)) {
    fanout.latency_cycles = random.between(0, 30);
  }
}

Architecture random_architecture(RandomSource& random, Flavor flavor) {
  Architecture architecture;
  architecture.name = "machine";
  architecture.clock_hz = random.pick({1e8, 2e8, 1e9});
  architecture.drains_free = random.chance(15);
  // The first is always a memory; the others mix freely.
  std::int64_t memories = random.pick({1, 2, 2, 3, 3, 4, 5});
  std::int64_t fanouts = random.pick({0, 1, 1, 2, 2, 3});
  if (flavor == Flavor::interleaved) {
    memories = std::max<std::int64_t>(memories, 3);
  }
  if (flavor == Flavor::series) {
    memories = random.between(1, 3);
    fanouts = random.between(2, 3);
  }
  if (flavor == Flavor::sliding || flavor == Flavor::sweep) {
    fanouts = std::max<std::int64_t>(fanouts, 1);
  }
  std::vector<bool> is_memory(static_cast<std::size_t>(memories - 1), true);
  is_memory.resize(static_cast<std::size_t>(memories - 1 + fanouts), false);
  for (std::size_t i = is_memory.size(); i > 1; --i) {
    const auto other =
        static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(i) - 1));
    const bool kept = is_memory[i - 1];
    is_memory[i - 1] = is_memory[other];
    is_memory[other] = kept;
  }
  architecture.hierarchy.emplace_back(random_memory(random, 0));
  for (const bool memory : is_memory) {
    const std::size_t number = architecture.hierarchy.size();
    if (memory) {
      architecture.hierarchy.emplace_back(random_memory(random, number));
    } else {
      architecture.hierarchy.emplace_back(random_fanout(random, flavor, number));
    }
  }
  Compute compute;
  compute.name = "MAC";
  if (random.chance(50)) {
    compute.energy_pj = static_cast<double>(random.between(0, 20));
  }
  architecture.hierarchy.emplace_back(compute);
  return architecture;
}

// -- mappings
// -----------------------------------------------------------------------------------------

std::int64_t product(const std::vector<std::int64_t>& bounds) {
  std::int64_t result = 1;
  for (const std::int64_t bound : bounds) {
    result *= bound;
  }
  return result;
}

/// Bounds whose product is the dimension's bound, prime factors thrown together at random.
std::vector<std::int64_t> perfect_bounds(RandomSource& random, std::int64_t bound,
                                         std::int64_t most_loops) {
  std::vector<std::int64_t> bounds(static_cast<std::size_t>(most_loops), 1);
  for (std::int64_t factor = 2; bound > 1; ++factor) {
    for (; bound % factor == 0; bound /= factor) {
      bounds[static_cast<std::size_t>(random.between(0, most_loops - 1))] *= factor;
    }
  }
  std::erase(bounds, 1);
  return bounds;
}

/// Bounds that cover the dimension's bound so that none can be lowered.
std::vector<std::int64_t> covering_bounds(RandomSource& random, std::int64_t bound,
                                          std::int64_t most_loops, std::int64_t most_bound) {
  std::vector<std::int64_t> bounds;
  for (std::int64_t left = bound; left > 1;) {
    const bool last = static_cast<std::int64_t>(bounds.size()) + 1 >= most_loops;
    bounds.push_back(last ? left : random.between(2, std::min(left, most_bound)));
    left = (left + bounds.back() - 1) / bounds.back();
  }
  random.shuffle(bounds);
  for (bool lowered = true; lowered;) {
    lowered = false;
    for (std::int64_t& b : bounds) {
      while (b > 1 && product(bounds) / b * (b - 1) >= bound) {
        --b;
        lowered = true;
      }
    }
  }
  std::erase(bounds, 1);
  return bounds;
}

/// All loops of all dimensions, in no order, on axes as far as these have room.
std::vector<Loop> random_loops(RandomSource& random, Flavor flavor, const Problem& problem,
                               const Architecture& architecture) {
  struct Room {
    AxisRef axis;
    std::int64_t left;
  };
  std::vector<Room> rooms;
  for (std::size_t level = 0; level < architecture.hierarchy.size(); ++level) {
    if (const Fanout* fanout = architecture.fanout(LevelId(level))) {
      for (std::size_t axis = 0; axis < fanout->axes.size(); ++axis) {
        rooms.push_back(
            {{LevelId(level), static_cast<std::uint8_t>(axis)}, fanout->axes[axis].size});
      }
    }
  }
  const bool imperfect = flavor == Flavor::sliding ? random.chance(70) : random.chance(50);
  const int spatial = flavor == Flavor::series ? 70 : random.pick({20, 40, 70});
  std::vector<Loop> loops;
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    const std::int64_t bound = problem.dimensions[d].bound;
    const std::int64_t most_loops = random.between(flavor == Flavor::sweep ? 3 : 1, 5);
    const std::int64_t most_bound = flavor == Flavor::sweep ? 4 : bound;
    for (const std::int64_t b : imperfect ? covering_bounds(random, bound, most_loops, most_bound)
                                          : perfect_bounds(random, bound, most_loops)) {
      loops.push_back({DimensionId(d), b, std::nullopt});
    }
  }
  random.shuffle(loops);
  if (flavor == Flavor::sweep ||
      random.chance(35)) {  // loops of a dimension side by side: sweeps of several loops
    std::vector<std::size_t> rank(problem.dimensions.size());
    std::iota(rank.begin(), rank.end(), std::size_t{0});
    random.shuffle(rank);
    std::stable_sort(loops.begin(), loops.end(), [&](const Loop& a, const Loop& b) {
      return rank[a.dimension.index()] < rank[b.dimension.index()];
    });
  }
  for (Loop& loop : loops) {
    if (!rooms.empty() && random.chance(spatial)) {
      Room& room = rooms[static_cast<std::size_t>(
          random.between(0, static_cast<std::int64_t>(rooms.size()) - 1))];
      if (loop.bound <= room.left) {
        loop.axis = room.axis;
        room.left /= loop.bound;
      }
    }
  }
  return loops;
}

/// For each tensor the memories that hold it, outermost first.
std::vector<std::vector<LevelId>> random_chains(RandomSource& random, const Problem& problem,
                                                const Architecture& architecture) {
  std::vector<LevelId> memories;
  for (std::size_t level = 0; level < architecture.hierarchy.size(); ++level) {
    if (architecture.memory(LevelId(level)) != nullptr) {
      memories.push_back(LevelId(level));
    }
  }
  const int keep = random.pick({40, 70, 90, 100});
  std::vector<std::vector<LevelId>> chains(problem.tensors.size());
  for (auto& chain : chains) {
    for (const LevelId memory : memories) {
      if (random.chance(memory == memories.front() ? 90 : keep)) {
        chain.push_back(memory);
      }
    }
    if (chain.empty()) {
      chain.push_back(random.pick(memories));
    }
  }
  return chains;
}

/// Joins neighbouring holds of one memory.
void join_holds(RandomSource& random, std::vector<Node>& nodes) {
  for (std::size_t i = 1; i < nodes.size();) {
    auto* before = std::get_if<Hold>(&nodes[i - 1]);
    const auto* hold = std::get_if<Hold>(&nodes[i]);
    if (before != nullptr && hold != nullptr && before->memory == hold->memory &&
        random.chance(60)) {
      before->tensors.bits |= hold->tensors.bits;
      nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

/// What comes next in the node list: a loop, or the next hold of a tensor.
struct Place {
  std::optional<std::size_t> hold_of;
};

/// All tensors of a memory at one place, memories in the order of the hierarchy.
std::vector<Place> order_by_level(RandomSource& random, std::size_t loops,
                                  const std::vector<std::vector<LevelId>>& chains) {
  std::map<LevelId, std::vector<Place>> levels;
  for (std::size_t tensor = 0; tensor < chains.size(); ++tensor) {
    for (std::size_t i = 1; i < chains[tensor].size(); ++i) {
      levels[chains[tensor][i]].push_back({tensor});
    }
  }
  std::multiset<std::int64_t> cuts;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    cuts.insert(random.between(0, static_cast<std::int64_t>(loops)));
  }
  std::vector<Place> order;
  auto level = levels.begin();
  auto cut = cuts.begin();
  for (std::size_t i = 0; i <= loops; ++i) {
    for (; cut != cuts.end() && *cut == static_cast<std::int64_t>(i); ++cut, ++level) {
      order.insert(order.end(), level->second.begin(), level->second.end());
    }
    if (i < loops) {
      order.push_back({std::nullopt});
    }
  }
  return order;
}

std::vector<Place> order_freely(RandomSource& random, std::size_t loops,
                                const std::vector<std::vector<LevelId>>& chains) {
  std::vector<Place> order(loops);
  for (std::size_t tensor = 0; tensor < chains.size(); ++tensor) {
    order.insert(order.end(), chains[tensor].size() - 1, Place{tensor});
  }
  random.shuffle(order);
  return order;
}

Mapping random_mapping(RandomSource& random, Flavor flavor, const Problem& problem,
                       const Architecture& architecture) {
  const auto chains = random_chains(random, problem, architecture);
  const std::vector<Loop> loops = random_loops(random, flavor, problem, architecture);
  const auto hold_of = [](std::size_t tensor, LevelId memory) {
    Hold hold{memory, {}};
    hold.tensors.insert(TensorId(tensor));
    return hold;
  };
  std::vector<Node> nodes;
  for (std::size_t tensor = 0; tensor < chains.size(); ++tensor) {
    nodes.emplace_back(hold_of(tensor, chains[tensor].front()));
  }
  random.shuffle(nodes);
  const bool by_level = flavor != Flavor::interleaved && random.chance(25);
  const std::vector<Place> order = by_level ? order_by_level(random, loops.size(), chains)
                                            : order_freely(random, loops.size(), chains);
  std::vector<std::size_t> next_hold(chains.size(), 1);
  std::size_t next_loop = 0;
  for (const Place& place : order) {
    if (place.hold_of) {
      const std::size_t tensor = *place.hold_of;
      nodes.emplace_back(hold_of(tensor, chains[tensor][next_hold[tensor]++]));
    } else {
      nodes.emplace_back(loops[next_loop++]);
    }
  }
  join_holds(random, nodes);
  return Mapping{nodes};
}

/// Words of other bits than the problem's, aligned or not. Drawn last: it changes nothing else.
void store_otherwise(RandomSource& random, Architecture& architecture) {
  for (Element& element : architecture.hierarchy) {
    auto* memory = std::get_if<Memory>(&element);
    if (memory == nullptr) {
      continue;
    }
    for (const TensorKind kind : kTensorKinds) {
      if (random.chance(15)) {
        memory->bits[static_cast<std::size_t>(kind)] = random.pick({3, 5, 8, 12, 32});
      }
    }
    if (random.chance(15)) {
      memory->final_bits = random.pick({2, 3, 4});
      const auto& partial = memory->bits[static_cast<std::size_t>(TensorKind::outputs)];
      memory->final_bits = std::min(*memory->final_bits, partial.value_or(32));
    }
    memory->aligned = memory->width && !memory->block && random.chance(40);
  }
}

}  // namespace

Case random_case(Flavor flavor, std::uint64_t seed) {
  RandomSource random(seed * 2 + 0x5eed);
  for (;;) {
    Case c;
    const std::int64_t operations = random.pick({60, 200, 600, 600, 1500, 1500, 4000, 4000, 12000});
    c.problem = random_problem(random, flavor, operations);
    c.architecture = random_architecture(random, flavor);
    c.mapping = random_mapping(random, flavor, c.problem, c.architecture);
    for (Element& element : c.architecture.hierarchy) {
      if (auto* fanout = std::get_if<Fanout>(&element); fanout != nullptr && random.chance(50)) {
        add_network(random, *fanout);
      }
    }
    if (execution_size(c.mapping) <= kMostExecution) {
      store_otherwise(random, c.architecture);
      return c;
    }
  }
}

}  // namespace tessera::oracle
