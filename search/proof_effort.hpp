#pragma once

#include <cstdint>
#include <limits>

namespace tessera {

/// What a branch and bound may take at most. Counts, not a clock: what a proof within them finds,
/// and whether it comes to its end, depends on no machine and no number of threads. A proof that
/// takes more is given up, with what it found and a bound.
struct ProofEffort {
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

  /// Combinations of choices that are looked at for the options of the forms in one go: with
  /// imperfect factors and a sliding rank about a million a second.
  std::uint64_t combinations = kUnlimited;
  /// Partial mappings; the last form may take as many again. Some twenty million a second.
  std::uint64_t nodes = kUnlimited;
};

}  // namespace tessera
