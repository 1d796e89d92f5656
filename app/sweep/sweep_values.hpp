#pragma once

#include <string>
#include <vector>

#include "spec/node.hpp"

namespace tessera {

/// One text that a varied value takes, and where it comes from.
struct SweepValue {
  std::string text;
  SpecNode node;
};

/// Most values of one name.
inline constexpr std::size_t kMaxSweepValues = 100'000;

/// Reads what a name takes: one scalar, a list of them, or a range, each end with the same unit:
/// `{from: 8, to: 32, step: 8}`, `{from: 32 KiB, to: 512 KiB, times: 2}`, `4..32 step 4`,
/// `32 KiB..512 KiB times 2`. The end belongs to it where a step hits it. Throws SpecError.
std::vector<SweepValue> parse_sweep_values(const SpecNode& node);

}  // namespace tessera
