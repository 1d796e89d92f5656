#pragma once
// Small random problems, machines and mappings that together use every feature of the model.

#include <cstdint>
#include <map>
#include <string>

#include "tests/oracle/execute.hpp"

namespace tessera::oracle {

/// What a draw insists on; the rest is as random as in `any`.
enum class Flavor {
  any,
  sliding,  ///< windows, word multicast, imperfect factors, spatial digits of sliding dimensions
  sliding_output,  ///< the output itself has a window (transposed convolution)
  interleaved,     ///< three tensors, two memories at least, holds in any order
  sweep,           ///< one window swept by several loops, spatial digits between them
  series,          ///< several fanouts between two memories or above compute
};

/// The case of a seed: the same on every machine. Valid, with at most `kMostExecution` steps x
/// instances; axes and capacities are never exceeded.
Case random_case(Flavor flavor, std::uint64_t seed);

inline constexpr std::int64_t kMostExecution = 20'000;

/// Counts, by name, the features that a case exercises.
void tally_features(const Case& c, std::map<std::string, std::int64_t>& tally);

}  // namespace tessera::oracle
