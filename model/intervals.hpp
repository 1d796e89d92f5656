#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mapper/mapping.hpp"

namespace tessera {

/// A run of integers, first to last; empty where last < first.
struct Interval {
  std::int64_t first = 0;
  std::int64_t last = -1;

  bool empty() const { return last < first; }
  std::int64_t size() const { return empty() ? 0 : last - first + 1; }
  bool operator==(const Interval&) const = default;
};

/// Equal intervals repeated at regular distances: interval number (i, j, ...) of length `length`
/// starts at i * step_0 + j * step_1 + ..., with 0 <= i < count_0 and so on.
struct Comb {
  struct Digit {
    std::int64_t step;
    std::int64_t count;
  };

  std::array<Digit, kMaxLoops> digits;
  std::size_t size = 0;

  void push(std::int64_t step, std::int64_t count) {
    if (count > 1) {
      digits[size++] = Digit{step, count};
    }
  }
};

/// Size of the union of all intervals of a comb, of `length` >= 1. Exact.
///
/// Digits are taken in order of their steps. While the next step is at most the length, neighbours
/// touch and the union is one longer interval. What is left has gaps; there, one digit just
/// multiplies, a digit whose step is beyond everything so far multiplies too, and a digit whose
/// step is a multiple of the one before that touches its range continues it. Other combinations
/// (steps such as 2 and 3 of single words) are listed and counted in `scratch`; more than 2^24
/// intervals are refused with ModelError. Sorts the comb's digits.
std::int64_t union_size(std::int64_t length, Comb& comb, std::vector<Interval>& scratch);

/// Size of the union of `intervals`, which are sorted by the call.
std::int64_t union_size(std::vector<Interval>& intervals);

}  // namespace tessera
