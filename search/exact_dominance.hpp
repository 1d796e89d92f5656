#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "search/exact_terms.hpp"

namespace tessera {

/// Vectors of the same width, to be asked whether one of them is at most another vector in every
/// component. They are compared several at a time.
class VectorList {
 public:
  /// Forgets all.
  void reset(std::size_t width) {
    width_ = width;
    size_ = 0;
    blocks_.clear();
  }
  std::size_t size() const { return size_; }

  void add(const double* vector) {
    if (size_ % kAtOnce == 0) {
      Group none;
      none.fill(Pair{} + std::numeric_limits<double>::infinity());
      blocks_.insert(blocks_.end(), width_, none);
    }
    Group* group = blocks_.data() + size_ / kAtOnce * width_;
    for (std::size_t c = 0; c < width_; ++c) {
      group[c][size_ % kAtOnce / 2][size_ % 2] = vector[c];
    }
    ++size_;
  }

  /// Exchanges two vectors, given by their numbers.
  void exchange(std::size_t a, std::size_t b) {
    Group* of_a = blocks_.data() + a / kAtOnce * width_;
    Group* of_b = blocks_.data() + b / kAtOnce * width_;
    for (std::size_t c = 0; c < width_; ++c) {
      const double in_a = of_a[c][a % kAtOnce / 2][a % 2];
      of_a[c][a % kAtOnce / 2][a % 2] = of_b[c][b % kAtOnce / 2][b % 2];
      of_b[c][b % kAtOnce / 2][b % 2] = in_a;
    }
  }

  /// The number of one that is at most `vector` and that `accepts` takes, given its number;
  /// `size()` if there is none.
  template <class Accepts>
  std::size_t find_at_most(const double* vector, Accepts&& accepts) const {
    for (std::size_t begin = 0; begin < size_; begin += kAtOnce) {
      const Group* group = blocks_.data() + begin / kAtOnce * width_;
      std::array<PairMask, kAtOnce / 2> at_most;
      at_most.fill(PairMask{-1, -1});
      bool left = true;
      for (std::size_t c = 0; c < width_ && left; ++c) {
        PairMask any = {};
        for (std::size_t i = 0; i < at_most.size(); ++i) {
          at_most[i] &= group[c][i] <= Pair{} + vector[c];
          any |= at_most[i];
        }
        left = (any[0] | any[1]) != 0;
      }
      for (std::size_t i = begin; left && i < size_ && i < begin + kAtOnce; ++i) {
        if (at_most[(i - begin) / 2][i % 2] != 0 && accepts(i)) {
          return i;
        }
      }
    }
    return size_;
  }

 private:
  static constexpr std::size_t kAtOnce = 8;
  using Group = std::array<Pair, kAtOnce / 2>;  ///< one component of some vectors

  std::size_t width_ = 0;
  std::size_t size_ = 0;
  std::vector<Group> blocks_;  ///< `width_` for each kAtOnce vectors; beyond the last, infinite
};

}  // namespace tessera
