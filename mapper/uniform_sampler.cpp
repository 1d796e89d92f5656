// Uniform draws from a mapspace, by rejection from a distribution that is almost uniform.
//
// A mapping is inserted dimension by dimension. With c[j] loops in temporal slot j so far, a loop
// of the next dimension can go to c[j] + 1 places there. So of all ways to insert k loops into k
// different slots there are e_k(c + 1), the elementary symmetric polynomial over the allowed slots.
// That depends on where the earlier loops went, but for S allowed slots of n earlier loops it is at
// most
//
//   B(S, n, k) = C(S, k) ((S + n) / S)^k                                          (Maclaurin)
//
// which does not. Times the ways to choose the bounds (those on the axes, k temporal ones, and the
// places of sliding spatial loops), the product of the B over the dimensions bounds the number of
// mappings with given k of each dimension, and a table over (dimension, n, room left on the axes)
// adds these products up from the last dimension backwards. A try
//
//  1. takes a shape (skeletons with equal numbers of slots), k, and bounds on the axes of each
//     dimension in proportion to that table, and the rest of the factorization uniformly;
//  2. inserts the loops, each set of k slots and places equally likely, and goes on with
//     probability e_k / B;
//  3. is dropped if a slot that needs a loop has none, or an axis is overfull: the table counts the
//     room of an axis in roots of 2, rounded so that whatever fits does so there too.
//
// Each mapping is the outcome of a try with the same probability, 1 / (sum of the table), so the
// first try that is not dropped is uniform. (To rounding: weights are doubles, and sums of at most
// some thousands of positive terms; the probabilities of two mappings differ by less than one part
// in 1e11.) Dimensions with most loops go first, where B is nearly exact: for the first one, and
// for k < 2 where all slots are allowed, it is.
#include "mapper/uniform_sampler.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>
#include <span>
#include <string>

namespace tessera {
namespace {

/// Rooms (over all axes together) that the tables tell apart, if axes can be told apart by less.
constexpr std::size_t kMostRooms = 64;
/// Beyond so many, further axes are not told apart at all.
constexpr std::size_t kMostCoarseRooms = 1024;
constexpr std::size_t kMostEntries = 40'000'000;
constexpr std::size_t kMostCells = 60'000'000;
/// Tries that the first draw may take.
constexpr std::uint64_t kMostTries = 2'000'000;
constexpr std::size_t kMaxSlots = kMaxLevels * kMaxTensors + 1;
constexpr std::size_t kMaxFactors = 64;

/// Uniform in [0, 1), a multiple of 2^-53.
double unit(CounterRng& rng) {
  return static_cast<double>(rng.next() >> 11) * 0x1p-53;
}

/// Index of the first of ascending sums that is over `at`; the last one with a weight if rounding
/// leaves none.
std::size_t pick(std::span<const double> sums, double at) {
  auto found = std::upper_bound(sums.begin(), sums.end(), at);
  if (found == sums.end()) {
    found = std::lower_bound(sums.begin(), sums.end(), sums.back());
  }
  return static_cast<std::size_t>(found - sums.begin());
}

/// The room of each axis in units of a root of 2, all axes as one index. A loop of bound b takes
/// floor(log b) units of floor(log size): loops whose product is at most the size always fit.
class RoomUnits {
 public:
  explicit RoomUnits(const std::vector<SpatialSlot>& axes) {
    for (root_ = 4; root_ > 1 && count(axes) > kMostRooms; --root_) {
    }
    for (const SpatialSlot& axis : axes) {
      most_.push_back(units(axis.size));
      if (rooms() > kMostCoarseRooms) {
        most_.back() = 0;
      }
    }
  }

  std::size_t rooms() const {
    std::size_t result = 1;
    for (const std::size_t most : most_) {
      result *= most + 1;
    }
    return result;
  }
  std::size_t cost(std::span<const std::int64_t> bounds) const {
    std::size_t index = 0;
    for (std::size_t a = most_.size(); a-- > 0;) {
      index = index * (most_[a] + 1) + (most_[a] > 0 ? units(bounds[a]) : 0);
    }
    return index;
  }
  /// rooms() if it does not fit.
  std::size_t after(std::size_t room, std::size_t cost) const {
    std::size_t result = 0;
    std::size_t stride = 1;
    for (const std::size_t most : most_) {
      const std::size_t has = room % (most + 1);
      const std::size_t takes = cost % (most + 1);
      if (takes > has) {
        return rooms();
      }
      result += stride * (has - takes);
      stride *= most + 1;
      room /= most + 1;
      cost /= most + 1;
    }
    return result;
  }

 private:
  std::size_t count(const std::vector<SpatialSlot>& axes) const {
    std::size_t result = 1;
    for (const SpatialSlot& axis : axes) {
      result *= units(axis.size) + 1;
    }
    return result;
  }
  /// floor(root * log2(bound)), in whole numbers while they last.
  std::size_t units(std::int64_t bound) const {
    if (bound >= std::int64_t{1} << 31) {
      return root_ *
             (static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(bound))) - 1);
    }
    Uint128 power = 1;
    for (std::size_t i = 0; i < root_; ++i) {
      power *= static_cast<Uint128>(bound);
    }
    std::size_t width = 0;
    while (power >>= 1) {
      ++width;
    }
    return width;
  }

  std::size_t root_ = 1;
  std::vector<std::size_t> most_;
};

/// The loops of a mapping that is being drawn, without bounds: a slot of a dimension that has one
/// is marked with 2 in `point.bounds`.
class Insertion {
 public:
  Insertion(const Skeleton& skeleton, MapspacePoint& point) : skeleton_(skeleton), point_(point) {
    for (std::size_t slot = 0; slot < skeleton.slots(); ++slot) {
      point.order[slot].clear();
    }
  }

  std::size_t loops() const { return loops_; }

  /// Inserts `k` loops with probability e_k / bound, each set of slots and places equally likely.
  bool insert(std::size_t d, DimensionId id, std::size_t k, double bound, CounterRng& rng) {
    const std::size_t slots = skeleton_.slots();
    std::fill_n(point_.bounds[d].begin(), slots, std::int64_t{1});
    if (k == 0) {
      return true;
    }
    std::array<std::uint8_t, kMaxSlots> allowed;
    std::size_t count = 0;
    for (std::size_t slot = 0; slot < slots; ++slot) {
      if (skeleton_.allowed[slot].contains(id)) {
        allowed[count++] = static_cast<std::uint8_t>(slot);
      }
    }
    // symmetric[i][r]: the polynomial of degree r over the allowed slots from i on. Whole numbers.
    std::array<double, (kMaxSlots + 1) * (kMaxFactors + 1)> symmetric;
    const std::size_t width = k + 1;
    std::fill_n(symmetric.begin() + static_cast<long>(count * width), width, 0.0);
    symmetric[count * width] = 1;
    for (std::size_t i = count; i-- > 0;) {
      const auto places = static_cast<double>(point_.order[allowed[i]].size() + 1);
      const double* next = symmetric.data() + (i + 1) * width;
      double* here = symmetric.data() + i * width;
      here[0] = 1;
      for (std::size_t r = 1; r < width; ++r) {
        here[r] = next[r] + places * next[r - 1];
      }
    }
    if (symmetric[k] < bound && unit(rng) * bound >= symmetric[k]) {
      return false;
    }
    std::size_t left = k;
    for (std::size_t i = 0; left > 0; ++i) {
      const double without = symmetric[(i + 1) * width + left];
      if (without > 0 && unit(rng) * symmetric[i * width + left] < without) {
        continue;
      }
      auto& order = point_.order[allowed[i]];
      order.insert(order.begin() + static_cast<long>(rng.below(order.size() + 1)),
                   static_cast<std::uint8_t>(d));
      point_.bounds[d][allowed[i]] = 2;
      --left;
    }
    loops_ += k;
    return true;
  }

  bool misses_loop() const {
    for (std::size_t slot = 0; slot < skeleton_.slots(); ++slot) {
      if (skeleton_.needs_loop[slot] && point_.order[slot].empty()) {
        return true;
      }
    }
    return false;
  }

 private:
  const Skeleton& skeleton_;
  MapspacePoint& point_;
  std::size_t loops_ = 0;
};

}  // namespace

/// Choices of equal k and cost.
struct UniformSampler::Class {
  std::size_t cost = 0;
  double weight = 0;  ///< ways to choose, with the order of the k bounds and the places
  std::size_t first = 0;
  std::size_t last = 0;
};

/// The bounds of one dimension: all choices of a multiset of factors and of those that go to the
/// axes, by the number k of temporal loops left and by what they cost on the axes.
class UniformSampler::Bounds {
 public:
  Bounds(const Mapspace& space, std::size_t dimension, const RoomUnits& units)
      : index_(dimension),
        dimension_(space.dimensions()[dimension]),
        axes_(space.spatial_slots()),
        spread_(axes_.size(), 1) {
    list(units);
    const std::size_t rooms = units.rooms();
    for (const auto& classes : by_loops_) {
      for (const Class& each : classes) {
        if (after_.size() <= each.cost) {
          after_.resize(each.cost + 1);
        }
        if (after_[each.cost].empty()) {
          for (std::size_t room = 0; room < rooms; ++room) {
            after_[each.cost].push_back(static_cast<std::uint32_t>(units.after(room, each.cost)));
          }
        }
      }
    }
  }

  std::size_t index() const { return index_; }
  std::size_t most_loops() const { return by_loops_.size() - 1; }
  const std::vector<Class>& classes(std::size_t loops) const { return by_loops_[loops]; }
  std::size_t after(std::size_t room, const Class& each) const { return after_[each.cost][room]; }

  std::size_t choose(const Class& from, CounterRng& rng) const {
    const std::span<const double> sums(up_to_.data() + from.first, from.last - from.first);
    return from.first + pick(sums, unit(rng) * sums.back());
  }
  /// On the axes.
  std::span<const std::int64_t> spread(std::size_t choice) const {
    return {spreads_.data() + choices_[choice].spread * axes_.size(), axes_.size()};
  }
  /// Writes the temporal bounds of a choice in random order; returns how many.
  std::size_t draw_temporal(std::size_t choice, CounterRng& rng,
                            std::array<std::int64_t, kMaxFactors>& bounds) const {
    const auto factors = dimension_.factorizations.multiset(choices_[choice].multiset);
    std::copy(factors.begin(), factors.end(), bounds.begin());
    std::size_t count = factors.size();
    for (const std::int64_t bound : spread(choice)) {
      if (bound > 1) {
        const auto end = bounds.begin() + static_cast<long>(count);
        std::swap(*std::find(bounds.begin(), end, bound), bounds[count - 1]);
        --count;
      }
    }
    rng.shuffle(std::span(bounds.data(), count));
    return count;
  }

 private:
  struct Choice {
    std::uint32_t multiset = 0;
    std::uint32_t spread = 0;
  };
  struct Listed {
    Choice choice;
    std::uint32_t loops = 0;
    std::uint32_t cost = 0;
    double weight = 0;
  };

  void list(const RoomUnits& units) {
    const Factorizations& all = dimension_.factorizations;
    for (std::size_t i = 0; i < all.multisets(); ++i) {
      values_.clear();
      left_.clear();
      for (const std::int64_t factor : all.multiset(i)) {
        if (values_.empty() || values_.back() != factor) {
          values_.push_back(factor);
          left_.push_back(0);
        }
        ++left_.back();
      }
      extend(0, static_cast<std::uint32_t>(i), all.multiset(i).size(), 0, units);
    }
    std::stable_sort(listed_.begin(), listed_.end(), [](const Listed& a, const Listed& b) {
      return std::pair(a.loops, a.cost) < std::pair(b.loops, b.cost);
    });
    by_loops_.resize(all.longest() + 1);
    for (std::size_t i = 0; i < listed_.size(); ++i) {
      const Listed& each = listed_[i];
      auto& classes = by_loops_[each.loops];
      if (classes.empty() || classes.back().cost != each.cost) {
        classes.push_back({each.cost, 0, i, i});
      }
      classes.back().weight += each.weight;
      classes.back().last = i + 1;
      choices_.push_back(each.choice);
      up_to_.push_back(classes.back().weight);
    }
    listed_ = {};
    seen_.clear();
  }

  void extend(std::size_t axis, std::uint32_t multiset, std::size_t temporal, std::size_t spatial,
              const RoomUnits& units) {
    if (axis == axes_.size()) {
      double weight = static_cast<double>(orderings(left_));
      for (std::size_t i = 0; dimension_.sliding && i < spatial; ++i) {
        weight *= static_cast<double>(temporal + 1);
      }
      const auto [seen, is_new] = seen_.try_emplace(
          spread_, std::pair(static_cast<std::uint32_t>(seen_.size()), std::uint32_t{0}));
      if (is_new) {
        spreads_.insert(spreads_.end(), spread_.begin(), spread_.end());
        seen->second.second = static_cast<std::uint32_t>(units.cost(spread_));
      }
      listed_.push_back({{multiset, seen->second.first},
                         static_cast<std::uint32_t>(temporal),
                         seen->second.second,
                         weight});
      if (listed_.size() > kMostEntries) {
        throw MapspaceError("a dimension of " + std::to_string(dimension_.bound) +
                            " has too many factorizations to draw from: use perfect factors, or "
                            "the genetic search");
      }
      return;
    }
    spread_[axis] = 1;
    extend(axis + 1, multiset, temporal, spatial, units);
    for (std::size_t v = 0; v < values_.size() && axes_[axis].allowed.contains(dimension_.id);
         ++v) {
      if (left_[v] > 0 && values_[v] <= axes_[axis].size) {
        spread_[axis] = values_[v];
        --left_[v];
        extend(axis + 1, multiset, temporal - 1, spatial + 1, units);
        ++left_[v];
      }
    }
    spread_[axis] = 1;
  }

  std::size_t index_;
  const MapspaceDimension& dimension_;
  const std::vector<SpatialSlot>& axes_;
  std::vector<std::vector<Class>> by_loops_;       // by k
  std::vector<std::vector<std::uint32_t>> after_;  // by cost, by room
  std::vector<Choice> choices_;                    // by class
  std::vector<double> up_to_;                      // by choice: weight of its class up to it
  std::vector<std::int64_t> spreads_;              // by spread and axis

  // While listing.
  std::vector<Listed> listed_;
  std::map<std::vector<std::int64_t>, std::pair<std::uint32_t, std::uint32_t>> seen_;
  std::vector<std::int64_t> spread_;
  std::vector<std::int64_t> values_;
  std::vector<std::size_t> left_;
};

/// Skeletons that the tables cannot tell apart.
struct UniformSampler::Shape {
  /// The weights of k given what came before, and how many loops that were.
  struct Table {
    std::size_t most_before = 0;
    std::vector<double> bound;  // B, by n and k
    std::vector<double> up_to;  // by n, room and k: weight of all that follows, for k up to it
  };
  std::size_t needs = 0;             ///< slots that need a loop
  std::vector<std::size_t> allowed;  ///< by dimension: slots that it may have a loop in
  std::vector<std::size_t> skeletons;
  std::vector<Table> tables;  ///< by place in `order_`
  /// By place in `order_`, then by loops so far and room: weight of the dimensions after it.
  std::vector<std::vector<double>> after;
  double weight = 0;  ///< of all tries that start with one of the skeletons
};

UniformSampler::~UniformSampler() = default;
UniformSampler::UniformSampler(UniformSampler&&) noexcept = default;

UniformSampler::UniformSampler(const Mapspace& space) : space_(space) {
  const RoomUnits units(space.spatial_slots());
  rooms_ = units.rooms();
  order_.resize(space.dimensions().size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
    return space.dimensions()[a].factorizations.longest() >
           space.dimensions()[b].factorizations.longest();
  });
  for (const std::size_t d : order_) {
    bounds_.emplace_back(space, d, units);
  }
  find_shapes();
  double total = 0;
  for (Shape& shape : shapes_) {
    fill(shape);
    total += shape.weight;
    up_to_.push_back(total);
  }
  if (!std::isfinite(total)) {
    throw MapspaceError("the space has too many mappings to draw from: use perfect factors");
  }
  empty_ = total == 0;
  CounterRng rng(0, 0);
  MapspacePoint point = space.make_point();
  bool met = empty_;
  for (std::uint64_t i = 0; i < kMostTries && !met; ++i) {
    met = try_once(rng, point);
  }
  if (!met) {
    const MapspaceSize size = space.size();
    empty_ = size.exact && size.count.is_zero();
    if (!empty_) {
      throw MapspaceError(
          "constraints leave so few of the mappings that uniform draws do not meet them: use the "
          "genetic search");
    }
  }
}

void UniformSampler::find_shapes() {
  std::map<std::vector<std::size_t>, std::size_t> known;
  const auto& skeletons = space_.skeletons();
  for (std::size_t i = 0; i < skeletons.size(); ++i) {
    const Skeleton& skeleton = skeletons[i];
    std::vector<std::size_t> key;
    for (const std::size_t d : order_) {
      std::size_t allowed = 0;
      for (const DimensionSet& slot : skeleton.allowed) {
        allowed += slot.contains(space_.dimensions()[d].id) ? 1 : 0;
      }
      key.push_back(allowed);
    }
    const auto needs = static_cast<std::size_t>(
        std::count(skeleton.needs_loop.begin(), skeleton.needs_loop.end(), true));
    key.push_back(needs);
    const auto [place, is_new] = known.try_emplace(key, shapes_.size());
    if (is_new) {
      key.pop_back();
      shapes_.push_back(
          {.needs = needs, .allowed = key, .skeletons = {}, .tables = {}, .after = {}});
    }
    shapes_[place->second].skeletons.push_back(i);
  }
  std::size_t cells = 0;
  std::size_t before = 1;
  for (const Bounds& bounds : bounds_) {
    cells += before * rooms_ * (bounds.most_loops() + 1) * shapes_.size();
    before += bounds.most_loops();
  }
  if (cells > kMostCells) {
    throw MapspaceError(
        "the space has too many kinds of skeletons to draw from: use a smaller "
        "space (hierarchical, even) or the genetic search");
  }
}

/// From the last dimension to the first.
void UniformSampler::fill(Shape& shape) const {
  const std::size_t count = bounds_.size();
  shape.tables.resize(count);
  shape.after.resize(count);
  std::size_t most = 0;
  for (std::size_t i = 0; i < count; ++i) {
    shape.tables[i].most_before = most;
    most += bounds_[i].most_loops();
  }
  std::vector<double> after((most + 1) * rooms_, 0);  // by n and room
  for (std::size_t n = shape.needs; n <= most; ++n) {
    std::fill_n(after.begin() + static_cast<long>(n * rooms_), rooms_, 1.0);
  }
  for (std::size_t i = count; i-- > 0;) {
    const Bounds& bounds = bounds_[i];
    Shape::Table& table = shape.tables[i];
    const std::size_t width = bounds.most_loops() + 1;
    std::vector<double> here((table.most_before + 1) * rooms_, 0);
    table.up_to.resize(here.size() * width);
    const auto slots = static_cast<double>(shape.allowed[i]);
    for (std::size_t n = 0; n <= table.most_before; ++n) {
      double bound = 1;
      for (std::size_t k = 0; k < width; ++k) {
        if (k > 0) {
          const auto chosen = static_cast<double>(k - 1);
          bound *= k > shape.allowed[i] ? 0
                                        : (slots - chosen) / static_cast<double>(k) *
                                              ((slots + static_cast<double>(n)) / slots);
        }
        table.bound.push_back(bound);
        for (std::size_t room = 0; bound > 0 && room < rooms_; ++room) {
          double sum = 0;
          for (const Class& each : bounds.classes(k)) {
            const std::size_t next = bounds.after(room, each);
            if (next < rooms_) {
              sum += each.weight * after[(n + k) * rooms_ + next];
            }
          }
          here[n * rooms_ + room] += bound * sum;
        }
        for (std::size_t room = 0; room < rooms_; ++room) {
          table.up_to[(n * rooms_ + room) * width + k] = here[n * rooms_ + room];
        }
      }
    }
    shape.after[i] = std::move(after);
    after = std::move(here);
  }
  shape.weight = after[rooms_ - 1] * static_cast<double>(shape.skeletons.size());
}

std::uint64_t UniformSampler::draw(CounterRng& rng, MapspacePoint& point) const {
  std::uint64_t tries = 1;
  while (!try_once(rng, point)) {
    ++tries;
  }
  return tries;
}

bool UniformSampler::try_once(CounterRng& rng, MapspacePoint& point) const {
  const Shape& shape = shapes_[pick(up_to_, unit(rng) * up_to_.back())];
  point.skeleton = shape.skeletons[rng.below(shape.skeletons.size())];
  const Skeleton& skeleton = space_.skeletons()[point.skeleton];
  Insertion insertion(skeleton, point);
  std::array<std::size_t, kMaxDimensions> choices;
  std::size_t room = rooms_ - 1;
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    const Shape::Table& table = shape.tables[i];
    const Bounds& bounds = bounds_[i];
    const std::size_t width = bounds.most_loops() + 1;
    const std::size_t before = insertion.loops();
    const std::span sums(table.up_to.data() + (before * rooms_ + room) * width, width);
    const std::size_t k = pick(sums, unit(rng) * sums.back());
    const Class& chosen = choose_class(shape, i, before + k, k, room, rng);
    choices[i] = bounds.choose(chosen, rng);
    room = bounds.after(room, chosen);
    const DimensionId id = space_.dimensions()[bounds.index()].id;
    if (!insertion.insert(bounds.index(), id, k, table.bound[before * width + k], rng)) {
      return false;
    }
  }
  if (insertion.misses_loop() || overfull(choices)) {
    return false;
  }
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    finish(i, choices[i], skeleton.slots(), rng, point);
  }
  return true;
}

/// How the bounds on the axes use them, given k.
const UniformSampler::Class& UniformSampler::choose_class(const Shape& shape, std::size_t i,
                                                          std::size_t loops, std::size_t k,
                                                          std::size_t room, CounterRng& rng) const {
  const Bounds& bounds = bounds_[i];
  const auto& classes = bounds.classes(k);
  if (classes.size() == 1) {
    return classes.front();
  }
  std::array<double, kMostCoarseRooms> sums;
  const std::vector<double>& after = shape.after[i];
  double sum = 0;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const std::size_t next = bounds.after(room, classes[c]);
    sum += next < rooms_ ? classes[c].weight * after[loops * rooms_ + next] : 0;
    sums[c] = sum;
  }
  return classes[pick({sums.data(), classes.size()}, unit(rng) * sum)];
}

bool UniformSampler::overfull(std::span<const std::size_t> choices) const {
  for (std::size_t a = 0; a < space_.spatial_slots().size(); ++a) {
    std::int64_t room = space_.spatial_slots()[a].size;
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
      room /= bounds_[i].spread(choices[i])[a];  // floors nest
    }
    if (room == 0) {
      return true;
    }
  }
  return false;
}

/// Writes the bounds of one dimension, whose temporal slots are marked, and its places.
void UniformSampler::finish(std::size_t i, std::size_t choice, std::size_t slots, CounterRng& rng,
                            MapspacePoint& point) const {
  const Bounds& bounds = bounds_[i];
  const std::size_t d = bounds.index();
  std::array<std::int64_t, kMaxFactors> factors;
  const std::size_t count = bounds.draw_temporal(choice, rng, factors);
  std::size_t next = 0;
  for (std::size_t slot = 0; slot < slots; ++slot) {
    if (point.bounds[d][slot] > 1) {
      point.bounds[d][slot] = factors[next++];
    }
  }
  const auto spread = bounds.spread(choice);
  for (std::size_t a = 0; a < spread.size(); ++a) {
    point.bounds[d][slots + a] = spread[a];
    point.gaps[d][a] = static_cast<std::uint8_t>(
        spread[a] > 1 && space_.dimensions()[d].sliding ? rng.below(count + 1) : 0);
  }
}

}  // namespace tessera
