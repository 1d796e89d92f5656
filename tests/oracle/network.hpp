#pragma once
// The ways of words over the mesh of a fanout, hop by hop.

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "arch/architecture.hpp"
#include "tests/oracle/nest.hpp"

namespace tessera::oracle {

/// A place of the mesh: column, row.
using Place = std::pair<std::int64_t, std::int64_t>;

/// The place of each compute instance (or what holds it) on the mesh of the fanout at `level`: the
/// loops on an axis, outer to inner, are the digits of the position.
std::vector<Place> places_of(const Nest& nest, const Fanout& fanout, std::size_t level);

class MeshWays {
 public:
  explicit MeshWays(const Fanout& fanout);

  /// The hops that one word takes to all of `places`, once entering at the lower and once at the
  /// upper of the middle rows, added up.
  std::int64_t half_hops(const std::vector<Place>& places);

 private:
  std::int64_t hops_from(std::int64_t entry, const std::vector<Place>& places) const;

  std::int64_t rows_ = 1;
  std::map<std::vector<Place>, std::int64_t> known_;
};

}  // namespace tessera::oracle
