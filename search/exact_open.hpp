#pragma once

#include <span>
#include <vector>

#include "search/certificate.hpp"
#include "search/exact_jobs.hpp"
#include "search/exact_objectives.hpp"
#include "search/pareto_front.hpp"

namespace tessera {

/// What a proof that is under way has not looked at: a lower bound for each form.

/// Those of forms that nothing was looked at of.
std::vector<ObjectiveBounds> bounds_of(std::span<const ExactJob> jobs);
/// The bound of a form of which nothing is left: infinite.
ObjectiveBounds nothing_open();
/// Both bounds hold from now on.
void raise(const ObjectiveBounds& known, ObjectiveBounds& bound);
/// By how much the best found may be missed in some objective.
Certificate open_certificate(const std::vector<ObjectiveBounds>& open_bounds,
                             const ParetoFront& front);

}  // namespace tessera
