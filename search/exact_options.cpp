#include "search/exact_options.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <numeric>
#include <unordered_set>

#include "spec/error.hpp"

namespace tessera {
namespace {

/// Up to so many options are all compared with each other.
constexpr std::size_t kMostCompared = 6000;

template <class Visit>
void for_each_dimension(DimensionSet set, Visit&& visit) {
  for (std::uint32_t left = set.bits; left != 0; left &= left - 1) {
    visit(static_cast<std::size_t>(std::countr_zero(left)));
  }
}

/// The options while the trie is made: flat, one row each.
struct Options {
  std::size_t width = 0;
  std::size_t key_width = 0;
  std::vector<double> values;
  std::vector<std::int64_t> keys;

  std::size_t size() const { return keys.size() / key_width; }
  const double* values_of(std::size_t i) const { return values.data() + i * width; }
  const std::int64_t* key_of(std::size_t i) const { return keys.data() + i * key_width; }
};

}  // namespace

std::vector<DimensionSet> dimension_groups(const Problem& problem) {
  std::vector<DimensionSet> groups;
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    if (problem.dimensions[d].bound > 1) {
      DimensionSet single;
      single.insert(DimensionId(d));
      groups.push_back(single);
    }
  }
  for (const Tensor& tensor : problem.tensors) {
    for (const Rank& rank : tensor.projection.ranks) {
      DimensionSet joined;
      for (const Term& term : rank) {
        if (problem.at(term.dimension).bound > 1) {
          joined.insert(term.dimension);
        }
      }
      for (const DimensionSet& group : groups) {
        if ((group.bits & joined.bits) != 0) {
          joined.bits |= group.bits;
        }
      }
      if (!joined.empty()) {
        std::erase_if(groups, [&](const DimensionSet& g) { return (g.bits & joined.bits) != 0; });
        groups.push_back(joined);
      }
    }
  }
  std::sort(groups.begin(), groups.end(), [](const DimensionSet& a, const DimensionSet& b) {
    return std::countr_zero(a.bits) < std::countr_zero(b.bits);
  });
  return groups;
}

/// Counts the components of one option of one group: asks the model about a nest of that group's
/// loops alone.
class OptionMaker::Counter {
 public:
  Counter(const OptionMaker& maker, const NormalForm& form, const TermTable& terms,
          DimensionSet group)
      : maker_(maker),
        form_(form),
        terms_(terms),
        group_(group),
        traffic_(bounds_, nest_, scratch_) {
    const Problem& problem = maker.space_.problem();
    for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
      bounds_.push_back(group.contains(DimensionId(d)) ? problem.dimensions[d].bound : 1);
    }
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      shapes_.push_back(restricted(shape_of(problem, TensorId(t))));
    }
    times_.resize(form.holds.size());
    sweeps_.resize(form.holds.size());
  }

  /// Appends the option's vector to `values`.
  void count(const NormalBounds& bounds, std::vector<double>& values) {
    write_normal(form_, maker_.axes(), bounds, group_, false, mapping_);
    nest_.build(bounds_, 0, mapping_);
    place_holds(bounds);
    for (const Component& component : terms_.components()) {
      double value = value_of(component);
      if (component.per_instance >= 0) {
        value /= static_cast<double>(
            traffic_.combinations(~std::uint32_t{0}, 0, component.per_instance));
      }
      values.push_back(value);
    }
  }

 private:
  TensorShape restricted(TensorShape shape) const {
    shape.relevant &= group_.bits;
    shape.plain &= group_.bits;
    shape.plain_words = 1;
    for_each_dimension(DimensionSet{shape.plain}, [&](std::size_t d) {
      shape.plain_words *= maker_.space_.problem().dimensions[d].bound;
    });
    std::erase_if(shape.windows, [&](const Window& window) {
      return !group_.contains(DimensionId(window.terms().front().dimension));
    });
    return shape;
  }

  /// How many of the group's temporal loops stand before each hold, and whether the last is its
  /// sweep.
  void place_holds(const NormalBounds& bounds) {
    std::int16_t time = 0;
    for (std::size_t i = 0; i < form_.holds.size(); ++i) {
      for_each_dimension(DimensionSet{group_.bits & form_.blocks[i].bits}, [&](std::size_t d) {
        time = static_cast<std::int16_t>(time + (bounds.temporal[d][i] > 1 ? 1 : 0));
      });
      times_[i] = time;
      const NormalHold& hold = form_.holds[i];
      sweeps_[i] = hold.joined ? sweeps_[i - 1]
                               : hold.sweep && group_.contains(*hold.sweep) &&
                                     bounds.temporal[hold.sweep->index()][i] > 1;
    }
  }

  Boundary boundary_of(const Component& component) const {
    Boundary boundary;
    if (component.child >= 0) {
      const auto hold = static_cast<std::size_t>(component.child);
      boundary.time = times_[hold];
      boundary.sweep = times_[hold];
      boundary.outside = static_cast<std::int16_t>(times_[hold] - (sweeps_[hold] ? 1 : 0));
      boundary.level = form_.holds[hold].memory.value;
    } else {
      boundary = traffic_.compute_boundary(
          static_cast<std::int16_t>(maker_.space_.architecture().hierarchy.size() - 1));
    }
    boundary.server = component.server;
    return boundary;
  }

  double value_of(const Component& component) {
    const TensorShape& shape = shapes_[component.tensor];
    const Boundary boundary = boundary_of(component);
    switch (component.kind) {
      case Component::Kind::entering:
        return static_cast<double>(traffic_.entering(shape, boundary, component.sharing));
      case Component::Kind::distinct:
        return static_cast<double>(traffic_.distinct(shape, boundary));
      case Component::Kind::visits:
        return static_cast<double>(traffic_.leaving(shape, boundary, component.sharing)) /
               static_cast<double>(traffic_.distinct(shape, boundary));
      case Component::Kind::tile: {
        Boundary tile = boundary;
        tile.level = component.server;
        if (component.child == -2) {
          tile.time = 0;
        }
        return static_cast<double>(traffic_.tile_words(shape, tile));
      }
      case Component::Kind::steps:
        return static_cast<double>(traffic_.combinations(
            ~std::uint32_t{0}, static_cast<std::int16_t>(nest_.temporal_count()), 0));
      case Component::Kind::axis: {
        double used = 1;
        const AxisRef axis = maker_.axes()[static_cast<std::size_t>(component.server)].axis;
        for (const std::uint8_t at : nest_.spatial()) {
          const Digit& digit = nest_.digit(at);
          if (digit.level == axis.fanout.value && digit.axis == axis.axis) {
            used *= static_cast<double>(digit.bound);
          }
        }
        return used;
      }
    }
    return 0;
  }

  const OptionMaker& maker_;
  const NormalForm& form_;
  const TermTable& terms_;
  DimensionSet group_;
  std::vector<std::int64_t> bounds_;
  std::vector<TensorShape> shapes_;
  std::vector<std::int16_t> times_;
  std::vector<bool> sweeps_;
  Mapping mapping_;
  Nest nest_;
  WindowScratch scratch_;
  TrafficCounter traffic_;
};

namespace {

/// Lists the bounds of a group's dimensions over their blocks and axes, and the places of sliding
/// dimensions' spatial loops.
class Lister {
 public:
  Lister(const NormalForm& form, const std::vector<SpatialSlot>& axes,
         const std::vector<const Factorizations*>& factorizations, const std::vector<bool>& placed,
         DimensionSet group, std::function<void(const NormalBounds&)> visit)
      : form_(form),
        axes_(axes),
        factorizations_(factorizations),
        placed_(placed),
        visit_(std::move(visit)) {
    for_each_dimension(group, [&](std::size_t d) { dimensions_.push_back(d); });
    const std::size_t all = factorizations.size();
    bounds_.temporal.assign(all, std::vector<std::int64_t>(form.blocks.size(), 1));
    bounds_.spatial.assign(all, std::vector<std::int64_t>(axes.size(), 1));
    bounds_.gaps.assign(all, std::vector<std::uint8_t>(axes.size(), 0));
    used_.assign(axes.size(), 1);
  }

  void run() { dimension(0); }

 private:
  void dimension(std::size_t at) {
    if (at == dimensions_.size()) {
      visit_(bounds_);
      return;
    }
    const std::size_t d = dimensions_[at];
    std::vector<std::size_t> blocks;
    std::vector<std::size_t> axes;
    for (std::size_t b = 0; b < form_.blocks.size(); ++b) {
      if (form_.blocks[b].contains(DimensionId(d))) {
        blocks.push_back(b);
      }
    }
    for (std::size_t s = 0; s < axes_.size(); ++s) {
      if (axes_[s].allowed.contains(DimensionId(d))) {
        axes.push_back(s);
      }
    }
    const std::size_t slots = blocks.size() + axes.size();
    if (slots == 0) {
      return;  // nowhere to go: the form has no mapping
    }
    factorizations_[d]->for_each(slots, [&](std::span<const std::int64_t> bounds) {
      std::uint8_t loops = 0;
      for (std::size_t i = 0; i < blocks.size(); ++i) {
        bounds_.temporal[d][blocks[i]] = bounds[i];
        loops = static_cast<std::uint8_t>(loops + (bounds[i] > 1 ? 1 : 0));
      }
      bool fits = true;
      for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::int64_t spread = bounds[blocks.size() + i];
        fits = fits && used_[axes[i]] * spread <= axes_[axes[i]].size;
        bounds_.spatial[d][axes[i]] = spread;
      }
      if (fits) {
        for (const std::size_t s : axes) {
          used_[s] *= bounds_.spatial[d][s];
        }
        place(at, axes, 0, loops);
        for (const std::size_t s : axes) {
          used_[s] /= bounds_.spatial[d][s];
        }
      }
      return true;
    });
  }

  /// Chooses the place of each spatial loop of a sliding dimension; those of plain ones stand
  /// innermost.
  void place(std::size_t at, const std::vector<std::size_t>& axes, std::size_t i,
             std::uint8_t loops) {
    const std::size_t d = dimensions_[at];
    if (i == axes.size()) {
      dimension(at + 1);
      return;
    }
    const bool moves = placed_[d] && bounds_.spatial[d][axes[i]] > 1;
    for (std::uint8_t gap = moves ? 0 : loops; gap <= loops; ++gap) {
      bounds_.gaps[d][axes[i]] = gap;
      place(at, axes, i + 1, loops);
    }
  }

  const NormalForm& form_;
  const std::vector<SpatialSlot>& axes_;
  const std::vector<const Factorizations*>& factorizations_;
  const std::vector<bool>& placed_;
  std::function<void(const NormalBounds&)> visit_;
  std::vector<std::size_t> dimensions_;
  NormalBounds bounds_;
  std::vector<std::int64_t> used_;
};

/// Finds options whose vector another has already: most places of spatial loops change nothing.
class SeenVectors {
 public:
  explicit SeenVectors(const Options& options)
      : options_(options), rows_(64, Hash{&options}, Equal{&options}) {}

  /// Takes in the last row of `options.values`; false if an earlier one is equal.
  bool add_last() {
    return rows_.insert(static_cast<std::uint32_t>(options_.values.size() / options_.width - 1))
        .second;
  }

 private:
  struct Hash {
    const Options* options;
    std::size_t operator()(std::uint32_t row) const {
      std::uint64_t hash = 0x9e3779b97f4a7c15;
      for (std::size_t i = 0; i < options->width; ++i) {
        hash =
            (hash ^ std::bit_cast<std::uint64_t>(options->values_of(row)[i])) * 0xbf58476d1ce4e5b9;
        hash ^= hash >> 29;
      }
      return static_cast<std::size_t>(hash);
    }
  };
  struct Equal {
    const Options* options;
    bool operator()(std::uint32_t a, std::uint32_t b) const {
      return std::equal(options->values_of(a), options->values_of(a) + options->width,
                        options->values_of(b));
    }
  };

  const Options& options_;
  std::unordered_set<std::uint32_t, Hash, Equal> rows_;
};

/// True if `a` is at most `b` in every component.
bool at_most(const double* a, const double* b, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    if (a[i] > b[i]) {
      return false;
    }
  }
  return true;
}

/// Drops from order[begin, end), which is sorted by vectors, what another of these options beats.
void drop_beaten(const Options& options, const std::vector<std::uint32_t>& order, std::size_t begin,
                 std::size_t end, std::vector<std::uint32_t>& kept) {
  const std::size_t first = kept.size();
  for (std::size_t i = begin; i < end; ++i) {
    // In lexicographic order nothing is beaten by what comes after it.
    if (std::none_of(kept.begin() + static_cast<std::ptrdiff_t>(first), kept.end(),
                     [&](std::uint32_t other) {
                       return at_most(options.values_of(other), options.values_of(order[i]),
                                      options.width);
                     })) {
      kept.push_back(order[i]);
    }
  }
}

/// The options, all different, that no other beats in every component; in the order of their keys.
/// Where there are many, only options with the same spatial loops (the first `stage_width` numbers
/// of a key) are compared.
std::vector<std::uint32_t> unbeaten(const Options& options, std::size_t stage_width) {
  const std::size_t compared = options.size() > kMostCompared ? stage_width : 0;
  std::vector<std::uint32_t> order(options.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto less = [](const auto* a, const auto* b, std::size_t width) {
    const auto [at_a, at_b] = std::mismatch(a, a + width, b);
    return at_a == a + width ? 0 : (*at_a < *at_b ? -1 : 1);
  };
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int by_key = less(options.key_of(a), options.key_of(b), compared);
    return by_key != 0 ? by_key < 0
                       : less(options.values_of(a), options.values_of(b), options.width) < 0;
  });
  std::vector<std::uint32_t> kept;
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() &&
           less(options.key_of(order[begin]), options.key_of(order[end]), compared) == 0) {
      ++end;
    }
    drop_beaten(options, order, begin, end, kept);
    begin = end;
  }
  std::sort(kept.begin(), kept.end(), [&](std::uint32_t a, std::uint32_t b) {
    return less(options.key_of(a), options.key_of(b), options.key_width) < 0;
  });
  return kept;
}

class TrieBuilder {
 public:
  TrieBuilder(const Options& options, const std::vector<std::uint32_t>& order, OptionTrie& trie)
      : options_(options), order_(order), trie_(trie) {
    trie.nodes.emplace_back();
    trie.least.resize(trie.width);
    fill(0, 0, order.size(), 0);
  }

 private:
  void fill(std::uint32_t node, std::size_t begin, std::size_t end, std::size_t stage) {
    if (stage == trie_.depth) {
      trie_.nodes[node].option = static_cast<std::uint32_t>(trie_.keys.size() / options_.key_width);
      const std::int64_t* key = options_.key_of(order_[begin]);
      trie_.keys.insert(trie_.keys.end(), key, key + options_.key_width);
      std::copy_n(options_.values_of(order_[begin]), trie_.width, least(node));
      return;
    }
    std::vector<std::pair<std::size_t, std::size_t>> parts;
    for (std::size_t at = begin; at < end;) {
      std::size_t next = at + 1;
      while (next < end && same_stage(order_[at], order_[next], stage)) {
        ++next;
      }
      parts.emplace_back(at, next);
      at = next;
    }
    const auto first = static_cast<std::uint32_t>(trie_.nodes.size());
    trie_.nodes[node].first_child = first;
    trie_.nodes[node].children = static_cast<std::uint32_t>(parts.size());
    trie_.nodes.resize(trie_.nodes.size() + parts.size());
    trie_.least.resize(trie_.nodes.size() * trie_.width);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      fill(first + static_cast<std::uint32_t>(i), parts[i].first, parts[i].second, stage + 1);
    }
    std::copy_n(trie_.least_of(first), trie_.width, least(node));
    for (std::uint32_t child = first + 1; child < first + parts.size(); ++child) {
      const double* other = trie_.least_of(child);
      for (std::size_t i = 0; i < trie_.width; ++i) {
        least(node)[i] = std::min(least(node)[i], other[i]);
      }
    }
  }

  double* least(std::uint32_t node) { return trie_.least.data() + node * trie_.width; }

  bool same_stage(std::uint32_t a, std::uint32_t b, std::size_t stage) const {
    const std::int64_t* begin = options_.key_of(a) + stage * trie_.stage_width;
    return std::equal(begin, begin + trie_.stage_width,
                      options_.key_of(b) + stage * trie_.stage_width);
  }

  const Options& options_;
  const std::vector<std::uint32_t>& order_;
  OptionTrie& trie_;
};

}  // namespace

OptionMaker::OptionMaker(const Mapspace& space)
    : space_(space),
      groups_(dimension_groups(space.problem())),
      placed_(space.problem().dimensions.size(), space.factors() == Factors::imperfect),
      factorizations_(space.problem().dimensions.size(), nullptr) {
  for (const MapspaceDimension& dimension : space.dimensions()) {
    factorizations_[dimension.id.index()] = &dimension.factorizations;
  }
  for (const DimensionSet& group : groups_) {
    if (std::popcount(group.bits) > 1) {
      for_each_dimension(group, [&](std::size_t d) { placed_[d] = true; });
    }
  }
}

std::string OptionMaker::group_text(std::size_t group) const {
  std::string text;
  for_each_dimension(groups_[group], [&](std::size_t d) {
    text +=
        (text.empty() ? std::string() : std::string(" and ")) + space_.problem().dimensions[d].name;
  });
  return text;
}

std::int64_t OptionMaker::options_at_most(const NormalForm& form, std::size_t group) const {
  constexpr std::int64_t kSaturated = std::int64_t{1} << 40;
  std::int64_t product = 1;
  for_each_dimension(groups_[group], [&](std::size_t d) {
    std::size_t blocks = 0;
    std::size_t axes = 0;
    for (const DimensionSet& block : form.blocks) {
      blocks += block.contains(DimensionId(d)) ? 1 : 0;
    }
    for (const SpatialSlot& axis : this->axes()) {
      axes += axis.allowed.contains(DimensionId(d)) ? 1 : 0;
    }
    std::int64_t ways = kSaturated;
    try {
      ways = std::min(ways, factorizations_[d]->count(blocks + axes));
    } catch (const OverflowError&) {
      // saturated
    }
    product = ways > kSaturated / std::max<std::int64_t>(product, 1) ? kSaturated : product * ways;
  });
  return product;
}

OptionMaker::~OptionMaker() = default;

/// Everything of the form that the options and vectors of a group depend on. Blocks where the group
/// has no loop vanish: holds between the same two blocks with loops of the group look alike to it.
OptionMaker::Signature OptionMaker::signature(const NormalForm& form, const TermTable& terms,
                                              std::size_t group) const {
  const DimensionSet set = groups_[group];
  Signature signature = {static_cast<std::int64_t>(group)};
  std::vector<std::int64_t> place(form.holds.size(), 0);
  std::int64_t active = 0;
  for (std::size_t b = 0; b < form.blocks.size(); ++b) {
    const std::uint32_t here = form.blocks[b].bits & set.bits;
    if (here != 0) {
      ++active;
      signature.push_back(here);
      const bool swept =
          b < form.holds.size() && form.holds[b].sweep && set.contains(*form.holds[b].sweep);
      signature.push_back(swept ? form.holds[b].sweep->value : -1);
    }
    if (b < form.holds.size()) {
      place[b] = active;
    }
  }
  signature.push_back(-2);
  for (const Component& component : terms.components()) {
    signature.push_back(static_cast<std::int64_t>(component.kind));
    signature.push_back(component.tensor);
    signature.push_back(component.server);
    signature.push_back(static_cast<std::int64_t>(component.sharing));
    signature.push_back(component.per_instance);
    if (component.child < 0) {
      signature.push_back(component.child);
      continue;
    }
    const auto hold = static_cast<std::size_t>(component.child);
    std::size_t sweeper = hold;
    while (form.holds[sweeper].joined) {
      --sweeper;
    }
    const bool swept = form.holds[sweeper].sweep && set.contains(*form.holds[sweeper].sweep);
    signature.push_back(place[hold]);
    signature.push_back(form.holds[hold].memory.value);
    signature.push_back(swept ? 1 : 0);
  }
  return signature;
}

const OptionTrie& OptionMaker::trie(const NormalForm& form, const TermTable& terms,
                                    std::size_t group) {
  std::unique_ptr<OptionTrie>& trie = tries_[signature(form, terms, group)];
  if (!trie) {
    trie = std::make_unique<OptionTrie>(make(form, terms, group));
  }
  return *trie;
}

std::vector<std::size_t> OptionMaker::active_blocks(const NormalForm& form,
                                                    std::size_t group) const {
  std::vector<std::size_t> active;
  for (std::size_t b = 0; b < form.blocks.size(); ++b) {
    if ((form.blocks[b].bits & groups_[group].bits) != 0) {
      active.push_back(b);
    }
  }
  return active;
}

NormalBounds OptionMaker::no_loops(const NormalForm& form) const {
  const std::size_t dimensions = space_.problem().dimensions.size();
  NormalBounds bounds;
  bounds.temporal.assign(dimensions, std::vector<std::int64_t>(form.blocks.size(), 1));
  bounds.spatial.assign(dimensions, std::vector<std::int64_t>(axes().size(), 1));
  bounds.gaps.assign(dimensions, std::vector<std::uint8_t>(axes().size(), 0));
  return bounds;
}

void OptionMaker::expand(const OptionTrie& trie, std::uint32_t option, const NormalForm& form,
                         std::size_t group, NormalBounds& bounds) const {
  const std::vector<std::size_t> active = active_blocks(form, group);
  const std::int64_t* key = trie.keys.data() + option * trie.depth * trie.stage_width;
  std::size_t nth = 0;
  for_each_dimension(groups_[group], [&](std::size_t d) {
    for (std::size_t s = 0; s < axes().size(); ++s) {
      bounds.spatial[d][s] = key[nth * axes().size() + s];
      bounds.gaps[d][s] = static_cast<std::uint8_t>(
          key[(trie.depth - 1) * trie.stage_width + nth * axes().size() + s]);
    }
    for (std::size_t i = 0; i < active.size(); ++i) {
      bounds.temporal[d][active[i]] = key[(i + 1) * trie.stage_width + nth];
    }
    ++nth;
  });
}

OptionTrie OptionMaker::make(const NormalForm& form, const TermTable& terms,
                             std::size_t group) const {
  const DimensionSet set = groups_[group];
  const std::vector<std::size_t> active = active_blocks(form, group);
  OptionTrie trie;
  trie.width = terms.components().size();
  trie.depth = active.size() + 2;
  trie.stage_width =
      static_cast<std::size_t>(std::popcount(set.bits)) * std::max<std::size_t>(1, axes().size());
  Options options{
      .width = trie.width, .key_width = trie.depth * trie.stage_width, .values = {}, .keys = {}};
  Counter counter(*this, form, terms, set);
  SeenVectors seen(options);
  const auto add = [&](const NormalBounds& bounds) {
    counter.count(bounds, options.values);
    if (!seen.add_last()) {
      options.values.resize(options.values.size() - options.width);
      return;
    }
    const std::size_t begin = options.keys.size();
    options.keys.resize(begin + options.key_width, 1);
    std::int64_t* key = options.keys.data() + begin;
    std::size_t nth = 0;
    for_each_dimension(set, [&](std::size_t d) {
      for (std::size_t s = 0; s < axes().size(); ++s) {
        key[nth * axes().size() + s] = bounds.spatial[d][s];
        key[(trie.depth - 1) * trie.stage_width + nth * axes().size() + s] = bounds.gaps[d][s];
      }
      for (std::size_t i = 0; i < active.size(); ++i) {
        key[(i + 1) * trie.stage_width + nth] = bounds.temporal[d][active[i]];
      }
      ++nth;
    });
  };
  Lister(form, axes(), factorizations_, placed_, set, add).run();
  if (options.size() == 0) {
    return trie;
  }
  TrieBuilder(options, unbeaten(options, trie.stage_width), trie);
  return trie;
}

}  // namespace tessera
