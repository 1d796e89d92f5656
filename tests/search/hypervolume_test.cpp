#include "search/hypervolume.hpp"

#include "mapper/rng.hpp"
#include "search/nondominated_sort.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

using Points = std::vector<std::vector<double>>;

/// The volume by counting unit cubes; coordinates are whole numbers below the reference.
double counted(const Points& points, std::size_t objectives, int reference) {
  double count = 0;
  std::vector<int> corner(objectives, 0);
  while (true) {
    for (const std::vector<double>& point : points) {
      bool inside = true;
      for (std::size_t o = 0; o < objectives; ++o) {
        inside = inside && point[o] <= corner[o];
      }
      if (inside) {
        ++count;
        break;
      }
    }
    std::size_t digit = 0;
    while (digit < objectives && ++corner[digit] == reference) {
      corner[digit++] = 0;
    }
    if (digit == objectives) {
      return count;
    }
  }
}

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool better = false;
  for (std::size_t o = 0; o < a.size(); ++o) {
    if (a[o] > b[o]) {
      return false;
    }
    better = better || a[o] < b[o];
  }
  return better;
}

}  // namespace

TEST_CASE("a hypervolume is the volume that the points dominate below the reference") {
  CHECK(hypervolume({}, {1, 1}) == 0);
  CHECK(hypervolume({{2, 3}}, {10, 10}) == 56);
  CHECK(hypervolume({{2, 3}, {2, 3}, {10, 0}, {11, 0}}, {10, 10}) == 56);
  CounterRng rng(4, 2);
  for (std::size_t objectives = 1; objectives <= 4; ++objectives) {
    for (int round = 0; round < 30; ++round) {
      Points points(1 + rng.below(8));
      for (auto& point : points) {
        for (std::size_t o = 0; o < objectives; ++o) {
          point.push_back(static_cast<double>(rng.below(8)));
        }
      }
      CHECK(hypervolume(points, std::vector<double>(objectives, 6)) ==
            counted(points, objectives, 6));
    }
  }
}

TEST_CASE("NSGA-II's order puts what dominates first, and twins last") {
  CounterRng rng(4, 3);
  for (std::size_t objectives = 1; objectives <= 4; ++objectives) {
    for (int round = 0; round < 30; ++round) {
      Points points(1 + rng.below(20));
      std::vector<const std::vector<double>*> values;
      for (auto& point : points) {
        for (std::size_t o = 0; o < objectives; ++o) {
          point.push_back(static_cast<double>(rng.below(6)));
        }
      }
      for (const auto& point : points) {
        values.push_back(&point);
      }
      const std::vector<std::size_t> order = nondominated_order(values);
      REQUIRE(order.size() == points.size());
      bool in_twins = false;
      std::vector<std::size_t> seen;
      for (std::size_t i = 0; i < order.size(); ++i) {
        const auto& point = points[order[i]];
        bool twin = false;
        for (const std::size_t before : seen) {
          twin = twin || points[before] == point;
        }
        bool late = false;  // after something that it dominates
        for (const std::size_t before : seen) {
          late = late || (!twin && dominates(point, points[before]));
        }
        CHECK_FALSE(late);
        CHECK((twin || !in_twins));
        in_twins = in_twins || twin;
        seen.push_back(order[i]);
      }
    }
  }
}

TEST_CASE("within a rank the ends and the least crowded come first") {
  const Points points = {{4, 1}, {0, 9}, {1, 8}, {3, 7}, {9, 0}, {9, 9}};
  std::vector<const std::vector<double>*> values;
  for (const auto& point : points) {
    values.push_back(&point);
  }
  // Ends 1 and 4; then distances: (3, 7) 3/9 + 7/9, (4, 1) 6/9 + 7/9, (1, 8) 3/9 + 2/9; (9, 9) is
  // dominated.
  CHECK(nondominated_order(values) == std::vector<std::size_t>{1, 4, 0, 3, 2, 5});
}
