#include "search/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "mapper/rng.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

/// Over nine decades.
std::vector<double> some_values(std::uint64_t count) {
  std::vector<double> values;
  CounterRng rng(5, 0);
  for (std::uint64_t i = 0; i < count; ++i) {
    values.push_back(std::exp(static_cast<double>(rng.below(20'000)) / 1000));
  }
  return values;
}

void check_histogram(const Distribution& distribution, const std::vector<double>& values,
                     std::size_t most) {
  const auto bins = distribution.histogram(most);
  REQUIRE(!bins.empty());
  CHECK(bins.size() <= most);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    CHECK((i == 0 || bins[i].from == bins[i - 1].to));
    CHECK(bins[i].count ==
          static_cast<std::uint64_t>(std::count_if(values.begin(), values.end(), [&](double value) {
            return bins[i].from <= value && value < bins[i].to;
          })));
    total += bins[i].count;
  }
  CHECK(total == values.size());
}

}  // namespace

TEST_CASE("quantiles are within 0.4 % of those of the sorted values") {
  std::vector<double> values = some_values(5000);
  Distribution distribution;
  for (const double value : values) {
    distribution.add(value);
  }
  std::sort(values.begin(), values.end());
  CHECK(distribution.count() == values.size());
  CHECK(distribution.quantile(0) == values.front());
  CHECK(distribution.quantile(1) == values.back());
  for (const double share : {0.001, 0.01, 0.25, 0.5, 0.75, 0.99, 0.999}) {
    const double exact =
        values[static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size()))) - 1];
    CHECK(std::abs(distribution.quantile(share) - exact) <= 0.004 * exact);
  }
}

TEST_CASE("a histogram counts every value once, between edges that meet") {
  const std::vector<double> values = some_values(3000);
  Distribution distribution;
  for (const double value : values) {
    distribution.add(value);
  }
  for (const std::size_t most : {1u, 2u, 7u, 16u, 100'000u}) {
    check_histogram(distribution, values, most);
  }
}

TEST_CASE("a distribution of one value, of zeros and of both signs is as its values are") {
  for (const std::vector<double>& values : std::vector<std::vector<double>>{
           {3}, {0, -0.0, 0}, {-2, -1, 0, 1, 5}, {-4, -3.5}, {1e-300, 1e300}}) {
    Distribution distribution;
    for (const double value : values) {
      distribution.add(value);
    }
    check_histogram(distribution, values, 5);
    CHECK(distribution.quantile(0) == *std::min_element(values.begin(), values.end()));
    CHECK(distribution.quantile(1) == *std::max_element(values.begin(), values.end()));
    const double median = distribution.quantile(0.5);
    CHECK(median >= distribution.least());
    CHECK(median <= distribution.greatest());
  }
}

TEST_CASE("parts of a sample add up to the same distribution in any order") {
  const std::vector<double> values = some_values(900);
  Distribution whole;
  std::vector<Distribution> parts(3);
  for (std::size_t i = 0; i < values.size(); ++i) {
    whole.add(values[i]);
    parts[i / 300].add(values[i]);
  }
  Distribution backward;
  for (std::size_t i = 3; i-- > 0;) {
    backward.merge(parts[i]);
  }
  backward.merge(Distribution());
  CHECK(backward.count() == whole.count());
  for (const double share : {0.0, 0.1, 0.5, 0.9, 1.0}) {
    CHECK(backward.quantile(share) == whole.quantile(share));
  }
  check_histogram(backward, values, 16);
}
