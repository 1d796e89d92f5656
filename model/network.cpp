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

std::int64_t HopCounter::half_hops(const TensorShape& shape, const Boundary& boundary,
                                   Sharing sharing, Direction direction, const Mesh& mesh) {
  place_digits(mesh);
  total_.moves = 1;
  total_.far = 0;
  total_.low.assign(1, {0, 1});
  total_.high.assign(1, {0, 1});
  const std::int16_t irrelevant_level = sharing == Sharing::none ? boundary.level : boundary.server;
  for (std::size_t d = 0; d < bounds_.size(); ++d) {
    if (!in(shape.relevant, d)) {
      if (list_steps(d, boundary)) {
        add_irrelevant(d, boundary, sharing, mesh.level);
      } else {
        multiply(counter_.combinations(1u << d, boundary.outside, irrelevant_level));
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
      steps_.push_back({.bound = digit.bound, .weight = digit.weight, .place = place});
      on_mesh = on_mesh || digit.level == boundary.server;
    }
  }
  return on_mesh;
}

void HopCounter::list_places() {
  const std::size_t begin = places_.size();
  places_.emplace_back();
  offsets_.push_back(0);
  for (const Step& step : steps_) {
    // Each combination so far becomes `bound` neighbours.
    const std::size_t before = places_.size() - begin;
    const auto bound = static_cast<std::size_t>(step.bound);
    places_.resize(begin + before * bound);
    offsets_.resize(begin + before * bound);
    for (std::size_t i = before; i-- > 0;) {
      const Place place = places_[begin + i];
      const std::int64_t offset = offsets_[begin + i];
      for (std::size_t v = bound; v-- > 0;) {
        const auto value = static_cast<std::int64_t>(v);
        places_[begin + i * bound + v] = {place.x + value * step.place.x,
                                          place.y + value * step.place.y};
        offsets_[begin + i * bound + v] = offset + value * step.weight;
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
void HopCounter::add_irrelevant(std::size_t dimension, const Boundary& boundary, Sharing sharing,
                                std::int16_t level) {
  Radix others;
  for (const Digit& digit : nest_.digits(dimension)) {
    const bool counts = digit.temporal() ? digit.time < boundary.outside
                        : sharing == Sharing::none
                            ? digit.level != level && digit.level < boundary.level
                            : digit.level < boundary.server;
    if (counts) {
      others.push(digit.bound, digit.weight);
    }
  }
  std::erase_if(steps_, [](const Step& step) { return step.place == Place{}; });  // further in
  places_.clear();
  offsets_.clear();
  list_places();
  clear_ways();
  const std::int64_t bound = bounds_[dimension];
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const std::int64_t times = others.count_below(bound - offsets_[i]);
    if (times == 0) {
      break;
    }
    if (sharing == Sharing::none) {
      add_group({&places_[i], 1}, times);
      continue;
    }
    const std::int64_t with_next =
        i + 1 < places_.size() ? others.count_below(bound - offsets_[i + 1]) : 0;
    if (times > with_next) {
      add_group({places_.data(), i + 1}, times - with_next);
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
  offsets_.clear();
  list_places();
  clear_ways();
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const std::int64_t times = others.count_below(bounds_[dimension] - offsets_[i]);
    if (times > 0) {
      add_group({&places_[i], 1}, times);
    }
  }
  multiply_ways();
}

void HopCounter::add_window(const Window& window, const Boundary& boundary, Sharing sharing,
                            Direction direction) {
  const auto& terms = window.terms();
  places_.clear();
  offsets_.clear();
  bool on_mesh = false;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    first_place_[t] = places_.size();
    on_mesh |= list_steps(terms[t].dimension, boundary);
    list_places();
  }
  if (!on_mesh) {
    multiply(direction == Direction::entering ? window.entering(nest_, boundary, sharing, scratch_)
                                              : window.leaving(nest_, boundary, sharing, scratch_));
    return;
  }
  clear_ways();
  WindowWalk steps(terms, nest_, boundary, direction, scratch_);
  steps.for_each([&](std::int64_t count) { add_window_step(steps, terms.size(), sharing, count); });
  multiply_ways();
}

void HopCounter::add_window_step(WindowWalk& steps, std::size_t terms, Sharing sharing,
                                 std::int64_t count) {
  scratch_.sets.clear();
  set_places_.clear();
  steps.for_each_piece(
      [&](const WindowPiece& piece, bool compared, std::span<const std::size_t> at) {
        const auto moved = compared ? difference(piece.held, piece.other)
                                    : std::array<Interval, 2>{piece.held, Interval{}};
        if (moved[0].empty()) {
          return;
        }
        Place place;
        for (std::size_t t = 0; t < terms; ++t) {
          const Place& part = places_[first_place_[t] + at[t]];
          place.x += part.x;
          place.y += part.y;
        }
        scratch_.sets.push_back(moved);
        set_places_.push_back(place);
      });
  if (sharing == Sharing::word) {
    add_shared_words(count);
    return;
  }
  const auto& sets = scratch_.sets;
  const auto words = [&](std::size_t i) {
    return checked_mul(count, sets[i][0].size() + sets[i][1].size());
  };
  if (sharing == Sharing::none) {
    for (std::size_t i = 0; i < sets.size(); ++i) {
      add_group({&set_places_[i], 1}, words(i));
    }
    return;
  }
  const auto key = [&](std::size_t i) {
    return std::array{sets[i][0].first, sets[i][0].last, sets[i][1].first, sets[i][1].last};
  };
  order_.resize(sets.size());
  for (std::size_t i = 0; i < order_.size(); ++i) {
    order_[i] = i;
  }
  std::sort(order_.begin(), order_.end(),
            [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  for (std::size_t i = 0; i < order_.size();) {
    members_.clear();
    const std::size_t first = order_[i];
    for (; i < order_.size() && sets[order_[i]] == sets[first]; ++i) {
      members_.push_back(set_places_[order_[i]]);
    }
    add_group(members_, words(first));
  }
}

/// Between two places where some set begins or ends, all words have the same members_.
void HopCounter::add_shared_words(std::int64_t count) {
  cuts_.clear();
  for (const auto& set : scratch_.sets) {
    for (const Interval& run : set) {
      if (!run.empty()) {
        cuts_.push_back(run.first);
        cuts_.push_back(run.last + 1);
      }
    }
  }
  std::sort(cuts_.begin(), cuts_.end());
  cuts_.erase(std::unique(cuts_.begin(), cuts_.end()), cuts_.end());
  for (std::size_t c = 0; c + 1 < cuts_.size(); ++c) {
    members_.clear();
    for (std::size_t i = 0; i < scratch_.sets.size(); ++i) {
      for (const Interval& run : scratch_.sets[i]) {
        if (run.first <= cuts_[c] && cuts_[c] <= run.last) {
          members_.push_back(set_places_[i]);
        }
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
