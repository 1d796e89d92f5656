#include "model/nest.hpp"

#include <bit>

namespace tessera {

void Nest::build(std::span<const std::int64_t> bounds, std::size_t tensors,
                 const Mapping& mapping) {
  // Digits are grouped by dimension: count, then place.
  first_.fill(0);
  for (const Node& node : mapping.nodes) {
    if (const Loop* loop = std::get_if<Loop>(&node)) {
      ++first_[loop->dimension.index() + 1];
    }
  }
  std::array<std::int16_t, kMaxDimensions> next;
  for (std::size_t d = 0; d < bounds.size(); ++d) {
    first_[d + 1] = static_cast<std::int16_t>(first_[d + 1] + first_[d]);
    next[d] = first_[d];
  }
  for (std::size_t t = 0; t < tensors; ++t) {
    hold_count_[t] = 0;
  }
  temporal_count_ = 0;
  spatial_count_ = 0;
  for (const Node& node : mapping.nodes) {
    if (const Loop* loop = std::get_if<Loop>(&node)) {
      const auto at = static_cast<std::uint8_t>(next[loop->dimension.index()]++);
      Digit& digit = digits_[at];
      digit.bound = loop->bound;
      digit.dimension = loop->dimension.value;
      if (loop->axis) {
        digit.level = loop->axis->fanout.value;
        digit.axis = loop->axis->axis;
        spatial_[spatial_count_++] = at;
      } else {
        digit.level = Digit::kTemporal;
        digit.time = static_cast<std::int16_t>(temporal_count_);
        temporal_[temporal_count_++] = at;
      }
      continue;
    }
    const Hold& hold = std::get<Hold>(node);
    for (std::uint32_t left = hold.tensors.bits; left != 0; left &= left - 1) {
      const auto t = static_cast<std::size_t>(std::countr_zero(left));
      holds_[t][hold_count_[t]++] =
          HoldPlace{.time = static_cast<std::int16_t>(temporal_count_), .level = hold.memory.value};
    }
  }
  imperfect_ = 0;
  for (std::size_t d = 0; d < bounds.size(); ++d) {
    std::int64_t weight = 1;
    for (std::int16_t i = first_[d + 1]; i-- > first_[d];) {
      digits_[static_cast<std::size_t>(i)].weight = weight;
      // Below twice the bound, since no bound of a valid mapping can be lowered.
      weight *= digits_[static_cast<std::size_t>(i)].bound;
    }
    if (weight != bounds[d]) {
      imperfect_ |= 1u << d;
    }
  }
}

}  // namespace tessera
