#include "model/traffic.hpp"

#include <algorithm>
#include <bit>

#include "model/checked.hpp"
#include "model/radix.hpp"

namespace tessera {
namespace {

constexpr std::uint32_t kEverything = ~std::uint32_t{0};

bool in(std::uint32_t set, std::size_t dimension) {
  return (set >> dimension & 1u) != 0;
}

}  // namespace

Boundary grouped(const TensorShape& shape, Boundary boundary, Sharing sharing) {
  if (sharing == Sharing::none) {
    boundary.server = boundary.level;
  } else {
    boundary.apart = shape.apart;
  }
  return boundary;
}

TensorShape shape_of(const Problem& problem, const Architecture& architecture, TensorId tensor) {
  TensorShape shape;
  for (std::size_t level = 0; level < architecture.hierarchy.size(); ++level) {
    if (const Fanout* fanout = architecture.fanout(LevelId(level))) {
      for (std::size_t axis = 0; axis < fanout->axes.size(); ++axis) {
        if (!fanout->shares(problem.at(tensor).kind, axis)) {
          shape.apart.insert(level, axis);
        }
      }
    }
  }
  shape.relevant = relevant_dimensions(problem, tensor).bits;
  for (const Rank& rank : problem.at(tensor).projection.ranks) {
    std::vector<WindowTerm> terms;
    for (const Term& term : rank) {
      const std::int64_t bound = problem.at(term.dimension).bound;
      if (bound > 1) {
        terms.push_back(
            {.dimension = term.dimension.value, .coefficient = term.coefficient, .bound = bound});
      }
    }
    if (terms.size() == 1) {
      shape.plain |= 1u << terms.front().dimension;
      shape.plain_words = checked_mul(shape.plain_words, terms.front().bound);
    } else if (!terms.empty()) {
      shape.windows.emplace_back(std::move(terms));
    }
  }
  return shape;
}

Boundary TrafficCounter::boundary(const TensorShape& shape, const HoldPlace& hold) const {
  Boundary boundary{.outside = 0, .sweep = 0, .time = hold.time, .level = hold.level, .server = 0};
  std::int16_t i = hold.time;
  while (i > 0 && !in(shape.relevant, nest_.temporal(static_cast<std::size_t>(i - 1)).dimension)) {
    --i;
  }
  boundary.sweep = i;
  if (i > 0) {
    const std::uint8_t swept = nest_.temporal(static_cast<std::size_t>(i - 1)).dimension;
    while (i > 0 && nest_.temporal(static_cast<std::size_t>(i - 1)).dimension == swept) {
      --i;
    }
  }
  boundary.outside = i;
  return boundary;
}

Boundary TrafficCounter::compute_boundary(std::int16_t compute) const {
  const auto all = static_cast<std::int16_t>(nest_.temporal_count());
  return {.outside = all, .sweep = all, .time = all, .level = compute, .server = 0};
}

namespace {

/// Values that the digits in question take together, as far as an index exists.
template <class Wanted>
std::int64_t count_values(const std::vector<std::int64_t>& bounds, const Nest& nest,
                          std::uint32_t dimensions, std::int16_t time, Wanted wanted) {
  std::int64_t product = 1;
  const std::uint32_t perfect = dimensions & ~nest.imperfect();
  for (std::int16_t i = 0; i < time; ++i) {
    const Digit& digit = nest.temporal(static_cast<std::size_t>(i));
    if (in(perfect, digit.dimension)) {
      product = checked_mul(product, digit.bound);
    }
  }
  for (const std::uint8_t at : nest.spatial()) {
    const Digit& digit = nest.digit(at);
    if (wanted(digit) && in(perfect, digit.dimension)) {
      product = checked_mul(product, digit.bound);
    }
  }
  for (std::uint32_t left = dimensions & nest.imperfect(); left != 0; left &= left - 1) {
    const auto d = static_cast<std::size_t>(std::countr_zero(left));
    Radix digits;
    for (const Digit& digit : nest.digits(d)) {
      if (digit.temporal() ? digit.time < time : wanted(digit)) {
        digits.push(digit.bound, digit.weight);
      }
    }
    product = checked_mul(product, digits.count_below(bounds[d]));
  }
  return product;
}

}  // namespace

std::int64_t TrafficCounter::combinations(std::uint32_t dimensions, std::int16_t time,
                                          std::int16_t level) const {
  return count_values(bounds_, nest_, dimensions, time,
                      [level](const Digit& digit) { return digit.level < level; });
}

std::int64_t TrafficCounter::combinations(std::uint32_t dimensions, std::int16_t time,
                                          const Boundary& boundary) const {
  return count_values(bounds_, nest_, dimensions, time,
                      [&](const Digit& digit) { return boundary.separates(digit); });
}

std::int64_t TrafficCounter::tile_words(const TensorShape& shape, const Boundary& boundary) const {
  std::int64_t words = 1;
  for (std::uint32_t left = shape.plain; left != 0; left &= left - 1) {
    const auto d = static_cast<std::size_t>(std::countr_zero(left));
    if (nest_.perfect(d)) {
      for (const Digit& digit : nest_.digits(d)) {
        if (boundary.inside(digit)) {
          words = checked_mul(words, digit.bound);
        }
      }
    } else {
      Radix tile;
      for (const Digit& digit : nest_.digits(d)) {
        if (boundary.inside(digit)) {
          tile.push(digit.bound, digit.weight);
        }
      }
      words = checked_mul(words, tile.count_below(bounds_[d]));
    }
  }
  for (const Window& window : shape.windows) {
    words = checked_mul(words, window.extent(nest_, boundary));
  }
  return words;
}

std::int64_t TrafficCounter::plain_moves(const TensorShape& shape, const Boundary& boundary) const {
  return checked_mul(shape.plain_words,
                     combinations(kEverything & ~shape.relevant, boundary.outside, boundary));
}

std::int64_t TrafficCounter::entering(const TensorShape& shape, const Boundary& boundary,
                                      Sharing sharing) const {
  const Boundary groups = grouped(shape, boundary, sharing);
  std::int64_t words = plain_moves(shape, groups);
  for (const Window& window : shape.windows) {
    words = checked_mul(words, window.entering(nest_, groups, sharing, scratch_));
  }
  return words;
}

std::int64_t TrafficCounter::leaving(const TensorShape& shape, const Boundary& boundary,
                                     Sharing sharing) const {
  const Boundary groups = grouped(shape, boundary, sharing);
  std::int64_t words = plain_moves(shape, groups);
  for (const Window& window : shape.windows) {
    words = checked_mul(words, window.leaving(nest_, groups, sharing, scratch_));
  }
  return words;
}

std::int64_t TrafficCounter::passed(const TensorShape& shape, const Boundary& boundary) const {
  Boundary groups = grouped(shape, boundary, boundary.linked);
  groups.server = groups.links;
  if (std::none_of(shape.windows.begin(), shape.windows.end(),
                   [&](const Window& window) { return window.passes(nest_, groups); })) {
    return 0;
  }
  const Boundary alone = grouped(shape, boundary, Sharing::none);
  std::int64_t words = plain_moves(shape, alone);
  for (const Window& window : shape.windows) {
    words = checked_mul(words, window.passes(nest_, groups)
                                   ? window.passed(nest_, groups, scratch_)
                                   : window.entering(nest_, alone, Sharing::none, scratch_));
  }
  return words;
}

std::int64_t TrafficCounter::distinct(const TensorShape& shape, const Boundary& boundary) const {
  std::int64_t words =
      checked_mul(shape.plain_words, combinations(kEverything & ~shape.relevant, 0, boundary));
  for (const Window& window : shape.windows) {
    words = checked_mul(words, window.distinct(nest_, boundary, scratch_));
  }
  return words;
}

std::int64_t TrafficCounter::distinct_apart(const TensorShape& shape,
                                            const Boundary& boundary) const {
  return distinct(shape, grouped(shape, boundary, Sharing::word));
}

}  // namespace tessera
