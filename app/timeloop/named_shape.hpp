#pragma once

#include "spec/node.hpp"

namespace tessera {

/// The shape that comes with Timeloop under the name `node` gives (`cnn-layer`, `gemm-ABZ`, with or
/// without .yaml), as a document whose root is the shape. Throws SpecError at `node` if there is
/// none.
SpecDocument named_shape(const SpecNode& node);

}  // namespace tessera
