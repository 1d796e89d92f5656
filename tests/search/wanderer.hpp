#pragma once

#include <cstdint>
#include <vector>

#include "mapper/mapping.hpp"
#include "model/evaluate.hpp"
#include "tests/search/random_case.hpp"

namespace tessera::test {

/// Makes mappings of a case that may be any node list the rules allow, but for loops of imperfect
/// factors that share an axis: holds and loops interleaved at random, split and moved at random.
/// Shares nothing with the mapspace, its sampler or normal forms; what is legal is said by
/// `validate`, `find_violation` and the model.
class Wanderer {
 public:
  /// Keeps a reference.
  Wanderer(const RandomCase& one, std::uint64_t seed);

  /// Adds a mapping from which walks start.
  void start_from(const Mapping& mapping) { starts_.push_back(mapping); }

  /// Makes one mapping; false if it is not legal. `values` are its objectives.
  bool next(std::vector<double>& values);
  const Mapping& mapping() const { return mapping_; }
  std::uint64_t tried() const { return tried_; }

 private:
  void draw();
  void change();
  void split(std::size_t node);
  void join(std::size_t node);
  void rebalance(std::size_t node);
  void hold_or_drop(std::size_t node);
  std::int64_t part_of(std::int64_t bound);
  std::int64_t rest_of(std::int64_t bound, std::int64_t part) const;
  std::optional<AxisRef> any_axis();
  bool perfect() const { return one_.options.factors == Factors::perfect; }
  /// In a mapspace the outermost memory holds every tensor (no random machine bypasses it).
  bool all_start_outermost() const;
  bool has_one_loop_on_an_axis() const;
  bool legal(std::vector<double>& values);

  const RandomCase& one_;
  RandomSource random_;
  Evaluator evaluator_;
  Evaluation evaluation_;
  std::vector<LevelId> memories_;
  std::vector<AxisRef> axes_;
  std::vector<Mapping> starts_;
  Mapping mapping_;
  Mapping from_;  // of the walk: the last legal mapping
  int steps_left_ = 0;
  std::uint64_t tried_ = 0;
};

}  // namespace tessera::test
