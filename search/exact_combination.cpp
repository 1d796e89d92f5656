// Combines one choice a dimension (exact_columns.cpp) into what a sliding rank counts: extents add,
// repetitions multiply, offsets join. What has no closed form is asked of the model, with a nest of
// the group's loops.
//
// Fewer dimensions never count more: another dimension can only enlarge the tile, repeat what moves
// and add instances elsewhere; and where remainders have no closed form, what the others do at
// their first index is what the closed form counts without them.

#include "search/exact_combination.hpp"

#include <algorithm>

namespace tessera {
namespace {

/// Lengths up to here are looked up; longer ones are rare.
constexpr std::size_t kMostKnown = 4096;

}  // namespace

void PairNumbers::grow(std::size_t a, std::size_t b) {
  const std::size_t width = b < width_ ? width_ : std::max(2 * width_, b + 1);
  const std::size_t rows = a < rows_ ? rows_ : std::max(2 * rows_, a + 1);
  std::vector<std::uint32_t> numbers(rows * width, kNew);
  for (std::size_t row = 0; row < rows_; ++row) {
    std::copy_n(numbers_.data() + row * width_, width_, numbers.data() + row * width);
  }
  numbers_ = std::move(numbers);
  rows_ = rows;
  width_ = width;
}

WindowCount::WindowCount(const GroupColumns& columns, const GroupColumns::Window& window)
    : tile_(window.tile),
      sharing_(window.sharing),
      swept_(window.swept),
      alternative_(window.alternative),
      numbers_(columns.dimensions().size()),
      whole_(window.whole),
      loops_(columns.dimensions().size()),
      keys_(1),
      remainders_(1, -1.0) {
  for (std::size_t nth = 0; nth < columns.dimensions().size(); ++nth) {
    shapes_.push_back(window.shapes[nth] == GroupColumns::kNone ? nullptr
                                                                : &columns.shapes(window, nth));
  }
  remainders_known_ =
      whole_ && std::all_of(shapes_.begin(), shapes_.end(),
                            [](const ShapeColumn* s) { return !s->loops_list.empty(); });
  unions_.emplace_back();
  index_.try_emplace({}, 0u);
}

WindowCount::Part WindowCount::with(const Part& part, std::size_t nth, std::size_t row) {
  const ShapeColumn* shape = shapes_[nth];
  if (shape == nullptr) {
    return part;
  }
  Part result = part;
  if (remainders_known_) {
    result.loops = joined_loops(part.loops, nth, shape->classes[row]);
  }
  result.extent += shape->extents[row];
  if (tile_) {
    return result;
  }
  result.repeats *= shape->repeats[row];
  const std::uint32_t more = shape->offsets[row];
  if (!shape->offset_lists[more].empty()) {
    result.offsets = joined(part.offsets, nth, more);
  }
  if (shape->sweep_list.size() > 1 || shape->sweep_list.front().moves > 0) {
    const Sweep& sweep = shape->sweep_list[shape->sweeps[row]];
    if (sweep.moves > 0) {
      result.sweep = &sweep;
    }
  }
  return result;
}

/// Offsets number `more` of a dimension's, joined to others.
std::uint32_t WindowCount::joined(std::uint32_t offsets, std::size_t nth, std::uint32_t more) {
  std::uint32_t& number = numbers_[nth].of(offsets, more);
  if (number == PairNumbers::kNew) {
    Union both{.offsets = unions_[offsets].offsets, .moved = {}};
    const Offsets& added = shapes_[nth]->offset_lists[more];
    both.offsets.insert(both.offsets.end(), added.begin(), added.end());
    const auto [at, is_new] =
        index_.try_emplace(both.offsets, static_cast<std::uint32_t>(unions_.size()));
    if (is_new) {
      Comb comb;
      for (const auto& [step, count] : both.offsets) {
        both.instances *= static_cast<double>(count);
        comb.push(step, count);
      }
      both.places = both.instances;
      if (sharing_ == Sharing::tile && comb.size > 0) {
        both.places = static_cast<double>(union_size(1, comb, scratch_));
      }
      unions_.push_back(std::move(both));
    }
    number = at->second;
  }
  return number;
}

std::uint32_t WindowCount::joined_loops(std::uint32_t loops, std::size_t nth, std::uint32_t more) {
  std::uint32_t& number = loops_[nth].of(loops, more);
  if (number == PairNumbers::kNew) {
    number = static_cast<std::uint32_t>(keys_.size());
    keys_.resize(keys_.size() + 1);
    keys_.back() = keys_[loops];
    keys_.back().resize(shapes_.size(), 0);
    keys_.back()[nth] = shapes_[nth]->loops_numbers[more];
    remainders_.push_back(-1.0);
  }
  return number;
}

double WindowCount::moved(Union& of, double length) {
  if (sharing_ == Sharing::none || sharing_ == Sharing::tile || of.offsets.empty()) {
    return length * of.places;
  }
  const auto at = static_cast<std::size_t>(length);
  if (at < of.moved.size() && of.moved[at] >= 0) {
    return of.moved[at];
  }
  Comb comb;
  for (const auto& [step, count] : of.offsets) {
    comb.push(step, count);
  }
  const auto words =
      static_cast<double>(union_size(static_cast<std::int64_t>(length), comb, scratch_));
  if (at <= kMostKnown) {
    if (of.moved.size() <= at) {
      of.moved.resize(at + 1, -1);
    }
    of.moved[at] = words;
  }
  return words;
}

double WindowCount::words(const Part& part) {
  if (tile_) {
    return part.extent;
  }
  Union& of = unions_[part.offsets];
  double words = moved(of, part.extent);
  for (std::size_t i = 0; part.sweep != nullptr && i < part.sweep->moves; ++i) {
    words += part.sweep->times[i] * moved(of, std::min(part.sweep->steps[i], part.extent));
  }
  return words * part.repeats;
}

GroupCounter::GroupCounter(const GroupColumns& columns, std::optional<std::size_t> swept)
    : columns_(columns),
      form_(columns.form()),
      times_(columns.form().holds.size(), 0),
      swept_(columns.form().holds.size(), 0),
      traffic_(bounds_, nest_, scratch_) {
  const Problem& problem = columns.space().problem();
  for (const Dimension& dimension : problem.dimensions) {
    bounds_.push_back(dimension.bound);
  }
  const std::size_t slots = columns.space().spatial_slots().size();
  loops_.temporal.assign(bounds_.size(),
                         std::vector<std::int64_t>(columns.form().blocks.size() * kLoopParts, 1));
  loops_.spatial.assign(bounds_.size(), std::vector<std::int64_t>(slots, 1));
  loops_.gaps.assign(bounds_.size(), std::vector<std::uint8_t>(slots, 0));
  for (NormalHold& hold : form_.holds) {
    const auto d = DimensionId(swept ? columns.dimensions()[*swept] : 0);
    hold.sweep = swept && hold.other_sweeps.contains(d) ? d : hold.sweep;
  }
}

void GroupCounter::set(std::span<const std::uint32_t> rows) {
  for (std::size_t nth = 0; nth < rows.size(); ++nth) {
    const std::size_t d = columns_.dimensions()[nth];
    const ChoiceList& list = columns_.table(nth).list();
    for (std::size_t s = 0; s < list.slots; ++s) {
      loops_.spatial[d][s] = list.spatial(rows[nth])[s];
      loops_.gaps[d][s] = static_cast<std::uint8_t>(list.gaps(rows[nth])[s]);
    }
    for (std::size_t i = 0; i < list.blocks; ++i) {
      std::copy_n(list.temporal(rows[nth]).data() + i * kLoopParts, kLoopParts,
                  loops_.temporal[d].data() + columns_.blocks(nth)[i] * kLoopParts);
    }
  }
  write_normal(form_, columns_.space().spatial_slots(), loops_, columns_.group(), false, mapping_);
  nest_.build(bounds_, 0, mapping_);
  std::int16_t time = 0;
  for (std::size_t h = 0; h < form_.holds.size(); ++h) {
    const bool joined = form_.holds[h].joined;
    swept_[h] = static_cast<std::int16_t>(joined ? swept_[h - 1] : 0);
    const auto& sweep = form_.holds[sweeper_of(form_, h)].sweep;
    for (const std::size_t d : columns_.dimensions()) {
      for (std::size_t part = 0; part < kLoopParts; ++part) {
        if (loops_.temporal[d][h * kLoopParts + part] > 1) {
          ++time;
          swept_[h] = static_cast<std::int16_t>(swept_[h] + (sweep && sweep->index() == d ? 1 : 0));
        }
      }
    }
    times_[h] = time;
  }
}

double GroupCounter::count(const Component& component) const {
  const TensorShape& shape = columns_.tensor(component.tensor);
  Boundary boundary;
  if (component.child >= 0) {
    const auto hold = static_cast<std::size_t>(component.child);
    boundary.time = times_[hold];
    boundary.sweep = times_[hold];
    boundary.outside = static_cast<std::int16_t>(times_[hold] - swept_[hold]);
  } else if (component.child == -1) {
    boundary = traffic_.compute_boundary(0);
  }
  boundary.level = columns_.level_of(component);
  boundary.server = component.server;
  double value = 1;
  switch (component.kind) {
    case Component::Kind::entering:
      value = static_cast<double>(traffic_.entering(shape, boundary, component.sharing));
      break;
    case Component::Kind::distinct:
      value = static_cast<double>(traffic_.distinct(shape, boundary));
      break;
    case Component::Kind::groups:
      value = static_cast<double>(traffic_.distinct_apart(shape, boundary));
      break;
    case Component::Kind::visits:
      value = static_cast<double>(traffic_.leaving(shape, boundary, component.sharing)) /
              static_cast<double>(traffic_.distinct(shape, boundary));
      break;
    case Component::Kind::tile:
      value = static_cast<double>(traffic_.tile_words(shape, boundary));
      break;
    case Component::Kind::steps:
    case Component::Kind::axis:
    case Component::Kind::used:
      break;  // no window
  }
  return component.per_instance < 0 ? value
                                    : value / static_cast<double>(traffic_.combinations(
                                                  ~std::uint32_t{0}, 0, component.per_instance));
}

std::vector<double> components_of(const GroupColumns& columns,
                                  std::span<const std::uint32_t> rows) {
  std::vector<double> values(columns.terms().components().size(), 1.0);
  bool perfect = true;
  for (std::size_t nth = 0; nth < rows.size(); ++nth) {
    perfect = perfect && columns.table(nth).perfect(rows[nth]);
    for (std::size_t c = 0; c < values.size(); ++c) {
      values[c] *= columns.factors(c, nth)[rows[nth]];
    }
  }
  GroupCounter counter(columns);
  counter.set(rows);
  for (const GroupColumns::Window& window : columns.windows()) {
    if (!perfect || !window.closed) {
      values[window.component] = counter.count(columns.terms().components()[window.component]);
      continue;
    }
    WindowCount count(columns, window);
    WindowCount::Part part;
    for (std::size_t nth = 0; nth < rows.size(); ++nth) {
      part = count.with(part, nth, rows[nth]);
    }
    values[window.component] *= count.words(part);
  }
  return values;
}

}  // namespace tessera
