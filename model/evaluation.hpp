#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "arch/architecture.hpp"
#include "problems/problem.hpp"

namespace tessera {

/// Words that one memory moves for one tensor, over all instances (DESIGN section 4).
struct TensorTraffic {
  bool held = false;            ///< false: bypassed, all counts 0
  std::int64_t tile_words = 0;  ///< largest tile of one instance
  std::int64_t reads = 0;       ///< words read to serve children, and old values that updates need
  std::int64_t fills = 0;       ///< words written that come from the parent
  std::int64_t updates = 0;     ///< words written that come from below (outputs)
  std::int64_t drains = 0;      ///< words read to be written to the parent (outputs)
  std::int64_t passed = 0;      ///< words read to be passed on to neighbours over links
  /// Of `updates` and of `drains`, those that carry a finished value (`final_bits` wide).
  std::int64_t final_updates = 0;
  std::int64_t final_drains = 0;
  /// Accesses for all that is read and written, where the memory has them and its energy or
  /// bandwidth is per access; else 0.
  std::int64_t read_accesses = 0;
  std::int64_t write_accesses = 0;
  double energy_pj = 0;

  bool operator==(const TensorTraffic&) const = default;
};

/// Cycles that each port of a memory needs for what it moves; kUnbounded where there is no limit.
struct PortCycles {
  static constexpr std::int64_t kUnbounded = -1;

  std::int64_t shared = kUnbounded;
  std::int64_t read = kUnbounded;
  std::int64_t write = kUnbounded;
};

/// What a fanout with a cost of its own for hops or bandwidth carries for one tensor, over
/// all instances (docs/counting.md, "Networks").
struct NetworkTraffic {
  std::int64_t sent = 0;       ///< words that cross at the outside, each once however many get it
  std::int64_t half_hops = 0;  ///< twice the hops of words; only counted where they cost
  std::int64_t passed = 0;     ///< words that neighbours pass on over links: one hop each

  bool operator==(const NetworkTraffic&) const = default;
};

/// What one element of the hierarchy does.
struct LevelResult {
  std::int64_t instances = 1;
  std::int64_t instances_used = 1;     ///< that have work at some step
  std::vector<TensorTraffic> tensors;  ///< by TensorId; memories only, empty elsewhere
  std::vector<std::int64_t>
      words;  ///< by TensorId; fanouts only: delivered inward (outputs: sent outward)
  std::vector<double> words_energy_pj;
  std::vector<NetworkTraffic> network;  ///< by TensorId; fanouts with such costs only
  /// Memories: of the busiest port; compute: steps with work and skew; fanouts: of the bandwidth.
  std::int64_t cycles = 0;
  PortCycles ports;                 ///< memories only
  std::int64_t exposed_cycles = 0;  ///< memories: transfers that overlap with nothing, on top;
                                    ///< fanouts: their latency
  std::int64_t passes = 0;  ///< systolic fanouts: how often the array fills and drains; else 0
  double energy_pj = 0;     ///< all instances, with leakage
  double leakage_pj = 0;    ///< the part that is leakage
  double area_mm2 = 0;      ///< all instances, used or not
};

/// Why a mapping cannot run, as data (no text in the hot path).
struct Infeasible {
  enum class Why : std::uint8_t { none, capacity, axis } why = Why::none;
  LevelId level;
  std::uint8_t axis = 0;  ///< for Why::axis
  bool in_words = false;  ///< for Why::capacity: unit of the two numbers, else bits
  std::int64_t needed = 0;
  std::int64_t available = 0;
};

/// What a mapping costs. Reused between evaluations without allocating; only meaningful if
/// `feasible()`.
struct Evaluation {
  Infeasible infeasible;
  std::int64_t operations = 0;
  std::int64_t cycles = 0;
  std::int64_t compute_cycles = 0;  ///< temporal steps in which some instance works
  double latency_s = 0;
  double energy_pj = 0;
  double area_mm2 = 0;
  double utilization = 0;           ///< operations / (cycles x lanes)
  std::int64_t dram_words = 0;      ///< words moved at each tensor's outermost memory
  std::int64_t exposed_cycles = 0;  ///< the part of `cycles` that memories and networks add
  bool has_networks = false;        ///< some level has `network`
  LevelId bottleneck;               ///< the element whose cycles bind
  std::vector<LevelResult> levels;  ///< by LevelId

  bool feasible() const { return infeasible.why == Infeasible::Why::none; }
  double edp_js() const { return energy_pj * 1e-12 * latency_s; }
  double power_w() const { return latency_s > 0 ? energy_pj * 1e-12 / latency_s : 0; }
};

}  // namespace tessera
