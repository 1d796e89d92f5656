#pragma once

// One of the mappings in tests/published, scored as `tessera evaluate` does.

#include <cstdint>
#include <string>
#include <string_view>

#include "arch/architecture.hpp"
#include "model/evaluation.hpp"
#include "problems/problem.hpp"

namespace tessera::published {

class ScoredCase {
 public:
  /// Scores tests/published/FOLDER/NAME.yaml (problem and mapping) on a library architecture.
  /// Throws SpecError, and std::runtime_error where the mapping is not feasible.
  ScoredCase(const std::string& architecture, const std::string& folder, const std::string& name);

  const Evaluation& evaluation() const { return evaluation_; }
  const LevelResult& level(std::string_view name) const;
  const TensorTraffic& traffic(std::string_view memory, std::string_view tensor) const;
  /// Words that a memory moves for one tensor, or for all: reads, fills, updates and drains.
  std::int64_t words(std::string_view memory, std::string_view tensor) const;
  std::int64_t words(std::string_view memory) const;
  /// Words over a fanout, all tensors.
  std::int64_t delivered(std::string_view fanout) const;
  double milliseconds() const { return evaluation_.latency_s * 1e3; }
  std::string bottleneck() const { return architecture_.name_of(evaluation_.bottleneck); }

 private:
  Problem problem_;
  Architecture architecture_;
  Evaluation evaluation_;
};

}  // namespace tessera::published
