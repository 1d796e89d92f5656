#pragma once

#include <array>
#include <cstdint>

#include "mapper/mapping.hpp"

namespace tessera {

/// Some of the digits of one dimension, outer to inner, the others at zero.
///
/// The values that they make, the sums of value times weight, strictly increase in lexicographic
/// order, because a digit's weight exceeds the largest sum of the digits further in. So "how many
/// of them lie below x" is a walk from the outermost digit in: with q = floor((x-1) / weight),
/// every value of the digit below q leaves all combinations further in below x, the value q leaves
/// x - q * weight, and larger ones leave none. With remainders (imperfect factors) this counts the
/// combinations that exist: those below the dimension's bound, the other digits being zero.
class Radix {
 public:
  void clear() { size_ = 0; }
  void push(std::int64_t bound, std::int64_t weight) {
    bounds_[size_] = bound;
    weights_[size_] = weight;
    ++size_;
  }

  std::size_t size() const { return size_; }
  std::int64_t bound(std::size_t i) const { return bounds_[i]; }
  std::int64_t weight(std::size_t i) const { return weights_[i]; }

  /// Number of combinations.
  std::int64_t total() const {
    std::int64_t product = 1;
    for (std::size_t i = 0; i < size_; ++i) {
      product *= bounds_[i];
    }
    return product;
  }

  /// The largest value.
  std::int64_t span() const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      sum += weights_[i] * (bounds_[i] - 1);
    }
    return sum;
  }

  /// Number of combinations with a value below `limit`.
  std::int64_t count_below(std::int64_t limit) const {
    if (limit <= 0) {
      return 0;
    }
    std::int64_t inner = total();
    std::int64_t count = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      inner /= bounds_[i];
      const std::int64_t full = (limit - 1) / weights_[i];
      if (full >= bounds_[i]) {
        return count + inner * bounds_[i];
      }
      count += inner * full;
      limit -= full * weights_[i];
    }
    return count + 1;
  }

  /// The largest value below `limit`, which must be positive.
  std::int64_t largest_below(std::int64_t limit) const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      std::int64_t digit = (limit - 1 - sum) / weights_[i];
      if (digit >= bounds_[i]) {
        digit = bounds_[i] - 1;
      }
      sum += digit * weights_[i];
    }
    return sum;
  }

  /// The value of the n-th combination in lexicographic order, 0 <= n < total().
  std::int64_t value(std::int64_t n) const {
    std::int64_t sum = 0;
    for (std::size_t i = size_; i-- > 0;) {
      sum += n % bounds_[i] * weights_[i];
      n /= bounds_[i];
    }
    return sum;
  }

 private:
  std::array<std::int64_t, kMaxLoops> bounds_;
  std::array<std::int64_t, kMaxLoops> weights_;
  std::size_t size_ = 0;
};

}  // namespace tessera
