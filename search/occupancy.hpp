#pragma once

#include <cstdint>
#include <optional>

#include "mapper/constraints.hpp"
#include "model/evaluation.hpp"

namespace tessera {

/// A memory whose tiles fill less of it than `MemoryConstraint::min_utilization` demands; in words
/// or in bits, as its capacity is given.
struct Underfilled {
  LevelId memory;
  std::int64_t filled = 0;
  double needed = 0;
  bool in_words = false;
};

/// The outermost such memory of a feasible evaluation.
std::optional<Underfilled> find_underfilled(const Problem& problem,
                                            const Architecture& architecture,
                                            const Constraints& constraints,
                                            const Evaluation& evaluation);

}  // namespace tessera
