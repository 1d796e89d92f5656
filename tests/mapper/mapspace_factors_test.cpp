#include <algorithm>
#include <set>
#include <vector>

#include "mapper/factors.hpp"
#include "mapper/mapspace_error.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

using Bounds = std::vector<std::int64_t>;

std::int64_t product(const Bounds& bounds) {
  std::int64_t result = 1;
  for (const std::int64_t bound : bounds) {
    result *= bound;
  }
  return result;
}

bool is_factorization(std::int64_t n, Bounds bounds, Factors factors) {
  if (factors == Factors::perfect) {
    return product(bounds) == n;
  }
  if (product(bounds) < n) {
    return false;
  }
  for (std::int64_t& bound : bounds) {
    --bound;
    if (bound > 0 && product(bounds) >= n) {
      return false;
    }
    ++bound;
  }
  return true;
}

/// Tries all bounds 1 .. n in every slot.
std::set<Bounds> by_definition(std::int64_t n, std::size_t slots, Factors factors) {
  std::set<Bounds> found;
  Bounds bounds(slots, 1);
  while (true) {
    if (is_factorization(n, bounds, factors)) {
      found.insert(bounds);
    }
    std::size_t slot = 0;
    while (slot < slots && bounds[slot] == n) {
      bounds[slot++] = 1;
    }
    if (slot == slots) {
      return found;
    }
    ++bounds[slot];
  }
}

}  // namespace

TEST_CASE("ordered factorizations are those of the definition, counted, listed and indexed alike") {
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    for (std::int64_t n = 1; n <= 26; ++n) {
      const Factorizations all(n, factors);
      for (std::size_t slots = 1; slots <= 4; ++slots) {
        if (slots == 4 && n > 13) {
          continue;
        }
        const auto expected = by_definition(n, slots, factors);
        std::vector<Bounds> listed;
        all.for_each(slots, [&](std::span<const std::int64_t> bounds) {
          listed.emplace_back(bounds.begin(), bounds.end());
          return true;
        });
        INFO("n " << n << " slots " << slots);
        REQUIRE(listed.size() == expected.size());
        REQUIRE(std::set<Bounds>(listed.begin(), listed.end()) == expected);
        REQUIRE(all.count(slots) == static_cast<std::int64_t>(expected.size()));
        for (std::size_t i = 0; i < listed.size(); ++i) {
          Bounds at(slots);
          all.at(static_cast<std::int64_t>(i), at);
          REQUIRE(at == listed[i]);
        }
      }
    }
  }
}

TEST_CASE("perfect factorizations of a power of two are the compositions of its exponent") {
  // C(e + n - 1, n - 1) ways to spread e twos over n slots.
  const Factorizations all(1 << 12, Factors::perfect);
  CHECK(all.count(1) == 1);
  CHECK(all.count(3) == 91);
  CHECK(all.count(9) == 125970);
  CHECK(all.longest() == 12);
}

TEST_CASE("a dimension of bound 1 has one factorization") {
  const Factorizations one(1, Factors::imperfect);
  CHECK(one.count(5) == 1);
  CHECK(one.longest() == 0);
}

TEST_CASE("bounds are lowered to a minimal cover, and a minimal cover is left as it is") {
  for (std::int64_t n = 2; n <= 60; ++n) {
    for (std::int64_t a = 1; a <= n; ++a) {
      for (std::int64_t b = 1; b <= n; ++b) {
        for (const std::int64_t c : {std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, n}) {
          Bounds bounds = {a, b, c};
          if (product(bounds) < n) {
            continue;
          }
          const Bounds before = bounds;
          lower_to_minimal(n, bounds);
          REQUIRE(is_factorization(n, bounds, Factors::imperfect));
          if (is_factorization(n, before, Factors::imperfect)) {
            REQUIRE(bounds == before);
          }
        }
      }
    }
  }
}

TEST_CASE("a dimension that is too large to list is refused, not waited for") {
  CHECK_THROWS_AS(Factorizations(std::int64_t{1} << 39, Factors::imperfect), MapspaceError);
  CHECK_THROWS_AS(Factorizations(std::int64_t{1} << 41, Factors::perfect), MapspaceError);
  CHECK(Factorizations(std::int64_t{1} << 40, Factors::perfect).longest() == 40);
}
