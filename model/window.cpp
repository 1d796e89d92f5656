// Sliding windows whose dimensions are all perfect (nothing is clipped): closed forms, whose cost
// does not depend on bounds. window_clipped.cpp has the general case.
//
// The tile of an instance has the extent e = 1 + sum over digits inside of |k| w (b - 1), for a
// digit of bound b and weight w of a dimension with coefficient k. Let the sweep's digits, outer to
// inner, be j with bounds b_j. Between two of its steps the innermost digit that counts up, j,
// moves the tile by d_j = |k| (w_j - sum over sweep digits i inside j of w_i (b_i - 1)), since
// those go back to 0. That happens (b_j - 1) * prod of the b_i outside j times a sweep. Then min(e,
// d_j) words are new, at the leading edge, in one run; as many leave at the trailing edge, so
// entering and leaving have equal totals.
//
// The instances below one server make the same moves at offsets |k| w s, s their spatial digits:
// equal intervals at the places of a comb. Sums, distinct places and unions of those are closed
// (intervals.hpp). Every value of the digits outside the sweep, and every server, repeats the same.

#include "model/window.hpp"

#include <algorithm>
#include <cstdlib>

#include "model/checked.hpp"
#include "model/radix.hpp"
#include "model/window_clipped.hpp"
#include "model/window_links.hpp"

namespace tessera {
namespace {

/// What the digits of a perfect rank amount to, seen from a boundary.
struct Shape {
  std::int64_t extent = 1;
  std::int64_t repeats = 1;    ///< values of outside digits and servers
  std::int64_t instances = 1;  ///< below one server
  Comb offsets;                ///< of those instances
};

bool in_sweep(const Digit& digit, const Boundary& boundary) {
  return digit.temporal() && digit.time >= boundary.outside && digit.time < boundary.sweep;
}

std::int64_t moved(std::int64_t length, Shape& shape, Sharing sharing, WindowScratch& scratch) {
  if (shape.offsets.size == 0) {
    return length;
  }
  switch (sharing) {
    case Sharing::none:
      return checked_mul(length, shape.instances);
    case Sharing::tile:
      return checked_mul(length, union_size(1, shape.offsets, scratch.intervals));
    case Sharing::word:
      break;
  }
  return union_size(length, shape.offsets, scratch.intervals);
}

}  // namespace

bool Window::passes(const Nest& nest, const Boundary& boundary) const {
  if (boundary.links < boundary.server || boundary.outside == boundary.sweep) {
    return false;
  }
  const std::uint8_t swept = nest.temporal(static_cast<std::size_t>(boundary.outside)).dimension;
  return std::any_of(terms_.begin(), terms_.end(),
                     [&](const WindowTerm& term) { return term.dimension == swept; });
}

bool Window::perfect(const Nest& nest) const {
  for (const WindowTerm& term : terms_) {
    if (!nest.perfect(term.dimension)) {
      return false;
    }
  }
  return true;
}

std::int64_t Window::extent(const Nest& nest, const Boundary& boundary) const {
  std::int64_t extent = 1;
  for (const WindowTerm& term : terms_) {
    Radix tile;
    for (const Digit& digit : nest.digits(term.dimension)) {
      if (boundary.inside(digit)) {
        tile.push(digit.bound, digit.weight);
      }
    }
    extent += std::abs(term.coefficient) * tile.largest_below(term.bound);
  }
  return extent;
}

std::int64_t Window::entering(const Nest& nest, const Boundary& boundary, Sharing sharing,
                              WindowScratch& scratch) const {
  if (passes(nest, boundary)) [[unlikely]] {
    return linked_entering(terms_, nest, boundary, sharing, scratch).served;
  }
  if (!perfect(nest)) {
    return clipped_entering(terms_, nest, boundary, sharing, scratch);
  }
  Shape shape;
  for (const WindowTerm& term : terms_) {
    const std::int64_t k = std::abs(term.coefficient);
    for (const Digit& digit : nest.digits(term.dimension)) {
      if (boundary.inside(digit)) {
        shape.extent += k * digit.weight * (digit.bound - 1);
      } else if (boundary.shares(digit)) {
        shape.instances *= digit.bound;
        shape.offsets.push(k * digit.weight, digit.bound);
      } else if (!in_sweep(digit, boundary)) {
        shape.repeats = checked_mul(shape.repeats, digit.bound);
      }
    }
  }
  std::int64_t words = moved(shape.extent, shape, sharing, scratch);
  for (const WindowTerm& term : terms_) {
    std::int64_t back = 0;  // how far the sweep's digits further in go back
    std::int64_t times = 1;
    const auto digits = nest.digits(term.dimension);
    for (const Digit& digit : digits) {
      if (in_sweep(digit, boundary)) {
        times *= digit.bound;
      }
    }
    for (std::size_t i = digits.size(); i-- > 0;) {
      const Digit& digit = digits[i];
      if (!in_sweep(digit, boundary)) {
        continue;
      }
      times /= digit.bound;
      const std::int64_t step = std::abs(term.coefficient) * (digit.weight - back);
      const std::int64_t fresh = step < shape.extent ? step : shape.extent;
      words = checked_add(
          words, checked_mul((digit.bound - 1) * times, moved(fresh, shape, sharing, scratch)));
      back += digit.weight * (digit.bound - 1);
    }
  }
  return checked_mul(shape.repeats, words);
}

std::int64_t Window::leaving(const Nest& nest, const Boundary& boundary, Sharing sharing,
                             WindowScratch& scratch) const {
  if (!perfect(nest)) {
    return clipped_leaving(terms_, nest, boundary, sharing, scratch);
  }
  // Outputs are not passed on.
  return entering(nest, boundary, sharing, scratch);
}

std::int64_t Window::passed(const Nest& nest, const Boundary& boundary,
                            WindowScratch& scratch) const {
  return linked_entering(terms_, nest, boundary, boundary.linked, scratch).passed;
}

std::int64_t Window::distinct(const Nest& nest, const Boundary& boundary,
                              WindowScratch& scratch) const {
  if (!perfect(nest)) {
    return clipped_distinct(terms_, nest, boundary, scratch);
  }
  std::int64_t servers = 1;
  std::int64_t extent = 1;
  Comb offsets;
  for (const WindowTerm& term : terms_) {
    const std::int64_t k = std::abs(term.coefficient);
    for (const Digit& digit : nest.digits(term.dimension)) {
      if (boundary.inside(digit)) {
        extent += k * digit.weight * (digit.bound - 1);
      } else if (boundary.separates(digit)) {
        servers *= digit.bound;
      } else {
        offsets.push(k * digit.weight, digit.bound);
      }
    }
  }
  return checked_mul(servers, union_size(extent, offsets, scratch.intervals));
}

}  // namespace tessera
