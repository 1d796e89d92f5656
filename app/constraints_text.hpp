#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "mapper/constraints.hpp"

namespace tessera {

/// One thing that every mapping must obey, in plain words.
struct Rule {
  std::string element;   ///< of the hierarchy, an axis of it such as `PEs.X`, or `mapping`
  std::string sentence;  ///< without a full stop
  std::string source;    ///< `architecture`, `constraints`, or both
};
using Rules = std::vector<Rule>;

/// All rules for one problem, elements outermost first: those that the architecture makes
/// (capacity, keep, bypass, sizes and reuse of axes) and those of the constraints.
Rules rules_of(const Problem& problem, const Architecture& architecture,
               const Constraints& constraints);

std::string rules_text(const Problem& problem, const Architecture& architecture,
                       const Rules& rules);

/// With the schema tessera.constraints/1.
nlohmann::ordered_json rules_json(const Problem& problem, const Architecture& architecture,
                                  const Rules& rules);

}  // namespace tessera
