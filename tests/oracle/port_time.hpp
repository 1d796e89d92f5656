#pragma once
// Time of a counted case by the port rule of docs/counting.md, in exact fractions instead of
// doubles.

#include "tests/oracle/execute.hpp"

namespace tessera::oracle {

/// Cycles of the whole: the ceiling of the longest of compute and all ports, with the fill and
/// drain times of single-buffered memories, in whole cycles a port, on top. Bandwidths and clock
/// must be multiples of 1/1024.
std::int64_t count_cycles(const Problem& problem, const Architecture& architecture,
                          const Counts& counts);

}  // namespace tessera::oracle
