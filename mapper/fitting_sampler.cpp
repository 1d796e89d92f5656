#include "mapper/fitting_sampler.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "arch/tile_room.hpp"

namespace tessera {
namespace {}  // namespace

FittingSampler::FittingSampler(const Mapspace& space) : space_(space), point_(space.make_point()) {
  const Problem& problem = space.problem();
  const auto& dimensions = space.dimensions();
  for (const Tensor& tensor : problem.tensors) {
    auto& ranks = ranks_.emplace_back();
    for (const Rank& rank : tensor.projection.ranks) {
      std::vector<RankTerm> terms;
      for (const Term& term : rank) {
        for (std::size_t d = 0; d < dimensions.size(); ++d) {
          if (dimensions[d].id == term.dimension) {
            terms.push_back({d, std::abs(term.coefficient)});
          }
        }
      }
      if (!terms.empty()) {
        ranks.push_back(std::move(terms));
      }
    }
  }
  const Architecture& architecture = space.architecture();
  for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
    const Memory* memory = architecture.memory(LevelId(i));
    if (memory != nullptr && memory->capacity) {
      const TileRoom tiles = tile_room(*memory, problem.words());
      Room& room = rooms_.emplace_back();
      room.memory = LevelId(i);
      room.usable = static_cast<double>(tiles.available);
      room.per_word.assign(tiles.per_word.begin(), tiles.per_word.end());
    }
  }
  for (const Skeleton& skeleton : space.skeletons()) {
    auto& tiles = tiles_.emplace_back();
    const auto add = [&](const Hold& hold, std::size_t first_slot) {
      const auto room = std::find_if(rooms_.begin(), rooms_.end(),
                                     [&](const Room& each) { return each.memory == hold.memory; });
      for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
        if (room != rooms_.end() && hold.tensors.contains(TensorId(t))) {
          tiles.push_back({.memory = hold.memory,
                           .first_slot = first_slot,
                           .tensor = TensorId(t),
                           .room = static_cast<std::size_t>(room - rooms_.begin()),
                           .count = std::vector<std::int64_t>(dimensions.size(), 1),
                           .span = std::vector<std::int64_t>(dimensions.size(), 0)});
        }
      }
    };
    for (const Hold& hold : skeleton.top) {
      add(hold, 0);
    }
    for (std::size_t i = 0; i < skeleton.holds.size(); ++i) {
      add(skeleton.holds[i], i + 1);
    }
  }
  for (const MapspaceDimension& dimension : dimensions) {
    auto& divisors = divisors_.emplace_back();
    if (space.factors() == Factors::perfect) {
      divisors = divisors_of(dimension.bound);
    }
  }
  left_.resize(dimensions.size());
  outermost_.resize(dimensions.size());
  places_.assign(dimensions.size(), std::vector<std::uint8_t>(space.spatial_slots().size(), 0));
  dimension_order_.resize(dimensions.size());
  axis_order_.resize(space.spatial_slots().size());
  used_.resize(rooms_.size());
}

bool FittingSampler::draw(CounterRng& rng, Mapping& mapping) {
  if (space_.skeletons().empty()) {
    return false;
  }
  start(rng.below(space_.skeletons().size()), rng);
  if (space_.needs_filter() && rng.coin() && !draw_fixed(rng)) {
    return false;
  }
  for (std::size_t d = 0; d < left_.size(); ++d) {
    const DimensionId id = space_.dimensions()[d].id;
    outermost_[d] = 0;
    while (outermost_[d] < slots_ && !allowed_[outermost_[d]].contains(id)) {
      ++outermost_[d];
    }
  }
  std::iota(axis_order_.begin(), axis_order_.end(), std::size_t{0});
  rng.shuffle(std::span(axis_order_));
  for (const std::size_t axis : axis_order_) {
    draw_axis(axis, rng);
  }
  for (std::size_t slot = slots_; slot-- > 0;) {
    draw_slot(slot, rng);
  }
  if (std::any_of(left_.begin(), left_.end(), [](std::int64_t left) { return left > 1; })) {
    return false;
  }
  finish(rng);
  space_.build(point_, mapping);
  return true;
}

void FittingSampler::start(std::size_t skeleton, CounterRng& rng) {
  point_.skeleton = skeleton;
  slots_ = space_.skeletons()[skeleton].slots();
  allowed_ = space_.skeletons()[skeleton].allowed;
  for (std::size_t d = 0; d < left_.size(); ++d) {
    const MapspaceDimension& dimension = space_.dimensions()[d];
    std::fill(point_.bounds[d].begin(), point_.bounds[d].end(), 1);
    left_[d] = dimension.bound;
    for (std::uint8_t& place : places_[d]) {
      place = static_cast<std::uint8_t>(dimension.sliding ? rng.below(slots_ + 1) : 0);
    }
    dimension_order_[d] = d;
    measure(d);
  }
}

/// Places the fixed products. False if that can not be done with what was drawn.
bool FittingSampler::draw_fixed(CounterRng& rng) {
  for (const FixedLoops& fixed : space_.skeletons()[point_.skeleton].fixed) {
    std::size_t d = 0;
    while (d < left_.size() && space_.dimensions()[d].id != fixed.dimension) {
      ++d;
    }
    if (d == left_.size() || fixed.choices.empty()) {
      return false;  // a product over 1 of a dimension of bound 1, or only of split loops
    }
    const std::size_t slot = fixed.choices[rng.below(fixed.choices.size())];
    const bool divides = left_[d] % fixed.product == 0;
    if (!allowed_[slot].contains(fixed.dimension) || fixed.product > left_[d] ||
        (space_.factors() == Factors::perfect && !divides)) {
      return false;
    }
    for (const std::size_t ruled : fixed.ruled) {
      allowed_[ruled].erase(fixed.dimension);
    }
    take(d, slot, fixed.product);
  }
  return true;
}

void FittingSampler::draw_axis(std::size_t axis, CounterRng& rng) {
  const SpatialSlot& slot = space_.spatial_slots()[axis];
  std::int64_t room = slot.size;
  rng.shuffle(std::span(dimension_order_));
  for (const std::size_t d : dimension_order_) {
    if (slot.allowed.contains(space_.dimensions()[d].id)) {
      const std::int64_t bound = draw_bound(d, slots_ + axis, std::min(room, left_[d]), rng);
      take(d, slots_ + axis, bound);
      room /= bound;
    }
  }
}

void FittingSampler::draw_slot(std::size_t slot, CounterRng& rng) {
  rng.shuffle(std::span(dimension_order_));
  for (const std::size_t d : dimension_order_) {
    if (slot == outermost_[d]) {
      take(d, slot, left_[d]);
    } else if (slot > outermost_[d] && allowed_[slot].contains(space_.dimensions()[d].id)) {
      take(d, slot, draw_bound(d, slot, left_[d], rng));
    }
  }
}

std::int64_t FittingSampler::draw_bound(std::size_t d, std::size_t place, std::int64_t most,
                                        CounterRng& rng) {
  if (most <= 1 || rng.coin()) {
    return 1;
  }
  if (rng.coin()) {
    return largest_fitting(d, place, most);
  }
  while (most > 1) {
    const auto width = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(most)));
    const std::int64_t least = std::int64_t{1} << rng.below(width);
    const std::int64_t end = std::min(most, 2 * least - 1) + 1;
    const std::int64_t bound = usable_bound(
        d, least + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(end - least))));
    if (bound == 1 || fits_with(d, place, bound)) {
      return bound;
    }
    most = bound - 1;
  }
  return 1;
}

std::int64_t FittingSampler::largest_fitting(std::size_t d, std::size_t place, std::int64_t most) {
  std::int64_t fitting = 1;
  most = usable_bound(d, most);
  if (most > 1 && fits_with(d, place, most)) {
    return most;
  }
  while (most - fitting > 1) {
    const std::int64_t middle = fitting + (most - fitting) / 2;
    (fits_with(d, place, middle) ? fitting : most) = middle;
  }
  return usable_bound(d, fitting);
}

/// The greatest bound up to `at_most` that a factorization of what is left can have.
std::int64_t FittingSampler::usable_bound(std::size_t d, std::int64_t at_most) const {
  if (space_.factors() == Factors::imperfect) {
    return ceil_div(left_[d], ceil_div(left_[d], at_most));
  }
  auto divisor = std::upper_bound(divisors_[d].begin(), divisors_[d].end(), at_most);
  do {
    --divisor;
  } while (left_[d] % *divisor != 0);
  return *divisor;
}

bool FittingSampler::fits_with(std::size_t d, std::size_t place, std::int64_t bound) {
  point_.bounds[d][place] = bound;
  measure(d);
  const bool result = fits();
  point_.bounds[d][place] = 1;
  return result;
}

void FittingSampler::take(std::size_t d, std::size_t place, std::int64_t bound) {
  point_.bounds[d][place] = bound;
  left_[d] = ceil_div(left_[d], bound);
  measure(d);
}

/// Brings what the tiles know of dimension d up to date: its digits from the inside out.
void FittingSampler::measure(std::size_t d) {
  const auto& bounds = point_.bounds[d];
  const std::int64_t whole = space_.dimensions()[d].bound;
  auto& tiles = tiles_[point_.skeleton];
  for (Tile& tile : tiles) {
    tile.count[d] = 1;
    tile.span[d] = 0;
  }
  std::int64_t weight = 1;
  const auto enter = [&](std::int64_t bound, auto inside) {
    if (bound == 1) {
      return;
    }
    for (Tile& tile : tiles) {
      if (inside(tile)) {
        tile.count[d] = std::min(whole, tile.count[d] * bound);
        tile.span[d] = std::min(whole - 1, tile.span[d] + weight * (bound - 1));
      }
    }
    // Only the clipped values are used: a weight beyond the bound need not grow further.
    weight = std::min(whole, weight * bound);
  };
  for (std::size_t boundary = slots_ + 1; boundary-- > 0;) {
    for (std::size_t a = space_.spatial_slots().size(); a-- > 0;) {
      if (places_[d][a] == boundary) {
        const LevelId fanout = space_.spatial_slots()[a].axis.fanout;
        enter(bounds[slots_ + a], [&](const Tile& tile) { return tile.memory < fanout; });
      }
    }
    if (boundary > 0) {
      const std::size_t slot = boundary - 1;
      enter(bounds[slot], [&](const Tile& tile) { return slot >= tile.first_slot; });
    }
  }
}

bool FittingSampler::fits() {
  std::fill(used_.begin(), used_.end(), 0.0);
  for (const Tile& tile : tiles_[point_.skeleton]) {
    const double words = tile_words(tile);
    used_[tile.room] += words * rooms_[tile.room].per_word[tile.tensor.index()];
    if (used_[tile.room] > rooms_[tile.room].usable) {
      return false;
    }
  }
  return true;
}

double FittingSampler::tile_words(const Tile& tile) const {
  double words = 1;
  for (const auto& rank : ranks_[tile.tensor.index()]) {
    if (rank.size() == 1) {
      words *= static_cast<double>(tile.count[rank.front().dimension]);
      continue;
    }
    std::int64_t extent = 1;
    for (const RankTerm& term : rank) {
      extent += term.coefficient * tile.span[term.dimension];
    }
    words *= static_cast<double>(extent);
  }
  return words;
}

/// Minimal covers, orders, and places as counts of loops.
void FittingSampler::finish(CounterRng& rng) {
  const std::size_t axes = space_.spatial_slots().size();
  for (std::size_t slot = 0; slot < slots_; ++slot) {
    point_.order[slot].clear();
  }
  for (std::size_t d = 0; d < left_.size(); ++d) {
    if (space_.factors() == Factors::imperfect) {
      lower_to_minimal(space_.dimensions()[d].bound,
                       std::span(point_.bounds[d]).first(slots_ + axes));
    }
    std::fill(point_.gaps[d].begin(), point_.gaps[d].end(), std::uint8_t{0});
    for (std::size_t slot = 0; slot < slots_; ++slot) {
      if (point_.bounds[d][slot] == 1) {
        continue;
      }
      point_.order[slot].push_back(static_cast<std::uint8_t>(d));
      for (std::size_t a = 0; a < axes; ++a) {
        point_.gaps[d][a] = static_cast<std::uint8_t>(point_.gaps[d][a] + (slot < places_[d][a]));
      }
    }
  }
  for (std::size_t slot = 0; slot < slots_; ++slot) {
    rng.shuffle(std::span(point_.order[slot]));
  }
}

}  // namespace tessera
