#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tessera {

/// How the values of an objective are spread: counts of values in narrow buckets, 128 to a factor
/// of two. Adding is commutative, so the result does not depend on the order of values. Takes
/// memory by the range of the values, not by their number.
class Distribution {
 public:
  /// All that it is, to be kept and made into a distribution again.
  struct Parts {
    std::int64_t first = 0;             ///< number of the first bucket
    std::vector<std::uint64_t> counts;  ///< by bucket
    double least = 0;
    double greatest = 0;
  };

  Distribution() = default;
  explicit Distribution(Parts parts);
  Parts parts() const { return {first_, counts_, least_, greatest_}; }

  /// `value` must be finite.
  void add(double value);
  /// Adds the values of `other`.
  void merge(const Distribution& other);

  std::uint64_t count() const { return count_; }
  /// Exact. There must be a value.
  double least() const { return least_; }
  double greatest() const { return greatest_; }

  /// The least value that at least `share` (0 to 1) of all values do not pass: to within 0.4 %, 0
  /// and 1 exactly. There must be a value.
  double quantile(double share) const;

  /// Values from `from` (included) to `to` (excluded).
  struct Bin {
    double from = 0;
    double to = 0;
    std::uint64_t count = 0;
  };
  /// At most `most` bins (at least 1) of about equal width on a logarithmic scale over all values,
  /// each beginning where the one before it ends; counts and edges are exact.
  std::vector<Bin> histogram(std::size_t most) const;

 private:
  void reach(std::int64_t first, std::int64_t last);

  std::int64_t first_ = 0;  // bucket of counts_[0]
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  double least_ = 0;
  double greatest_ = 0;
};

}  // namespace tessera
