#include "tests/oracle/port_time.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

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

/// What a port moves.
struct Load {
  std::int64_t words = 0;
  std::int64_t bits = 0;
  std::int64_t accesses = 0;

  Load operator+(const Load& other) const {
    return {words + other.words, bits + other.bits, accesses + other.accesses};
  }
};

/// Cycles that an instance's share of `load` takes.
Fraction cycles_of(const Load& load, const std::optional<Bandwidth>& port, std::int64_t instances,
                   double clock_hz) {
  if (!port) {
    return {};
  }
  std::int64_t amount = 0;
  Wide clock = kScale;
  switch (port->unit) {
    case BandwidthUnit::words_per_second:
      clock = scaled(clock_hz);
      [[fallthrough]];
    case BandwidthUnit::words_per_cycle:
      amount = load.words;
      break;
    case BandwidthUnit::bits_per_second:
      clock = scaled(clock_hz);
      [[fallthrough]];
    case BandwidthUnit::bits_per_cycle:
      amount = load.bits;
      break;
    case BandwidthUnit::accesses_per_second:
      clock = scaled(clock_hz);
      [[fallthrough]];
    case BandwidthUnit::accesses_per_cycle:
      amount = load.accesses;
      break;
  }
  return Fraction::of(amount * clock, instances * scaled(port->amount));
}

bool per_access(const Memory& memory) {
  const auto in_accesses = [](const std::optional<Bandwidth>& port) {
    return port && (port->unit == BandwidthUnit::accesses_per_second ||
                    port->unit == BandwidthUnit::accesses_per_cycle);
  };
  return (memory.energy && memory.energy->basis == EnergyBasis::access) ||
         in_accesses(memory.ports.shared) || in_accesses(memory.ports.read) ||
         in_accesses(memory.ports.write);
}

/// The share of an access that a word of `bits` takes; for one wider than an access, how many.
Fraction access_share(const Memory& memory, std::int64_t bits) {
  if (memory.block) {
    return {1, *memory.block};
  }
  std::int64_t in_one = 0;
  for (std::int64_t room = *memory.width; room >= bits; room -= bits) {
    ++in_one;
  }
  std::int64_t pieces = 1;
  for (std::int64_t left = bits; left > *memory.width; left -= *memory.width) {
    ++pieces;
  }
  return in_one > 0 ? Fraction::of(1, in_one) : Fraction::of(pieces, 1);
}

/// How wide partial sums and finished values of a tensor (or all words of an input) are in a
/// memory: as the memory says, else as the problem says; a finished value is no wider than a
/// partial sum.
std::pair<std::int64_t, std::int64_t> widths(const Memory& memory, const Tensor& tensor) {
  std::int64_t bits = tensor.bits;
  if (const auto& own = memory.bits[static_cast<std::size_t>(tensor.kind)]) {
    bits = *own;
  }
  std::int64_t finished = tensor.role == TensorRole::output ? tensor.final_bits : bits;
  if (tensor.role == TensorRole::output && memory.final_bits) {
    finished = *memory.final_bits;
  }
  return {bits, finished < bits ? finished : bits};
}

Load load_of(const Memory& memory, const Tensor& tensor, std::int64_t words, std::int64_t finished,
             std::int64_t instances) {
  const auto [bits, final_bits] = widths(memory, tensor);
  Load load{words, (words - finished) * bits + finished * final_bits, 0};
  if (per_access(memory)) {
    const Fraction part = access_share(memory, bits);
    const Fraction final_part = access_share(memory, final_bits);
    const Wide under = part.under * final_part.under;
    const Wide over =
        (words - finished) * part.over * final_part.under + finished * final_part.over * part.under;
    load.accesses = under == 1 ? static_cast<std::int64_t>(over)
                               : Fraction::of(over, under * instances).ceiling() * instances;
  }
  return load;
}

/// All that one memory moves, by kind of movement.
struct Moved {
  Load reads;
  Load fills;
  Load updates;
  Load drains;
};

Moved moved(const Problem& problem, const Memory& memory, LevelCounts& level, bool drains_free) {
  Moved sum;
  for (std::size_t i = 0; i < level.tensors.size(); ++i) {
    TensorCounts& counts = level.tensors[i];
    const auto load = [&](std::int64_t words, std::int64_t finished) {
      return load_of(memory, problem.tensors[i], words, finished, level.instances_used);
    };
    // What is passed on is read on its own.
    const Load reads = load(counts.reads, 0) + load(counts.passed, 0);
    const Load fills = load(counts.fills, 0);
    const Load updates = load(counts.updates, counts.final_updates);
    const Load drains = drains_free ? Load{} : load(counts.drains, counts.final_drains);
    counts.read_accesses = reads.accesses + drains.accesses;
    counts.write_accesses = fills.accesses + updates.accesses;
    sum.reads = sum.reads + reads;
    sum.fills = sum.fills + fills;
    sum.updates = sum.updates + updates;
    sum.drains = sum.drains + drains;
  }
  return sum;
}

/// The memory that holds the tensor next outside `level`.
std::optional<std::size_t> parent_of(const Counts& counts, std::size_t level, std::size_t tensor) {
  for (std::size_t outer = level; outer-- > 0;) {
    const auto& tensors = counts.levels[outer].tensors;
    if (!tensors.empty() && tensors[tensor].held) {
      return outer;
    }
  }
  return std::nullopt;
}

/// The first tiles' way into one instance and the last tile's way out, each as slow as the slowest
/// port that it passes.
std::int64_t ramp_cycles(const Problem& problem, const Architecture& architecture,
                         const Counts& counts, std::size_t level) {
  // What passes each level's ports: outward and inward reads and writes of single instances.
  std::vector<Load> first_reads(counts.levels.size());
  Load first_writes;
  Fraction out;
  const auto raise = [&](Fraction& longest, const Load& load,
                         const std::optional<Bandwidth>& port) {
    longest = std::max(longest, cycles_of(load, port, 1, architecture.clock_hz));
  };
  const Memory& here = *architecture.memory(LevelId(level));
  for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
    const Tensor& tensor = problem.tensors[t];
    const TensorCounts& held = counts.levels[level].tensors[t];
    const auto parent = parent_of(counts, level, t);
    if (!held.held || !parent) {
      continue;
    }
    const Memory& outer = *architecture.memory(LevelId(*parent));
    if (tensor.role == TensorRole::output) {
      const std::int64_t finished = held.final_drains == 0 ? 0 : held.tile_words;
      const Load update = load_of(outer, tensor, held.tile_words, finished, 1);
      raise(out, update, outer.ports.write);
      raise(out, update, outer.ports.shared);
      if (!architecture.drains_free) {
        const Load drain = load_of(here, tensor, held.tile_words, finished, 1);
        raise(out, drain, here.ports.read);
        raise(out, drain, here.ports.shared);
      }
    } else {
      first_reads[*parent] = first_reads[*parent] + load_of(outer, tensor, held.first_tile, 0, 1);
      first_writes = first_writes + load_of(here, tensor, held.first_tile, 0, 1);
    }
  }
  Fraction in;
  raise(in, first_writes, here.ports.write);
  raise(in, first_writes, here.ports.shared);
  for (std::size_t outer = 0; outer < level; ++outer) {
    if (const Memory* memory = architecture.memory(LevelId(outer))) {
      raise(in, first_reads[outer], memory->ports.read);
      raise(in, first_reads[outer], memory->ports.shared);
    }
  }
  return in.ceiling() + out.ceiling();
}

/// How often the tensor that is renewed least, of those held inside a fanout, is renewed there.
std::int64_t count_passes(const Counts& counts, std::size_t fanout, std::size_t tensors) {
  std::optional<std::int64_t> passes;
  for (std::size_t t = 0; t < tensors; ++t) {
    for (std::size_t level = fanout + 1; level < counts.levels.size(); ++level) {
      const auto& held = counts.levels[level].tensors;
      if (!held.empty() && held[t].held) {
        passes = std::min(passes.value_or(held[t].tiles), held[t].tiles);
        break;
      }
    }
  }
  return passes.value_or(1);
}

/// How long what crosses a fanout keeps each of its networks busy.
std::vector<Fraction> network_times(const Problem& problem, const Fanout& fanout,
                                    const LevelCounts& level, double clock_hz) {
  Load all;
  std::array<Load, 3> by_kind;
  for (std::size_t t = 0; t < level.network.size(); ++t) {
    const Tensor& tensor = problem.tensors[t];
    const Load load{level.network[t].sent, level.network[t].sent * tensor.bits};
    all = all + load;
    Load& kind = by_kind[static_cast<std::size_t>(tensor.kind)];
    kind = kind + load;
  }
  std::vector<Fraction> times = {
      cycles_of(all, fanout.bandwidth.shared, level.instances_used, clock_hz)};
  for (std::size_t kind = 0; kind < by_kind.size(); ++kind) {
    times.push_back(
        cycles_of(by_kind[kind], fanout.bandwidth.by_kind[kind], level.instances_used, clock_hz));
  }
  return times;
}

}  // namespace

std::int64_t room_of(const Problem& problem, const Memory& memory,
                     const std::vector<std::int64_t>& tile_words) {
  std::int64_t bits = 0;
  Fraction accesses;  // where words are aligned to them
  for (std::size_t t = 0; t < tile_words.size(); ++t) {
    const std::int64_t width = widths(memory, problem.tensors[t]).first;
    bits += tile_words[t] * width;
    if (memory.aligned) {
      const Fraction share = access_share(memory, width);
      accesses =
          Fraction::of(accesses.over * share.under + tile_words[t] * share.over * accesses.under,
                       accesses.under * share.under);
    }
  }
  return memory.aligned ? accesses.ceiling() * *memory.width : bits;
}

void count_time(const Problem& problem, const Architecture& architecture, Counts& counts) {
  std::int64_t busy = counts.compute_cycles;
  Fraction longest;
  std::int64_t on_top = 0;
  for (std::size_t i = 0; i < counts.levels.size(); ++i) {
    LevelCounts& level = counts.levels[i];
    if (const Fanout* fanout = architecture.fanout(LevelId(i))) {
      level.exposed_cycles = fanout->latency_cycles;
      on_top += fanout->latency_cycles;
      for (const Fraction& network :
           network_times(problem, *fanout, level, architecture.clock_hz)) {
        longest = std::max(longest, network);
      }
      if (fanout->systolic) {
        level.passes = count_passes(counts, i, problem.tensors.size());
        for (const Axis& axis : fanout->axes) {
          busy += level.passes * (axis.size - 1);
        }
      }
      continue;
    }
    const Memory* memory = architecture.memory(LevelId(i));
    if (memory == nullptr) {
      continue;
    }
    const Moved sum = moved(problem, *memory, level, architecture.drains_free);
    const auto time = [&](const Load& load, const std::optional<Bandwidth>& port) {
      return cycles_of(load, port, level.instances_used, architecture.clock_hz);
    };
    const Ports& ports = memory->ports;
    for (const Fraction& port :
         {time(sum.reads + sum.drains, ports.read), time(sum.fills + sum.updates, ports.write),
          time(sum.reads + sum.drains + sum.fills + sum.updates, ports.shared)}) {
      longest = std::max(longest, port);
    }
    if (memory->buffering == Buffering::single_buffer) {
      level.exposed_cycles = time(sum.fills, ports.write).ceiling() +
                             time(sum.drains, ports.read).ceiling() +
                             time(sum.fills + sum.drains, ports.shared).ceiling();
    } else if (memory->ramp) {
      level.exposed_cycles = ramp_cycles(problem, architecture, counts, i);
    }
    on_top += level.exposed_cycles;
  }
  counts.cycles = std::max(longest, Fraction::of(busy, 1)).ceiling() + on_top;
}

}  // namespace tessera::oracle
