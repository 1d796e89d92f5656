#pragma once

#include <string>

#include "model/evaluation.hpp"
#include "tests/oracle/execute.hpp"

namespace tessera::oracle {

/// The integer fields in which the model's evaluation departs from the execution, a line each such
/// as `M1 W fills: model 12, execution 10`; empty if none.
std::string differences(const Case& c, const Counts& counts, const Evaluation& evaluation);

/// Executes and evaluates the case, also once more with the tightest capacities that hold it (still
/// feasible) and with each of them one too small (refused with the right numbers). Errors of either
/// side are differences too.
std::string compare_with_model(const Case& c);

}  // namespace tessera::oracle
