#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "arch/architecture.hpp"
#include "problems/problem.hpp"

namespace tessera {

/// From here inward, `memory` holds the current tile of each of `tensors`.
struct Hold {
  LevelId memory;
  TensorSet tensors;

  bool operator==(const Hold&) const = default;
};

/// One axis of one fanout.
struct AxisRef {
  LevelId fanout;
  std::uint8_t axis = 0;

  auto operator<=>(const AxisRef&) const = default;
};

/// One digit of a dimension's index: it counts 0 .. bound-1. Temporal if `axis` is empty, else
/// spread over instances. The loops of a dimension, outer to inner, are the digits of a mixed-radix
/// index; indices at or beyond the dimension's bound do not exist (imperfect factors).
struct Loop {
  DimensionId dimension;
  std::int64_t bound = 1;
  std::optional<AxisRef> axis;

  bool operator==(const Loop&) const = default;
};

using Node = std::variant<Hold, Loop>;

/// How a problem runs on an architecture: holds and loops, outermost first (DESIGN section 2).
/// Holds and temporal loops stand in time order. Where a spatial loop stands gives its digit's
/// weight in the index; which instances it makes is its fanout's place in the hierarchy, and it
/// takes no time.
struct Mapping {
  std::vector<Node> nodes;

  bool operator==(const Mapping&) const = default;
};

/// Most loops of a mapping; parsers and the search enforce it.
inline constexpr std::size_t kMaxLoops = 128;

/// Why a mapping is not a mapping of this problem on this architecture.
struct MappingFault {
  std::size_t node = 0;  ///< index of the offending node, or nodes.size() for the whole
  std::string message;   ///< a sentence without the place
};

/// Checks the rules that make a mapping meaningful, apart from capacity and array sizes (those are
/// feasibility, `model/`):
///  * ids exist, holds name memories and hold at least one tensor, bounds are at least 2, at most
///    kMaxLoops loops;
///  * every tensor is held somewhere; its outermost hold precedes all loops; its memories stand in
///    the order of the hierarchy, none twice;
///  * for each dimension the product of bounds covers the dimension's bound and no bound can be
///    lowered by one without losing that.
std::optional<MappingFault> validate(const Problem& problem, const Architecture& architecture,
                                     const Mapping& mapping);

}  // namespace tessera
