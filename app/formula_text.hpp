#pragma once

#include <string>

#include "arch/architecture.hpp"
#include "mapper/mapping.hpp"
#include "model/explain.hpp"
#include "problems/problem.hpp"

namespace tessera {

/// A rank of a tensor as formulas name it: `C`, or `[2*P+R]` where several dimensions of bound over
/// 1 add up.
std::string rank_text(const Problem& problem, TensorId tensor, std::size_t rank);

/// The right side of a formula: terms joined by `x`, `+`, `-` and parentheses. A term is words
/// around one number, such as `tile 1,152`, `K 4 again`, `P 14 copies on PEs.X`. Words start with a
/// letter or stand in brackets, so that the numbers can be read back and added up.
std::string formula_text(const Problem& problem, const Architecture& architecture, TensorId tensor,
                         const Formula& formula);

}  // namespace tessera
