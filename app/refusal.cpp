#include "app/refusal.hpp"

#include <fmt/format.h>

#include "app/numbers.hpp"
#include "search/occupancy.hpp"

namespace tessera {

std::optional<Refusal> find_refusal(const Scored& scored, const Constraints& constraints) {
  if (!scored.evaluation.feasible()) {
    return describe(scored.architecture, scored.evaluation.infeasible);
  }
  if (auto sentence =
          find_violation(scored.problem, scored.architecture, constraints, scored.mapping)) {
    Refusal refusal;
    refusal.why = "constraint";
    refusal.sentence = *sentence;
    return refusal;
  }
  if (scored.evaluation.utilization < constraints.min_utilization) {
    Refusal refusal;
    refusal.why = "utilization";
    refusal.sentence = fmt::format("utilization is {}, the constraints ask for {}",
                                   rounded(scored.evaluation.utilization, 6),
                                   rounded(constraints.min_utilization, 6));
    return refusal;
  }
  if (const auto under =
          find_underfilled(scored.problem, scored.architecture, constraints, scored.evaluation)) {
    Refusal refusal;
    refusal.why = "utilization";
    refusal.sentence = fmt::format(
        "the tiles in {} are {} {} large, less than the {} that the "
        "constraints ask for",
        scored.architecture.name_of(under->memory), under->filled,
        under->in_words ? "words" : "bits", rounded(under->needed, 6));
    return refusal;
  }
  return std::nullopt;
}

}  // namespace tessera
