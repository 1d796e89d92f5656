#include "search/pareto_sum.hpp"

#include <set>

#include "tests/catch_compat.hpp"
#include "tests/random_source.hpp"

using namespace tessera;

namespace {

using Values = ParetoSum::Values;

/// Values that come as fractions whose sums are rounded.
std::vector<Values> random_front(test::RandomSource& random, std::size_t values,
                                 std::int64_t most) {
  std::vector<Values> points;
  for (std::int64_t i = random.integer(1, most); i > 0; --i) {
    Values& point = points.emplace_back();
    for (std::size_t v = 0; v < values; ++v) {
      point[v] = static_cast<double>(random.integer(1, 30)) * (v == 0 ? 0.1 : 1.0);
    }
  }
  std::vector<Values> front;
  for (const std::size_t place : undominated(points, values)) {
    front.push_back(points[place]);
  }
  return front;
}

bool dominates(const Values& a, const Values& b) {
  return a[0] <= b[0] && a[1] <= b[1] && a[2] <= b[2] && a != b;
}

/// All sums, one choice a front, and of these what none dominates.
std::set<Values> tried_out(const std::vector<std::vector<Values>>& fronts) {
  std::vector<Values> sums = {Values{}};
  for (const std::vector<Values>& front : fronts) {
    std::vector<Values> next;
    for (const Values& sum : sums) {
      for (const Values& point : front) {
        next.push_back({sum[0] + point[0], sum[1] + point[1], sum[2] + point[2]});
      }
    }
    sums = std::move(next);
  }
  std::set<Values> kept;
  for (const Values& sum : sums) {
    if (std::none_of(sums.begin(), sums.end(),
                     [&](const Values& other) { return dominates(other, sum); })) {
      kept.insert(sum);
    }
  }
  return kept;
}

}  // namespace

TEST_CASE("a Pareto sum is what trying all combinations leaves, to the last bit") {
  test::RandomSource random(11);
  for (int round = 0; round < 300; ++round) {
    const auto values = static_cast<std::size_t>(random.integer(1, 3));
    std::vector<std::vector<Values>> fronts;
    for (std::int64_t i = random.integer(1, 4); i > 0; --i) {
      fronts.push_back(random_front(random, values, 5));
    }
    ParetoSum sum(values, 1'000'000);
    for (const auto& front : fronts) {
      REQUIRE(sum.add(front));
    }
    std::set<Values> found;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      found.insert(sum.values(i));
      Values again{};
      const std::vector<std::uint32_t> choices = sum.choices(i);
      REQUIRE(choices.size() == fronts.size());
      for (std::size_t f = 0; f < fronts.size(); ++f) {
        for (std::size_t v = 0; v < values; ++v) {
          again[v] += fronts[f][choices[f]][v];
        }
      }
      CHECK(again == sum.values(i));
    }
    CHECK(found.size() == sum.size());
    CHECK(found == tried_out(fronts));
    CHECK(sum.slack() == 0);
  }
}

TEST_CASE("a thinned Pareto sum stays within its slack of the whole one, and keeps both ends") {
  test::RandomSource random(12);
  std::vector<std::vector<Values>> fronts;
  for (int i = 0; i < 8; ++i) {
    fronts.push_back(random_front(random, 2, 12));
  }
  ParetoSum whole(2, 1'000'000);
  ParetoSum thin(2, 10);
  for (const auto& front : fronts) {
    REQUIRE(whole.add(front));
    REQUIRE(thin.add(front));
  }
  REQUIRE(whole.size() > 10);
  CHECK(thin.size() <= 10);
  CHECK(thin.slack() > 0);
  CHECK(thin.values(0)[0] == whole.values(0)[0]);
  CHECK(thin.values(thin.size() - 1)[1] == whole.values(whole.size() - 1)[1]);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const Values& point = whole.values(i);
    bool covered = false;
    for (std::size_t j = 0; j < thin.size(); ++j) {
      covered = covered || (thin.values(j)[0] <= point[0] * (1 + thin.slack()) &&
                            thin.values(j)[1] <= point[1]);
    }
    CHECK(covered);
  }
}

TEST_CASE("a Pareto sum of three values refuses to grow beyond its limit") {
  ParetoSum sum(3, 3);
  CHECK(sum.add({{1, 3, 2}, {2, 2, 2}, {3, 1, 2}}));
  CHECK_FALSE(sum.add({{1, 30, 2}, {20, 2, 2}}));
  CHECK(sum.size() == 3);
  CHECK(sum.choices(1) == std::vector<std::uint32_t>{1});
}
