#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace tessera {

/// Whether the loop bounds of a dimension must divide it.
enum class Factors { perfect, imperfect };

/// All ways to write a bound N as an ordered product of n loop bounds.
///
/// `perfect`: the product is N. `imperfect`: the product is at least N and no bound can be lowered
/// by one without losing that (a minimal cover). Lowering the greatest bound loses least, so only
/// that one has to be looked at: a multiset a1 <= .. <= aj <= m is a minimal cover exactly if m =
/// ceil(N / (a1..aj)). Both conditions are symmetric. So the unordered factorizations into factors
/// over 1 are listed once, and everything ordered follows from them by multinomial coefficients.
class Factorizations {
 public:
  /// Throws MapspaceError where the bound passes kMaxBound, or there are more than kMaxMultisets
  /// unordered factorizations.
  Factorizations(std::int64_t bound, Factors factors);

  static constexpr std::size_t kMaxMultisets = 4'000'000;
  static constexpr std::int64_t kMaxBound = std::int64_t{1} << 40;

  std::int64_t bound() const { return bound_; }

  /// The unordered factorizations into factors over 1, each ascending; for N = 1 the empty one
  /// alone.
  std::size_t multisets() const { return starts_.size() - 1; }
  std::span<const std::int64_t> multiset(std::size_t i) const {
    return {factors_.data() + starts_[i], starts_[i + 1] - starts_[i]};
  }
  /// The most factors over 1 that a factorization has.
  std::size_t longest() const { return longest_; }

  /// Ordered factorizations over `slots` slots. Throws OverflowError beyond 63 bits.
  std::int64_t count(std::size_t slots) const;
  /// The `index`-th of them (0 <= index < count) into `bounds`, one bound a slot. The order is that
  /// of `for_each`: by multiset, then lexicographic.
  void at(std::int64_t index, std::span<std::int64_t> bounds) const;
  /// Calls `visit` with each, in order, until it returns false. False if it was stopped.
  bool for_each(std::size_t slots,
                const std::function<bool(std::span<const std::int64_t>)>& visit) const;

 private:
  std::int64_t bound_;
  std::vector<std::int64_t> factors_;
  std::vector<std::size_t> starts_;
  std::size_t longest_ = 0;
};

/// The distinct values of a multiset, ascending, and how often it has each.
struct FactorCounts {
  std::vector<std::int64_t> values;
  std::vector<std::size_t> counts;

  /// Takes those of an ascending multiset.
  void of(std::span<const std::int64_t> multiset);
};

/// a / b, rounded up, of positive numbers.
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// All divisors, ascending. Time grows with the root of `bound`.
std::vector<std::int64_t> divisors_of(std::int64_t bound);

/// Orderings of a multiset with the given multiplicities. Throws OverflowError beyond 63 bits.
std::int64_t orderings(std::span<const std::size_t> multiplicities);

/// Lowers each of `bounds` in turn to the least value with which the product still covers `bound`:
/// the result is a minimal cover. The product must cover to begin with.
void lower_to_minimal(std::int64_t bound, std::span<std::int64_t> bounds);

}  // namespace tessera
