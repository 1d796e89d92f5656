#pragma once

#include <cstdint>
#include <vector>

#include "search/search.hpp"

namespace tessera {

/// All that decides which mappings of a problem are legal, and that could be otherwise.
struct SearchCase {
  Architecture architecture;
  Constraints constraints;
  SearchOptions options;
};

/// One thing that every legal mapping meets, and that a user could loosen or give up.
struct Demand {
  enum class Kind : std::uint8_t {
    factors,          ///< loop bounds divide their dimension
    space,            ///< holds stand as in the space hierarchical or even
    capacity,         ///< of the memory `level`
    axis_size,        ///< of the axis `axis` of the fanout `level`
    min_utilization,  ///< of the lanes
    limit,            ///< `SearchOptions::limits[index]`
    fill,             ///< how full the memory `level` must be: of `Constraints::memories[index]`
    machine_keep,     ///< the memory `level` keeps tensors of `tensor_kind`, says the architecture
    machine_bypass,   ///< and must not hold them
    axis_reuse,       ///< the axis is for the reuse of tensors, says the architecture
    keep,             ///< `tensor` in `Constraints::memories[index]`
    bypass,
    loops,      ///< `loops[part]` of `Constraints::memories[index]`
    innermost,  ///< of `Constraints::memories[index]`
    allowed,    ///< `Constraints::axes[index]`
    factor,     ///< `Constraints::factors[index]`
    order,      ///< `Constraints::orders[index]`
  };
  Kind kind = Kind::capacity;
  LevelId level = {};
  std::uint8_t axis = 0;
  TensorKind tensor_kind = TensorKind::inputs;
  TensorId tensor = {};
  std::size_t index = 0;
  std::size_t part = 0;

  bool operator==(const Demand&) const = default;

  /// Whether it is a number on a scale: how much of it is met can be said.
  bool measured() const;
  /// Whether a mapspace has mappings that do not meet it: else it makes none that break it.
  bool breakable() const;
};

/// All demands of a case that some mapping of the problem could fail to meet, in the order of
/// `Demand::Kind`.
std::vector<Demand> demands_of(const Problem& problem, const SearchCase& given);

/// The case without the demand. An axis becomes as long as its dimensions need at most, a capacity
/// is taken away.
SearchCase without(const Problem& problem, const SearchCase& given, const Demand& demand);
/// The same without several.
SearchCase without(const Problem& problem, const SearchCase& given,
                   const std::vector<Demand>& demands);

/// Of a memory with a capacity: what its tiles may fill, in the unit of the capacity.
std::int64_t usable(const Memory& memory);
/// The case with a memory whose tiles may fill `amount`.
SearchCase with_usable(const SearchCase& given, LevelId memory, std::int64_t amount);
/// What the tiles of an instance fill of the memory, in the unit of its capacity.
std::int64_t filled(const Problem& problem, const Memory& memory, const LevelResult& level);

}  // namespace tessera
