#include "arch/tile_room.hpp"

#include <numeric>

#include "spec/error.hpp"

namespace tessera {
namespace {

/// Doubles hold integers exactly up to here, and searches reckon with doubles.
constexpr std::int64_t kMostUnits = std::int64_t{1} << 53;

std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result) || result > kMostUnits) {
    throw OverflowError();
  }
  return result;
}

void align(const Memory& memory, const std::vector<TensorWord>& tensors, TileRoom& room) {
  std::vector<WordPacking> packings;
  for (const TensorWord& tensor : tensors) {
    packings.push_back(memory.packing(memory.stored(tensor).bits));
    const std::int64_t words = packings.back().words_per_access;
    room.units_per_access =
        product(room.units_per_access / std::gcd(room.units_per_access, words), words);
  }
  for (const WordPacking& packing : packings) {
    room.per_word.push_back(
        product(packing.accesses_per_word, room.units_per_access / packing.words_per_access));
  }
  room.access_bits = *memory.width;
  if (room.available >= 0) {
    room.available = product(room.available / room.access_bits, room.units_per_access);
  }
}

}  // namespace

TileRoom tile_room(const Memory& memory, const std::vector<TensorWord>& tensors) {
  TileRoom room;
  if (memory.capacity) {
    room.available =
        memory.capacity->amount / (memory.buffering == Buffering::double_buffer ? 2 : 1);
    room.in_words = memory.capacity->unit == Capacity::Unit::words;
  }
  if (memory.aligned && memory.width && !memory.block) {
    align(memory, tensors, room);
    return room;
  }
  for (const TensorWord& tensor : tensors) {
    room.per_word.push_back(room.in_words ? 1 : memory.stored(tensor).bits);
  }
  return room;
}

}  // namespace tessera
