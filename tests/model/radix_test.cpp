#include "model/radix.hpp"

#include <random>
#include <vector>

#include "tests/catch_compat.hpp"

using tessera::Radix;

namespace {

/// A random selection of the digits of a random mixed-radix number.
Radix random_selection(std::mt19937& random) {
  std::vector<std::pair<std::int64_t, std::int64_t>> digits;
  std::int64_t weight = 1;
  const auto count = random() % 6;
  for (unsigned i = 0; i < count; ++i) {
    const auto bound = static_cast<std::int64_t>(2 + random() % 4);
    if (random() % 2 == 0) {
      digits.emplace_back(bound, weight);
    }
    weight *= bound;
  }
  Radix radix;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    radix.push(digit->first, digit->second);
  }
  return radix;
}

}  // namespace

TEST_CASE("counting below a limit equals counting one by one") {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const Radix radix = random_selection(random);
    for (std::int64_t limit = -2; limit <= radix.span() + 3; ++limit) {
      std::int64_t count = 0;
      std::int64_t largest = 0;
      std::int64_t previous = -1;
      for (std::int64_t n = 0; n < radix.total(); ++n) {
        const std::int64_t value = radix.value(n);
        REQUIRE(value > previous);
        previous = value;
        if (value < limit) {
          ++count;
          largest = value;
        }
      }
      REQUIRE(radix.count_below(limit) == count);
      if (limit > 0) {
        REQUIRE(radix.largest_below(limit) == largest);
      }
    }
  }
}
