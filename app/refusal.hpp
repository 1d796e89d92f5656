#pragma once

#include <optional>

#include "app/evaluation_report.hpp"
#include "mapper/constraints.hpp"

namespace tessera {

/// Why the mapping may not run, if it may not: by its size, or by a rule.
std::optional<Refusal> find_refusal(const Scored& scored, const Constraints& constraints);

}  // namespace tessera
