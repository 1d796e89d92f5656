#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mapper/mapspace.hpp"

namespace tessera {

/// The fewest temporal steps that some dimensions take together, in what the spatial loops of
/// others have left of the axes.
class LeastSteps {
 public:
  /// Of all dimensions but those `taken`.
  LeastSteps(const Mapspace& space, DimensionSet taken);

  /// `used`: by spatial slot, what the spatial loops of the others multiply to; at most its size.
  double of(std::span<const std::int64_t> used) const;
  /// Where the others use nothing.
  double of_all() const { return of(nothing_); }

 private:
  struct Axis {
    std::int64_t size = 1;
    DimensionSet allowed;
    std::vector<std::int64_t> rooms;  ///< what may be left: size over any number; ascending
    std::size_t stride = 1;           ///< between neighbouring rooms in `steps_`

    std::size_t place(std::int64_t room) const;
  };

  void take(const MapspaceDimension& dimension, std::int64_t bound, bool perfect);
  void spread(const MapspaceDimension& dimension, std::int64_t rest, bool perfect, std::size_t axis,
              std::size_t left);

  std::vector<Axis> axes_;
  std::vector<std::int64_t> nothing_;
  double operations_ = 1;
  std::vector<double> steps_;  ///< by what is left of all axes; empty: not known

  // While they are found:
  std::vector<std::int64_t> rooms_;  ///< what is left of each axis
  std::vector<double> before_;       ///< `steps_` without the dimension at hand
  double least_ = 0;
};

}  // namespace tessera
