#pragma once
// The loop nest laid out: every step, every instance, every point that somebody works on.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "arch/architecture.hpp"
#include "mapper/mapping.hpp"
#include "problems/problem.hpp"

namespace tessera::oracle {

/// A loop with its digit's weight in the index of its dimension.
struct Digit {
  std::size_t node = 0;
  std::size_t dimension = 0;
  std::int64_t bound = 1;
  std::int64_t weight = 1;
  std::optional<std::size_t> fanout;  ///< empty: temporal
  std::size_t axis = 0;               ///< of the fanout
};

/// An instance that works at a step, on one point of the iteration space.
struct Work {
  std::uint32_t step = 0;
  std::uint32_t instance = 0;
};

/// By value of all temporal (or all spatial) loops, the outermost slowest, and by loop: its value.
using LoopValues = std::vector<std::vector<std::int64_t>>;

struct Nest {
  Nest(const Problem& problem, const Architecture& architecture, const Mapping& mapping);

  std::vector<Digit> digits;  ///< outer to inner
  LoopValues step_values;
  LoopValues instance_values;
  std::vector<Work> work;             ///< by step, then instance
  std::vector<std::int64_t> indices;  ///< by work and dimension

  /// The instances of every element, by level and compute instance: `outside` is the one above (or
  /// at) the compute instance, one for every value of the spatial loops on fanouts outside the
  /// level; `inside` counts a fanout's own loops too: the instances just inside it.
  std::vector<std::vector<std::uint32_t>> outside;
  std::vector<std::vector<std::uint32_t>> inside;

 private:
  void read_digits(const Mapping& mapping);
  LoopValues values_of(bool spatial) const;
  std::vector<std::int64_t> index_parts(const LoopValues& values, std::size_t dimensions) const;
  void find_work(const Problem& problem);
  void name_instances(std::size_t levels);
};

}  // namespace tessera::oracle
