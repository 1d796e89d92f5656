#include "mapper/factors.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <string>

#include "mapper/mapspace_error.hpp"
#include "mapper/wide_count.hpp"
#include "spec/error.hpp"

namespace tessera {
namespace {

/// Writes multisets in lexicographic order of their ascending factors.
struct Lister {
  std::int64_t bound;
  Factors kind;
  const std::vector<std::int64_t>& divisors;  // of the bound; perfect factors only
  std::vector<std::int64_t>& factors;
  std::vector<std::size_t>& starts;
  std::vector<std::int64_t> prefix;

  /// `rest` is what is left to cover: N / product for perfect factors, ceil(N / product) for covers
  /// (ceilings nest, so it is the exact least greatest factor).
  void extend(std::int64_t least, std::int64_t rest) {
    if (kind == Factors::perfect) {
      const auto first = std::lower_bound(divisors.begin(), divisors.end(), least);
      for (auto divisor = first; divisor != divisors.end() && *divisor <= rest / *divisor;
           ++divisor) {
        if (rest % *divisor == 0) {
          descend(*divisor, rest / *divisor);
        }
      }
    } else {
      for (std::int64_t factor = least; ceil_div(rest, factor) >= factor; ++factor) {
        descend(factor, ceil_div(rest, factor));
      }
    }
    if (rest >= least) {
      factors.insert(factors.end(), prefix.begin(), prefix.end());
      factors.push_back(rest);
      starts.push_back(factors.size());
      if (starts.size() > Factorizations::kMaxMultisets) {
        throw MapspaceError("a dimension of " + std::to_string(bound) +
                            " has too many factorizations to list" +
                            (kind == Factors::imperfect ? ": use perfect factors" : ""));
      }
    }
  }

  void descend(std::int64_t factor, std::int64_t rest) {
    prefix.push_back(factor);
    extend(factor, rest);
    prefix.pop_back();
  }
};

/// The distinct factors of a multiset with their multiplicities, and 1 for the slots without a
/// loop.
struct Pool {
  std::array<std::int64_t, 65> values;
  std::array<std::size_t, 65> left;
  std::size_t size = 0;

  Pool(std::span<const std::int64_t> multiset, std::size_t slots) {
    if (slots > multiset.size()) {
      add(1, slots - multiset.size());
    }
    for (const std::int64_t factor : multiset) {
      if (size > 0 && values[size - 1] == factor) {
        ++left[size - 1];
      } else {
        add(factor, 1);
      }
    }
  }
  void add(std::int64_t value, std::size_t times) {
    values[size] = value;
    left[size] = times;
    ++size;
  }
  std::span<const std::size_t> multiplicities() const { return {left.data(), size}; }
};

}  // namespace

void FactorCounts::of(std::span<const std::int64_t> multiset) {
  values.clear();
  counts.clear();
  for (const std::int64_t factor : multiset) {
    if (values.empty() || values.back() != factor) {
      values.push_back(factor);
      counts.push_back(0);
    }
    ++counts.back();
  }
}

std::vector<std::int64_t> divisors_of(std::int64_t bound) {
  std::vector<std::int64_t> low;
  std::vector<std::int64_t> high;
  for (std::int64_t divisor = 1; divisor <= bound / divisor; ++divisor) {
    if (bound % divisor == 0) {
      low.push_back(divisor);
      if (divisor != bound / divisor) {
        high.push_back(bound / divisor);
      }
    }
  }
  low.insert(low.end(), high.rbegin(), high.rend());
  return low;
}

std::int64_t orderings(std::span<const std::size_t> multiplicities) {
  // Product of binomials; each partial product is a whole number.
  Uint128 result = 1;
  std::size_t placed = 0;
  for (const std::size_t times : multiplicities) {
    for (std::size_t i = 1; i <= times; ++i) {
      result = result * ++placed / i;
      if (result > static_cast<Uint128>(std::numeric_limits<std::int64_t>::max())) {
        throw OverflowError();
      }
    }
  }
  return static_cast<std::int64_t>(result);
}

void lower_to_minimal(std::int64_t bound, std::span<std::int64_t> bounds) {
  // A bound that is minimal for given others stays so when others get smaller: one pass is enough.
  for (std::int64_t& lowered : bounds) {
    if (lowered == 1) {
      continue;
    }
    std::int64_t others = 1;
    for (const std::int64_t& other : bounds) {
      if (&other != &lowered && other > 1) {
        others = other >= ceil_div(bound, others) ? bound : others * other;
      }
    }
    lowered = ceil_div(bound, others);
  }
}

Factorizations::Factorizations(std::int64_t bound, Factors factors) : bound_(bound), starts_{0} {
  if (bound == 1) {
    starts_.push_back(0);
    return;
  }
  if (bound > kMaxBound) {
    throw MapspaceError("a dimension of " + std::to_string(bound) +
                        " is too large to list its factorizations");
  }
  const auto divisors =
      factors == Factors::perfect ? divisors_of(bound) : std::vector<std::int64_t>{};
  Lister{bound, factors, divisors, factors_, starts_, {}}.extend(2, bound);
  for (std::size_t i = 0; i < multisets(); ++i) {
    longest_ = std::max(longest_, multiset(i).size());
  }
}

std::int64_t Factorizations::count(std::size_t slots) const {
  std::int64_t total = 0;
  for (std::size_t i = 0; i < multisets(); ++i) {
    if (multiset(i).size() > slots) {
      continue;
    }
    const Pool pool(multiset(i), slots);
    if (__builtin_add_overflow(total, orderings(pool.multiplicities()), &total)) {
      throw OverflowError();
    }
  }
  return total;
}

void Factorizations::at(std::int64_t index, std::span<std::int64_t> bounds) const {
  for (std::size_t i = 0; i < multisets(); ++i) {
    if (multiset(i).size() > bounds.size()) {
      continue;
    }
    Pool pool(multiset(i), bounds.size());
    const std::int64_t here = orderings(pool.multiplicities());
    if (index >= here) {
      index -= here;
      continue;
    }
    for (std::int64_t& bound : bounds) {
      for (std::size_t v = 0; v < pool.size; ++v) {
        if (pool.left[v] == 0) {
          continue;
        }
        --pool.left[v];
        const std::int64_t below = orderings(pool.multiplicities());
        if (index < below) {
          bound = pool.values[v];
          break;
        }
        index -= below;
        ++pool.left[v];
      }
    }
    return;
  }
}

bool Factorizations::for_each(
    std::size_t slots, const std::function<bool(std::span<const std::int64_t>)>& visit) const {
  std::vector<std::int64_t> bounds(slots);
  for (std::size_t i = 0; i < multisets(); ++i) {
    const auto factors = multiset(i);
    if (factors.size() > slots) {
      continue;
    }
    std::fill(bounds.begin(), bounds.end(), 1);
    std::copy(factors.begin(), factors.end(), bounds.end() - static_cast<long>(factors.size()));
    do {
      if (!visit(bounds)) {
        return false;
      }
    } while (std::next_permutation(bounds.begin(), bounds.end()));
  }
  return true;
}

}  // namespace tessera
