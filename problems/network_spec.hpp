#pragma once

#include <functional>
#include <string>

#include "problems/network.hpp"
#include "spec/node.hpp"

namespace tessera {

/// Most executions of one layer, and the largest batch.
inline constexpr std::int64_t kMaxRepeat = 1'000'000;
inline constexpr std::int64_t kMaxBatch = std::int64_t{1} << 30;

/// The problem that a scalar names, such as an entry of the library; fails at the node where there
/// is none.
using ProblemFinder = std::function<Problem(const SpecNode& name)>;

/// Reads the value of the key `network` (DESIGN section 3). Throws SpecError at the fault.
///
///   network:
///     name: two_layers
///     batch: 4
///     layers:
///       - {problem: alexnet.conv1, batch: N}
///       - problem: {name: fc, dimensions: {M: 1, N: 10, K: 64}, operation: 'O[M,N] += I[M,K] *
///       W[K,N]'}
///         repeat: 2
///         batch: M
///         input: previous
Network parse_network(const SpecNode& node, const ProblemFinder& find);

/// A whole YAML text with the one key `network`, its problems in place, which reads back to an
/// equal value.
std::string to_yaml(const Network& network);

}  // namespace tessera
