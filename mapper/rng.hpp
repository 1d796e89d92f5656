#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "mapper/wide_count.hpp"

namespace tessera {

/// A counter-based source of random numbers: number j of stream (seed, i) is a hash of the three,
/// so a sample depends on its own index alone and not on who draws it, or when. The hash is the
/// finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). Integers only: equal on every
/// machine.
class CounterRng {
 public:
  CounterRng(std::uint64_t seed, std::uint64_t index) : key_(mix(mix(seed) ^ mix(~index))) {}

  std::uint64_t next() { return mix(key_ + kGolden * ++counter_); }

  /// Uniform in 0 .. n-1; n > 0. (Lemire, ACM TOMACS 2019; without bias.)
  std::uint64_t below(std::uint64_t n) {
    Uint128 product = static_cast<Uint128>(next()) * n;
    if (static_cast<std::uint64_t>(product) < n) {
      const std::uint64_t threshold = (0 - n) % n;
      while (static_cast<std::uint64_t>(product) < threshold) {
        product = static_cast<Uint128>(next()) * n;
      }
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  bool coin() { return (next() >> 63) != 0; }

  /// Uniform over the orders of `items`.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[below(i)]);
    }
  }

 private:
  static constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
  static constexpr std::uint64_t mix(std::uint64_t z) {
    z += kGolden;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

}  // namespace tessera
