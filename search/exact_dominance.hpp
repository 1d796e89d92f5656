#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tessera {

/// Vectors of the same width, to be asked whether one of them is at most another vector in every
/// component.
class VectorList {
 public:
  /// Forgets all.
  void reset(std::size_t width) {
    width_ = width;
    size_ = 0;
    values_.clear();
  }
  std::size_t size() const { return size_; }

  void add(const double* vector) {
    values_.insert(values_.end(), vector, vector + width_);
    ++size_;
  }

  /// Exchanges two vectors, given by their numbers.
  void exchange(std::size_t a, std::size_t b) {
    double* of_a = values_.data() + a * width_;
    std::swap_ranges(of_a, of_a + width_, values_.data() + b * width_);
  }

  /// The number of one that is at most `vector` and that `accepts` takes, given its number;
  /// `size()` if there is none.
  template <class Accepts>
  std::size_t find_at_most(const double* vector, Accepts&& accepts) const {
    std::size_t small = 0;  // a component of `vector` that few others are as small in
    const double* other = values_.data();
    for (std::size_t i = 0; i < size_; ++i, other += width_) {
      if (width_ > 0 && other[small] > vector[small]) {
        continue;
      }
      std::size_t c = 0;
      while (c < width_ && other[c] <= vector[c]) {
        ++c;
      }
      if (c == width_ && accepts(i)) {
        return i;
      }
      small = c == width_ ? small : c;
    }
    return size_;
  }

 private:
  std::size_t width_ = 0;
  std::size_t size_ = 0;
  std::vector<double> values_;
};

}  // namespace tessera
