#include "search/occupancy.hpp"

namespace tessera {

std::optional<Underfilled> find_underfilled(const Problem& problem,
                                            const Architecture& architecture,
                                            const Constraints& constraints,
                                            const Evaluation& evaluation) {
  for (const MemoryConstraint& rules : constraints.memories) {
    const Memory& memory = *architecture.memory(rules.memory);
    if (rules.min_utilization == 0 || !memory.capacity) {
      continue;
    }
    const bool in_words = memory.capacity->unit == Capacity::Unit::words;
    const LevelResult& level = evaluation.levels[rules.memory.index()];
    std::int64_t filled = 0;  // at most the capacity, since the mapping is feasible
    for (std::size_t t = 0; t < level.tensors.size(); ++t) {
      filled += level.tensors[t].tile_words * (in_words ? 1 : problem.tensors[t].bits);
    }
    const std::int64_t halves = memory.buffering == Buffering::double_buffer ? 2 : 1;
    const double needed =
        rules.min_utilization * static_cast<double>(memory.capacity->amount / halves);
    if (static_cast<double>(filled) < needed) {
      return Underfilled{rules.memory, filled, needed, in_words};
    }
  }
  return std::nullopt;
}

}  // namespace tessera
