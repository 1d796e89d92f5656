#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "search/demand.hpp"

namespace tessera {

/// How often a demand is not met by the mappings that were looked at.
struct BrokenCount {
  Demand demand;
  std::uint64_t broken = 0;
  std::uint64_t only = 0;  ///< of these, mappings that meet all other demands
};

/// What comes of giving up one demand, all else unchanged.
struct Remedy {
  enum class Verdict : std::uint8_t {
    enough,      ///< a legal mapping was found: `mapping`
    not_enough,  ///< proven: there is none even so
    unknown,     ///< none was found, which proves nothing
  };
  Demand demand;
  Verdict verdict = Verdict::unknown;
  /// Of a measured demand that is enough: the value nearest to what is asked for now at which a
  /// legal mapping was found, in the demand's unit (as `Limit::bound`, shares from 0 to 1, usable
  /// words or bits of a memory, instances on an axis).
  double reached = 0;
  double asked = 0;
  bool proven = false;  ///< no value nearer to `asked` will do
  /// Of `min_utilization` under perfect factors: what imperfect ones reach, all else unchanged.
  std::optional<double> with_imperfect;
  Mapping mapping;
};

/// Why there is no legal mapping, and what would make one.
struct Diagnosis {
  /// A legal mapping after all: the search that found none was a sample.
  std::optional<Mapping> legal;
  bool proven = false;   ///< there is no legal mapping
  bool stopped = false;  ///< by `SearchControl::stop`; what is here holds all the same

  std::uint64_t looked_at = 0;
  bool all = false;                 ///< `looked_at` are all mappings of the space
  std::vector<BrokenCount> counts;  ///< most frequent first

  /// One a demand; those that are enough first, the smallest change first. Smallest: what costs
  /// nothing (factors, space), then numbers by their ratio, then rules given up.
  std::vector<Remedy> remedies;
  /// Where no single demand is enough: several that are together, and none of which can be left
  /// out, as far as was found; empty if even all together are not.
  std::vector<Demand> together;
  Mapping together_mapping;
  bool hopeless = false;  ///< proven: there is none even with all demands given up
};

/// Finds out why the search of `given` found nothing. `proven`: that there is nothing is proven.
/// The result depends on the threads as little as `search` does.
Diagnosis diagnose(const Problem& problem, const SearchCase& given, bool proven,
                   const SearchControl& control);

/// The value of a measured demand that an evaluation of a mapping reaches, as in `Remedy`.
double reached_by(const Problem& problem, const SearchCase& given, const Demand& demand,
                  const Evaluation& evaluation);

}  // namespace tessera
