#pragma once

#include <cstddef>

namespace tessera {

/// How often `operator new` was called in this process, which count_allocations.cpp replaces.
std::size_t allocation_count();

}  // namespace tessera
