#pragma once

#include <cstdint>
#include <string>

#include "search/search.hpp"
#include "tests/search/random_case.hpp"

namespace tessera::test {

/// What came of checking one proven front.
struct ProofCheck {
  enum class Outcome {
    agrees,
    too_large,  ///< more mappings than were to be tried
    refused,    ///< the search says that it cannot prove this
    miss,
  } outcome = Outcome::agrees;
  std::string report;          ///< of a miss: the case in YAML, both fronts; of a refusal: why
  std::uint64_t mappings = 0;  ///< tried
  std::uint64_t legal = 0;     ///< of these
  std::uint64_t nodes = 0;     ///< of the search under test
  bool empty = false;          ///< no legal mapping
  bool spread = false;         ///< some point of the front uses a fanout
};

/// The proven front against that of all canonical mappings, point for point. Where energies are not
/// whole numbers, within the rounding of sums. The same front must come of proofs that start from
/// mappings known from elsewhere.
ProofCheck check_by_enumeration(const RandomCase& one, std::uint64_t most);

/// The proven front against mappings that know nothing of normal forms or the mapspace: any legal
/// node list, half of them drawn at random and half by walks of random changes that start from
/// points of the front. None may be better in some objective and no worse in the others.
ProofCheck check_by_samples(const RandomCase& one, std::uint64_t samples, std::uint64_t seed);

/// The proven front against what the random and the genetic search find in `options.samples`
/// mappings each.
ProofCheck check_by_searches(const RandomCase& one);

/// The points of `front` as lines of values and mappings.
std::string front_text(const ParetoFront& front, const RandomCase& one);

/// True if some point of `front` is at most `values` in every objective, within `relative`.
bool reaches(const ParetoFront& front, const std::vector<double>& values, double relative = 0);

}  // namespace tessera::test
