#pragma once

#include "spec/node.hpp"
#include "spec/spec_tree.hpp"

namespace tessera {

/// Parses the source of `document` into its nodes; a file without a document gives one null node.
/// Throws SpecError.
void parse_yaml(SpecTree& document, const SpecLimits& limits);

}  // namespace tessera
