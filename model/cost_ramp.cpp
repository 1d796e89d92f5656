// First fill and last drain where they overlap with nothing: `ramp: true` (docs/counting.md,
// "Time").

#include <algorithm>

#include "model/checked.hpp"
#include "model/cost.hpp"

namespace tessera {

/// The time in which the first tiles of one instance of `level` get in from `parents` (by tensor),
/// and its last tile out: of all ports on the way the slowest.
std::int64_t CostModel::ramp(const Evaluation& result, std::size_t level,
                             const std::array<std::int16_t, kMaxTensors>& parents) const {
  const LevelResult& here = result.levels[level];
  std::int64_t in = 0;
  std::int64_t out = 0;
  Load first;
  for (std::size_t t = 0; t < here.tensors.size(); ++t) {
    const TensorTraffic& traffic = here.tensors[t];
    if (!traffic.held || parents[t] < 0) {
      continue;
    }
    const Level& parent = levels_[static_cast<std::size_t>(parents[t])];
    if (output_[t]) {
      const std::int64_t finished = traffic.final_drains > 0 ? traffic.tile_words : 0;
      const Load last = load(levels_[level], t, traffic.tile_words, finished, 1);
      const Load update = load(parent, t, traffic.tile_words, finished, 1);
      out = std::max({out, cycles(parent.write, update, 1), cycles(parent.shared, update, 1)});
      if (!drains_free_) {
        out = std::max(
            {out, cycles(levels_[level].read, last, 1), cycles(levels_[level].shared, last, 1)});
      }
      continue;
    }
    first = add(first, load(levels_[level], t, traffic.tile_words, 0, 1));
    Load served;
    for (std::size_t other = 0; other <= t; ++other) {
      const TensorTraffic& same = here.tensors[other];
      if (same.held && parents[other] == parents[t] && !output_[other]) {
        served = add(served, load(parent, other, same.tile_words, 0, 1));
      }
    }
    in = std::max({in, cycles(parent.read, served, 1), cycles(parent.shared, served, 1)});
  }
  in = std::max(
      {in, cycles(levels_[level].write, first, 1), cycles(levels_[level].shared, first, 1)});
  return checked_add(in, out);
}

void CostModel::add_ramps(Evaluation& result) const {
  std::array<std::int16_t, kMaxTensors> holder;
  holder.fill(-1);
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    LevelResult& level = result.levels[i];
    if (levels_[i].ramp) {
      level.exposed_cycles = ramp(result, i, holder);
    }
    for (std::size_t t = 0; t < level.tensors.size(); ++t) {
      if (level.tensors[t].held) {
        holder[t] = static_cast<std::int16_t>(i);
      }
    }
  }
}

}  // namespace tessera
