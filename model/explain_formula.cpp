// Every count is a product (docs/counting.md, traffic.hpp): of the tile, of the loops outside it
// that bring other words, and of those that bring the same ones again. Where a sliding window keeps
// its halo, its rank is a sum over the steps of the sweep instead of extent x steps; where
// instances share words of a window, its extents are unions. A dimension with remainders is one
// factor for all its digits: tiles of unequal size have no common extent, but together they are all
// its indices. What is left of an output's old values is a difference: all updates less the first
// visits.

#include "model/explain_formula.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>

#include "model/checked.hpp"
#include "model/radix.hpp"
#include "model/window_clipped.hpp"

namespace tessera {
namespace {

bool in(std::uint32_t set, std::size_t dimension) {
  return (set >> dimension & 1u) != 0;
}

Formula of_dimension(Meaning meaning, std::size_t dimension, std::int64_t value) {
  Formula leaf = number(meaning, value);
  leaf.dimension = DimensionId(dimension);
  return leaf;
}

Formula of_rank(Meaning meaning, std::size_t rank, std::int64_t value) {
  Formula leaf = number(meaning, value);
  leaf.rank = rank;
  return leaf;
}

/// A product; one factor stands for itself, none is the number 1 of `meaning`.
Formula product(std::vector<Formula> factors, Meaning meaning) {
  if (factors.empty()) {
    return number(meaning, 1);
  }
  if (factors.size() == 1) {
    return std::move(factors.front());
  }
  Formula whole;
  whole.form = Formula::Form::product;
  whole.value = 1;
  for (const Formula& factor : factors) {
    whole.value = checked_mul(whole.value, factor.value);
  }
  whole.parts = std::move(factors);
  return whole;
}

Formula sum(std::vector<Formula> parts) {
  Formula whole;
  whole.form = Formula::Form::sum;
  for (const Formula& part : parts) {
    whole.value = checked_add(whole.value, part.value);
  }
  whole.parts = std::move(parts);
  return whole;
}

}  // namespace

Formula number(Meaning meaning, std::int64_t value) {
  Formula leaf;
  leaf.meaning = meaning;
  leaf.value = value;
  return leaf;
}

/// A tensor's ranks with what matters of each: the dimension alone in it, or its window.
struct FormulaMaker::RankShape {
  std::size_t rank = 0;
  std::optional<std::size_t> dimension;
  const Window* window = nullptr;
};

/// The ranks' share of what moves.
struct FormulaMaker::RankFactors {
  std::vector<Formula> extents;  ///< of ranks in which all tiles are whole and equal
  std::vector<Formula> others;
  std::uint32_t digitwise = 0;  ///< dimensions whose loops are factors of their own
  std::uint32_t shared = 0;     ///< of those, the ones whose sharing instances are in a union
  std::uint32_t swept = 0;      ///< of those, the ones whose sweep is in a sum
};

FormulaMaker::FormulaMaker(const Problem& problem, const Architecture& architecture,
                           const Mapping& mapping)
    : problem_(problem), counter_(bounds_, nest_, scratch_) {
  for (const Dimension& dimension : problem.dimensions) {
    bounds_.push_back(dimension.bound);
  }
  for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
    shapes_.push_back(shape_of(problem, architecture, TensorId(t)));
  }
  nest_.build(bounds_, problem.tensors.size(), mapping);
  std::array<std::size_t, kMaxDimensions> next{};
  for (std::size_t i = 0; i < mapping.nodes.size(); ++i) {
    if (const Loop* loop = std::get_if<Loop>(&mapping.nodes[i])) {
      const std::size_t d = loop->dimension.index();
      loops_.push_back({i, nest_.digits(d)[next[d]++]});
    }
  }
}

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
  std::vector<Formula> parts;
  for (const WindowSteps& step : steps) {
    std::vector<Formula> factors{number(Meaning::times, step.times),
                                 of_rank(Meaning::sized, rank.rank, step.words)};
    parts.push_back(product(std::move(factors), Meaning::sized));
  }
  return sum(std::move(parts));
}

/// The factor of a loop over a dimension that the tensor depends on, if it has one of its own.
std::optional<Formula> FormulaMaker::moved_by(const Placed& loop, const Boundary& boundary,
                                              const RankFactors& ranks) const {
  const Digit& digit = loop.digit;
  const std::size_t d = digit.dimension;
  if (!in(ranks.digitwise, d) || boundary.inside(digit)) {
    return std::nullopt;
  }
  if (digit.temporal()) {
    const bool sweeps = digit.time >= boundary.outside && digit.time < boundary.sweep;
    return sweeps && in(ranks.swept, d)
               ? std::nullopt
               : std::optional(of_dimension(Meaning::loop, d, digit.bound));
  }
  if (in(ranks.shared, d) && boundary.shares(digit)) {
    return std::nullopt;
  }
  Formula spread = of_dimension(Meaning::spread, d, digit.bound);
  spread.axis = AxisRef{LevelId(static_cast<std::size_t>(digit.level)), digit.axis};
  return spread;
}

/// The factor of a loop over a dimension that the tensor does not depend on, among the temporal
/// loops before `time` and the spatial ones that separate. Dimensions with remainders have one
/// factor for all their loops there, and are then `done`.
void FormulaMaker::add_repeats(const TensorShape& shape, const Placed& loop, std::int16_t time,
                               const Boundary& boundary, std::uint32_t& done,
                               std::vector<Formula>& factors) const {
  const Digit& digit = loop.digit;
  const std::size_t d = digit.dimension;
  const auto counts = [&](const Digit& other) {
    return other.temporal() ? other.time < time : boundary.separates(other);
  };
  if (in(shape.relevant, d) || in(done, d) || !counts(digit)) {
    return;
  }
  if (nest_.perfect(d)) {
    Formula factor =
        of_dimension(digit.temporal() ? Meaning::again : Meaning::copies, d, digit.bound);
    if (!digit.temporal()) {
      factor.axis = AxisRef{LevelId(static_cast<std::size_t>(digit.level)), digit.axis};
    }
    factors.push_back(factor);
    return;
  }
  const auto digits = nest_.digits(d);
  const bool temporal = std::any_of(digits.begin(), digits.end(), [&](const Digit& other) {
    return other.temporal() && counts(other);
  });
  factors.push_back(of_dimension(temporal ? Meaning::again : Meaning::copies, d,
                                 counter_.combinations(1u << d, time, boundary)));
  done |= 1u << d;
}

Formula FormulaMaker::tile(std::size_t tensor, const Boundary& boundary) const {
  std::vector<Formula> extents;
  for (const RankShape& rank : ranks_of(tensor)) {
    const std::int64_t places = rank.window != nullptr ? rank.window->extent(nest_, boundary)
                                                       : extent(*rank.dimension, boundary);
    if (places > 1) {
      extents.push_back(of_rank(Meaning::extent, rank.rank, places));
    }
  }
  return product(std::move(extents), Meaning::tile);
}

Formula FormulaMaker::moves(std::size_t tensor, const Boundary& child, Sharing sharing,
                            Direction direction) const {
  const TensorShape& shape = shapes_[tensor];
  const Boundary boundary = grouped(shape, child, sharing);
  RankFactors ranks;
  for (const RankShape& rank : ranks_of(tensor)) {
    if (rank.window != nullptr) {
      add_window(rank, boundary, sharing, direction, ranks);
    } else {
      add_plain(rank, boundary, ranks);
    }
  }
  std::vector<Formula> factors;
  if (ranks.others.empty()) {
    std::int64_t words = 1;
    for (const Formula& extent : ranks.extents) {
      words = checked_mul(words, extent.value);
    }
    factors.push_back(number(Meaning::tile, words));
  } else {
    std::erase_if(ranks.extents, [](const Formula& extent) { return extent.value == 1; });
    factors = std::move(ranks.extents);
    std::move(ranks.others.begin(), ranks.others.end(), std::back_inserter(factors));
  }
  std::uint32_t done = 0;
  for (const Placed& loop : loops_) {
    if (in(shape.relevant, loop.digit.dimension)) {
      if (auto factor = moved_by(loop, boundary, ranks)) {
        factors.push_back(std::move(*factor));
      }
    } else {
      add_repeats(shape, loop, boundary.outside, boundary, done, factors);
    }
  }
  return product(std::move(factors), Meaning::tile);
}

Formula FormulaMaker::distinct(std::size_t tensor, const Boundary& boundary) const {
  const TensorShape& shape = shapes_[tensor];
  std::vector<Formula> factors;
  std::uint32_t by_server = 0;
  for (const RankShape& rank : ranks_of(tensor)) {
    if (rank.window == nullptr) {
      factors.push_back(of_dimension(Meaning::indices, *rank.dimension, bounds_[*rank.dimension]));
      continue;
    }
    std::int64_t places = rank.window->distinct(nest_, boundary, scratch_);
    if (perfect(*rank.window)) {
      for (const WindowTerm& term : rank.window->terms()) {
        by_server |= 1u << term.dimension;
        places /= counter_.combinations(1u << term.dimension, 0, boundary);
      }
    }
    factors.push_back(of_rank(Meaning::places, rank.rank, places));
  }
  std::uint32_t done = 0;
  for (const Placed& loop : loops_) {
    const Digit& digit = loop.digit;
    add_repeats(shape, loop, 0, boundary, done, factors);
    if (in(by_server, digit.dimension) && !digit.temporal() && digit.level < boundary.server) {
      Formula spread = of_dimension(Meaning::spread, digit.dimension, digit.bound);
      spread.axis = AxisRef{LevelId(static_cast<std::size_t>(digit.level)), digit.axis};
      factors.push_back(spread);
    }
  }
  return product(std::move(factors), Meaning::composed);
}

Formula FormulaMaker::less_first_visits(std::size_t tensor, Formula words, Boundary boundary,
                                        std::int16_t server) const {
  boundary.server = server;
  Formula visits = distinct(tensor, boundary);
  Formula rest;
  rest.form = Formula::Form::difference;
  rest.value = words.value - visits.value;
  rest.parts = {std::move(words), std::move(visits)};
  return rest;
}

Formula FormulaMaker::steps_of(std::int16_t time, std::int16_t level, Meaning meaning) const {
  std::vector<Formula> factors;
  for (std::size_t d = 0; d < bounds_.size(); ++d) {
    const std::int64_t steps = counter_.combinations(1u << d, time, level);
    if (steps > 1) {
      factors.push_back(of_dimension(meaning, d, steps));
    }
  }
  return product(std::move(factors), Meaning::composed);
}

std::int64_t arithmetic(const Formula& formula) {
  switch (formula.form) {
    case Formula::Form::number:
      return formula.value;
    case Formula::Form::difference:
      return arithmetic(formula.parts[0]) - arithmetic(formula.parts[1]);
    case Formula::Form::product:
    case Formula::Form::sum:
      break;
  }
  const bool multiplies = formula.form == Formula::Form::product;
  std::int64_t result = multiplies ? 1 : 0;
  for (const Formula& part : formula.parts) {
    result =
        multiplies ? checked_mul(result, arithmetic(part)) : checked_add(result, arithmetic(part));
  }
  return result;
}

}  // namespace tessera
