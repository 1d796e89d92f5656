#include "model/intervals.hpp"

#include <algorithm>

#include "model/checked.hpp"
#include "model/evaluate.hpp"

namespace tessera {
namespace {

constexpr std::size_t kMostListed = 1u << 24;

/// Union by listing an interval of `length`, repeated by the digits of `comb` from `begin` on.
std::int64_t listed_union(std::int64_t length, const Comb& comb, std::size_t begin,
                          std::vector<Interval>& scratch) {
  scratch.assign(1, Interval{.first = 0, .last = length - 1});
  for (std::size_t d = begin; d < comb.size; ++d) {
    const std::size_t base = scratch.size();
    if (static_cast<std::uint64_t>(comb.digits[d].count) > kMostListed / base) {
      throw ModelError("a sliding window in this many separate pieces is not supported");
    }
    for (std::int64_t i = 1; i < comb.digits[d].count; ++i) {
      const std::int64_t shift = i * comb.digits[d].step;
      for (std::size_t k = 0; k < base; ++k) {
        scratch.push_back({scratch[k].first + shift, scratch[k].last + shift});
      }
    }
  }
  return union_size(scratch);
}

}  // namespace

std::int64_t union_size(std::int64_t length, Comb& comb, std::vector<Interval>& scratch) {
  std::sort(comb.digits.begin(), comb.digits.begin() + static_cast<std::ptrdiff_t>(comb.size),
            [](const Comb::Digit& a, const Comb::Digit& b) { return a.step < b.step; });
  std::size_t next = 0;
  while (next < comb.size && comb.digits[next].step <= length) {
    length = checked_add(length, (comb.digits[next].count - 1) * comb.digits[next].step);
    ++next;
  }
  if (next == comb.size) {
    return length;
  }
  const std::size_t apart = next;
  // `run.count` blocks of `length` at distance `run.step` > length, from 0 to `reach` - 1.
  Comb::Digit run = comb.digits[next];
  std::int64_t copies = 1;
  std::int64_t reach = length + (run.count - 1) * run.step;
  for (++next; next < comb.size; ++next) {
    const Comb::Digit digit = comb.digits[next];
    if (copies == 1 && digit.step % run.step == 0 && digit.step / run.step <= run.count) {
      run.count += (digit.count - 1) * (digit.step / run.step);
      reach = length + (run.count - 1) * run.step;
    } else if (digit.step >= reach) {
      copies = checked_mul(copies, digit.count);
      reach = checked_add(reach, (digit.count - 1) * digit.step);
    } else {
      return listed_union(length, comb, apart, scratch);
    }
  }
  return checked_mul(checked_mul(length, run.count), copies);
}

std::int64_t union_size(std::vector<Interval>& intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& a, const Interval& b) { return a.first < b.first; });
  std::int64_t size = 0;
  std::int64_t end = INT64_MIN;
  for (const Interval& interval : intervals) {
    if (interval.empty() || interval.last <= end) {
      continue;
    }
    size += interval.last - (interval.first > end ? interval.first - 1 : end);
    end = interval.last;
  }
  return size;
}

}  // namespace tessera
