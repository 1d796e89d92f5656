#include "model/cost.hpp"

#include <algorithm>
#include <cmath>

#include "model/checked.hpp"
#include "model/evaluate.hpp"

namespace tessera {
namespace {

/// Largest integer that a double holds exactly together with all smaller ones.
constexpr double kExact = 9007199254740992.0;

bool integral(double x) {
  return x >= 1 && x < kExact && x == std::floor(x);
}

void check_word_capacity(const Problem& problem, const Memory& memory) {
  const Tensor* first = nullptr;
  for (const Tensor& tensor : problem.tensors) {
    if (memory.bypass.contains(tensor.kind)) {
      continue;
    }
    const std::int64_t bits = memory.stored(tensor.word()).bits;
    if (first != nullptr && memory.stored(first->word()).bits != bits) {
      throw ModelError("the capacity of " + memory.name + " is in words, but " + first->name +
                       " has " + std::to_string(memory.stored(first->word()).bits) +
                       " bit a word and " + tensor.name + " " + std::to_string(bits) +
                       ": give `word: N bit` beside the capacity, or the capacity in bytes");
    }
    first = &tensor;
  }
}

}  // namespace

CostModel::CostModel(const Problem& problem, const Architecture& architecture)
    : clock_hz_(architecture.clock_hz),
      drains_free_(architecture.drains_free),
      power_gating_(architecture.power_gating) {
  for (const Tensor& tensor : problem.tensors) {
    words_.push_back(tensor.word());
    output_.push_back(tensor.role == TensorRole::output);
  }
  for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
    Level level;
    level.instances = architecture.instances(LevelId(i));
    const auto instances = static_cast<double>(level.instances);
    if (const auto* memory = architecture.memory(LevelId(i))) {
      level = memory_level(problem, *memory);
      level.instances = architecture.instances(LevelId(i));
      level.leakage_w = memory->leakage_mw * 1e-3 * instances;
      level.area_mm2 = memory->area_mm2.value_or(0) * instances;
      ramps_ = ramps_ || level.ramp;
      exposes_ = exposes_ || level.ramp || level.single_buffer;
    } else if (const auto* fanout = architecture.fanout(LevelId(i))) {
      level.sort = Level::Sort::fanout;
      level.unit_pj = fanout->energy_pj.value_or(0);
      level.skew = fanout->skew();
      systolic_ = systolic_ || fanout->systolic;
      level.hop_pj = fanout->hop_pj.value_or(0);
      level.router_pj = fanout->router_pj.value_or(0);
      level.latency_cycles = fanout->latency_cycles;
      exposes_ = exposes_ || level.latency_cycles > 0;
      const auto rate = [&](const std::optional<Bandwidth>& bandwidth) {
        return bandwidth ? rate_of(*bandwidth, clock_hz_) : Rate{};
      };
      level.shared = rate(fanout->bandwidth.shared);
      for (std::size_t kind = 0; kind < level.kinds.size(); ++kind) {
        level.kinds[kind] = rate(fanout->bandwidth.by_kind[kind]);
      }
      level.area_mm2 = fanout->area_mm2.value_or(0) * instances;
    } else {
      const Compute& compute = architecture.compute();
      level.sort = Level::Sort::compute;
      level.unit_pj = compute.energy_pj.value_or(0);
      level.leakage_w = compute.leakage_mw * 1e-3 * instances;
      level.area_mm2 = compute.area_mm2.value_or(0) * instances;
      lanes_ = level.instances;
    }
    area_mm2_ += level.area_mm2;
    levels_.push_back(level);
  }
  area_mm2_ *= 1 + architecture.area_overhead;
}

CostModel::Level CostModel::memory_level(const Problem& problem, const Memory& memory) const {
  Level level;
  level.room = tile_room(memory, words_);
  if (level.room.in_words) {
    check_word_capacity(problem, memory);
  }
  const auto rate = [&](const std::optional<Bandwidth>& bandwidth) {
    return bandwidth ? rate_of(*bandwidth, clock_hz_) : Rate{};
  };
  level.shared = rate(memory.ports.shared);
  level.read = rate(memory.ports.read);
  level.write = rate(memory.ports.write);
  for (const TensorWord& word : words_) {
    level.words.push_back(memory.stored(word));
  }
  if (memory.energy) {
    level.read_pj = memory.energy->read_pj;
    level.write_pj = memory.energy->write_pj;
    level.basis = memory.energy->basis;
  }
  level.counts_accesses = level.basis == EnergyBasis::access;
  for (const Rate* port : {&level.shared, &level.read, &level.write}) {
    level.counts_accesses = level.counts_accesses || port->unit == Rate::Unit::accesses;
  }
  if (level.counts_accesses) {
    for (const TensorWord& word : level.words) {
      level.packing.push_back(
          {.words = memory.packing(word.bits), .final_words = memory.packing(word.final_bits)});
    }
  }
  level.single_buffer = memory.buffering == Buffering::single_buffer;
  level.ramp = memory.ramp;
  return level;
}

CostModel::Rate CostModel::rate_of(const Bandwidth& bandwidth, double clock_hz) {
  const double cycles = bandwidth.per_cycle() ? 1 : clock_hz;
  Rate rate;
  rate.bounded = true;
  rate.unit = bandwidth.in_words()      ? Rate::Unit::words
              : bandwidth.in_accesses() ? Rate::Unit::accesses
                                        : Rate::Unit::bits;
  rate.cycles_per_unit = cycles / bandwidth.amount;
  if (integral(cycles) && integral(bandwidth.amount)) {
    rate.numerator = static_cast<std::int64_t>(cycles);
    rate.denominator = static_cast<std::int64_t>(bandwidth.amount);
  }
  return rate;
}

/// 0 where the rate is unbounded.
std::int64_t CostModel::cycles(const Rate& rate, const Load& load, std::int64_t instances) {
  if (!rate.bounded) {
    return 0;
  }
  const std::int64_t amount = rate.unit == Rate::Unit::words  ? load.words
                              : rate.unit == Rate::Unit::bits ? load.bits
                                                              : load.accesses;
  if (rate.numerator > 0) {
    // Both products stay below 2^127: counts below 2^63, rates below 2^53, instances below 2^31.
    __extension__ using Wide = __int128;
    const Wide divisor = static_cast<Wide>(rate.denominator) * instances;
    const Wide quotient = (static_cast<Wide>(amount) * rate.numerator + divisor - 1) / divisor;
    if (quotient > INT64_MAX) {
      throw OverflowError();
    }
    return static_cast<std::int64_t>(quotient);
  }
  const double exact = std::ceil(static_cast<double>(amount) * rate.cycles_per_unit /
                                 static_cast<double>(instances));
  if (exact >= 9.2e18) {
    throw OverflowError();
  }
  return static_cast<std::int64_t>(exact);
}

CostModel::Load CostModel::add(const Load& a, const Load& b) {
  return {.words = checked_add(a.words, b.words),
          .bits = checked_add(a.bits, b.bits),
          .accesses = (a.accesses | b.accesses) == 0 ? 0 : checked_add(a.accesses, b.accesses)};
}

/// Accesses for words, some of them finished values, that `instances` share evenly: each instance
/// packs its own one after the other and starts with an access of its own.
std::int64_t CostModel::accesses(const Packing& packing, std::int64_t words,
                                 std::int64_t final_words, std::int64_t instances) {
  if (packing.words.words_per_access == 1 && packing.final_words.words_per_access == 1) {
    return checked_add(checked_mul(words, packing.words.accesses_per_word),
                       checked_mul(final_words, packing.final_words.accesses_per_word));
  }
  if (packing.words.words_per_access == packing.final_words.words_per_access) {
    const std::int64_t at_once = checked_mul(packing.words.words_per_access, instances);
    const std::int64_t all = checked_add(words, final_words);
    return all / at_once * instances + (all % at_once != 0 ? instances : 0);
  }
  // Words below 2^63, blocks and accesses a word below 2^53: the products need more than 64 bits.
  __extension__ using Wide = __int128;
  const Wide per_access = packing.words.words_per_access;
  const Wide per_final = packing.final_words.words_per_access;
  const Wide amount =
      checked_mul(words, packing.words.accesses_per_word) * per_final + final_words * per_access;
  const Wide at_once = per_access * per_final * instances;
  return checked_mul(static_cast<std::int64_t>((amount + at_once - 1) / at_once), instances);
}

/// `words` of a tensor, `final_words` of them finished values, shared evenly by `instances`.
CostModel::Load CostModel::load(const Level& level, std::size_t tensor, std::int64_t words,
                                std::int64_t final_words, std::int64_t instances) const {
  const TensorWord& word = level.words[tensor];
  Load load{.words = words,
            .bits = checked_mul(words, word.bits) - final_words * (word.bits - word.final_bits),
            .accesses = 0};
  if (level.counts_accesses) {
    load.accesses = accesses(level.packing[tensor], words - final_words, final_words, instances);
  }
  return load;
}

/// Adds the accesses of what `traffic` says that instances read, written, filled and drained.
void CostModel::add_accesses(const Level& level, std::size_t tensor, std::int64_t instances,
                             TensorTraffic& traffic, Movements& moved) const {
  const auto count = [&](std::int64_t words, std::int64_t final_words) {
    return load(level, tensor, words, final_words, instances).accesses;
  };
  moved.fills.accesses = count(traffic.fills, 0);
  moved.drains.accesses = drains_free_ ? 0 : count(traffic.drains, traffic.final_drains);
  moved.out.accesses = checked_add(count(traffic.reads, 0), moved.drains.accesses);
  if (traffic.passed > 0) {
    moved.out.accesses = checked_add(moved.out.accesses, count(traffic.passed, 0));
  }
  moved.in.accesses =
      checked_add(moved.fills.accesses, count(traffic.updates, traffic.final_updates));
  traffic.read_accesses = moved.out.accesses;
  traffic.write_accesses = moved.in.accesses;
}

void CostModel::memory(const Level& level, LevelResult& result) const {
  Load read, written, filled, drained;
  result.energy_pj = 0;
  for (std::size_t t = 0; t < result.tensors.size(); ++t) {
    TensorTraffic& traffic = result.tensors[t];
    if (!traffic.held) {
      continue;
    }
    const std::int64_t bits = level.words[t].bits;
    const std::int64_t less = bits - level.words[t].final_bits;
    const std::int64_t drains = drains_free_ ? 0 : traffic.drains;
    const std::int64_t final_drains = drains_free_ ? 0 : traffic.final_drains;
    Movements moved;
    moved.fills.words = traffic.fills;
    moved.fills.bits = checked_mul(traffic.fills, bits);
    moved.drains.words = drains;
    moved.drains.bits = checked_mul(drains, bits) - final_drains * less;
    const std::int64_t reads = checked_add(traffic.reads, traffic.passed);
    moved.out.words = checked_add(reads, drains);
    moved.out.bits = checked_add(checked_mul(reads, bits), moved.drains.bits);
    moved.in.words = checked_add(traffic.fills, traffic.updates);
    moved.in.bits = checked_add(moved.fills.bits,
                                checked_mul(traffic.updates, bits) - traffic.final_updates * less);
    if (level.counts_accesses) {
      add_accesses(level, t, result.instances_used, traffic, moved);
    }
    const Load& out = moved.out;
    const Load& in = moved.in;
    const auto energy = [&](std::int64_t Load::*amount) {
      return static_cast<double>(out.*amount) * level.read_pj +
             static_cast<double>(in.*amount) * level.write_pj;
    };
    switch (level.basis) {
      case EnergyBasis::word:
        traffic.energy_pj = energy(&Load::words);
        break;
      case EnergyBasis::bit:
        traffic.energy_pj = energy(&Load::bits);
        break;
      case EnergyBasis::access:
        traffic.energy_pj = energy(&Load::accesses);
        break;
    }
    result.energy_pj += traffic.energy_pj;
    read = add(read, out);
    written = add(written, in);
    if (level.single_buffer) {
      filled = add(filled, moved.fills);
      drained = add(drained, moved.drains);
    }
  }
  const auto port = [&](const Rate& rate, const Load& load) {
    return rate.bounded ? cycles(rate, load, result.instances_used) : PortCycles::kUnbounded;
  };
  result.ports = {.shared = port(level.shared, add(read, written)),
                  .read = port(level.read, read),
                  .write = port(level.write, written)};
  result.cycles =
      std::max({std::int64_t{0}, result.ports.shared, result.ports.read, result.ports.write});
  result.exposed_cycles = 0;
  if (level.single_buffer) {
    const std::int64_t used = result.instances_used;
    result.exposed_cycles = level.shared.bounded ? cycles(level.shared, add(filled, drained), used)
                                                 : checked_add(cycles(level.write, filled, used),
                                                               cycles(level.read, drained, used));
  }
}

void CostModel::fanout(const Level& level, LevelResult& result) const {
  result.cycles = 0;
  result.exposed_cycles = level.latency_cycles;
  result.energy_pj = 0;
  for (std::size_t t = 0; t < result.words.size(); ++t) {
    result.words_energy_pj[t] = static_cast<double>(result.words[t]) * level.unit_pj;
    result.energy_pj += result.words_energy_pj[t];
  }
  if (!result.network.empty()) {
    network(level, result);
  }
}

/// What words cost on their way, and how long the network is busy with taking them in.
void CostModel::network(const Level& level, LevelResult& result) const {
  std::array<Load, 3> loads{};
  Load all;
  result.energy_pj = 0;
  for (std::size_t t = 0; t < result.network.size(); ++t) {
    const NetworkTraffic& traffic = result.network[t];
    const double hops = static_cast<double>(traffic.half_hops) / 2;
    result.words_energy_pj[t] += hops * level.hop_pj;
    if (level.router_pj > 0) {
      result.words_energy_pj[t] +=
          (static_cast<double>(traffic.sent + traffic.passed) + hops) * level.router_pj;
    }
    result.energy_pj += result.words_energy_pj[t];
    const auto kind = static_cast<std::size_t>(words_[t].kind);
    const Load load{
        .words = traffic.sent, .bits = checked_mul(traffic.sent, words_[t].bits), .accesses = 0};
    loads[kind] = add(loads[kind], load);
    all = add(all, load);
  }
  result.cycles = cycles(level.shared, all, result.instances_used);
  for (std::size_t kind = 0; kind < level.kinds.size(); ++kind) {
    result.cycles =
        std::max(result.cycles, cycles(level.kinds[kind], loads[kind], result.instances_used));
  }
}

void CostModel::apply(Evaluation& result) const {
  std::int64_t busiest = 0;
  std::int64_t skew = 0;
  const std::size_t compute = levels_.size() - 1;
  result.bottleneck = LevelId(compute);
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const Level& level = levels_[i];
    LevelResult& out = result.levels[i];
    out.instances = level.instances;
    out.area_mm2 = level.area_mm2;
    out.leakage_pj = 0;
    switch (level.sort) {
      case Level::Sort::memory:
        memory(level, out);
        break;
      case Level::Sort::fanout:
        fanout(level, out);
        skew = checked_add(skew, checked_mul(out.passes, level.skew));
        break;
      case Level::Sort::compute:
        out.cycles = checked_add(result.compute_cycles, skew);
        out.energy_pj = static_cast<double>(result.operations) * level.unit_pj;
        break;
    }
    busiest = std::max(busiest, out.cycles);
  }
  if (busiest > result.levels[compute].cycles) {
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      if (result.levels[i].cycles == busiest) {
        result.bottleneck = LevelId(i);
        break;
      }
    }
  }
  if (ramps_) {
    add_ramps(result);
  }
  result.exposed_cycles = 0;
  if (exposes_) {
    for (const LevelResult& level : result.levels) {
      result.exposed_cycles = checked_add(result.exposed_cycles, level.exposed_cycles);
    }
  }
  result.cycles = checked_add(busiest, result.exposed_cycles);
  result.latency_s = static_cast<double>(result.cycles) / clock_hz_;
  result.energy_pj = 0;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    LevelResult& out = result.levels[i];
    out.leakage_pj = levels_[i].leakage_w * result.latency_s * 1e12;
    if (power_gating_) {
      out.leakage_pj *=
          static_cast<double>(out.instances_used) / static_cast<double>(out.instances);
    }
    out.energy_pj += out.leakage_pj;
    result.energy_pj += out.energy_pj;
  }
  result.area_mm2 = area_mm2_;
  result.utilization = static_cast<double>(result.operations) /
                       (static_cast<double>(result.cycles) * static_cast<double>(lanes_));
}

}  // namespace tessera
