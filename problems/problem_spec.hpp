#pragma once

#include <string>

#include "problems/problem.hpp"
#include "spec/node.hpp"

namespace tessera {

/// Largest bound of a dimension.
inline constexpr std::int64_t kMaxDimensionBound = std::int64_t{1} << 40;

/// Reads the value of the key `problem` (DESIGN section 3). Throws SpecError at the fault; what
/// comes back keeps all invariants of Problem.
///
/// Beyond those, a dimension stands in at most one rank of a tensor, every dimension is used by
/// some tensor, and no tensor spans more than 2^63 - 1 words.
Problem parse_problem(const SpecNode& node);

/// A whole YAML text with the one key `problem`, which reads back to an equal value.
std::string to_yaml(const Problem& problem);

}  // namespace tessera
