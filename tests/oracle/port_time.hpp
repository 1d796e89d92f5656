#pragma once
// Time of a counted case by the port rule of docs/counting.md, in exact fractions instead of
// doubles.

#include "tests/oracle/execute.hpp"

namespace tessera::oracle {

/// Sets the cycles of the whole: the ceiling of the longest of compute (with the skew of systolic
/// arrays) and all ports, with what overlaps with nothing on top, in whole cycles. Sets accesses,
/// passes and exposed cycles on the way. Bandwidths and clock must be multiples of 1/1024.
void count_time(const Problem& problem, const Architecture& architecture, Counts& counts);

/// The bits that tiles of so many words take in a memory, by tensor; where words are aligned to
/// accesses those of the accesses that they need.
std::int64_t room_of(const Problem& problem, const Memory& memory,
                     const std::vector<std::int64_t>& tile_words);

}  // namespace tessera::oracle
