#pragma once

#include <cstddef>
#include <optional>

#include "spec/node.hpp"

namespace tessera {

/// `capacity: auto` with `sizes: [16 KiB, 32 KiB]` leaves the capacity of a memory to the search:
/// it is one of the sizes. Returns how many there are, 0 where the capacity is not auto. Throws
/// SpecError where the sizes are missing, are no sizes or do not ascend.
std::size_t count_sizes(const SpecNode& item);

/// The value of the key `capacity` of a memory; where that is auto the size of this index.
std::optional<SpecNode> capacity_node(const SpecNode& item, std::size_t size);

}  // namespace tessera
