#include "model/network.hpp"

#include <algorithm>
#include <bit>

#include "model/checked.hpp"
#include "model/radix.hpp"

namespace tessera {
namespace {

bool in(std::uint32_t set, std::size_t dimension) {
  return (set >> dimension & 1u) != 0;
}

/// The way in half hops between the middle of `rows` and a row on one side of it; 0 on the other.
std::int64_t below_middle(std::int64_t row, std::int64_t rows) {
  return std::max<std::int64_t>(0, rows - 1 - 2 * row);
}
std::int64_t above_middle(std::int64_t row, std::int64_t rows) {
  return std::max<std::int64_t>(0, 2 * row - (rows - 1));
}

}  // namespace

Mesh mesh_of(const Fanout& fanout, std::int16_t level) {
  Mesh mesh{.level = level};
  for (std::size_t i = 0; i < fanout.axes.size(); ++i) {
    if (fanout.axes[i].name == "Y") {
      mesh.y_axis = static_cast<int>(i);
      mesh.rows = fanout.axes[i].size;
    } else {
      mesh.x_axis = static_cast<int>(i);
    }
  }
  return mesh;
}

std::int64_t HopCounter::half_hops(const TensorShape& shape, const Boundary& child, Sharing sharing,
                                   Direction direction, const Mesh& mesh) {
  place_digits(mesh);
  total_.moves = 1;
  total_.far = 0;
  total_.low.assign(1, {0, 1});
  total_.high.assign(1, {0, 1});
  const Boundary boundary = grouped(shape, child, sharing);
  for (std::size_t d = 0; d < bounds_.size(); ++d) {
    if (!in(shape.relevant, d)) {
      if (list_steps(d, boundary)) {
        add_irrelevant(d, boundary);
      } else {
        multiply(counter_.combinations(1u << d, boundary.outside, boundary));
      }
    } else if (in(shape.plain, d)) {
      if (list_steps(d, boundary)) {
        add_plain(d, mesh.level);
      } else {
        multiply(bounds_[d]);
      }
    }
  }
  for (const Window& window : shape.windows) {
    add_window(window, boundary, sharing, direction);
  }
  std::int64_t hops = checked_mul(2, total_.far);
  for (const auto& [row, columns] : total_.low) {
    hops = checked_add(hops, checked_mul(columns, below_middle(row, mesh.rows)));
  }
  for (const auto& [row, columns] : total_.high) {
    hops = checked_add(hops, checked_mul(columns, above_middle(row, mesh.rows)));
  }
  return hops;
}

void HopCounter::place_digits(const Mesh& mesh) {
  std::int64_t x = 1;
  std::int64_t y = 1;
  const auto spatial = nest_.spatial();
  for (std::size_t i = spatial.size(); i-- > 0;) {
    const Digit& digit = nest_.digit(spatial[i]);
    Place& place = digit_places_[spatial[i]];
    place = {};
    if (digit.level != mesh.level) {
      continue;
    }
    if (digit.axis == mesh.x_axis) {
      place.x = x;
      x *= digit.bound;
    } else {
      place.y = y;
      y *= digit.bound;
    }
  }
}

bool HopCounter::list_steps(std::size_t dimension, const Boundary& boundary) {
  steps_.clear();
  bool on_mesh = false;
  for (const Digit& digit : nest_.digits(dimension)) {
    if (!digit.temporal() && digit.level >= boundary.server && digit.level < boundary.level) {
      const Place& place = digit_places_[static_cast<std::size_t>(&digit - &nest_.digit(0))];
      steps_.push_back({.bound = digit.bound,
                        .weight = digit.weight,
                        .place = place,
                        .apart = boundary.apart.contains(digit)});
      on_mesh = on_mesh || digit.level == boundary.server;
    }
  }
  return on_mesh;
}

void HopCounter::list_places(Which which, Places& places) const {
  const std::size_t begin = places.at.size();
  places.at.emplace_back();
  places.offsets.push_back(0);
  for (const Step& step : steps_) {
    if (which != Which::all && step.apart != (which == Which::apart)) {
      continue;
    }
    // Each combination so far becomes `bound` neighbours.
    const std::size_t before = places.at.size() - begin;
    const auto bound = static_cast<std::size_t>(step.bound);
    places.at.resize(begin + before * bound);
    places.offsets.resize(begin + before * bound);
    for (std::size_t i = before; i-- > 0;) {
      const Place place = places.at[begin + i];
      const std::int64_t offset = places.offsets[begin + i];
      for (std::size_t v = bound; v-- > 0;) {
        const auto value = static_cast<std::int64_t>(v);
        places.at[begin + i * bound + v] = {place.x + value * step.place.x,
                                            place.y + value * step.place.y};
        places.offsets[begin + i * bound + v] = offset + value * step.weight;
      }
    }
  }
}

void HopCounter::clear_ways() {
  ways_.moves = 0;
  ways_.far = 0;
  ways_.low.clear();
  ways_.high.clear();
}

void HopCounter::add_group(std::span<const Place> places, std::int64_t times) {
  group_.assign(places.begin(), places.end());
  std::sort(group_.begin(), group_.end());
  ways_.moves = checked_add(ways_.moves, times);
  ways_.far = checked_add(ways_.far, checked_mul(group_.back().x, times));
  for (std::size_t i = 0; i < group_.size(); ++i) {
    if (i == 0 || group_[i].x != group_[i - 1].x) {
      ways_.low.emplace_back(group_[i].y, times);
    }
    if (i + 1 == group_.size() || group_[i].x != group_[i + 1].x) {
      ways_.high.emplace_back(group_[i].y, times);
    }
  }
}

/// Of a dimension that the tensor does not depend on, as many values of its digits exist as lie
/// below what the digits outside leave of the bound: the first ones, in lexicographic order.
void HopCounter::add_irrelevant(std::size_t dimension, const Boundary& boundary) {
  Radix others;
  for (const Digit& digit : nest_.digits(dimension)) {
    const bool counts = digit.temporal()
                            ? digit.time < boundary.outside
                            : digit.level != boundary.server && boundary.separates(digit);
    if (counts) {
      others.push(digit.bound, digit.weight);
    }
  }
  std::erase_if(steps_, [](const Step& step) { return step.place == Place{}; });  // further in
  places_.clear();
  apart_.clear();
  list_places(Which::sharing, places_);
  list_places(Which::apart, apart_);
  clear_ways();
  for (std::size_t a = 0; a < apart_.at.size(); ++a) {
    const std::int64_t bound = bounds_[dimension] - apart_.offsets[a];
    members_.clear();
    for (std::size_t i = 0; i < places_.at.size(); ++i) {
      const std::int64_t times = others.count_below(bound - places_.offsets[i]);
      if (times == 0) {
        break;
      }
      members_.push_back({apart_.at[a].x + places_.at[i].x, apart_.at[a].y + places_.at[i].y});
      const std::int64_t with_next =
          i + 1 < places_.at.size() ? others.count_below(bound - places_.offsets[i + 1]) : 0;
      if (times > with_next) {
        add_group(members_, times - with_next);
      }
    }
  }
  multiply_ways();
}

/// Each index of a dimension alone in its rank is one instance's.
void HopCounter::add_plain(std::size_t dimension, std::int16_t level) {
  Radix others;
  for (const Digit& digit : nest_.digits(dimension)) {
    if (digit.level != level) {
      others.push(digit.bound, digit.weight);
    }
  }
  std::erase_if(steps_, [](const Step& step) { return step.place == Place{}; });
  places_.clear();
  list_places(Which::all, places_);
  clear_ways();
  for (std::size_t i = 0; i < places_.at.size(); ++i) {
    const std::int64_t times = others.count_below(bounds_[dimension] - places_.offsets[i]);
    if (times > 0) {
      add_group({&places_.at[i], 1}, times);
    }
  }
  multiply_ways();
}

/// Numbers the combinations of `steps` by their digits apart alone, in the order of `list_places`.
void HopCounter::list_keys() {
  const std::size_t begin = keys_.size();
  keys_.push_back(0);
  for (const Step& step : steps_) {
    const std::size_t before = keys_.size() - begin;
    const auto bound = static_cast<std::size_t>(step.bound);
    keys_.resize(begin + before * bound);
    for (std::size_t i = before; i-- > 0;) {
      const std::int64_t key = keys_[begin + i];
      for (std::size_t v = bound; v-- > 0;) {
        keys_[begin + i * bound + v] =
            step.apart ? key * step.bound + static_cast<std::int64_t>(v) : key;
      }
    }
  }
}

void HopCounter::add_window(const Window& window, const Boundary& boundary, Sharing sharing,
                            Direction direction) {
  const auto& terms = window.terms();
  places_.clear();
  keys_.clear();
  bool on_mesh = false;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    first_place_[t] = places_.at.size();
    on_mesh |= list_steps(terms[t].dimension, boundary);
    list_places(Which::all, places_);
    list_keys();
    apart_size_[t] = keys_.back() + 1;
  }
  if (!on_mesh) {
    multiply(direction == Direction::entering ? window.entering(nest_, boundary, sharing, scratch_)
                                              : window.leaving(nest_, boundary, sharing, scratch_));
    return;
  }
  if (window.passes(nest_, boundary)) {
    add_linked_window(window, boundary, sharing);
    return;
  }
  clear_ways();
  Boundary together = boundary;  // the walk lists all instances, `keys_` tell them apart
  together.apart = {};
  WindowWalk steps(terms, nest_, together, direction, scratch_);
  steps.for_each([&](std::int64_t count) { add_window_step(steps, terms.size(), sharing, count); });
  multiply_ways();
}

void HopCounter::add_window_step(WindowWalk& steps, std::size_t terms, Sharing sharing,
                                 std::int64_t count) {
  auto& sets = scratch_.sets;
  sets.clear();
  set_places_.clear();
  set_keys_.clear();
  order_.clear();
  steps.for_each_piece(
      [&](const WindowPiece& piece, bool compared, std::span<const std::size_t> at) {
        const auto moved = compared ? difference(piece.held, piece.other)
                                    : std::array<Interval, 2>{piece.held, Interval{}};
        if (moved[0].empty()) {
          return;
        }
        Place place;
        std::int64_t key = 0;
        for (std::size_t t = 0; t < terms; ++t) {
          const Place& part = places_.at[first_place_[t] + at[t]];
          place.x += part.x;
          place.y += part.y;
          key = key * apart_size_[t] + keys_[first_place_[t] + at[t]];
        }
        order_.push_back(sets.size());
        sets.push_back(moved);
        set_places_.push_back(place);
        set_keys_.push_back(key);
      });
  const auto key = [&](std::size_t i) {
    return std::array{set_keys_[i], sets[i][0].first, sets[i][0].last, sets[i][1].first,
                      sets[i][1].last};
  };
  std::sort(order_.begin(), order_.end(),
            [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  for (std::size_t begin = 0; begin < order_.size();) {
    std::size_t end = begin;
    while (end < order_.size() && set_keys_[order_[end]] == set_keys_[order_[begin]]) {
      ++end;
    }
    if (sharing == Sharing::word) {
      add_shared_words(begin, end, count);
    } else {
      add_equal_tiles(begin, end, count);
    }
    begin = end;
  }
}

void HopCounter::add_equal_tiles(std::size_t begin, std::size_t end, std::int64_t count) {
  const auto& sets = scratch_.sets;
  while (begin < end) {
    members_.clear();
    const auto& first = sets[order_[begin]];
    for (; begin < end && sets[order_[begin]] == first; ++begin) {
      members_.push_back(set_places_[order_[begin]]);
    }
    add_group(members_, checked_mul(count, first[0].size() + first[1].size()));
  }
}

void HopCounter::add_shared_words(std::size_t begin, std::size_t end, std::int64_t count) {
  runs_.clear();
  for (std::size_t i = begin; i < end; ++i) {
    for (const Interval& run : scratch_.sets[order_[i]]) {
      if (!run.empty()) {
        runs_.push_back({run, set_places_[order_[i]]});
      }
    }
  }
  add_runs(count);
}

/// Between two places where some run begins or ends, all words go to the same members.
void HopCounter::add_runs(std::int64_t count) {
  cuts_.clear();
  for (const PlacedRun& each : runs_) {
    cuts_.push_back(each.run.first);
    cuts_.push_back(each.run.last + 1);
  }
  std::sort(cuts_.begin(), cuts_.end());
  cuts_.erase(std::unique(cuts_.begin(), cuts_.end()), cuts_.end());
  for (std::size_t c = 0; c + 1 < cuts_.size(); ++c) {
    members_.clear();
    for (const PlacedRun& each : runs_) {
      if (each.run.first <= cuts_[c] && cuts_[c] <= each.run.last) {
        members_.push_back(each.place);
      }
    }
    if (!members_.empty()) {
      add_group(members_, checked_mul(count, cuts_[c + 1] - cuts_[c]));
    }
  }
}

void HopCounter::multiply(std::int64_t times) {
  total_.moves = checked_mul(total_.moves, times);
  total_.far = checked_mul(total_.far, times);
  for (auto* rows : {&total_.low, &total_.high}) {
    for (auto& [row, sum] : *rows) {
      sum = checked_mul(sum, times);
    }
  }
}

void HopCounter::multiply_ways() {
  total_.far =
      checked_add(checked_mul(total_.far, ways_.moves), checked_mul(ways_.far, total_.moves));
  total_.moves = checked_mul(total_.moves, ways_.moves);
  multiply_rows(total_.low, ways_.low, product_);
  total_.low.swap(product_);
  multiply_rows(total_.high, ways_.high, product_);
  total_.high.swap(product_);
}

/// Rows add up, sums multiply. No two dimensions' rows make the same sum, so only `b` may repeat.
void HopCounter::multiply_rows(const Ways::Rows& a, Ways::Rows& b, Ways::Rows& product) {
  std::sort(b.begin(), b.end());
  product.clear();
  for (const auto& [row, sum] : a) {
    const std::size_t begin = product.size();
    for (const auto& [further, times] : b) {
      const std::int64_t both = checked_mul(sum, times);
      if (product.size() > begin && product.back().first == row + further) {
        product.back().second = checked_add(product.back().second, both);
      } else {
        product.emplace_back(row + further, both);
      }
    }
  }
}

}  // namespace tessera
