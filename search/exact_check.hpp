#pragma once

#include <optional>
#include <vector>

#include "mapper/mapspace.hpp"
#include "mapper/normal_form.hpp"
#include "model/evaluation.hpp"
#include "search/exact_terms.hpp"

namespace tessera {

/// Compares the costs that the branch and bound reckons with, sums of products over dimension
/// groups (exact_terms.hpp), with those of the ordinary model, for the same mapping.
///
/// Let M be a mapping of a normal form, T its cost in the terms of the form and E the model's:
///
///   1. If no hold of M can move outward and every sweep is the form's, T = E. Where terms are
///      lower bounds by design (see below), T <= E.
///   2. Else another form describes M exactly, and this one overrates it: T >= E.
///
/// 1 is what a proof rests on: a bound above E would cut the optimum off. 2 says that a form never
/// promises what its mappings do not keep. The terms are lower bounds where multicast `word`
/// and `tile` stand in series, where words narrow when they are finished, where accesses are
/// rounded up in each instance, and in what does not overlap (`buffering: 1`, ramps, systolic
/// skew).
class TermCheck {
 public:
  /// Keeps a reference to the problem.
  TermCheck(const Problem& problem, const Architecture& architecture);

  /// Whether some hold of the mapping with these bounds could move outward, or sweeps over more
  /// than the form has it sweep over.
  bool overrated(const NormalForm& form, const NormalBounds& bounds) const;

  /// Throws std::logic_error, a sentence with both numbers, if terms and model contradict each
  /// other. `overrated` as above.
  void compare(const TermCost& terms, bool overrated, const Evaluation& model) const;

  /// Any legal mapping in terms of a form of its own, with every hold moved outward as far as it
  /// goes: to be compared with `overrated` false. Empty for the few that no form has: those in
  /// which a hold parts the loops of one sweep.
  std::optional<TermCost> cost_of(const Mapspace& space, const Mapping& mapping) const;

 private:
  struct Depends {
    DimensionSet on;
    DimensionSet sliding;  ///< of these, those that share a rank
  };

  const Problem& problem_;
  std::vector<Depends> tensors_;
  bool words_exact_ = true;
  bool energy_exact_ = true;
  bool cycles_exact_ = true;
  double leakage_pj_ = 0;  ///< of a cycle: terms have parts of cycles
};

}  // namespace tessera
