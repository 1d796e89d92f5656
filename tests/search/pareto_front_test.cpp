#include "search/pareto_front.hpp"

#include <algorithm>
#include <vector>

#include "mapper/rng.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

ParetoPoint point(std::vector<double> values, std::string key) {
  ParetoPoint result;
  result.values = std::move(values);
  result.key = std::move(key);
  return result;
}

/// The front by its definition: no other point is as good everywhere and better somewhere; least
/// key of equals.
std::vector<ParetoPoint> by_definition(const std::vector<ParetoPoint>& all) {
  std::vector<ParetoPoint> front;
  for (const ParetoPoint& candidate : all) {
    const bool refused = std::any_of(all.begin(), all.end(), [&](const ParetoPoint& other) {
      bool as_good = true;
      for (std::size_t i = 0; i < other.values.size(); ++i) {
        as_good = as_good && other.values[i] <= candidate.values[i];
      }
      return as_good && (other.values != candidate.values || other.key < candidate.key);
    });
    if (!refused) {
      front.push_back(candidate);
    }
  }
  std::sort(front.begin(), front.end(),
            [](const auto& a, const auto& b) { return a.values < b.values; });
  return front;
}

bool same(const std::vector<ParetoPoint>& a, const std::vector<ParetoPoint>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.values == y.values && x.key == y.key;
  });
}

}  // namespace

TEST_CASE("a front is what its definition says, in any order of insertion, for 1 to 4 objectives") {
  for (std::size_t objectives = 1; objectives <= 4; ++objectives) {
    for (std::uint64_t trial = 0; trial < 100; ++trial) {
      CounterRng rng(objectives, trial);
      std::vector<ParetoPoint> all;
      for (std::size_t i = 0; i < 60; ++i) {
        std::vector<double> values;
        for (std::size_t o = 0; o < objectives; ++o) {
          values.push_back(static_cast<double>(rng.below(trial % 2 == 0 ? 6 : 40)));
        }
        all.push_back(point(values, std::to_string(100 + i)));
      }
      rng.shuffle(std::span(all));
      ParetoFront front;
      ParetoFront left;
      ParetoFront right;
      for (std::size_t i = 0; i < all.size(); ++i) {
        front.insert(all[i]);
        (i % 3 == 0 ? left : right).insert(all[i]);
      }
      left.merge(right);
      const auto expected = by_definition(all);
      REQUIRE(same(front.points(), expected));
      REQUIRE(same(left.points(), expected));
      for (const ParetoPoint& each : all) {
        const bool on_front = std::any_of(expected.begin(), expected.end(), [&](const auto& kept) {
          return kept.values == each.values;
        });
        REQUIRE(front.dominates(each.values) == !on_front);
      }
    }
  }
}

TEST_CASE("of equal points the one with the least key stays, whichever came first") {
  ParetoFront front;
  REQUIRE(front.insert(point({1, 2}, "b")));
  REQUIRE_FALSE(front.dominates({1, 2}));
  REQUIRE_FALSE(front.insert(point({1, 2}, "c")));
  REQUIRE(front.insert(point({1, 2}, "a")));
  REQUIRE(front.size() == 1);
  REQUIRE(front.points()[0].key == "a");
}
