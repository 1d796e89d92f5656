#pragma once

#include <cstdint>

#include "spec/error.hpp"

namespace tessera {

/// a * b and a + b of counts; throw OverflowError instead of wrapping.
inline std::int64_t checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) {
    throw OverflowError();
  }
  return product;
}

inline std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    throw OverflowError();
  }
  return sum;
}

}  // namespace tessera
