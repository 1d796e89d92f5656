#include "model/intervals.hpp"

#include <random>
#include <set>

#include "tests/catch_compat.hpp"

using tessera::Comb;
using tessera::Interval;

TEST_CASE("the union of a comb's intervals has the size of the set of its words") {
  std::mt19937 random(2);
  std::vector<Interval> scratch;
  for (int round = 0; round < 20000; ++round) {
    Comb comb;
    const auto digits = random() % 4;
    std::vector<std::int64_t> starts = {0};
    for (unsigned i = 0; i < digits; ++i) {
      const auto step = static_cast<std::int64_t>(1 + random() % 12);
      const auto count = static_cast<std::int64_t>(1 + random() % 4);
      comb.push(step, count);
      std::vector<std::int64_t> next;
      for (const std::int64_t start : starts) {
        for (std::int64_t k = 0; k < count; ++k) {
          next.push_back(start + k * step);
        }
      }
      starts = std::move(next);
    }
    const auto length = static_cast<std::int64_t>(1 + random() % 6);
    std::set<std::int64_t> words;
    for (const std::int64_t start : starts) {
      for (std::int64_t k = 0; k < length; ++k) {
        words.insert(start + k);
      }
    }
    REQUIRE(tessera::union_size(length, comb, scratch) == static_cast<std::int64_t>(words.size()));
  }
}

TEST_CASE("the union of listed intervals ignores empty ones and counts overlaps once") {
  std::vector<Interval> intervals = {{5, 9}, {}, {0, 3}, {3, 6}, {20, 20}, {8, 8}};
  CHECK(tessera::union_size(intervals) == 11);
}
