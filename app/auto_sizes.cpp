#include "app/auto_sizes.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arch/tile_room.hpp"
#include "model/evaluate.hpp"

namespace tessera {
namespace {

std::int64_t needed_of(const Memory& memory, const LevelResult& level, const Problem& problem) {
  const TileRoom room = tile_room(memory, problem.words());
  std::int64_t sum = 0;
  for (std::size_t t = 0; t < level.tensors.size(); ++t) {
    if (level.tensors[t].held) {
      sum += level.tensors[t].tile_words * room.per_word[t];
    }
  }
  sum = room.in_capacity(sum);
  return memory.buffering == Buffering::double_buffer ? 2 * sum : sum;
}

}  // namespace

std::vector<AutoSize> auto_sizes(const std::vector<LevelId>& levels, const Scored& scored) {
  std::vector<AutoSize> sizes;
  for (const LevelId level : levels) {
    const Memory& memory = *scored.architecture.memory(level);
    const std::int64_t needed =
        needed_of(memory, scored.evaluation.levels[level.index()], scored.problem);
    const Capacity::Unit unit = memory.capacity->unit;
    sizes.push_back({.memory = memory.name,
                     .capacity = memory.capacity->amount,
                     .needed = needed,
                     .unit = unit == Capacity::Unit::words ? "words" : "bit",
                     .capacity_text = capacity_text(*memory.capacity),
                     .needed_text = capacity_text({needed, unit})});
  }
  return sizes;
}

std::string family_text(const ArchitectureFamily& family) {
  std::string text = family.name;
  for (const LevelId level : family.automatic) {
    std::vector<std::string> sizes;
    for (const CostedArchitecture& member : family.members) {
      std::string size = capacity_text(*member.architecture.memory(level)->capacity);
      if (std::find(sizes.begin(), sizes.end(), size) == sizes.end()) {
        sizes.push_back(std::move(size));
      }
    }
    text += fmt::format("; {} {}", family.members.front().architecture.name_of(level),
                        fmt::join(sizes, ", "));
  }
  return text;
}

const Architecture& right_sized(const ArchitectureFamily& family, const Problem& problem,
                                const Mapping& mapping) {
  const Architecture& largest = family.members.back().architecture;
  const Evaluation evaluation = evaluate(problem, largest, mapping);
  if (!evaluation.feasible()) {
    return largest;
  }
  // Members are in the order of their sizes, so the first one that holds all has the smallest.
  for (const CostedArchitecture& member : family.members) {
    bool holds = true;
    for (const LevelId level : family.automatic) {
      const Memory& memory = *member.architecture.memory(level);
      holds = holds && needed_of(memory, evaluation.levels[level.index()], problem) <=
                           memory.capacity->amount;
    }
    if (holds) {
      return member.architecture;
    }
  }
  return largest;
}

}  // namespace tessera
