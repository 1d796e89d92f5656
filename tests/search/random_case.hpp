#pragma once

#include <string>
#include <vector>

#include "arch/architecture.hpp"
#include "mapper/constraints.hpp"
#include "mapper/mapspace.hpp"
#include "problems/problem.hpp"
#include "search/search.hpp"
#include "tests/random_source.hpp"

namespace tessera::test {

/// A search as a user would write it: one YAML document, and what it says.
struct RandomCase {
  std::string yaml;
  Problem problem;
  Architecture architecture;
  Constraints constraints;
  SearchOptions options;
  /// All energies are whole numbers, so that sums are exact in any order.
  bool whole_energies = true;
};

/// How large the random searches are.
enum class CaseSize {
  enumerable,  ///< a few loops on small machines: all mappings can often be tried
  medium,      ///< more of everything: only samples of the mappings can be tried
};

/// A random small search: products, convolutions with strides and dilations, other affine kernels,
/// on machines of one to four memories and up to three fanouts, with every knob of the
/// architecture, under random constraints and objectives.
RandomCase random_case(RandomSource& random, CaseSize size, Factors factors,
                       Space space = Space::free);

/// The case of a YAML document with `problem`, `architecture` and perhaps `constraints`.
RandomCase read_case(const std::string& yaml, const SearchOptions& options);

}  // namespace tessera::test
