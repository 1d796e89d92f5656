#include "search/exact_choice_table.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>
#include <utility>

#include "model/radix.hpp"

namespace tessera {
namespace {

/// Numbers in the order of tuples, equal for equal tuples. `tuple(row)` is a span.
template <class Tuple>
std::vector<std::uint64_t> ranks(std::size_t rows, Tuple&& tuple) {
  std::vector<std::uint64_t> result(rows, 0);
  if (rows == 0) {
    return result;
  }
  std::uint64_t base = 1;
  for (std::size_t row = 0; row < rows; ++row) {
    for (const std::int64_t number : tuple(row)) {
      base = std::max(base, static_cast<std::uint64_t>(number) + 1);
    }
  }
  std::uint64_t range = 1;
  bool packs = true;
  for (std::size_t i = 0; i < tuple(0).size(); ++i) {
    packs = packs && range <= std::numeric_limits<std::uint64_t>::max() / base;
    range *= packs ? base : 1;
  }
  if (packs) {
    for (std::size_t row = 0; row < rows; ++row) {
      for (const std::int64_t number : tuple(row)) {
        result[row] = result[row] * base + static_cast<std::uint64_t>(number);
      }
    }
    return result;
  }
  const auto less = [](const auto& a, const auto& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  };
  std::vector<std::span<const std::int64_t>> all;
  for (std::size_t row = 0; row < rows; ++row) {
    all.push_back(tuple(row));
  }
  std::sort(all.begin(), all.end(), less);
  for (std::size_t row = 0; row < rows; ++row) {
    result[row] = static_cast<std::uint64_t>(
        std::lower_bound(all.begin(), all.end(), tuple(row), less) - all.begin());
  }
  return result;
}

/// The number of `value` in `list`, where it is added if need be. Neighbours mostly are alike.
template <class Value>
std::uint32_t number_of(std::vector<Value>& list, std::map<Value, std::uint32_t>& numbers,
                        const Value& value, std::uint32_t last) {
  if (last < list.size() && list[last] == value) {
    return last;
  }
  const auto [at, is_new] = numbers.try_emplace(value, static_cast<std::uint32_t>(list.size()));
  if (is_new) {
    list.push_back(value);
  }
  return at->second;
}

}  // namespace

ChoiceTable::ChoiceTable(ChoiceList list, std::int64_t bound, bool remainders)
    : list_(std::move(list)), bound_(bound), remainders_(remainders) {
  write_digits();
  write_stages();
}

void ChoiceTable::write_digits() {
  const std::size_t rows = list_.size();
  perfect_.reserve(rows);
  begin_.reserve(rows + 1);
  begin_.push_back(0);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto spatial = list_.spatial(row);
    const auto gaps = list_.gaps(row);
    const auto temporal = list_.temporal(row);
    std::int64_t loops = 0;
    const auto push_spatial = [&] {
      for (std::size_t s = 0; s < spatial.size(); ++s) {
        if (spatial[s] > 1 && gaps[s] == loops) {
          slots_ |= std::uint32_t{1} << s;
          digits_.push_back({.bound = spatial[s],
                             .weight = 1,
                             .block = -1,
                             .slot = static_cast<std::uint8_t>(s)});
        }
      }
    };
    for (std::size_t i = 0; i < temporal.size(); ++i) {
      if (temporal[i] > 1) {
        push_spatial();
        ++loops;
        digits_.push_back({.bound = temporal[i],
                           .weight = 1,
                           .block = static_cast<std::int8_t>(i / kLoopParts),
                           .slot = 0});
      }
    }
    push_spatial();
    std::int64_t weight = 1;
    for (std::size_t i = digits_.size(); i-- > begin_.back();) {
      digits_[i].weight = weight;
      weight *= digits_[i].bound;
    }
    perfect_.push_back(weight == bound_ ? 1 : 0);
    all_perfect_ = all_perfect_ && weight == bound_;
    begin_.push_back(digits_.size());
  }
}

void ChoiceTable::write_stages() {
  const auto add = [&](auto&& tuple) {
    const std::vector<std::uint64_t> places = ranks(size(), tuple);
    std::vector<std::uint64_t> different = places;
    std::sort(different.begin(), different.end());
    different.erase(std::unique(different.begin(), different.end()), different.end());
    Stage& stage = stages_.emplace_back();
    for (const std::uint64_t place : places) {
      const auto at = std::lower_bound(different.begin(), different.end(), place);
      stage.numbers.push_back(static_cast<std::uint32_t>(at - different.begin()));
    }
    stage.bits =
        different.empty() ? 0 : static_cast<unsigned>(std::bit_width(different.size() - 1));
  };
  add([&](std::size_t row) { return list_.spatial(row); });
  for (std::size_t b = 0; b < list_.blocks; ++b) {
    add([&](std::size_t row) { return list_.temporal(row).subspan(b * kLoopParts, kLoopParts); });
  }
  add([&](std::size_t row) { return list_.gaps(row); });
  std::vector<std::uint32_t> values;
  std::map<std::uint32_t, std::uint32_t> numbers;
  std::uint32_t number = 0;
  for (std::size_t row = 0; row < size(); ++row) {
    number = number_of(values, numbers, stages_.front().numbers[row], number);
    spatial_numbers_.push_back(number);
    if (number == spatial_rows_.size()) {
      spatial_rows_.push_back(row);
    }
  }
}

LoopSet ChoiceTable::reduced(LoopSet set) const {
  set.slots &= slots_;
  if (set.first >= set.last) {
    set.first = 0;
    set.last = 0;
  }
  return set;
}

std::uint32_t ChoiceTable::factor(FactorKey key) {
  key.over = key.whole ? LoopSet{} : reduced(key.over);
  key.under = reduced(key.under);
  if (!key.whole && key.over == key.under) {
    key.over = {};
    key.under = {};
  }
  const auto [at, is_new] =
      factor_numbers_.try_emplace(key, static_cast<std::uint32_t>(factor_keys_.size()));
  if (is_new) {
    factor_keys_.push_back(key);
  }
  return at->second;
}

std::uint32_t ChoiceTable::shape(ShapeKey key) {
  key.inside_slots &= slots_;
  key.shared_slots &= slots_ & ~key.inside_slots;
  if (key.tile) {
    key.shared_slots = 0;
    key.swept = -1;
  }
  const auto [at, is_new] =
      shape_numbers_.try_emplace(key, static_cast<std::uint32_t>(shape_keys_.size()));
  if (is_new) {
    shape_keys_.push_back(key);
  }
  return at->second;
}

void ChoiceTable::fill() {
  for (std::size_t i = same_.size(); i < factor_keys_.size(); ++i) {
    std::vector<double> column = make_factors(factor_keys_[i]);
    const auto equal = std::find(columns_.begin(), columns_.end(), column);
    same_.push_back(static_cast<std::uint32_t>(equal - columns_.begin()));
    if (equal == columns_.end()) {
      constant_.push_back(std::adjacent_find(column.begin(), column.end(), std::not_equal_to<>()) ==
                                  column.end()
                              ? 1
                              : 0);
      least_.push_back(column.empty() ? 1.0 : *std::min_element(column.begin(), column.end()));
      columns_.push_back(std::move(column));
    }
  }
  for (std::size_t i = shapes_.size(); i < shape_keys_.size(); ++i) {
    shapes_.push_back(make_shapes(shape_keys_[i]));
  }
}

void ChoiceTable::number_loops(std::map<WindowLoops, std::uint32_t>& numbers) {
  for (ShapeColumn& column : shapes_) {
    for (std::size_t i = column.loops_numbers.size(); i < column.loops_list.size(); ++i) {
      const auto next = static_cast<std::uint32_t>(numbers.size());
      column.loops_numbers.push_back(numbers.try_emplace(column.loops_list[i], next).first->second);
    }
  }
}

double ChoiceTable::count(std::size_t row, const LoopSet& set) const {
  const auto in_set = [&](const Digit& digit) {
    return digit.block >= 0 ? digit.block >= set.first && digit.block < set.last
                            : (set.slots >> digit.slot & 1u) != 0;
  };
  if (perfect(row)) {
    std::int64_t product = 1;
    for (const Digit& digit : digits(row)) {
      product *= in_set(digit) ? digit.bound : 1;
    }
    return static_cast<double>(product);
  }
  Radix radix;
  for (const Digit& digit : digits(row)) {
    if (in_set(digit)) {
      radix.push(digit.bound, digit.weight);
    }
  }
  return static_cast<double>(radix.count_below(bound_));
}

std::vector<double> ChoiceTable::make_factors(const FactorKey& key) const {
  std::vector<double> column(size(), static_cast<double>(key.whole ? bound_ : 1));
  const bool over = key.over != LoopSet{};
  const bool under = key.under != LoopSet{};
  for (std::size_t row = 0; row < column.size() && (over || under); ++row) {
    column[row] = over ? count(row, key.over) : column[row];
    column[row] /= under ? count(row, key.under) : 1.0;
  }
  return column;
}

ShapeColumn ChoiceTable::make_shapes(const ShapeKey& key) const {
  ShapeColumn column;
  std::map<Offsets, std::uint32_t> offset_numbers;
  std::map<Sweep, std::uint32_t> sweep_numbers;
  column.extents.assign(size(), 0);
  column.repeats.assign(size(), 1);
  column.offsets.assign(size(), 0);
  column.sweeps.assign(size(), 0);
  Offsets offsets;
  std::uint32_t last_offsets = 0;
  std::uint32_t last_sweep = 0;
  for (std::size_t row = 0; row < size(); ++row) {
    offsets.clear();
    Sweep sweep;
    std::int64_t back = 0;  // how far the sweep's digits go back
    for (const Digit& digit : digits(row)) {
      if (key.sweeps(digit.block)) {
        back += digit.weight * (digit.bound - 1);
      }
    }
    std::int64_t extent = 0;
    std::int64_t repeats = 1;
    std::int64_t times = 1;
    std::int64_t run = 1;    // product of the loops of the sweep's current run
    std::int64_t inner = 0;  // weight of the last of them; 0: none
    for (const Digit& digit : digits(row)) {
      const std::int64_t span = digit.weight * (digit.bound - 1);
      const bool temporal = digit.block >= 0;
      if (temporal ? digit.block >= key.inside : (key.inside_slots >> digit.slot & 1u) != 0) {
        extent += key.coefficient * span;
      } else if (key.tile) {
        continue;
      } else if (key.sweeps(digit.block)) {
        const bool goes_on = inner == digit.weight * digit.bound;
        run = goes_on ? run * digit.bound : digit.bound;
        inner = digit.weight;
        back -= span;
        sweep.moves += goes_on ? 0 : 1;
        times *= digit.bound;
        sweep.times[sweep.moves - 1] = static_cast<double>((run - 1) * (times / run));
        sweep.steps[sweep.moves - 1] = static_cast<double>(key.coefficient * (digit.weight - back));
      } else if (!temporal && (key.shared_slots >> digit.slot & 1u) != 0) {
        offsets.emplace_back(key.coefficient * digit.weight, digit.bound);
      } else {
        repeats *= digit.bound;
      }
    }
    if (perfect(row)) {
      column.extents[row] = static_cast<double>(extent);
      column.repeats[row] = static_cast<double>(repeats);
    } else {
      offsets.clear();
      sweep = {};
    }
    last_offsets = number_of(column.offset_lists, offset_numbers, offsets, last_offsets);
    last_sweep = number_of(column.sweep_list, sweep_numbers, sweep, last_sweep);
    column.offsets[row] = last_offsets;
    column.sweeps[row] = last_sweep;
  }
  if (remainders_) {
    list_loops(key, column);
  } else {
    list_classes(column);
  }
  for (std::uint32_t row = 0; row < column.classes.size(); ++row) {
    if (column.classes[row] == column.class_rows.size()) {
      column.class_rows.push_back(row);
    }
  }
  return column;
}

void ChoiceTable::list_loops(const ShapeKey& key, ShapeColumn& column) const {
  using Role = WindowLoops::Role;
  std::map<WindowLoops, std::uint32_t> numbers;
  WindowLoops loops{.coefficient = key.coefficient, .bound = bound_, .loops = {}};
  std::uint32_t last = 0;
  for (std::size_t row = 0; row < size(); ++row) {
    loops.loops.clear();
    for (const Digit& digit : digits(row)) {
      const bool temporal = digit.block >= 0;
      Role role = Role::repeats;
      if (temporal ? digit.block >= key.inside : (key.inside_slots >> digit.slot & 1u) != 0) {
        role = Role::tile;
      } else if (key.tile) {
        continue;
      } else if (key.sweeps(digit.block)) {
        role = Role::sweeps;
      } else if (!temporal && (key.shared_slots >> digit.slot & 1u) != 0) {
        role = Role::shares;
      }
      if (!loops.loops.empty() && loops.loops.back().role == role &&
          loops.loops.back().weight == digit.weight * digit.bound) {
        loops.loops.back().bound *= digit.bound;
        loops.loops.back().weight = digit.weight;
      } else {
        loops.loops.push_back({digit.bound, digit.weight, role});
      }
    }
    last = number_of(column.loops_list, numbers, loops, last);
    column.classes.push_back(last);
  }
}

void ChoiceTable::list_classes(ShapeColumn& column) const {
  using Class = std::tuple<double, double, std::uint32_t, std::uint32_t>;
  std::vector<Class> classes;
  std::map<Class, std::uint32_t> numbers;
  std::uint32_t last = 0;
  for (std::size_t row = 0; row < size(); ++row) {
    last = number_of(
        classes, numbers,
        Class(column.extents[row], column.repeats[row], column.offsets[row], column.sweeps[row]),
        last);
    column.classes.push_back(last);
  }
}

}  // namespace tessera
