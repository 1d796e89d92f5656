#pragma once
// Cases far too large to execute, for laws that hold without an oracle.

#include <cstdint>
#include <optional>
#include <string>

#include "model/evaluation.hpp"
#include "tests/oracle/execute.hpp"
#include "tests/oracle/random_case.hpp"
#include "tests/oracle/random_source.hpp"

namespace tessera::properties {

using oracle::Case;

enum class Factors { perfect, any };

/// A random case whose loops were multiplied, the dimensions with them, up to some 1e10 points (1e6
/// where the output has a window). Axes are
/// as large as the mapping needs and capacities are unbounded.
Case large_case(oracle::Flavor flavor, std::uint64_t seed, Factors factors);

/// How a case reads in a failure's message.
std::string text_of(const Case& c);

/// Evaluates; fails the test if the mapping is not valid or not feasible.
Evaluation evaluate_valid(const Case& c);

/// Whether a dimension stands alone (bounds of 1 aside) in its rank of every tensor that has it.
bool is_plain(const Problem& problem, DimensionId dimension);

/// The temporal loop at a node, or null.
const Loop* temporal_at(const Mapping& mapping, std::size_t node);

/// The integer counts in which two evaluations differ, in text; empty if none.
std::string count_differences(const Evaluation& a, const Evaluation& b);

}  // namespace tessera::properties
