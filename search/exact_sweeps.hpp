#pragma once

#include <vector>

#include "mapper/constraints.hpp"
#include "mapper/mapspace.hpp"
#include "search/exact_branch.hpp"
#include "search/exact_jobs.hpp"
#include "search/exact_objectives.hpp"
#include "search/exact_rules.hpp"
#include "search/proof_effort.hpp"
#include "search/search.hpp"

namespace tessera {

/// Leaves those forms in `jobs` that may have a mapping of use, in their order: forms that differ
/// only in what sweeps are looked at together, and dropped together. What is left has bounds at
/// least as high as before. Nodes, and forms that were dropped, are added to `found`. False if told
/// to stop: then more forms are left. Beyond `most` no more are dropped, either.
///
/// What a point of `known` dominates or equals is of no use, nor are mappings of more than
/// `most_cycles`. Points that are found on the way are added to `known`, and to `found`.
bool drop_by_sweeps(const Mapspace& space, const Constraints& constraints,
                    const SearchOptions& options, const ExactObjectives& objectives,
                    std::vector<ExactJob>& jobs, ParetoFront& known, double most_cycles,
                    const ExactRules& rules, const SearchControl& control, const ProofEffort& most,
                    ExactFindings& found);

}  // namespace tessera
