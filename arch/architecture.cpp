#include "arch/architecture.hpp"

#include <algorithm>

namespace tessera {

std::int64_t Fanout::instances() const {
  std::int64_t product = 1;
  for (const Axis& axis : axes) {
    product *= axis.size;
  }
  return product;
}

std::int64_t Fanout::skew() const {
  std::int64_t cycles = 0;
  for (const Axis& axis : axes) {
    cycles += axis.size - 1;
  }
  return systolic ? cycles : 0;
}

TensorWord Memory::stored(const TensorWord& word) const {
  const std::int64_t own = bits[static_cast<std::size_t>(word.kind)].value_or(word.bits);
  if (word.kind != TensorKind::outputs) {
    return {.kind = word.kind, .bits = own, .final_bits = own};
  }
  return {.kind = word.kind,
          .bits = own,
          .final_bits = std::min(own, final_bits.value_or(word.final_bits))};
}

WordPacking Memory::packing(std::int64_t word_bits) const {
  if (block) {
    return {.words_per_access = *block, .accesses_per_word = 1};
  }
  const std::int64_t room = width.value_or(word_bits);
  return room >= word_bits
             ? WordPacking{.words_per_access = room / word_bits, .accesses_per_word = 1}
             : WordPacking{.words_per_access = 1,
                           .accesses_per_word = (word_bits + room - 1) / room};
}

std::optional<LevelId> Architecture::find(std::string_view element_name) const {
  for (std::size_t i = 0; i < hierarchy.size(); ++i) {
    if (name_of(LevelId(i)) == element_name) {
      return LevelId(i);
    }
  }
  return std::nullopt;
}

const std::string& Architecture::name_of(LevelId level) const {
  return std::visit([](const auto& element) -> const std::string& { return element.name; },
                    hierarchy[level.index()]);
}

std::int64_t Architecture::instances(LevelId level) const {
  std::int64_t product = 1;
  for (std::size_t i = 0; i < level.index(); ++i) {
    if (const auto* outer = std::get_if<Fanout>(&hierarchy[i])) {
      product *= outer->instances();
    }
  }
  return product;
}

}  // namespace tessera
