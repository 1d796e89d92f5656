#include "tests/oracle/port_time.hpp"

#include <algorithm>
#include <stdexcept>

namespace tessera::oracle {

namespace {

__extension__ using Wide = __int128;

/// A non-negative fraction in lowest terms.
struct Fraction {
  Wide over = 0;
  Wide under = 1;

  static Fraction of(Wide over, Wide under) {
    Wide a = over;
    Wide b = under;
    while (b != 0) {
      const Wide rest = a % b;
      a = b;
      b = rest;
    }
    return {over / a, under / a};
  }
  bool operator<(const Fraction& other) const { return over * other.under < other.over * under; }
  std::int64_t ceiling() const { return static_cast<std::int64_t>((over + under - 1) / under); }
};

constexpr std::int64_t kScale = 1024;

Wide scaled(double value) {
  const double scaled_value = value * static_cast<double>(kScale);
  const auto whole = static_cast<std::int64_t>(scaled_value);
  if (static_cast<double>(whole) != scaled_value) {
    throw std::logic_error("a bandwidth that the exact time cannot hold");
  }
  return whole;
}

/// Words and bits that a port moves.
struct Load {
  std::int64_t words = 0;
  std::int64_t bits = 0;

  Load operator+(const Load& other) const { return {words + other.words, bits + other.bits}; }
};

/// Cycles that an instance's share of `load` takes.
Fraction cycles_of(const Load& load, const std::optional<Bandwidth>& port, std::int64_t instances,
                   double clock_hz) {
  if (!port) {
    return {};
  }
  const bool in_words =
      port->unit == BandwidthUnit::words_per_second || port->unit == BandwidthUnit::words_per_cycle;
  const bool per_second =
      port->unit == BandwidthUnit::words_per_second || port->unit == BandwidthUnit::bits_per_second;
  const Wide clock = per_second ? scaled(clock_hz) : kScale;
  return Fraction::of((in_words ? load.words : load.bits) * clock,
                      instances * scaled(port->amount));
}

/// All that one memory moves, by kind of movement.
struct Moved {
  Load reads;
  Load fills;
  Load updates;
  Load drains;
};

Moved moved(const Problem& problem, const LevelCounts& level, bool drains_free) {
  Moved sum;
  for (std::size_t i = 0; i < level.tensors.size(); ++i) {
    const TensorCounts& counts = level.tensors[i];
    const std::int64_t bits = problem.tensors[i].bits;
    const std::int64_t less = bits - problem.tensors[i].final_bits;
    sum.reads = sum.reads + Load{counts.reads, counts.reads * bits};
    sum.fills = sum.fills + Load{counts.fills, counts.fills * bits};
    sum.updates =
        sum.updates + Load{counts.updates, counts.updates * bits - counts.final_updates * less};
    if (!drains_free) {
      sum.drains =
          sum.drains + Load{counts.drains, counts.drains * bits - counts.final_drains * less};
    }
  }
  return sum;
}

}  // namespace

std::int64_t count_cycles(const Problem& problem, const Architecture& architecture,
                          const Counts& counts) {
  Fraction longest = Fraction::of(counts.compute_cycles, 1);
  std::int64_t on_top = 0;
  for (std::size_t i = 0; i < counts.levels.size(); ++i) {
    const Memory* memory = architecture.memory(LevelId(i));
    if (memory == nullptr) {
      continue;
    }
    const Moved sum = moved(problem, counts.levels[i], architecture.drains_free);
    const auto time = [&](const Load& load, const std::optional<Bandwidth>& port) {
      return cycles_of(load, port, counts.levels[i].instances_used, architecture.clock_hz);
    };
    const Ports& ports = memory->ports;
    for (const Fraction& port :
         {time(sum.reads + sum.drains, ports.read), time(sum.fills + sum.updates, ports.write),
          time(sum.reads + sum.drains + sum.fills + sum.updates, ports.shared)}) {
      longest = std::max(longest, port);
    }
    if (memory->buffering == Buffering::single_buffer) {
      on_top += time(sum.fills, ports.write).ceiling() + time(sum.drains, ports.read).ceiling() +
                time(sum.fills + sum.drains, ports.shared).ceiling();
    }
  }
  return longest.ceiling() + on_top;
}

}  // namespace tessera::oracle
