#pragma once

#include "problems/problem.hpp"
#include "spec/node.hpp"

namespace tessera {

/// True where the value of the key `problem` is written as Timeloop does: it has a `shape`.
bool is_timeloop_problem(const SpecNode& problem);

/// Reads a Timeloop problem: `shape` with dimensions, data spaces, coefficients and projections as
/// sums of products, and `instance` with bounds, coefficients and densities. Throws SpecError at
/// what is not understood. The read-write data space becomes the output; `Weights` (or the last
/// operand) is of kind weights. Words have 16 bits until `set_word_bits`.
///
/// Where a rank has several dimensions and one has the bound 1, a tile here is what is touched, not
/// the box around it (Timeloop's rule S14): the two differ for a 1x1 filter with a stride.
Problem import_timeloop_problem(const SpecNode& problem);

/// Gives every tensor words of `bits`: Timeloop has them in the architecture.
void set_word_bits(Problem& problem, int bits);

}  // namespace tessera
