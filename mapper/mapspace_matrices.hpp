#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "mapper/mapspace.hpp"
#include "mapper/wide_count.hpp"

namespace tessera {

/// A box of vectors k, 0 <= k[d] <= most[d], as one index.
struct Box {
  std::vector<std::size_t> most;
  std::vector<std::size_t> stride;
  std::size_t size = 1;

  explicit Box(std::vector<std::size_t> most_by_dimension)
      : most(std::move(most_by_dimension)), stride(most.size()) {
    for (std::size_t d = most.size(); d-- > 0;) {
      stride[d] = size;
      size *= most[d] + 1;
    }
  }
};

/// By k in the box, the number M(k) of ways to place k temporal loops of each of the space's
/// dimensions, over all skeletons, orders included; see mapspace_matrices.cpp. Throws OverflowError
/// beyond 256 bits.
std::vector<WideCount> count_matrices(const Mapspace& space, const Box& box);

}  // namespace tessera
