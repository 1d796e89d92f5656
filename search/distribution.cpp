// A bucket is what the sign, the exponent and the upper 7 bits of the fraction of a double have in
// common: so edges are doubles, and the bucket of a value is found without rounding.
#include "search/distribution.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

namespace tessera {
namespace {

constexpr int kDropped = 52 - 7;  // bits of the fraction

/// Bits of doubles as integers of the same order; the two zeros are one.
std::int64_t ordered(double value) {
  const auto bits = std::bit_cast<std::int64_t>(value);
  return bits >= 0 ? bits : static_cast<std::int64_t>(0x8000000000000000u) - bits;
}
double from_ordered(std::int64_t order) {
  return std::bit_cast<double>(order >= 0 ? order
                                          : static_cast<std::int64_t>(0x8000000000000000u) - order);
}

std::int64_t bucket_of(double value) {
  return ordered(value) >> kDropped;
}
double edge(std::int64_t bucket) {
  return from_ordered(bucket * (std::int64_t{1} << kDropped));
}

}  // namespace

Distribution::Distribution(Parts parts)
    : first_(parts.first),
      counts_(std::move(parts.counts)),
      count_(std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0})),
      least_(parts.least),
      greatest_(parts.greatest) {}

/// Makes room for buckets up to `last` from `first` on.
void Distribution::reach(std::int64_t first, std::int64_t last) {
  if (counts_.empty()) {
    first_ = first;
  }
  if (first < first_) {
    counts_.insert(counts_.begin(), static_cast<std::size_t>(first_ - first), 0);
    first_ = first;
  }
  const auto size = static_cast<std::size_t>(last - first_ + 1);
  if (size > counts_.size()) {
    counts_.resize(size);
  }
}

void Distribution::add(double value) {
  const std::int64_t bucket = bucket_of(value);
  if (count_ == 0 || value < least_) {
    least_ = value;
  }
  if (count_ == 0 || value > greatest_) {
    greatest_ = value;
  }
  reach(bucket, bucket);
  ++counts_[static_cast<std::size_t>(bucket - first_)];
  ++count_;
}

void Distribution::merge(const Distribution& other) {
  if (other.count_ == 0) {
    return;
  }
  least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
  greatest_ = count_ == 0 ? other.greatest_ : std::max(greatest_, other.greatest_);
  count_ += other.count_;
  reach(other.first_, other.first_ + static_cast<std::int64_t>(other.counts_.size()) - 1);
  const auto shift = static_cast<std::size_t>(other.first_ - first_);
  for (std::size_t i = 0; i < other.counts_.size(); ++i) {
    counts_[shift + i] += other.counts_[i];
  }
}

double Distribution::quantile(double share) const {
  const auto rank = static_cast<std::uint64_t>(
      std::clamp(std::ceil(share * static_cast<double>(count_)), 1.0, static_cast<double>(count_)));
  if (share <= 0) {
    return least_;
  }
  if (rank == count_) {
    return greatest_;
  }
  std::uint64_t up_to = 0;
  std::size_t i = 0;
  while ((up_to += counts_[i]) < rank) {
    ++i;
  }
  const std::int64_t bucket = first_ + static_cast<std::int64_t>(i);
  return std::clamp((edge(bucket) + edge(bucket + 1)) / 2, least_, greatest_);
}

std::vector<Distribution::Bin> Distribution::histogram(std::size_t most) const {
  std::vector<Bin> bins;
  if (count_ == 0) {
    return bins;
  }
  // Room may have been made beyond the values.
  const std::int64_t first = bucket_of(least_);
  const std::int64_t buckets = bucket_of(greatest_) - first + 1;
  const auto wanted = static_cast<std::int64_t>(most);
  const std::int64_t width = (buckets + wanted - 1) / wanted;
  for (std::int64_t from = first; from < first + buckets; from += width) {
    const std::int64_t to = std::min(from + width, first + buckets);
    Bin bin{edge(from), edge(to), 0};
    for (std::int64_t bucket = from; bucket < to; ++bucket) {
      bin.count += counts_[static_cast<std::size_t>(bucket - first_)];
    }
    bins.push_back(bin);
  }
  return bins;
}

}  // namespace tessera
