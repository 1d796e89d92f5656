#include "search/occupancy.hpp"

#include "arch/tile_room.hpp"

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
    const TileRoom room = tile_room(memory, problem.words());
    const LevelResult& level = evaluation.levels[rules.memory.index()];
    std::int64_t filled = 0;  // at most the capacity, since the mapping is feasible
    for (std::size_t t = 0; t < level.tensors.size(); ++t) {
      filled += level.tensors[t].tile_words * room.per_word[t];
    }
    filled = room.in_capacity(filled);
    const std::int64_t halves = memory.buffering == Buffering::double_buffer ? 2 : 1;
    const double needed =
        rules.min_utilization * static_cast<double>(memory.capacity->amount / halves);
    if (static_cast<double>(filled) < needed) {
      return Underfilled{rules.memory, filled, needed, room.in_words};
    }
  }
  return std::nullopt;
}

}  // namespace tessera
