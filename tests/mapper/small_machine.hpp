#pragma once

#include <string>

#include "tests/spec_text.hpp"

namespace tessera::test {

/// The layer and (with costs left out) the machine of DESIGN section 3.
inline Problem resnet_layer() {
  return read_problem(
      "problem:\n"
      "  dimensions: {N: 1, K: 128, C: 128, P: 28, Q: 28, R: 3, S: 3}\n"
      "  operation: Outputs[N,K,P,Q] += Inputs[N, C, P + R, Q + S] * Weights[K,C,R,S]\n");
}

inline Architecture eyeriss() {
  return read_architecture(
      "architecture:\n"
      "  hierarchy:\n"
      "    - memory: DRAM\n"
      "    - {memory: GlobalBuffer, keep: [inputs, outputs]}\n"
      "    - fanout: PEs\n"
      "      axes: {X: 14, Y: 12}\n"
      "    - {memory: WeightSpad, only: [weights]}\n"
      "    - {memory: InputSpad, only: [inputs]}\n"
      "    - {memory: PsumSpad, only: [outputs]}\n"
      "    - compute: MAC\n");
}

/// The mapping of DESIGN section 3.
inline const std::string kDesignMapping = R"(
mapping:                           # outermost first; what `search` prints, `evaluate` reads back
  - DRAM: [Inputs, Weights, Outputs]
  - for: {K: 8, C: 8, Q: 2}        # outer to inner, left to right; this also sets the digits' weights
  - GlobalBuffer: [Inputs, Outputs]
  - for: {P: 28}
  - spatial: {PEs.X: {Q: 14}, PEs.Y: {R: 3, C: 4}}
  - WeightSpad: [Weights]
  - InputSpad: [Inputs]
  - for: {C: 4, S: 3}
  - PsumSpad: [Outputs]
  - for: {K: 16}
)";

/// M x N += M x K * K x N over two memories and a fanout of one axis.
inline Problem gemm() {
  return read_problem(
      "problem:\n  dimensions: {M: 13, N: 4, K: 6}\n  operation: C[M,N] += A[M,K] * B[K,N]\n");
}

inline Architecture two_levels() {
  return read_architecture(
      "architecture:\n  hierarchy:\n    - memory: DRAM\n    - memory: Buffer\n"
      "    - {fanout: PEs, axes: {X: 4}}\n    - compute: MAC\n");
}

}  // namespace tessera::test
