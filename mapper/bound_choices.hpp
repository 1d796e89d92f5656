#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "mapper/mapspace.hpp"
#include "mapper/rng.hpp"

namespace tessera {

/// Most factors over 1 of a bound.
inline constexpr std::size_t kMaxFactors = 64;
/// Most rooms that RoomUnits tells apart.
inline constexpr std::size_t kMostCoarseRooms = 1024;

/// Uniform in [0, 1), a multiple of 2^-53.
double draw_unit(CounterRng& rng);

/// Index of the first of ascending sums that is over `at`; the last one with a weight if rounding
/// leaves none.
std::size_t pick(std::span<const double> sums, double at);

/// The room of each axis in units of a root of 2, all axes as one index. A loop of bound b takes
/// floor(log b) units of floor(log size): loops whose product is at most the size always fit.
class RoomUnits {
 public:
  explicit RoomUnits(const std::vector<SpatialSlot>& axes);

  std::size_t rooms() const;
  std::size_t cost(std::span<const std::int64_t> bounds) const;
  /// rooms() if it does not fit.
  std::size_t after(std::size_t room, std::size_t cost) const;

 private:
  std::size_t count(const std::vector<SpatialSlot>& axes) const;
  std::size_t units(std::int64_t bound) const;

  std::size_t root_ = 1;
  std::vector<std::size_t> most_;
};

/// The bounds of one dimension: all choices of a multiset of factors and of those that go to the
/// axes, by the number k of temporal loops left and by what they cost on the axes. What a
/// UniformSampler draws from.
class BoundChoices {
 public:
  /// Choices of equal k and cost.
  struct Class {
    std::size_t cost = 0;
    double weight = 0;  ///< ways to choose, with the order of the k bounds and the places
    std::size_t first = 0;
    std::size_t last = 0;
  };

  /// Keeps references to the space. Throws MapspaceError where there are too many.
  BoundChoices(const Mapspace& space, std::size_t dimension, const RoomUnits& units);

  std::size_t index() const { return index_; }
  std::size_t most_loops() const { return by_loops_.size() - 1; }
  const std::vector<Class>& classes(std::size_t loops) const { return by_loops_[loops]; }
  std::size_t after(std::size_t room, const Class& each) const { return after_[each.cost][room]; }

  std::size_t choose(const Class& from, CounterRng& rng) const;
  /// On the axes.
  std::span<const std::int64_t> spread(std::size_t choice) const {
    return {spreads_.data() + choices_[choice].spread * axes_.size(), axes_.size()};
  }
  /// Writes the temporal bounds of a choice in random order; returns how many.
  std::size_t draw_temporal(std::size_t choice, CounterRng& rng,
                            std::array<std::int64_t, kMaxFactors>& bounds) const;

 private:
  struct Choice {
    std::uint32_t multiset = 0;
    std::uint32_t spread = 0;
  };
  struct Listed {
    Choice choice;
    std::uint32_t loops = 0;
    std::uint32_t cost = 0;
    double weight = 0;
  };

  void list(const RoomUnits& units);
  void extend(std::size_t axis, std::uint32_t multiset, std::size_t temporal, std::size_t spatial,
              const RoomUnits& units);

  std::size_t index_;
  const MapspaceDimension& dimension_;
  const std::vector<SpatialSlot>& axes_;
  std::vector<std::vector<Class>> by_loops_;       // by k
  std::vector<std::vector<std::uint32_t>> after_;  // by cost, by room
  std::vector<Choice> choices_;                    // by class
  std::vector<double> up_to_;                      // by choice: weight of its class up to it
  std::vector<std::int64_t> spreads_;              // by spread and axis

  // While listing.
  std::vector<Listed> listed_;
  std::map<std::vector<std::int64_t>, std::pair<std::uint32_t, std::uint32_t>> seen_;
  std::vector<std::int64_t> spread_;
  FactorCounts left_;
};

}  // namespace tessera
