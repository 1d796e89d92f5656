#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mapper/constraints.hpp"

namespace tessera {

/// The classical dataflows, named by what a processing element keeps still (Chen, Emer, Sze, ISCA
/// 2016; Sze et al., Proc. IEEE 105(12), 2017). Each is a bundle of constraints (dataflow.cpp says
/// which) and nothing else.
enum class Dataflow {
  weight_stationary,
  output_stationary,
  input_stationary,
  row_stationary,
  no_local_reuse
};

inline constexpr Dataflow kDataflows[] = {Dataflow::weight_stationary, Dataflow::output_stationary,
                                          Dataflow::input_stationary, Dataflow::row_stationary,
                                          Dataflow::no_local_reuse};

/// As in a spec: `weight-stationary`.
std::string_view to_string(Dataflow dataflow);

/// Adds the bundle's rules to `constraints`. Rules that are there are more particular and stay: an
/// axis that has a rule gets no other, nor does a dimension in a memory's `loops`. Where the
/// dataflow makes no sense for this problem or this machine, or contradicts what is there, nothing
/// is to be relied on and a sentence says why.
std::optional<std::string> add_dataflow(Dataflow dataflow, const Problem& problem,
                                        const Architecture& architecture, Constraints& constraints);

}  // namespace tessera
