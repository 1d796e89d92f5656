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
#include <iterator>

#include "model/checked.hpp"
#include "model/explain_terms.hpp"

namespace tessera {
namespace {

bool in(std::uint32_t set, std::size_t dimension) {
  return (set >> dimension & 1u) != 0;
}

}  // namespace

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
  const Boundary boundary = grouped(shapes_[tensor], child, sharing);
  RankFactors ranks;
  for (const RankShape& rank : ranks_of(tensor)) {
    if (rank.window != nullptr) {
      add_window(rank, boundary, sharing, direction, ranks);
    } else {
      add_plain(rank, boundary, ranks);
    }
  }
  return whole(shapes_[tensor], boundary, std::move(ranks));
}

Formula FormulaMaker::passed(std::size_t tensor, const Boundary& child) const {
  const Boundary alone = grouped(shapes_[tensor], child, Sharing::none);
  Boundary groups = grouped(shapes_[tensor], child, child.linked);
  groups.server = groups.links;
  RankFactors ranks;
  for (const RankShape& rank : ranks_of(tensor)) {
    if (rank.window == nullptr) {
      add_plain(rank, alone, ranks);
    } else if (rank.window->passes(nest_, groups)) {
      ranks.others.push_back(linked(rank, groups, child.linked, &LinkedWords::passed));
    } else {
      add_window(rank, alone, Sharing::none, Direction::entering, ranks);
    }
  }
  return whole(shapes_[tensor], alone, std::move(ranks));
}

/// The ranks' factors, and those of the loops.
Formula FormulaMaker::whole(const TensorShape& shape, const Boundary& boundary,
                            RankFactors ranks) const {
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

}  // namespace tessera
