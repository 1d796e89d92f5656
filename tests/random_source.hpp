#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace tessera::test {

/// Seeded random values for property tests; the same on every platform, which the distributions of
/// the standard library are not.
class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed) : engine_(seed) {}

  /// Uniform in least .. most.
  std::int64_t integer(std::int64_t least, std::int64_t most) {
    const auto span = static_cast<std::uint64_t>(most - least) + 1;
    return least + static_cast<std::int64_t>(engine_() % span);
  }
  /// True in `percent` of cases.
  bool chance(int percent) { return integer(1, 100) <= percent; }
  /// Half of them round (such as 12.5), the others with all digits, over many orders of magnitude.
  double positive() {
    if (chance(50)) {
      return static_cast<double>(integer(1, 4000)) / 8;
    }
    const double fraction = static_cast<double>(engine_() >> 11) * 0x1p-53;
    return (1 + fraction) * std::pow(10.0, static_cast<double>(integer(-9, 12)));
  }
  template <class T>
  const T& pick(const std::vector<T>& values) {
    return values[static_cast<std::size_t>(
        integer(0, static_cast<std::int64_t>(values.size()) - 1))];
  }
  template <class T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i > 1; --i) {
      std::swap(values[i - 1],
                values[static_cast<std::size_t>(integer(0, static_cast<std::int64_t>(i) - 1))]);
    }
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tessera::test
