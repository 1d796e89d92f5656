#pragma once

#include "problems/problem.hpp"
#include "tests/oracle/random_case.hpp"
#include "tests/oracle/random_source.hpp"

namespace tessera::oracle {

/// A kernel of one of the usual families, or of no family, with at most about `operations` points.
Problem random_problem(RandomSource& random, Flavor flavor, std::int64_t operations);

}  // namespace tessera::oracle
