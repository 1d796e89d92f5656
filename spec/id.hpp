#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace tessera {

/// An index into one particular list, typed by what it indexes: a `DimensionId` cannot be passed
/// where a `TensorId` is meant. `Tag` is never defined.
template <class Tag>
struct Id {
  std::uint8_t value = 0;

  constexpr Id() = default;
  constexpr explicit Id(std::size_t index) : value(static_cast<std::uint8_t>(index)) {}

  constexpr std::size_t index() const { return value; }
  constexpr auto operator<=>(const Id&) const = default;
};

/// A set of up to 32 ids of one kind, as bits.
template <class IdType>
struct IdSet {
  std::uint32_t bits = 0;

  constexpr bool contains(IdType id) const { return (bits >> id.value & 1u) != 0; }
  constexpr void insert(IdType id) { bits |= 1u << id.value; }
  constexpr void erase(IdType id) { bits &= ~(1u << id.value); }
  constexpr bool empty() const { return bits == 0; }
  constexpr auto operator<=>(const IdSet&) const = default;
};

}  // namespace tessera
