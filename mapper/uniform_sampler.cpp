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
#include <cmath>
#include <map>
#include <numeric>
#include <span>

#include "mapper/bound_choices.hpp"

namespace tessera {
namespace {

constexpr std::size_t kMostCells = 60'000'000;
/// Tries that the first draw may take.
constexpr std::uint64_t kMostTries = 2'000'000;
constexpr std::size_t kMaxSlots = kMaxLevels * kMaxTensors + 1;

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
    if (symmetric[k] < bound && draw_unit(rng) * bound >= symmetric[k]) {
      return false;
    }
    std::size_t left = k;
    for (std::size_t i = 0; left > 0; ++i) {
      const double without = symmetric[(i + 1) * width + left];
      if (without > 0 && draw_unit(rng) * symmetric[i * width + left] < without) {
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
  for (const BoundChoices& bounds : bounds_) {
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
    const BoundChoices& bounds = bounds_[i];
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
          for (const BoundChoices::Class& each : bounds.classes(k)) {
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
  const Shape& shape = shapes_[pick(up_to_, draw_unit(rng) * up_to_.back())];
  point.skeleton = shape.skeletons[rng.below(shape.skeletons.size())];
  const Skeleton& skeleton = space_.skeletons()[point.skeleton];
  Insertion insertion(skeleton, point);
  std::array<std::size_t, kMaxDimensions> choices;
  std::size_t room = rooms_ - 1;
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    const Shape::Table& table = shape.tables[i];
    const BoundChoices& bounds = bounds_[i];
    const std::size_t width = bounds.most_loops() + 1;
    const std::size_t before = insertion.loops();
    const std::span sums(table.up_to.data() + (before * rooms_ + room) * width, width);
    const std::size_t k = pick(sums, draw_unit(rng) * sums.back());
    const BoundChoices::Class& chosen = choose_class(shape, i, before + k, k, room, rng);
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
const BoundChoices::Class& UniformSampler::choose_class(const Shape& shape, std::size_t i,
                                                        std::size_t loops, std::size_t k,
                                                        std::size_t room, CounterRng& rng) const {
  const BoundChoices& bounds = bounds_[i];
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
  return classes[pick({sums.data(), classes.size()}, draw_unit(rng) * sum)];
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
  const BoundChoices& bounds = bounds_[i];
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
