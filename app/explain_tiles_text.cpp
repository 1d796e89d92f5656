#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/explain_text.hpp"
#include "app/formula_text.hpp"
#include "app/numbers.hpp"
#include "app/text_table.hpp"
#include "arch/tile_room.hpp"
#include "problems/operation.hpp"

namespace tessera {

namespace {

/// What a word takes: `16 bit`, or of accesses `64/12 bit`.
std::string width_of(const Memory& memory, std::int64_t bits) {
  if (!memory.aligned) {
    return fmt::format("{} bit", bits);
  }
  const WordPacking packing = memory.packing(bits);
  return packing.words_per_access > 1
             ? fmt::format("{}/{} bit", *memory.width, packing.words_per_access)
             : fmt::format("{} bit", *memory.width * packing.accesses_per_word);
}

}  // namespace

std::string tiles_text(const Scored& scored, const Explanation& explanation) {
  std::string out;
  std::size_t indent = 2;
  for (std::size_t i = 0; i < scored.mapping.nodes.size(); ++i) {
    const Node& node = scored.mapping.nodes[i];
    if (const Loop* loop = std::get_if<Loop>(&node)) {
      const std::string& name = scored.problem.at(loop->dimension).name;
      out += std::string(indent, ' ');
      if (loop->axis) {
        const Fanout& fanout = *scored.architecture.fanout(loop->axis->fanout);
        out += fmt::format("spread {} over {} of {}.{}\n", name, loop->bound, fanout.name,
                           fanout.axes[loop->axis->axis].name);
      } else {
        out += fmt::format("for {} in {}:\n", name, loop->bound);
        indent += 2;
      }
      continue;
    }
    for (const TensorId tensor : as_written(scored.problem)) {
      for (const TileExplanation& tile : explanation.tiles) {
        if (tile.node == i && tile.tensor == tensor) {
          const std::string terms =
              formula_text(scored.problem, scored.architecture, tensor, tile.words);
          out +=
              fmt::format("{}{} holds {}: {} {}{}\n", std::string(indent, ' '),
                          scored.architecture.name_of(tile.memory), scored.problem.at(tensor).name,
                          grouped(tile.words.value), tile.words.value == 1 ? "word" : "words",
                          tile.words.value == 1 ? "" : " = " + terms);
        }
      }
    }
  }
  out += fmt::format("{}{} does {}\n", std::string(indent, ' '), scored.architecture.compute().name,
                     operation_text(scored.problem));
  return out;
}

std::string room_text(const Scored& scored) {
  using Align = TextTable::Align;
  TextTable table({{"", Align::left}, {""}, {"", Align::left}});
  for (std::size_t l = 0; l < scored.architecture.hierarchy.size(); ++l) {
    const Memory* memory = scored.architecture.memory(LevelId(l));
    if (memory == nullptr || !memory->capacity) {
      continue;
    }
    const TileRoom room = tile_room(*memory, scored.problem.words());
    const bool in_words = room.in_words;
    const bool halved = memory->buffering == Buffering::double_buffer;
    const std::int64_t available = memory->capacity->amount / (halved ? 2 : 1);
    std::int64_t needed = 0;
    std::vector<std::string> terms;
    for (const TensorId id : as_written(scored.problem)) {
      const Tensor& tensor = scored.problem.at(id);
      const TensorTraffic& traffic = scored.evaluation.levels[l].tensors[id.index()];
      if (traffic.held) {
        needed += traffic.tile_words * room.per_word[id.index()];
        terms.push_back(in_words
                            ? fmt::format("{} {}", tensor.name, grouped(traffic.tile_words))
                            : fmt::format("{} {} x {}", tensor.name, grouped(traffic.tile_words),
                                          width_of(*memory, memory->stored(tensor.word()).bits)));
      }
    }
    needed = room.in_capacity(needed);
    if (!terms.empty()) {
      const double share = static_cast<double>(needed) / static_cast<double>(available);
      table.add({memory->name, grouped(needed),
                 fmt::format("= {}, of {} {}{}: {}", fmt::join(terms, " + "), grouped(available),
                             in_words ? "words" : "bit", halved ? " (half: double buffering)" : "",
                             percent(share))});
    }
  }
  if (table.empty()) {
    return "";
  }
  const std::string text = table.text(2);
  return "\nRoom that the tiles of one instance take:\n" + text.substr(text.find('\n') + 1);
}

}  // namespace tessera
