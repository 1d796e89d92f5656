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
    if (first != nullptr && first->bits != tensor.bits) {
      throw ModelError("the capacity of " + memory.name + " is in words, but " + first->name +
                       " has " + std::to_string(first->bits) + " bit a word and " + tensor.name +
                       " " + std::to_string(tensor.bits) +
                       ": give `word: N bit` beside the capacity, or the capacity in bytes");
    }
    first = &tensor;
  }
}

}  // namespace

CostModel::CostModel(const Problem& problem, const Architecture& architecture)
    : clock_hz_(architecture.clock_hz), drains_free_(architecture.drains_free) {
  for (const Tensor& tensor : problem.tensors) {
    bits_.push_back(tensor.bits);
    final_bits_.push_back(tensor.final_bits);
  }
  for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
    Level level;
    level.instances = architecture.instances(LevelId(i));
    const auto instances = static_cast<double>(level.instances);
    if (const auto* memory = architecture.memory(LevelId(i))) {
      if (memory->capacity) {
        level.in_words = memory->capacity->unit == Capacity::Unit::words;
        level.available =
            memory->capacity->amount / (memory->buffering == Buffering::double_buffer ? 2 : 1);
        if (level.in_words) {
          check_word_capacity(problem, *memory);
        }
      }
      const auto rate = [&](const std::optional<Bandwidth>& bandwidth) {
        return bandwidth ? rate_of(*bandwidth, clock_hz_) : Rate{};
      };
      level.shared = rate(memory->ports.shared);
      level.read = rate(memory->ports.read);
      level.write = rate(memory->ports.write);
      if (memory->energy) {
        level.read_pj = memory->energy->read_pj;
        level.write_pj = memory->energy->write_pj;
        level.basis = memory->energy->basis;
      }
      level.width = memory->width.value_or(1);
      level.leakage_w = memory->leakage_mw * 1e-3 * instances;
      level.area_mm2 = memory->area_mm2.value_or(0) * instances;
      level.single_buffer = memory->buffering == Buffering::single_buffer;
    } else if (const auto* fanout = architecture.fanout(LevelId(i))) {
      level.sort = Level::Sort::fanout;
      level.unit_pj = fanout->energy_pj.value_or(0);
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
}

CostModel::Rate CostModel::rate_of(const Bandwidth& bandwidth, double clock_hz) {
  const bool per_cycle = bandwidth.unit == BandwidthUnit::words_per_cycle ||
                         bandwidth.unit == BandwidthUnit::bits_per_cycle;
  const double cycles = per_cycle ? 1 : clock_hz;
  Rate rate;
  rate.bounded = true;
  rate.in_words = bandwidth.unit == BandwidthUnit::words_per_second ||
                  bandwidth.unit == BandwidthUnit::words_per_cycle;
  rate.cycles_per_unit = cycles / bandwidth.amount;
  if (integral(cycles) && integral(bandwidth.amount)) {
    rate.numerator = static_cast<std::int64_t>(cycles);
    rate.denominator = static_cast<std::int64_t>(bandwidth.amount);
  }
  return rate;
}

std::int64_t CostModel::cycles(const Rate& rate, std::int64_t words, std::int64_t bits,
                               std::int64_t instances) {
  if (!rate.bounded) {
    return 0;
  }
  const std::int64_t amount = rate.in_words ? words : bits;
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

void CostModel::memory(const Level& level, LevelResult& result,
                       std::int64_t& exposed_cycles) const {
  std::int64_t read_words = 0, read_bits = 0, write_words = 0, write_bits = 0;
  std::int64_t fill_words = 0, fill_bits = 0, drain_words = 0, drain_bits = 0;
  double energy = 0;
  for (std::size_t t = 0; t < result.tensors.size(); ++t) {
    TensorTraffic& traffic = result.tensors[t];
    if (!traffic.held) {
      continue;
    }
    const std::int64_t less = bits_[t] - final_bits_[t];
    const std::int64_t drains = drains_free_ ? 0 : traffic.drains;
    const std::int64_t drained =
        drains_free_ ? 0 : checked_mul(drains, bits_[t]) - traffic.final_drains * less;
    const std::int64_t updated =
        checked_mul(traffic.updates, bits_[t]) - traffic.final_updates * less;
    const std::int64_t filled = checked_mul(traffic.fills, bits_[t]);
    const std::int64_t out_words = checked_add(traffic.reads, drains);
    const std::int64_t in_words = checked_add(traffic.fills, traffic.updates);
    const std::int64_t out_bits = checked_add(checked_mul(traffic.reads, bits_[t]), drained);
    const std::int64_t in_bits = checked_add(filled, updated);
    switch (level.basis) {
      case EnergyBasis::word:
        traffic.energy_pj = static_cast<double>(out_words) * level.read_pj +
                            static_cast<double>(in_words) * level.write_pj;
        break;
      case EnergyBasis::bit:
        traffic.energy_pj = static_cast<double>(out_bits) * level.read_pj +
                            static_cast<double>(in_bits) * level.write_pj;
        break;
      case EnergyBasis::access: {
        const auto accesses = [&](std::int64_t bits) {
          return static_cast<double>((bits + level.width - 1) / level.width);
        };
        traffic.energy_pj = accesses(out_bits) * level.read_pj + accesses(in_bits) * level.write_pj;
        break;
      }
    }
    energy += traffic.energy_pj;
    read_words = checked_add(read_words, out_words);
    read_bits = checked_add(read_bits, out_bits);
    write_words = checked_add(write_words, in_words);
    write_bits = checked_add(write_bits, in_bits);
    fill_words += traffic.fills;
    fill_bits += filled;
    drain_words += drains;
    drain_bits += drained;
  }
  result.energy_pj = energy;
  const std::int64_t used = result.instances_used;
  result.cycles = std::max({cycles(level.shared, checked_add(read_words, write_words),
                                   checked_add(read_bits, write_bits), used),
                            cycles(level.read, read_words, read_bits, used),
                            cycles(level.write, write_words, write_bits, used)});
  if (level.single_buffer) {
    exposed_cycles = checked_add(
        exposed_cycles,
        level.shared.bounded
            ? cycles(level.shared, fill_words + drain_words, fill_bits + drain_bits, used)
            : checked_add(cycles(level.write, fill_words, fill_bits, used),
                          cycles(level.read, drain_words, drain_bits, used)));
  }
}

void CostModel::apply(Evaluation& result) const {
  std::int64_t busiest = 0;
  std::int64_t exposed = 0;
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
        memory(level, out, exposed);
        break;
      case Level::Sort::fanout:
        out.cycles = 0;
        out.energy_pj = 0;
        for (std::size_t t = 0; t < out.words.size(); ++t) {
          out.words_energy_pj[t] = static_cast<double>(out.words[t]) * level.unit_pj;
          out.energy_pj += out.words_energy_pj[t];
        }
        break;
      case Level::Sort::compute:
        out.cycles = result.compute_cycles;
        out.energy_pj = static_cast<double>(result.operations) * level.unit_pj;
        break;
    }
    busiest = std::max(busiest, out.cycles);
  }
  if (busiest > result.compute_cycles) {
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      if (result.levels[i].cycles == busiest) {
        result.bottleneck = LevelId(i);
        break;
      }
    }
  }
  result.cycles = checked_add(busiest, exposed);
  result.latency_s = static_cast<double>(result.cycles) / clock_hz_;
  result.energy_pj = 0;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    LevelResult& out = result.levels[i];
    out.leakage_pj = levels_[i].leakage_w * result.latency_s * 1e12;
    out.energy_pj += out.leakage_pj;
    result.energy_pj += out.energy_pj;
  }
  result.area_mm2 = area_mm2_;
  result.utilization = static_cast<double>(result.operations) /
                       (static_cast<double>(result.cycles) * static_cast<double>(lanes_));
}

}  // namespace tessera
