#pragma once

#include <string>

#include "arch/architecture.hpp"
#include "mapper/constraints.hpp"
#include "problems/problem.hpp"
#include "spec/node.hpp"

namespace tessera {

/// Reads the value of the key `constraints` (DESIGN section 3) for one problem on one architecture:
/// kinds of tensors become the problem's tensors, `{reuse: weights}` the dimensions that these do
/// not depend on. Throws SpecError at the fault, also where a rule contradicts the architecture's
/// own.
///
/// What comes back has one entry a memory and one an axis, each list in the order of the hierarchy.
Constraints parse_constraints(const SpecNode& node, const Problem& problem,
                              const Architecture& architecture);

/// A whole YAML text with the one key `constraints`, which reads back to an equal value.
std::string to_yaml(const Constraints& constraints, const Problem& problem,
                    const Architecture& architecture);

}  // namespace tessera
