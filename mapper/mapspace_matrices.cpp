// In how many ways loops can be placed: M(k) is the number, over all skeletons, of the 0/1 matrices
// (dimension x slot) with row sums k, weighted with the orders of each slot (the factorial of its
// column sum), columns that need a loop not empty, forbidden entries 0. It is filled slot by slot,
// for all k at once: k - s before a slot and the set s of dimensions that have a loop in it, of
// which only their number n counts for the orders n!, so that a slot takes (dimensions)^2 / 2
// additions for each k rather than 2^dimensions.

#include "mapper/mapspace_matrices.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>

namespace tessera {
namespace {

/// The kinds of slots that matter for M: which dimensions (as bits by place) and whether empty is
/// allowed.
using SlotType = std::pair<std::uint32_t, bool>;

/// Skeletons whose slots are the same but for order count alike: the kinds of their slots, in
/// order, and how many skeletons have them.
using Signatures = std::map<std::vector<SlotType>, std::uint64_t>;

Signatures signatures_of(const Mapspace& space) {
  Signatures signatures;
  for (const Skeleton& skeleton : space.skeletons()) {
    std::vector<SlotType> types;
    for (std::size_t slot = 0; slot < skeleton.slots(); ++slot) {
      std::uint32_t mask = 0;
      for (std::size_t d = 0; d < space.dimensions().size(); ++d) {
        mask |= skeleton.allowed[slot].contains(space.dimensions()[d].id) ? 1u << d : 0u;
      }
      types.emplace_back(mask, skeleton.needs_loop[slot]);
    }
    std::sort(types.begin(), types.end(), [](const SlotType& a, const SlotType& b) {
      return std::pair(a.second, a.first) < std::pair(b.second, b.first);
    });
    ++signatures[types];
  }
  return signatures;
}

/// Whether all of M together is below 2^127: a slot of n dimensions has sum over m of n! / (n - m)!
/// ways to be filled.
bool fits_in_128_bits(const Signatures& signatures) {
  double total = 0;
  for (const auto& [types, times] : signatures) {
    double ways = static_cast<double>(times);
    for (const SlotType& type : types) {
      double orders = 1;
      double sum = 1;
      for (int left = std::popcount(type.first); left > 0; --left) {
        orders *= left;
        sum += orders;
      }
      ways *= sum;
    }
    total += ways;
  }
  return total < 0x1p126;  // the sum is rounded
}

/// Sums M over skeletons, in numbers that are large enough.
template <typename Count>
class Matrices {
 public:
  explicit Matrices(const Box& box) : box_(box) {}

  std::vector<Count> sum(const Signatures& signatures) {
    std::vector<Count> total(box_.size);
    // Neighbours in the map share beginnings: `steps_` keeps the tables of the current one's.
    std::vector<SlotType> current;
    steps_.assign(1, std::vector<Count>(box_.size));
    steps_[0][0] = 1;
    for (const auto& [types, times] : signatures) {
      const auto end = std::mismatch(types.begin(), types.end(), current.begin(), current.end());
      const auto shared = static_cast<std::size_t>(end.first - types.begin());
      steps_.resize(shared + 1);
      for (std::size_t i = shared; i < types.size(); ++i) {
        steps_.push_back(with_slot(steps_.back(), types[i]));
      }
      current = types;
      for (std::size_t k = 0; k < box_.size; ++k) {
        total[k] += steps_.back()[k] * times;
      }
    }
    return total;
  }

 private:
  /// One more slot: which dimensions have a loop in it, one dimension after the other. `sums_[n]`
  /// has those with n loops so far, whose orders come last.
  std::vector<Count> with_slot(const std::vector<Count>& before, SlotType type) {
    const std::size_t dimensions = box_.most.size();
    sums_.resize(dimensions + 1);
    sums_[0] = before;
    std::size_t loops = 0;  // at most, so far
    for (std::size_t d = 0; d < dimensions; ++d) {
      if ((type.first >> d & 1u) == 0) {
        continue;
      }
      sums_[++loops].assign(box_.size, Count());
      for (std::size_t n = loops; n-- > 0;) {
        add_loop(sums_[n], d, sums_[n + 1]);
      }
    }
    std::vector<Count> after(box_.size);
    std::uint64_t orders = 1;
    for (std::size_t n = 0; n <= loops; ++n) {
      orders *= std::max<std::uint64_t>(n, 1);
      for (std::size_t k = 0; k < box_.size && (n > 0 || !type.second); ++k) {
        after[k] += sums_[n][k] * orders;
      }
    }
    return after;
  }

  /// Adds what is in `without` to where it is with a loop of dimension `d`.
  void add_loop(const std::vector<Count>& without, std::size_t d, std::vector<Count>& with) const {
    const std::size_t stride = box_.stride[d];
    const std::size_t block = stride * (box_.most[d] + 1);
    for (std::size_t begin = 0; begin < box_.size; begin += block) {
      for (std::size_t k = begin; k + stride < begin + block; ++k) {
        with[k + stride] += without[k];
      }
    }
  }

  const Box& box_;
  std::vector<std::vector<Count>> steps_;
  std::vector<std::vector<Count>> sums_;
};

}  // namespace

std::vector<WideCount> count_matrices(const Mapspace& space, const Box& box) {
  const Signatures signatures = signatures_of(space);
  if (!fits_in_128_bits(signatures)) {
    return Matrices<WideCount>(box).sum(signatures);
  }
  std::vector<WideCount> counts;
  for (const Uint128 count : Matrices<Uint128>(box).sum(signatures)) {
    counts.push_back(WideCount::of(count));
  }
  return counts;
}

}  // namespace tessera
