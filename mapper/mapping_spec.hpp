#pragma once

#include <string>

#include "arch/architecture.hpp"
#include "mapper/mapping.hpp"
#include "problems/problem.hpp"
#include "spec/node.hpp"

namespace tessera {

/// Reads the value of the key `mapping`: the list of DESIGN section 3, or one scalar in the form of
/// `to_line`. Loops of bound 1 are dropped; the rest is checked by `validate()`. Throws SpecError
/// at the fault.
///
/// Loops under one `for:` stand outer to inner, left to right. Under one `spatial:` the axes stand
/// in the order written, and the loops of each axis within it.
Mapping parse_mapping(const SpecNode& node, const Problem& problem,
                      const Architecture& architecture);

/// A whole YAML text with the one key `mapping`, which reads back to an equal value.
std::string to_yaml(const Mapping& mapping, const Problem& problem,
                    const Architecture& architecture);

/// The mapping in one line without commas or quotes, for a cell of a table:
/// `DRAM[Inputs+Weights+Outputs] K=8 GlobalBuffer[Inputs] PEs.X:Q=14`.
std::string to_line(const Mapping& mapping, const Problem& problem,
                    const Architecture& architecture);

}  // namespace tessera
