#pragma once

#include <limits>
#include <string>

#include <fmt/format.h>

#include "arch/architecture.hpp"
#include "tests/random_source.hpp"

namespace tessera::test {

inline KindSet random_kinds(RandomSource& random, KindSet among) {
  return KindSet{static_cast<std::uint8_t>(random.integer(0, 7) & among.bits)};
}

inline Bandwidth random_bandwidth(RandomSource& random, bool accesses) {
  return {random.positive(), static_cast<BandwidthUnit>(random.integer(0, accesses ? 5 : 3))};
}

inline Memory random_memory(RandomSource& random, std::string name) {
  Memory memory;
  memory.name = std::move(name);
  if (random.chance(60)) {
    const std::int64_t unit = random.chance(50) ? 8192 : 1;
    memory.capacity = Capacity{random.integer(1, 1 << 30) * unit,
                               random.chance(30) ? Capacity::Unit::words : Capacity::Unit::bits};
  }
  if (random.chance(50)) {
    memory.width = random.integer(1, 512);
  }
  if (random.chance(20)) {
    memory.block = random.integer(1, 16);
  }
  for (const TensorKind kind : kTensorKinds) {
    if (random.chance(20)) {
      memory.bits[static_cast<std::size_t>(kind)] = random.integer(1, 64);
    }
  }
  if (random.chance(20)) {
    const auto& partial = memory.bits[static_cast<std::size_t>(TensorKind::outputs)];
    memory.final_bits = random.integer(1, partial.value_or(64));
  }
  memory.aligned = memory.width && !memory.block && memory.capacity &&
                   memory.capacity->unit == Capacity::Unit::bits &&
                   memory.capacity->amount >= *memory.width && random.chance(50);
  if (random.chance(70)) {
    const double read = random.chance(10) ? 0 : random.positive();
    memory.energy =
        MemoryEnergy{read, random.chance(50) ? read : random.positive(),
                     static_cast<EnergyBasis>(random.integer(0, memory.has_accesses() ? 2 : 1))};
  }
  memory.leakage_mw = random.chance(50) ? 0 : random.positive();
  if (random.chance(50)) {
    memory.area_mm2 = random.positive();
  }
  if (random.chance(30)) {
    memory.ports.shared = random_bandwidth(random, memory.has_accesses());
  } else {
    if (random.chance(40)) {
      memory.ports.read = random_bandwidth(random, memory.has_accesses());
    }
    if (random.chance(40)) {
      memory.ports.write = random_bandwidth(random, memory.has_accesses());
    }
  }
  memory.buffering = static_cast<Buffering>(random.integer(0, 2));
  memory.ramp = memory.buffering != Buffering::single_buffer && random.chance(30);
  memory.keep = random_kinds(random, KindSet::all());
  memory.bypass = random_kinds(random, KindSet{static_cast<std::uint8_t>(7 & ~memory.keep.bits)});
  return memory;
}

inline Fanout random_fanout(RandomSource& random, std::string name) {
  Fanout fanout;
  fanout.name = std::move(name);
  const std::int64_t axes = random.integer(1, 3);
  for (std::int64_t i = 0; i < axes; ++i) {
    fanout.axes.push_back({std::string(1, "XYZ"[i]), random.integer(1, 12),
                           random.chance(70) ? KindSet{} : random_kinds(random, KindSet::all())});
  }
  fanout.multicast[0] = static_cast<Multicast>(random.integer(0, 2));
  fanout.multicast[1] = static_cast<Multicast>(random.integer(0, 2));
  fanout.reduce = random.chance(70);
  if (fanout.reduce && axes > 1 && random.chance(30)) {
    fanout.axes.back().reduce = false;
  }
  fanout.systolic = random.chance(30);
  if (random.chance(20)) {
    fanout.links.insert(random.chance(50) ? TensorKind::inputs : TensorKind::weights);
  }
  if (random.chance(50)) {
    fanout.energy_pj = random.positive();
  }
  if (axes < 3 && random.chance(30)) {
    fanout.hop_pj = random.positive();
  }
  if (axes < 3 && random.chance(30)) {
    fanout.router_pj = random.positive();
  }
  if (random.chance(30)) {
    fanout.bandwidth.shared = random_bandwidth(random, false);
  } else if (random.chance(30)) {
    fanout.bandwidth.by_kind[static_cast<std::size_t>(random.integer(0, 2))] =
        random_bandwidth(random, false);
  }
  fanout.latency_cycles = random.chance(70) ? 0 : random.integer(1, 99);
  if (random.chance(50)) {
    fanout.area_mm2 = random.positive();
  }
  return fanout;
}

/// Any architecture that the parser's rules allow.
inline Architecture random_architecture(RandomSource& random) {
  Architecture architecture;
  architecture.name = random.pick<std::string>({"architecture", "eyeriss-v1", "s3", "off"});
  architecture.technology = random.pick<std::string>(
      {"", "65 nm", "7 nm FinFET", "\"GF\" 22FDX: 0.8 V # typical", "null", "a\\b\tc", " x "});
  architecture.clock_hz = random.chance(30) ? 1e9 : random.positive() * 1e6;
  architecture.power_gating = random.chance(20);
  const std::int64_t middle = random.integer(0, 5);
  architecture.hierarchy.push_back(random_memory(random, "DRAM"));
  std::get<Memory>(architecture.hierarchy.front()).bypass = KindSet{};
  for (std::int64_t i = 0; i < middle; ++i) {
    architecture.hierarchy.push_back(
        random.chance(60) ? Element(random_memory(random, fmt::format("level-{}", i)))
                          : Element(random_fanout(random, fmt::format("y_{}", i))));
    const LevelId inside(architecture.hierarchy.size());
    if (architecture.instances(inside) > std::numeric_limits<std::int32_t>::max()) {
      architecture.hierarchy.pop_back();
    }
  }
  Compute compute;
  compute.name = "MAC";
  if (random.chance(70)) {
    compute.energy_pj = random.positive();
  }
  compute.leakage_mw = random.chance(50) ? 0 : random.positive();
  if (random.chance(50)) {
    compute.area_mm2 = random.positive();
  }
  architecture.hierarchy.push_back(compute);
  return architecture;
}

}  // namespace tessera::test
