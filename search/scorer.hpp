#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mapper/mapspace.hpp"
#include "model/evaluate.hpp"
#include "search/distribution.hpp"
#include "search/search.hpp"

namespace tessera {

/// What was found in one chunk of candidates.
struct Tally {
  ParetoFront front;
  std::uint64_t evaluated = 0;  ///< candidates, also those refused
  std::uint64_t feasible = 0;
  Rejections rejections;
  /// By objective, of the feasible ones; empty unless the scorer records them.
  std::vector<Distribution> distributions;

  void clear();
  /// Adds what `other` found, and leaves it empty.
  void take(Tally& other);
};

/// Scores candidates of one worker: filter, model, limits, front.
class Scorer {
 public:
  /// Keeps references. There must be objectives.
  Scorer(const Mapspace& space, const Constraints& constraints, const SearchOptions& options);

  /// From now on the values of feasible mappings go to `Tally::distributions`.
  void record_distributions() { recording_ = true; }

  enum class Verdict { feasible, too_large, refused };
  /// Scores `mapping` into `tally`; it does not enter the tally's front if `known` has something
  /// better.
  Verdict score(const Mapping& mapping, Tally& tally, const ParetoFront* known = nullptr);
  /// The objectives of the last mapping, if it was feasible.
  const std::vector<double>& values() const { return values_; }
  /// The memory that the last mapping overflowed, if it was `too_large`.
  LevelId too_small() const { return evaluation_.infeasible.level; }
  /// Counts `times` further candidates that were not scored because they are like the last one,
  /// which was `too_large`.
  void repeat_too_large(std::uint64_t times, Tally& tally);

 private:
  const Mapspace& space_;
  const Constraints& constraints_;
  const SearchOptions& options_;
  Evaluator evaluator_;
  Evaluation evaluation_;
  std::vector<double> values_;
  bool recording_ = false;
};

/// A mapping as bytes that compare in a fixed order: the tie-break of fronts.
std::string mapping_key(const Mapping& mapping);

}  // namespace tessera
