#pragma once
// Cases in one line each, for tests that are worked out by hand. Not a spec format: faults throw
// std::invalid_argument.

#include <string>

#include "tests/oracle/execute.hpp"

namespace tessera::oracle {

/// `problem("P=12 R=3", "O[P] += I[P*2+R] * W[R]")`; coefficients may be negative (`P*-1`). Kinds
/// as in DESIGN section 3; 16 bits everywhere.
Problem problem(const std::string& dimensions, const std::string& operation);

/// `architecture("DRAM GLB PEs(4x2,tile,sum) RF")`: memories, fanouts with their axes X, Y and,
/// where not the defaults, `tile` or `none` multicast for all kinds and `sum` to turn `reduce` off
/// (`sumX` along an axis only), `links` for links;
/// compute is added.
Architecture architecture(const std::string& hierarchy);

/// `DRAM[W,I,O] P:2 PEs.X.K:4 RF[O] R:3`: holds, temporal and spatial loops, outermost first. `[*]`
/// holds every tensor. Throws also where the result breaks the rules of mappings.
Mapping mapping(const Problem& problem, const Architecture& architecture, const std::string& nodes);

/// All of it.
Case make_case(const std::string& dimensions, const std::string& operation,
               const std::string& hierarchy, const std::string& nodes);

}  // namespace tessera::oracle
