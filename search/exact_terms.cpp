// What the products of a normal form cost; exact_term_builder.cpp says which they are.

#include "search/exact_terms.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include "search/exact_term_builder.hpp"

namespace tessera {
namespace {

double value_of(const Flow& flow, const double* values) {
  const double factor = flow.visits < 0 ? flow.scale : flow.scale * values[flow.visits] - flow.less;
  return values[flow.words] * factor;
}

/// Pairs to look at for `count` mappings: an even number, what stands behind them as well.
std::size_t pairs_for(std::size_t count) {
  return (count + 3) / 4 * 2;
}

/// Adds up flows for two neighbouring pairs, whose sums stay in registers.
void add_two(Pair* sum, std::span<const Flow> flows, const BatchRow* rows, std::size_t begin) {
  Pair first = sum[begin];
  Pair second = sum[begin + 1];
  for (const Flow& flow : flows) {
    const Pair* words = rows[flow.words].data() + begin;
    Pair factor = Pair{} + flow.scale;
    Pair other = factor;
    if (flow.visits >= 0) {
      const Pair* visits = rows[flow.visits].data() + begin;
      factor = visits[0] * flow.scale - flow.less;
      other = visits[1] * flow.scale - flow.less;
    }
    first += words[0] * factor;
    second += words[1] * other;
  }
  sum[begin] = first;
  sum[begin + 1] = second;
}

void add_to(BatchRow& sum, std::span<const Flow> flows, const BatchRow* rows, std::size_t pairs) {
  for (std::size_t begin = 0; begin < pairs; begin += 2) {
    add_two(sum.data(), flows, rows, begin);
  }
}

}  // namespace

double sum_of(std::span<const Flow> flows, const double* values) {
  double sum = 0;
  for (const Flow& flow : flows) {
    sum += value_of(flow, values);
  }
  return sum;
}

TermTable::TermTable(const Problem& problem, const Architecture& architecture,
                     const NormalForm& form, const std::vector<SpatialSlot>& axes) {
  Builder(problem, architecture, form, axes, *this).build();
}

bool TermTable::fits(const double* values) const {
  for (const AxisLimit& axis : axes_) {
    if (values[axis.component] > axis.size) {
      return false;
    }
  }
  for (const Room& room : rooms_) {
    if (sum_of(room.tiles, values) > room.available) {
      return false;
    }
  }
  return true;
}

double TermTable::energy_of(std::uint16_t component, const double* values) const {
  double sum = 0;
  for (const std::vector<Flow>* flows : {&outer_, &energy_}) {
    for (const Flow& flow : *flows) {
      if ((flow.visits < 0 ? flow.words : flow.visits) == component) {
        sum += value_of(flow, values);
      }
    }
  }
  return sum;
}

bool TermTable::fits_axes(const std::vector<double>& used) const {
  for (std::size_t s = 0; s < axes_.size(); ++s) {
    if (used[s] > axes_[s].size) {
      return false;
    }
  }
  return true;
}

bool TermTable::timing(std::uint16_t component) const {
  const auto has = [&](const Flow& flow) {
    return flow.words == component || flow.visits == static_cast<std::int16_t>(component);
  };
  return component == steps_ || !read_[component] ||
         std::any_of(ports_.begin(), ports_.end(), [&](const Port& port) {
           return std::any_of(port.flows.begin(), port.flows.end(), has);
         });
}

TermCost TermTable::cost(const double* values, double least_steps) const {
  TermCost cost;
  cost.cycles = std::max(values[steps_], least_steps);
  for (const Port& port : ports_) {
    cost.cycles = std::max(cost.cycles, sum_of(port.flows, values) * port.cycles_per_unit);
  }
  cost.cycles += fixed_cycles_;
  cost.energy_pj = fixed_pj_ + std::max(sum_of(outer_, values), outer_minimum_pj_) +
                   cost.cycles * leak_pj_per_cycle_;
  const std::span<const Flow> energy(energy_);
  for (const Filling& filling : fillings_) {
    cost.energy_pj +=
        std::max(sum_of(energy.subspan(filling.begin, filling.end - filling.begin), values),
                 filling.least_pj);
  }
  cost.energy_pj += sum_of(energy.subspan(filled()), values);
  cost.dram_words = sum_of(dram_, values);
  return cost;
}

void TermTable::cost(BatchRow* rows, std::size_t count, std::span<const std::uint16_t> lifts,
                     BatchCosts& costs) const {
  const std::size_t pairs = pairs_for(count);
  BatchRow sum;
  costs.fits.fill(true);
  for (const Room& room : rooms_) {
    std::fill_n(sum.begin(), pairs, Pair{});
    add_to(sum, room.tiles, rows, pairs);
    for (std::size_t i = 0; i < count; ++i) {
      costs.fits[i] = costs.fits[i] && sum[i / 2][i % 2] <= room.available;
    }
  }
  for (const std::uint16_t l : lifts) {
    if (lifts_[l].single()) {
      lift_one(rows, lifts_[l], rows[components_.size() + l], pairs);
    }
  }
  for (std::size_t i = 0; i < pairs; ++i) {
    const Pair steps = rows[steps_][i];
    costs.cycles[i] = costs.cycles[i] < steps ? steps : costs.cycles[i];
  }
  for (const Port& port : ports_) {
    std::fill_n(sum.begin(), pairs, Pair{});
    add_to(sum, port.flows, rows, pairs);
    for (std::size_t i = 0; i < pairs; ++i) {
      const Pair cycles = sum[i] * port.cycles_per_unit;
      costs.cycles[i] = costs.cycles[i] < cycles ? cycles : costs.cycles[i];
    }
  }
  std::fill_n(costs.dram_words.begin(), pairs, Pair{});
  add_to(costs.dram_words, dram_, rows, pairs);
  // The most that a lift of two implies: two lifts may share a component.
  std::fill_n(sum.begin(), pairs, Pair{});
  for (const std::uint16_t l : lifts) {
    if (!lifts_[l].single()) {
      lift_two(rows, lifts_[l], rows[components_.size() + l], count, sum);
    }
  }
  std::copy_n(sum.begin(), pairs, costs.outer_pj.begin());
  add_to(costs.outer_pj, outer_, rows, pairs);
  std::fill_n(costs.energy_pj.begin(), pairs, Pair{} + fixed_pj_);
  const std::span<const Flow> energy(energy_);
  for (const Filling& filling : fillings_) {
    const Pair least_filling = Pair{} + filling.least_pj;
    std::fill_n(sum.begin(), pairs, Pair{});
    add_to(sum, energy.subspan(filling.begin, filling.end - filling.begin), rows, pairs);
    for (std::size_t i = 0; i < pairs; ++i) {
      costs.energy_pj[i] += sum[i] < least_filling ? least_filling : sum[i];
    }
  }
  add_to(costs.energy_pj, energy.subspan(filled()), rows, pairs);
  const Pair least = Pair{} + outer_minimum_pj_;
  for (std::size_t i = 0; i < pairs; ++i) {
    costs.energy_pj[i] += costs.cycles[i] * leak_pj_per_cycle_ +
                          (costs.outer_pj[i] < least ? least : costs.outer_pj[i]);
  }
}

std::vector<double> TermTable::minima() const {
  std::vector<double> minima = {outer_minimum_pj_};
  for (const Filling& filling : fillings_) {
    minima.push_back(filling.least_pj);
  }
  return minima;
}

bool TermTable::minima_at_least(std::span<const double> other) const {
  const std::vector<double> mine = minima();
  return std::equal(mine.begin(), mine.end(), other.begin(), other.end(), std::greater_equal<>());
}

void TermTable::lower_minima(std::span<const double> other) {
  outer_minimum_pj_ = std::min(outer_minimum_pj_, other.front());
  for (std::size_t i = 0; i < fillings_.size(); ++i) {
    fillings_[i].least_pj = std::min(fillings_[i].least_pj, other[i + 1]);
  }
}

TermTable TermTable::of_filling(std::size_t i) const {
  TermTable table;
  const auto component = [&](std::uint16_t from) {
    const auto found =
        std::find(table.components_.begin(), table.components_.end(), components_[from]);
    const auto at = static_cast<std::uint16_t>(found - table.components_.begin());
    if (found == table.components_.end()) {
      table.components_.push_back(components_[from]);
    }
    return at;
  };
  const auto translated = [&](Flow flow) {
    flow.words = component(flow.words);
    if (flow.visits >= 0) {
      flow.visits = static_cast<std::int16_t>(component(static_cast<std::uint16_t>(flow.visits)));
    }
    return flow;
  };
  table.steps_ = component(steps_);
  for (const AxisLimit& axis : axes_) {
    table.axes_.push_back({component(axis.component), axis.size});
    table.rooms_.push_back(
        {.tiles = {{.words = table.axes_.back().component, .visits = -1, .scale = 1, .less = 0}},
         .available = axis.size});
  }
  for (std::size_t f = fillings_[i].begin; f < fillings_[i].end; ++f) {
    table.outer_.push_back(translated(energy_[f]));
  }
  for (const Room& room : rooms_) {
    if (LevelId(static_cast<std::size_t>(components_[room.tiles.front().words].server)) ==
        fillings_[i].memory) {
      Room& copy = table.rooms_.emplace_back(room);
      std::transform(copy.tiles.begin(), copy.tiles.end(), copy.tiles.begin(), translated);
    }
  }
  table.read_.assign(table.components_.size(), true);
  return table;
}

void TermTable::lift_one(BatchRow* rows, const Lift& lift, const BatchRow& product,
                         std::size_t pairs) const {
  BatchRow& target = rows[lift.target];
  for (std::size_t i = 0; i < pairs; ++i) {
    const Pair lifted = product[i] * lift.per_word;
    target[i] = target[i] < lifted ? lifted : target[i];
  }
}

/// What one more of a component costs: pJ.
void TermTable::slope(std::uint16_t component, const BatchRow* rows, std::size_t pairs,
                      BatchRow& slope) const {
  std::fill_n(slope.begin(), pairs, Pair{});
  for (const Flow& flow : outer_) {
    if (flow.visits < 0 && flow.words == component) {
      for (std::size_t i = 0; i < pairs; ++i) {
        slope[i] += flow.scale;
      }
    } else if (flow.visits >= 0 && flow.visits == component) {
      for (std::size_t i = 0; i < pairs; ++i) {
        slope[i] += rows[flow.words][i] * flow.scale;
      }
    }
  }
}

/// Raises `more` to the energy that a lift of two implies beyond that of the components' rows.
void TermTable::lift_two(const BatchRow* rows, const Lift& lift, const BatchRow& product,
                         std::size_t count, BatchRow& more) const {
  BatchRow a;
  BatchRow b;
  slope(lift.target, rows, pairs_for(count), a);
  slope(static_cast<std::uint16_t>(lift.second), rows, pairs_for(count), b);
  for (std::size_t i = 0; i < count; ++i) {
    const double x0 = rows[lift.target][i / 2][i % 2];
    const double y0 = rows[lift.second][i / 2][i % 2];
    const double least = product[i / 2][i % 2] * lift.per_word;
    if (least <= x0 * y0) {
      continue;
    }
    const double of_x = a[i / 2][i % 2];
    const double of_y = b[i / 2][i % 2];
    // a x + b least / x is least at sqrt(b least / a), or as near to it as x0 and y0 allow.
    const double x = std::clamp(std::sqrt(of_y * least / of_x), x0, least / y0);
    const double extra = of_x * (x - x0) + of_y * (least / x - y0);
    more[i / 2][i % 2] = std::max<double>(more[i / 2][i % 2], extra);
  }
}

}  // namespace tessera
