#pragma once

#include <memory>
#include <stdexcept>

#include "mapper/mapping.hpp"
#include "model/evaluation.hpp"

namespace tessera {

/// A problem and an architecture that do not fit each other; `what()` is a sentence for the user.
struct ModelError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Scores mappings of one problem on one architecture (DESIGN section 4). Holds tables made once
/// and scratch space, so one evaluator serves one thread; the result depends on the three inputs
/// only.
class Evaluator {
 public:
  /// Keeps references: both must outlive the evaluator. Throws `ModelError` where the two do not
  /// fit each other (a capacity in words with tensors of unequal bits).
  Evaluator(const Problem& problem, const Architecture& architecture);
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;

  /// Evaluates a valid mapping (`validate()` finds no fault) into `result`, allocating nothing once
  /// `result` has been used before. Throws `OverflowError` if a count passes 63 bits, and
  /// `ModelError` for windows in more separate pieces than can be listed (model/intervals.hpp).
  void evaluate(const Mapping& mapping, Evaluation& result);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One evaluation, for callers that score few mappings.
Evaluation evaluate(const Problem& problem, const Architecture& architecture,
                    const Mapping& mapping);

}  // namespace tessera
