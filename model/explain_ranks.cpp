// What the ranks of a tensor contribute to the formulas of what moves: window.cpp,
// window_clipped.cpp and window_links.cpp, term by term.

#include <algorithm>
#include <cstdlib>

#include "model/checked.hpp"
#include "model/explain_formula.hpp"
#include "model/explain_terms.hpp"
#include "model/radix.hpp"

namespace tessera {

std::vector<FormulaMaker::RankShape> FormulaMaker::ranks_of(std::size_t tensor) const {
  std::vector<RankShape> shapes;
  auto window = shapes_[tensor].windows.begin();
  const auto& ranks = problem_.tensors[tensor].projection.ranks;
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    std::vector<std::size_t> dimensions;
    for (const Term& term : ranks[r]) {
      if (problem_.at(term.dimension).bound > 1) {
        dimensions.push_back(term.dimension.index());
      }
    }
    if (dimensions.size() == 1) {
      shapes.push_back({r, dimensions.front(), nullptr});
    } else if (!dimensions.empty()) {
      shapes.push_back({r, std::nullopt, &*window++});
    }
  }
  return shapes;
}

bool FormulaMaker::has_outside(std::size_t dimension, const Boundary& boundary) const {
  const auto digits = nest_.digits(dimension);
  return std::any_of(digits.begin(), digits.end(),
                     [&](const Digit& digit) { return !boundary.inside(digit); });
}

std::int64_t FormulaMaker::extent(std::size_t dimension, const Boundary& boundary) const {
  Radix tile;
  for (const Digit& digit : nest_.digits(dimension)) {
    if (boundary.inside(digit)) {
      tile.push(digit.bound, digit.weight);
    }
  }
  return tile.count_below(bounds_[dimension]);
}

bool FormulaMaker::perfect(const Window& window) const {
  return std::all_of(window.terms().begin(), window.terms().end(),
                     [&](const WindowTerm& term) { return nest_.perfect(term.dimension); });
}

void FormulaMaker::add_plain(const RankShape& rank, const Boundary& boundary,
                             RankFactors& factors) const {
  const std::size_t d = *rank.dimension;
  if (nest_.perfect(d) || !has_outside(d, boundary)) {
    factors.extents.push_back(of_rank(Meaning::extent, rank.rank, extent(d, boundary)));
    factors.digitwise |= 1u << d;
  } else {
    factors.others.push_back(of_dimension(Meaning::indices, d, bounds_[d]));
  }
}

/// window.cpp, term by term.
void FormulaMaker::add_window(const RankShape& rank, const Boundary& boundary, Sharing sharing,
                              Direction direction, RankFactors& factors) const {
  const auto& terms = rank.window->terms();
  const std::int64_t extent = rank.window->extent(nest_, boundary);
  if (direction == Direction::entering && rank.window->passes(nest_, boundary)) {
    factors.others.push_back(linked(rank, boundary, sharing, &LinkedWords::served));
    return;
  }
  if (!perfect(*rank.window)) {
    const bool outside = std::any_of(terms.begin(), terms.end(), [&](const WindowTerm& term) {
      return has_outside(term.dimension, boundary);
    });
    if (outside) {
      factors.others.push_back(clipped_steps(rank, boundary, sharing, direction));
    } else {
      factors.extents.push_back(of_rank(Meaning::extent, rank.rank, extent));
    }
    return;
  }
  Comb sharers;
  std::uint32_t dimensions = 0;
  for (const WindowTerm& term : terms) {
    dimensions |= 1u << term.dimension;
    for (const Digit& digit : nest_.digits(term.dimension)) {
      if (boundary.shares(digit)) {
        sharers.push(std::abs(term.coefficient) * digit.weight, digit.bound);
      }
    }
  }
  const bool shared = sharing != Sharing::none && sharers.size > 0;
  const auto together = [&](std::int64_t length) {
    Comb offsets = sharers;
    return !shared ? length
           : sharing == Sharing::tile
               ? checked_mul(length, union_size(1, offsets, scratch_.intervals))
               : union_size(length, offsets, scratch_.intervals);
  };
  std::vector<Formula> steps{of_rank(Meaning::first, rank.rank, together(extent))};
  bool overlaps = false;
  for (const WindowTerm& term : terms) {
    std::int64_t back = 0;
    std::int64_t further_out = 1;
    const auto digits = nest_.digits(term.dimension);
    const auto sweeps = [&](const Digit& digit) {
      return digit.temporal() && digit.time >= boundary.outside && digit.time < boundary.sweep;
    };
    for (const Digit& digit : digits) {
      further_out *= sweeps(digit) ? digit.bound : 1;
    }
    for (std::size_t i = digits.size(); i-- > 0;) {
      const Digit& digit = digits[i];
      if (!sweeps(digit)) {
        continue;
      }
      further_out /= digit.bound;
      const std::int64_t step = std::abs(term.coefficient) * (digit.weight - back);
      overlaps = overlaps || step < extent;
      std::vector<Formula> factor{
          number(Meaning::times, checked_mul(digit.bound - 1, further_out)),
          of_rank(Meaning::fresh, rank.rank, together(std::min(step, extent)))};
      steps.push_back(product(std::move(factor), Meaning::fresh));
      back += digit.weight * (digit.bound - 1);
    }
  }
  factors.digitwise |= dimensions;
  factors.shared |= shared ? dimensions : 0;
  if (overlaps) {
    factors.swept |= dimensions;
    factors.others.push_back(sum(std::move(steps)));
  } else if (shared) {
    factors.others.push_back(of_rank(Meaning::shared_places, rank.rank, together(extent)));
  } else {
    factors.extents.push_back(of_rank(Meaning::extent, rank.rank, extent));
  }
}

Formula FormulaMaker::clipped_steps(const RankShape& rank, const Boundary& boundary,
                                    Sharing sharing, Direction direction) const {
  const auto& terms = rank.window->terms();
  const auto steps = direction == Direction::entering
                         ? clipped_entering_steps(terms, nest_, boundary, sharing, scratch_)
                         : clipped_leaving_steps(terms, nest_, boundary, sharing, scratch_);
  return sum_of(steps, rank.rank);
}

Formula FormulaMaker::linked(const RankShape& rank, const Boundary& boundary, Sharing sharing,
                             std::int64_t LinkedWords::*which) const {
  return sum_of(linked_steps(rank.window->terms(), nest_, boundary, sharing, which, scratch_),
                rank.rank);
}

}  // namespace tessera
