#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "mapper/mapping.hpp"

namespace tessera {

/// A mapping resolved for counting: its loops as digits. The loops of a dimension, outer to inner,
/// are the digits of its index; a digit's weight is the product of the bounds of those further in.
/// Fixed size and reused, so that building one allocates nothing.

/// Time and place of a digit. Of a temporal loop `time` is its index among the mapping's temporal
/// loops and `level` is kTemporal; of a spatial one `level` is its fanout and `time` is
/// meaningless.
struct Digit {
  static constexpr std::int16_t kTemporal = -1;

  std::int64_t bound = 1;
  std::int64_t weight = 1;
  std::int16_t time = 0;
  std::int16_t level = kTemporal;
  std::uint8_t dimension = 0;
  std::uint8_t axis = 0;

  bool temporal() const { return level == kTemporal; }
};

/// Axes of fanouts.
struct AxisSet {
  std::array<std::uint32_t, kMaxAxes> levels{};  ///< by axis: the levels of its fanouts, as bits

  void insert(std::size_t level, std::size_t axis) { levels[axis] |= 1u << level; }
  /// Whether a spatial digit lies on one of them.
  bool contains(const Digit& digit) const { return (levels[digit.axis] >> digit.level & 1u) != 0; }
  bool operator==(const AxisSet&) const = default;
};

/// One tensor held by one memory: `time` temporal loops stand before the hold.
struct HoldPlace {
  std::int16_t time = 0;
  std::int16_t level = 0;
};

class Nest {
 public:
  /// Reads a valid mapping of a problem with `bounds` (one per dimension).
  void build(std::span<const std::int64_t> bounds, std::size_t tensors, const Mapping& mapping);

  std::size_t temporal_count() const { return temporal_count_; }
  /// The i-th temporal loop, outermost first.
  const Digit& temporal(std::size_t i) const { return digits_[temporal_[i]]; }
  std::span<const std::uint8_t> spatial() const { return {spatial_.data(), spatial_count_}; }
  /// A digit by the index that `spatial()` gives.
  const Digit& digit(std::size_t i) const { return digits_[i]; }
  /// The digits of a dimension, outer to inner.
  std::span<const Digit> digits(std::size_t dimension) const {
    return {digits_.data() + first_[dimension],
            static_cast<std::size_t>(first_[dimension + 1] - first_[dimension])};
  }
  /// True if the dimension's digits make exactly its indices: nothing is clipped.
  bool perfect(std::size_t dimension) const { return (imperfect_ >> dimension & 1u) == 0; }
  /// Dimensions that are not perfect, as bits.
  std::uint32_t imperfect() const { return imperfect_; }
  /// The holds of a tensor, outermost first.
  std::span<const HoldPlace> holds(std::size_t tensor) const {
    return {holds_[tensor].data(), hold_count_[tensor]};
  }

 private:
  std::array<Digit, kMaxLoops> digits_;
  std::array<std::uint8_t, kMaxLoops> temporal_;
  std::array<std::uint8_t, kMaxLoops> spatial_;
  std::array<std::int16_t, kMaxDimensions + 1> first_;
  std::array<std::array<HoldPlace, kMaxLevels>, kMaxTensors> holds_;
  std::array<std::size_t, kMaxTensors> hold_count_;
  std::size_t temporal_count_ = 0;
  std::size_t spatial_count_ = 0;
  std::uint32_t imperfect_ = 0;
};

}  // namespace tessera
