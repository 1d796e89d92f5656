#pragma once
// The oracle: executes a mapping step by step with real sets of words and counts what moves, as
// docs/counting.md defines it. It knows no formula and shares no code with model/, so that the
// closed form can be held against it. Time and memory grow with steps x instances: for small cases
// only.

#include <cstdint>
#include <vector>

#include "arch/architecture.hpp"
#include "mapper/mapping.hpp"
#include "problems/problem.hpp"

namespace tessera::oracle {

/// What the oracle and the model are run on.
struct Case {
  Problem problem;
  Architecture architecture;
  Mapping mapping;

  bool operator==(const Case&) const = default;
};

/// Words that one memory moves for one tensor, over all instances; the names of `TensorTraffic`.
struct TensorCounts {
  bool held = false;
  std::int64_t tile_words = 0;
  std::int64_t reads = 0;
  std::int64_t fills = 0;
  std::int64_t updates = 0;
  std::int64_t drains = 0;
  std::int64_t passed = 0;
  std::int64_t final_updates = 0;
  std::int64_t final_drains = 0;
  std::int64_t tiles = 0;          ///< values of the outside loops and the sweep with work
  std::int64_t first_tile = 0;     ///< words that instance 0 holds at the first of them
  std::int64_t read_accesses = 0;  ///< as the model's; 0 where nothing is per access
  std::int64_t write_accesses = 0;

  bool operator==(const TensorCounts&) const = default;
};

/// What a fanout carries for one tensor; the names of `NetworkTraffic`.
struct NetworkCounts {
  std::int64_t sent = 0;
  std::int64_t half_hops = 0;
  std::int64_t passed = 0;

  bool operator==(const NetworkCounts&) const = default;
};

struct LevelCounts {
  std::int64_t instances_used = 0;
  std::vector<TensorCounts> tensors;   ///< by TensorId; memories only
  std::vector<std::int64_t> words;     ///< by TensorId; fanouts only
  std::vector<NetworkCounts> network;  ///< by TensorId; fanouts only
  std::int64_t passes = 0;             ///< systolic fanouts only
  std::int64_t exposed_cycles = 0;     ///< memories; fanouts: their latency
  std::int64_t needed_bits = 0;        ///< memories: the largest tiles of all held tensors together
  std::int64_t needed_words = 0;

  bool operator==(const LevelCounts&) const = default;
};

struct Counts {
  std::int64_t operations = 0;
  std::int64_t compute_cycles = 0;
  std::int64_t cycles = 0;
  std::int64_t dram_words = 0;
  std::vector<LevelCounts> levels;  ///< by LevelId

  bool operator==(const Counts&) const = default;
};

/// Steps times compute instances, idle ones included: what execution costs.
std::int64_t execution_size(const Mapping& mapping);

/// Executes a valid mapping. Array sizes and capacities are not enforced. Throws std::length_error
/// where a case is too large to execute (a rank of more than 512 values or a tensor of more than 7
/// ranks).
Counts execute(const Problem& problem, const Architecture& architecture, const Mapping& mapping);
inline Counts execute(const Case& c) {
  return execute(c.problem, c.architecture, c.mapping);
}

}  // namespace tessera::oracle
