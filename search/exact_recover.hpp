#pragma once

#include <optional>
#include <vector>

#include "mapper/mapspace.hpp"
#include "mapper/normal_form.hpp"

namespace tessera {

/// A form that describes one mapping exactly, and the mapping's bounds in it.
struct RecoveredForm {
  NormalForm form;
  NormalBounds bounds;
};

/// The form of a legal mapping with every hold moved outward as far as it goes. `sliding`: by
/// tensor, the dimensions that share a rank. Empty for the few mappings that no form has: those in
/// which a hold parts the loops of one sweep.
std::optional<RecoveredForm> recover_form(const Mapspace& space, const Mapping& mapping,
                                          const std::vector<DimensionSet>& sliding);

}  // namespace tessera
