#include "search/chain_sum.hpp"

#include <set>

#include "tests/catch_compat.hpp"
#include "tests/random_source.hpp"

using namespace tessera;

TEST_CASE("a chain sum is that of all ways to choose at each boundary") {
  test::RandomSource random(11);
  for (int round = 0; round < 200; ++round) {
    const auto layers = static_cast<std::size_t>(random.integer(1, 4));
    std::vector<ChainSum::LayerFronts> fronts(layers);
    ChainSum sum(2, 1000);
    for (std::size_t l = 0; l < layers; ++l) {
      for (const bool input : {false, true}) {
        for (const bool output : {false, true}) {
          for (std::int64_t i = random.integer(input || output ? 0 : 1, 3); i > 0; --i) {
            fronts[l][input][output].push_back({static_cast<double>(random.integer(1, 9)) * 0.1,
                                                static_cast<double>(random.integer(1, 9)), 0});
          }
        }
      }
      REQUIRE(sum.add(fronts[l]));
    }
    // All ways, one layer after the other.
    std::vector<std::pair<ParetoSum::Values, bool>> ways = {{{}, false}};
    for (const ChainSum::LayerFronts& layer : fronts) {
      std::vector<std::pair<ParetoSum::Values, bool>> next;
      for (const auto& [values, kept] : ways) {
        for (const bool output : {false, true}) {
          for (const ParetoSum::Values& point : layer[kept][output]) {
            next.push_back({{values[0] + point[0], values[1] + point[1], 0}, output});
          }
        }
      }
      ways = std::move(next);
    }
    std::vector<ParetoSum::Values> sums;
    for (const auto& [values, kept] : ways) {
      if (!kept) {
        sums.push_back(values);
      }
    }
    std::set<ParetoSum::Values> expected;
    for (const std::size_t place : undominated(sums, 2)) {
      expected.insert(sums[place]);
    }
    CHECK(std::set<ParetoSum::Values>(sum.values().begin(), sum.values().end()) == expected);
    for (std::size_t i = 0; i < sum.values().size(); ++i) {
      ParetoSum::Values values{};
      bool kept = false;
      const auto choices = sum.choices(i);
      for (std::size_t l = 0; l < layers; ++l) {
        CHECK(choices[l].input_kept == kept);
        kept = choices[l].output_kept;
        const auto& point = fronts[l][choices[l].input_kept][kept].at(choices[l].point);
        values = {values[0] + point[0], values[1] + point[1], 0};
      }
      CHECK_FALSE(kept);
      CHECK(values == sum.values()[i]);
    }
  }
}

TEST_CASE("a thinned chain sum stays within its slack") {
  test::RandomSource random(3);
  ChainSum whole(2, 100000);
  ChainSum thinned(2, 40);
  for (int l = 0; l < 6; ++l) {
    ChainSum::LayerFronts fronts;
    for (const bool input : {false, true}) {
      for (const bool output : {false, true}) {
        for (int i = 0; i < 6; ++i) {
          fronts[input][output].push_back({static_cast<double>(random.integer(50, 999)),
                                           static_cast<double>(random.integer(50, 999)), 0});
        }
      }
    }
    REQUIRE(whole.add(fronts));
    REQUIRE(thinned.add(fronts));
  }
  REQUIRE(whole.slack() == 0);
  REQUIRE(thinned.slack() > 0);
  CHECK(thinned.values().size() <= 40);
  for (const ParetoSum::Values& point : whole.values()) {
    CHECK(std::any_of(
        thinned.values().begin(), thinned.values().end(), [&](const ParetoSum::Values& other) {
          return other[1] <= point[1] && other[0] <= point[0] * (1 + thinned.slack()) * (1 + 1e-12);
        }));
  }
}
