#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "arch/tile_room.hpp"
#include "model/evaluation.hpp"

namespace tessera {

/// From counts to cycles, energy, area (docs/counting.md, "Time"; DESIGN section 4). All tables of
/// one problem on one architecture, made once.
class CostModel {
 public:
  /// Throws ModelError where a memory's capacity is in words but it may hold tensors of unequal
  /// bits.
  CostModel(const Problem& problem, const Architecture& architecture);

  /// How tiles fill the memory at a level. Of other elements `available` is negative.
  const TileRoom& room(std::size_t level) const { return levels_[level].room; }

  /// Whether `apply` needs the passes of systolic fanouts.
  bool systolic() const { return systolic_; }

  /// Fills in cycles, energies, areas and totals of `result`, whose counts are complete.
  void apply(Evaluation& result) const;

 private:
  /// cycles = ceil(amount x numerator / (denominator x instances)) in integers where the rate is a
  /// ratio of integers, else amount x cycles_per_unit.
  struct Rate {
    enum class Unit : std::uint8_t { bits, words, accesses } unit = Unit::bits;
    bool bounded = false;
    std::int64_t numerator = 0;  ///< 0: not a ratio of integers
    std::int64_t denominator = 1;
    double cycles_per_unit = 0;
  };
  /// What a port moves.
  struct Load {
    std::int64_t words = 0;
    std::int64_t bits = 0;
    std::int64_t accesses = 0;
  };
  /// How the words of one tensor lie in the accesses of one memory.
  struct Packing {
    WordPacking words;
    WordPacking final_words;  ///< of finished values
  };
  struct Level {
    enum class Sort { memory, fanout, compute } sort = Sort::memory;
    std::int64_t instances = 1;
    TileRoom room;
    std::vector<TensorWord> words;  ///< memories: how wide they are there, by tensor
    Rate shared, read, write;
    double read_pj = 0, write_pj = 0;
    EnergyBasis basis = EnergyBasis::word;
    bool counts_accesses = false;
    std::vector<Packing> packing;  ///< by tensor, where accesses are counted
    double leakage_w = 0;          ///< all instances
    double area_mm2 = 0;           ///< all instances
    double unit_pj = 0;            ///< fanout: per word; compute: per operation
    std::int64_t skew = 0;         ///< fanout: cycles that a pass takes more
    bool single_buffer = false;
    bool ramp = false;
    double hop_pj = 0, router_pj = 0;  ///< fanouts: per word
    std::array<Rate, 3> kinds = {};    ///< fanouts: of each kind's own network; `shared` of all
    std::int64_t latency_cycles = 0;   ///< fanouts
  };
  /// What one memory moves of one tensor.
  struct Movements {
    Load out, in;        ///< read; written
    Load fills, drains;  ///< the parts that come from and go to the parent
  };

  static Rate rate_of(const Bandwidth& bandwidth, double clock_hz);
  static std::int64_t cycles(const Rate& rate, const Load& load, std::int64_t instances);
  static Load add(const Load& a, const Load& b);
  Level memory_level(const Problem& problem, const Memory& memory) const;
  static std::int64_t accesses(const Packing& packing, std::int64_t words, std::int64_t final_words,
                               std::int64_t instances);
  Load load(const Level& level, std::size_t tensor, std::int64_t words, std::int64_t final_words,
            std::int64_t instances) const;
  void add_accesses(const Level& level, std::size_t tensor, std::int64_t instances,
                    TensorTraffic& traffic, Movements& moved) const;
  void memory(const Level& level, LevelResult& result) const;
  void fanout(const Level& level, LevelResult& result) const;
  void network(const Level& level, LevelResult& result) const;
  void add_ramps(Evaluation& result) const;
  std::int64_t ramp(const Evaluation& result, std::size_t level,
                    const std::array<std::int16_t, kMaxTensors>& parents) const;

  std::vector<Level> levels_;
  std::vector<TensorWord> words_;  ///< by tensor, as the problem has them
  std::vector<bool> output_;
  double clock_hz_ = 1;
  bool drains_free_ = false;
  bool power_gating_ = false;
  bool ramps_ = false;    ///< some memory has one
  bool exposes_ = false;  ///< a ramp, a single buffer or a network's latency
  bool systolic_ = false;
  std::int64_t lanes_ = 1;
  double area_mm2_ = 0;
};

}  // namespace tessera
