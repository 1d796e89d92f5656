#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "spec/error.hpp"

namespace tessera {

__extension__ using Uint128 = unsigned __int128;

/// A count of up to 256 bits. Sizes of mapspaces pass 128 bits on machines with many memories.
/// Every operation throws OverflowError where the result does not fit.
class WideCount {
 public:
  constexpr WideCount() = default;
  constexpr WideCount(std::uint64_t value)
      : limbs_{value, 0, 0, 0} {}  // NOLINT: a number is a count

  static constexpr WideCount of(Uint128 value) {
    WideCount count(static_cast<std::uint64_t>(value));
    count.limbs_[1] = static_cast<std::uint64_t>(value >> 64);
    return count;
  }

  WideCount& operator+=(const WideCount& other) {
    Uint128 carry = 0;
    for (std::size_t i = 0; i < kLimbs; ++i) {
      carry += static_cast<Uint128>(limbs_[i]) + other.limbs_[i];
      limbs_[i] = static_cast<std::uint64_t>(carry);
      carry >>= 64;
    }
    if (carry != 0) {
      throw OverflowError();
    }
    return *this;
  }

  friend WideCount operator*(const WideCount& a, std::uint64_t b) {
    WideCount product;
    Uint128 carry = 0;
    for (std::size_t i = 0; i < kLimbs; ++i) {
      carry += static_cast<Uint128>(a.limbs_[i]) * b;
      product.limbs_[i] = static_cast<std::uint64_t>(carry);
      carry >>= 64;
    }
    if (carry != 0) {
      throw OverflowError();
    }
    return product;
  }

  friend WideCount operator*(const WideCount& a, const WideCount& b) {
    WideCount product;
    for (std::size_t i = 0; i < kLimbs; ++i) {
      if (b.limbs_[i] == 0) {
        continue;
      }
      WideCount part = a * b.limbs_[i];
      for (std::size_t shift = 0; shift < i; ++shift) {
        if (part.limbs_[kLimbs - 1] != 0) {
          throw OverflowError();
        }
        for (std::size_t j = kLimbs - 1; j > 0; --j) {
          part.limbs_[j] = part.limbs_[j - 1];
        }
        part.limbs_[0] = 0;
      }
      product += part;
    }
    return product;
  }

  constexpr bool is_zero() const { return *this == WideCount(); }
  constexpr bool operator==(const WideCount&) const = default;
  constexpr std::strong_ordering operator<=>(const WideCount& other) const {
    for (std::size_t i = kLimbs; i-- > 0;) {
      if (limbs_[i] != other.limbs_[i]) {
        return limbs_[i] <=> other.limbs_[i];
      }
    }
    return std::strong_ordering::equal;
  }

  /// The low 64 bits: the count itself if it is that small.
  constexpr std::uint64_t low() const { return limbs_[0]; }

  /// In decimal.
  std::string to_string() const {
    std::string digits;
    WideCount rest = *this;
    do {
      Uint128 remainder = 0;
      for (std::size_t i = kLimbs; i-- > 0;) {
        remainder = remainder << 64 | rest.limbs_[i];
        rest.limbs_[i] = static_cast<std::uint64_t>(remainder / 10);
        remainder %= 10;
      }
      digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(remainder)));
    } while (!rest.is_zero());
    return digits;
  }

 private:
  static constexpr std::size_t kLimbs = 4;
  std::array<std::uint64_t, kLimbs> limbs_{};
};

}  // namespace tessera
