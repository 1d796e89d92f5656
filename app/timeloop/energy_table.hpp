#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tessera {

/// Timeloop's own tables of energies, which hold where neither the architecture nor an ERT gives
/// one.

/// What one access to a memory costs in pJ for each instance. `entries` in words; absent: unknown,
/// which costs nothing for all but DRAM. One access moves `block` words of `word_bits` for each of
/// `cluster` instances:
///   width = word_bits * block * cluster
///   DRAM:  200 * width / 16
///   other: (1 + 5 / 99.5 * (KiB - 0.5)) * width / 16, KiB = width * ceil(entries / block) / 8192
/// shared by the instances of the cluster.
double table_access_pj(bool dram, std::optional<std::int64_t> entries, std::int64_t word_bits,
                       std::int64_t block, std::int64_t cluster);

/// (bits / 16)^2 pJ for an operation.
double table_operation_pj(std::int64_t bits);

}  // namespace tessera
