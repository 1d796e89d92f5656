// Every count is a product (docs/counting.md, traffic.hpp): of the tile, of the loops outside it
// that bring other words, and of those that bring the same ones again. Where a sliding window keeps
// its halo, its rank is a sum over the steps of the sweep instead of extent x steps; where
// instances share words of a window, its extents are unions. A dimension with remainders is one
// factor for all its digits: tiles of unequal size have no common extent, but together they are all
// its indices. What is left of an output's old values is a difference: all updates less the first
// visits.

#include "model/explain.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "model/checked.hpp"
#include "model/nest.hpp"
#include "model/radix.hpp"
#include "model/traffic.hpp"
#include "model/window_clipped.hpp"

namespace tessera {
namespace {

bool in(std::uint32_t set, std::size_t dimension) {
  return (set >> dimension & 1u) != 0;
}

Formula number(Meaning meaning, std::int64_t value) {
  Formula leaf;
  leaf.meaning = meaning;
  leaf.value = value;
  return leaf;
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

/// Which way words go.
enum class Direction : std::uint8_t { entering, leaving };

/// A tensor's ranks with what matters of each: the dimension alone in it, or its window.
struct RankShape {
  std::size_t rank = 0;
  std::optional<std::size_t> dimension;
  const Window* window = nullptr;
};

class Explainer {
 public:
  Explainer(const Problem& problem, const Architecture& architecture, const Mapping& mapping);

  Explanation run() const;

 private:
  /// A loop of the mapping with its digit.
  struct Placed {
    std::size_t node;
    Digit digit;
  };
  /// The ranks' share of what moves.
  struct RankFactors {
    std::vector<Formula> extents;  ///< of ranks in which all tiles are whole and equal
    std::vector<Formula> others;
    std::uint32_t digitwise = 0;  ///< dimensions whose loops are factors of their own
    std::uint32_t shared = 0;     ///< of those, the ones whose sharing instances are in a union
    std::uint32_t swept = 0;      ///< of those, the ones whose sweep is in a sum
  };

  std::vector<RankShape> ranks_of(std::size_t tensor) const;
  bool has_outside(std::size_t dimension, const Boundary& boundary) const;
  std::int64_t extent(std::size_t dimension, const Boundary& boundary) const;
  bool perfect(const Window& window) const;
  void add_plain(const RankShape& rank, const Boundary& boundary, RankFactors& factors) const;
  void add_window(const RankShape& rank, const Boundary& boundary, Sharing sharing,
                  Direction direction, RankFactors& factors) const;
  Formula clipped_steps(const RankShape& rank, const Boundary& boundary, Sharing sharing,
                        Direction direction) const;
  std::optional<Formula> moved_by(const Placed& loop, const Boundary& boundary,
                                  const RankFactors& ranks) const;
  void add_repeats(const TensorShape& shape, const Placed& loop, std::int16_t time,
                   std::int16_t level, std::uint32_t& done, std::vector<Formula>& factors) const;
  std::int64_t combinations(std::size_t dimension, std::int16_t time, std::int16_t level) const;

  Formula tile(std::size_t tensor, const Boundary& boundary) const;
  Formula moves(std::size_t tensor, const Boundary& boundary, Sharing sharing,
                Direction direction) const;
  Formula distinct(std::size_t tensor, const Boundary& boundary) const;
  Formula less_first_visits(std::size_t tensor, Formula words, Boundary boundary,
                            std::int16_t server) const;
  Formula steps_of(std::int16_t time, std::int16_t level, Meaning meaning) const;

  bool spreads(std::int16_t outer, std::int16_t inner) const;
  Sharing sharing_between(std::size_t tensor, std::int16_t outer, std::int16_t inner) const;
  TransferExplanation transfer(std::size_t tensor, std::size_t hold) const;
  void find_roles(std::size_t tensor, const Boundary& boundary, TransferExplanation& out) const;
  void add_fanouts(std::size_t tensor, const Boundary& child, const Formula& by_child,
                   TransferExplanation& out) const;
  std::size_t node_of(std::size_t tensor, std::int16_t level) const;

  const Problem& problem_;
  const Architecture& architecture_;
  const Mapping& mapping_;
  std::vector<std::int64_t> bounds_;
  std::vector<TensorShape> shapes_;
  std::vector<Placed> loops_;  ///< in the order of the nodes
  Nest nest_;
  mutable WindowScratch scratch_;
  TrafficCounter counter_;
  std::uint32_t spread_ = 0;
};

Explainer::Explainer(const Problem& problem, const Architecture& architecture,
                     const Mapping& mapping)
    : problem_(problem),
      architecture_(architecture),
      mapping_(mapping),
      counter_(bounds_, nest_, scratch_) {
  for (const Dimension& dimension : problem.dimensions) {
    bounds_.push_back(dimension.bound);
  }
  for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
    shapes_.push_back(shape_of(problem, TensorId(t)));
  }
  nest_.build(bounds_, problem.tensors.size(), mapping);
  std::array<std::size_t, kMaxDimensions> next{};
  for (std::size_t i = 0; i < mapping.nodes.size(); ++i) {
    if (const Loop* loop = std::get_if<Loop>(&mapping.nodes[i])) {
      const std::size_t d = loop->dimension.index();
      loops_.push_back({i, nest_.digits(d)[next[d]++]});
      if (loop->axis) {
        spread_ |= 1u << loop->axis->fanout.index();
      }
    }
  }
}

std::vector<RankShape> Explainer::ranks_of(std::size_t tensor) const {
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

bool Explainer::has_outside(std::size_t dimension, const Boundary& boundary) const {
  const auto digits = nest_.digits(dimension);
  return std::any_of(digits.begin(), digits.end(),
                     [&](const Digit& digit) { return !boundary.inside(digit); });
}

std::int64_t Explainer::extent(std::size_t dimension, const Boundary& boundary) const {
  Radix tile;
  for (const Digit& digit : nest_.digits(dimension)) {
    if (boundary.inside(digit)) {
      tile.push(digit.bound, digit.weight);
    }
  }
  return tile.count_below(bounds_[dimension]);
}

bool Explainer::perfect(const Window& window) const {
  return std::all_of(window.terms().begin(), window.terms().end(),
                     [&](const WindowTerm& term) { return nest_.perfect(term.dimension); });
}

void Explainer::add_plain(const RankShape& rank, const Boundary& boundary,
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
void Explainer::add_window(const RankShape& rank, const Boundary& boundary, Sharing sharing,
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
      if (!digit.temporal() && digit.level >= boundary.server && digit.level < boundary.level) {
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

Formula Explainer::clipped_steps(const RankShape& rank, const Boundary& boundary, Sharing sharing,
                                 Direction direction) const {
  const auto& terms = rank.window->terms();
  const auto steps = direction == Direction::entering
                         ? clipped_entering_steps(terms, nest_, boundary, sharing, scratch_)
                         : clipped_leaving_steps(terms, nest_, boundary, sharing, scratch_);
  std::vector<Formula> parts;
  for (const WindowSteps& step : steps) {
    std::vector<Formula> factors{number(Meaning::times, step.times),
                                 of_rank(Meaning::fresh, rank.rank, step.words)};
    parts.push_back(product(std::move(factors), Meaning::fresh));
  }
  return sum(std::move(parts));
}

std::int64_t Explainer::combinations(std::size_t dimension, std::int16_t time,
                                     std::int16_t level) const {
  return counter_.combinations(1u << dimension, time, level);
}

/// The factor of a loop over a dimension that the tensor depends on, if it has one of its own.
std::optional<Formula> Explainer::moved_by(const Placed& loop, const Boundary& boundary,
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
  if (in(ranks.shared, d) && digit.level >= boundary.server) {
    return std::nullopt;
  }
  Formula spread = of_dimension(Meaning::spread, d, digit.bound);
  spread.axis = AxisRef{LevelId(static_cast<std::size_t>(digit.level)), digit.axis};
  return spread;
}

/// The factor of a loop over a dimension that the tensor does not depend on, among the temporal
/// loops before `time` and the spatial ones before `level`. Dimensions with remainders have one
/// factor for all their loops there, and are then `done`.
void Explainer::add_repeats(const TensorShape& shape, const Placed& loop, std::int16_t time,
                            std::int16_t level, std::uint32_t& done,
                            std::vector<Formula>& factors) const {
  const Digit& digit = loop.digit;
  const std::size_t d = digit.dimension;
  const auto counts = [&](const Digit& other) {
    return other.temporal() ? other.time < time : other.level < level;
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
  factors.push_back(
      of_dimension(temporal ? Meaning::again : Meaning::copies, d, combinations(d, time, level)));
  done |= 1u << d;
}

Formula Explainer::tile(std::size_t tensor, const Boundary& boundary) const {
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

Formula Explainer::moves(std::size_t tensor, const Boundary& boundary, Sharing sharing,
                         Direction direction) const {
  const TensorShape& shape = shapes_[tensor];
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
  const std::int16_t level = sharing == Sharing::none ? boundary.level : boundary.server;
  std::uint32_t done = 0;
  for (const Placed& loop : loops_) {
    if (in(shape.relevant, loop.digit.dimension)) {
      if (auto factor = moved_by(loop, boundary, ranks)) {
        factors.push_back(std::move(*factor));
      }
    } else {
      add_repeats(shape, loop, boundary.outside, level, done, factors);
    }
  }
  return product(std::move(factors), Meaning::tile);
}

Formula Explainer::distinct(std::size_t tensor, const Boundary& boundary) const {
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
        places /= combinations(term.dimension, 0, boundary.server);
      }
    }
    factors.push_back(of_rank(Meaning::places, rank.rank, places));
  }
  std::uint32_t done = 0;
  for (const Placed& loop : loops_) {
    const Digit& digit = loop.digit;
    add_repeats(shape, loop, 0, boundary.server, done, factors);
    if (in(by_server, digit.dimension) && !digit.temporal() && digit.level < boundary.server) {
      Formula spread = of_dimension(Meaning::spread, digit.dimension, digit.bound);
      spread.axis = AxisRef{LevelId(static_cast<std::size_t>(digit.level)), digit.axis};
      factors.push_back(spread);
    }
  }
  return product(std::move(factors), Meaning::composed);
}

Formula Explainer::less_first_visits(std::size_t tensor, Formula words, Boundary boundary,
                                     std::int16_t server) const {
  boundary.server = server;
  Formula visits = distinct(tensor, boundary);
  Formula rest;
  rest.form = Formula::Form::difference;
  rest.value = words.value - visits.value;
  rest.parts = {std::move(words), std::move(visits)};
  return rest;
}

Formula Explainer::steps_of(std::int16_t time, std::int16_t level, Meaning meaning) const {
  std::vector<Formula> factors;
  for (std::size_t d = 0; d < bounds_.size(); ++d) {
    const std::int64_t steps = combinations(d, time, level);
    if (steps > 1) {
      factors.push_back(of_dimension(meaning, d, steps));
    }
  }
  return product(std::move(factors), Meaning::composed);
}

bool Explainer::spreads(std::int16_t outer, std::int16_t inner) const {
  return (spread_ >> (outer + 1) & ((1u << (inner - outer - 1)) - 1)) != 0;
}

Sharing Explainer::sharing_between(std::size_t tensor, std::int16_t outer,
                                   std::int16_t inner) const {
  const Tensor& t = problem_.tensors[tensor];
  Sharing weakest = Sharing::word;
  for (auto level = static_cast<std::size_t>(outer + 1); level < static_cast<std::size_t>(inner);
       ++level) {
    if ((spread_ >> level & 1u) == 0) {
      continue;
    }
    const Fanout& fanout = *architecture_.fanout(LevelId(level));
    const Multicast multicast = t.role == TensorRole::output
                                    ? (fanout.reduce ? Multicast::word : Multicast::none)
                                    : fanout.multicast[static_cast<std::size_t>(t.kind)];
    weakest = std::min(weakest, multicast == Multicast::word   ? Sharing::word
                                : multicast == Multicast::tile ? Sharing::tile
                                                               : Sharing::none);
  }
  return weakest;
}

void Explainer::find_roles(std::size_t tensor, const Boundary& boundary,
                           TransferExplanation& out) const {
  const TensorShape& shape = shapes_[tensor];
  for (const Placed& loop : loops_) {
    const Digit& digit = loop.digit;
    const bool relevant = in(shape.relevant, digit.dimension);
    if (!digit.temporal()) {
      const bool between = digit.level > boundary.server && digit.level < boundary.level;
      if (between && (!relevant || !in(shape.plain, digit.dimension))) {
        out.sharers.push_back(loop.node);
      }
    } else if (!out.child_node) {
      continue;
    } else if (digit.time < boundary.outside) {
      if (!relevant) {
        out.again.push_back(loop.node);
      }
    } else if (digit.time < boundary.sweep) {
      out.sweep.push_back(loop.node);
    } else if (digit.time < boundary.time) {
      out.free.push_back(loop.node);
    }
  }
}

void Explainer::add_fanouts(std::size_t tensor, const Boundary& child, const Formula& by_child,
                            TransferExplanation& out) const {
  const Direction direction = problem_.tensors[tensor].role == TensorRole::output
                                  ? Direction::leaving
                                  : Direction::entering;
  for (auto level = static_cast<std::int16_t>(child.server + 1); level < child.level; ++level) {
    const LevelId id(static_cast<std::size_t>(level));
    if (architecture_.fanout(id) == nullptr) {
      continue;
    }
    if (!spreads(level, child.level)) {
      out.fanouts.push_back({id, by_child});
      continue;
    }
    Boundary here = child;
    here.server = static_cast<std::int16_t>(level + 1);
    out.fanouts.push_back(
        {id, moves(tensor, here, sharing_between(tensor, level, child.level), direction)});
  }
}

std::size_t Explainer::node_of(std::size_t tensor, std::int16_t level) const {
  for (std::size_t i = 0; i < mapping_.nodes.size(); ++i) {
    const Hold* hold = std::get_if<Hold>(&mapping_.nodes[i]);
    if (hold != nullptr && hold->memory.index() == static_cast<std::size_t>(level) &&
        hold->tensors.contains(TensorId(tensor))) {
      return i;
    }
  }
  return mapping_.nodes.size();
}

TransferExplanation Explainer::transfer(std::size_t tensor, std::size_t hold) const {
  const auto holds = nest_.holds(tensor);
  const bool innermost = hold + 1 == holds.size();
  const auto compute = static_cast<std::int16_t>(architecture_.hierarchy.size() - 1);
  Boundary child = innermost ? counter_.compute_boundary(compute)
                             : counter_.boundary(shapes_[tensor], holds[hold + 1]);
  child.server = holds[hold].level;
  TransferExplanation out;
  out.tensor = TensorId(tensor);
  out.parent = LevelId(static_cast<std::size_t>(child.server));
  out.child = LevelId(static_cast<std::size_t>(child.level));
  out.parent_node = node_of(tensor, child.server);
  if (!innermost) {
    out.child_node = node_of(tensor, child.level);
  }
  find_roles(tensor, child, out);
  const bool output = problem_.tensors[tensor].role == TensorRole::output;
  const Direction direction = output ? Direction::leaving : Direction::entering;
  const bool shared = spreads(child.server, child.level);
  out.sharing = sharing_between(tensor, child.server, child.level);
  const Formula by_child = innermost ? number(Meaning::operations, problem_.operations())
                                     : moves(tensor, child, Sharing::none, direction);
  Formula by_parent = shared ? moves(tensor, child, out.sharing, direction) : by_child;
  if (output) {
    if (!innermost) {
      out.drains = by_child;
      out.fills =
          less_first_visits(tensor, number(Meaning::drains, by_child.value), child, child.level);
    }
    out.reads =
        less_first_visits(tensor, number(Meaning::updates, by_parent.value), child, child.server);
    out.updates = std::move(by_parent);
  } else {
    if (!innermost) {
      out.fills = by_child;
    }
    out.reads = std::move(by_parent);
  }
  add_fanouts(tensor, child, by_child, out);
  return out;
}

Explanation Explainer::run() const {
  Explanation result;
  for (std::size_t i = 0; i < mapping_.nodes.size(); ++i) {
    const Hold* hold = std::get_if<Hold>(&mapping_.nodes[i]);
    for (std::size_t t = 0; hold != nullptr && t < problem_.tensors.size(); ++t) {
      if (!hold->tensors.contains(TensorId(t))) {
        continue;
      }
      for (const HoldPlace& place : nest_.holds(t)) {
        if (static_cast<std::size_t>(place.level) == hold->memory.index()) {
          const Boundary boundary{.time = place.time, .level = place.level};
          result.tiles.push_back({i, hold->memory, TensorId(t), tile(t, boundary)});
        }
      }
    }
  }
  for (std::size_t t = 0; t < problem_.tensors.size(); ++t) {
    for (std::size_t h = 0; h < nest_.holds(t).size(); ++h) {
      result.transfers.push_back(transfer(t, h));
    }
  }
  result.compute_cycles =
      steps_of(static_cast<std::int16_t>(nest_.temporal_count()), 0, Meaning::steps);
  for (std::size_t l = 0; l < architecture_.hierarchy.size(); ++l) {
    result.instances_used.push_back(steps_of(0, static_cast<std::int16_t>(l), Meaning::used));
  }
  return result;
}

}  // namespace

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

Explanation explain(const Problem& problem, const Architecture& architecture,
                    const Mapping& mapping) {
  return Explainer(problem, architecture, mapping).run();
}

}  // namespace tessera
