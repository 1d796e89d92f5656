// A choice beats another of its dimension if it uses the axes alike, places the instances that
// share alike, and is at most as large in everything that a combination grows with: factors,
// extents, repetitions, and how often and how far sweeps move. Where remainders are allowed, its
// loops must also be the same to every window (`WindowLoops`): then the words are equal, and the
// factors decide. Where each combination is counted by the model, none is dropped.

#include "search/exact_choice_filter.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

namespace tessera {

namespace {

/// Tells apart what is `alike` so far but has different numbers.
void refine(std::vector<std::uint32_t>& alike, std::span<const std::uint32_t> rows,
            const std::vector<std::uint32_t>& numbers) {
  PairNumbers pairs;
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::uint32_t& pair = pairs.of(alike[i], numbers[rows[i]]);
    pair = pair == PairNumbers::kNew ? next++ : pair;
    alike[i] = pair;
  }
}

}  // namespace

DistinctColumns::DistinctColumns(const GroupColumns& columns) : group_(columns) {
  const std::size_t components = columns.terms().components().size();
  for (std::size_t nth = 0; nth < columns.dimensions().size(); ++nth) {
    remainders_ = remainders_ || !columns.table(nth).all_perfect();
  }
  needs_model_ =
      remainders_ && std::any_of(columns.windows().begin(), columns.windows().end(),
                                 [](const GroupColumns::Window& window) { return !window.whole; });
  all_closed_ = std::all_of(columns.windows().begin(), columns.windows().end(),
                            [](const GroupColumns::Window& window) { return window.closed; });
  needs_model_ = needs_model_ || !all_closed_;
  // Windows come in the order of their components.
  for (std::size_t i = 0, w = 0; i <= components; ++i) {
    windows_begin_.push_back(w);
    while (w < columns.windows().size() && columns.windows()[w].component == i) {
      ++w;
    }
  }
  std::vector<std::size_t> constants;
  std::vector<std::size_t> first(components);  // by component: the first that is the same
  for (std::size_t i = 0; i < components; ++i) {
    first[i] = i;
    for (std::size_t j = 0; j < i && first[i] == i; ++j) {
      first[i] = first[j] == j && same(i, j) ? j : i;
    }
    if (first[i] == i) {
      (constant(i) ? constants : components_).push_back(i);
    }
  }
  varying_ = components_.size();
  components_.insert(components_.end(), constants.begin(), constants.end());
  columns_.resize(components);
  for (std::size_t i = 0; i < components; ++i) {
    const auto at = std::find(components_.begin(), components_.end(), first[i]);
    columns_[i] = static_cast<std::uint16_t>(at - components_.begin());
  }
  closed_.assign(components_.size(), 1);
  whole_.assign(components_.size(), 1);
  for (const GroupColumns::Window& window : columns.windows()) {
    if (first[window.component] != window.component) {
      continue;
    }
    const std::size_t column = columns_[window.component];
    closed_[column] = closed_[column] != 0 && window.closed ? 1 : 0;
    whole_[column] = whole_[column] != 0 && window.whole ? 1 : 0;
    if (counted_.empty() || counted_.back() != column) {
      counted_.push_back(column);
    }
    if (window.closed) {
      windows_.emplace_back(columns, window);
      window_columns_.push_back(column);
    }
  }
}

std::span<const GroupColumns::Window> DistinctColumns::windows_of(std::size_t component) const {
  return group_.windows().subspan(windows_begin_[component],
                                  windows_begin_[component + 1] - windows_begin_[component]);
}

/// Whether two components are equal in all options.
bool DistinctColumns::same(std::size_t a, std::size_t b) const {
  for (std::size_t nth = 0; nth < group_.dimensions().size(); ++nth) {
    if (group_.factors(a, nth) != group_.factors(b, nth)) {
      return false;
    }
  }
  const auto of_a = windows_of(a);
  const auto of_b = windows_of(b);
  if (of_a.empty() && of_b.empty()) {
    return true;
  }
  // What the model counts is not looked into.
  return !needs_model_ && std::equal(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
                                     [](const GroupColumns::Window& x,
                                        const GroupColumns::Window& y) { return x.same_count(y); });
}

bool DistinctColumns::constant(std::size_t component) const {
  for (std::size_t nth = 0; nth < group_.dimensions().size(); ++nth) {
    if (!group_.constant(component, nth)) {
      return false;
    }
  }
  return windows_of(component).empty();
}

ChoiceFilter::ChoiceFilter(const GroupColumns& columns, DistinctColumns& distinct,
                           const OptionCut* cut, std::size_t number)
    : columns_(columns), distinct_(distinct), cut_(cut) {
  const TermTable& terms = columns.terms();
  rest_.assign(terms.components().size(), {.times = 1, .known = 0});
  if (cut != nullptr) {
    rest_ = cut->rest(terms, number);
  }
  for (std::uint16_t c = 0; c < terms.components().size(); ++c) {
    if (terms.read(c)) {
      read_.push_back(c);
    }
  }
  values_.resize(distinct.size());
  rows_.resize(terms.components().size());
}

void ChoiceFilter::test() {
  const std::size_t pairs = (count_ + 1) / 2;
  for (std::array<double, kBatch>& values : values_) {
    values[2 * pairs - 1] = values[count_ - 1];  // of an odd number, the last one twice
  }
  for (const std::uint16_t c : read_) {
    const double* values = values_[distinct_.columns()[c]].data();
    BatchRow& row = rows_[c];
    for (std::size_t i = 0; i < pairs; ++i) {
      row[i] = Pair{values[2 * i], values[2 * i + 1]} * rest_[c].times + rest_[c].known;
    }
  }
  const double least_steps = cut_ == nullptr ? 0 : cut_->least_steps();
  const double* steps = values_[distinct_.columns()[columns_.terms().steps()]].data();
  for (std::size_t i = 0; i < count_; ++i) {
    costs_.cycles[i / 2][i % 2] = std::max(least_steps, steps[i] * further_steps_[i]);
  }
  columns_.terms().cost(rows_.data(), count_, {}, costs_);
  for (std::size_t i = 0; i < count_; ++i) {
    worth_[i] =
        costs_.fits[i] &&
        (cut_ == nullptr || !cut_->hopeless({.energy_pj = costs_.energy_pj[i / 2][i % 2],
                                             .cycles = costs_.cycles[i / 2][i % 2],
                                             .dram_words = costs_.dram_words[i / 2][i % 2]}));
  }
}

std::vector<std::vector<std::uint32_t>> ChoiceFilter::worth_trying(bool drop_beaten,
                                                                   bool keep_slower) {
  const std::size_t dimensions = columns_.dimensions().size();
  std::vector<std::vector<std::uint32_t>> kept;
  for (std::size_t nth = 0; nth < dimensions; ++nth) {
    kept.emplace_back(columns_.table(nth).size());
    std::iota(kept.back().begin(), kept.back().end(), 0u);
  }
  if (dimensions == 1) {
    return kept;
  }
  // By dimension and column, the least factor of any choice that is left.
  std::vector<std::vector<double>> least(dimensions);
  const auto find_least = [&](std::size_t nth) {
    least[nth].assign(distinct_.size(), std::numeric_limits<double>::infinity());
    for (std::size_t c = 0; c < distinct_.size(); ++c) {
      for (const std::uint32_t row : kept[nth]) {
        least[nth][c] = std::min(least[nth][c], distinct_.factors(c, nth)[row]);
      }
    }
  };
  for (std::size_t nth = 0; nth < dimensions; ++nth) {
    find_least(nth);
  }
  const bool beats = drop_beaten && !distinct_.may_need_model();
  for (std::size_t nth = 0; nth < dimensions; ++nth) {
    std::vector<double> others(distinct_.size(), 1.0);
    for (std::size_t other = 0; other < dimensions; ++other) {
      for (std::size_t c = 0; other != nth && c < others.size(); ++c) {
        others[c] *= least[other][c];
      }
    }
    kept[nth] = worth_trying(nth, kept[nth], others);
    if (kept[nth].empty()) {
      return std::vector<std::vector<std::uint32_t>>(dimensions);
    }
    if (beats) {
      kept[nth] = unbeaten(nth, kept[nth], keep_slower);
    }
    find_least(nth);
  }
  return kept;
}

std::vector<std::uint32_t> ChoiceFilter::worth_trying(std::size_t nth,
                                                      std::span<const std::uint32_t> rows,
                                                      const std::vector<double>& others) {
  std::vector<std::uint32_t> kept;
  const ChoiceTable& table = columns_.table(nth);
  const double of_group = others[distinct_.columns()[columns_.terms().steps()]];
  std::vector<double> further(table.spatial_size(), 0.0);  // by what stands on the spatial slots
  for (std::uint32_t i = 0; cut_ != nullptr && i < further.size(); ++i) {
    further[i] = cut_->steps_without(DimensionId(columns_.dimensions()[nth])).of(table.spatial(i)) /
                 of_group;
  }
  for (std::size_t begin = 0; begin < rows.size(); begin += kBatch) {
    const auto batch = rows.subspan(begin, std::min(kBatch, rows.size() - begin));
    start(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      further_steps_[i] = further[table.spatial_numbers()[batch[i]]];
    }
    for (std::size_t c = 0; c < distinct_.size(); ++c) {
      const double* factors = distinct_.factors(c, nth);
      for (std::size_t i = 0; i < batch.size(); ++i) {
        values(c)[i] = others[c] * factors[batch[i]];
      }
    }
    for (std::size_t w = 0; w < distinct_.windows().size();) {
      double* words = values(distinct_.column_of_window(w));
      std::size_t next = w + 1;
      while (next < distinct_.windows().size() && distinct_.windows()[next].alternative()) {
        ++next;
      }
      for (std::size_t i = 0; i < batch.size(); ++i) {
        double least = std::numeric_limits<double>::infinity();
        for (WindowCount& window : distinct_.windows().subspan(w, next - w)) {
          least = std::min(least, window.words(window.with({}, nth, batch[i])));
        }
        words[i] *= least;
      }
      w = next;
    }
    test();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (worth(i)) {
        kept.push_back(batch[i]);
      }
    }
  }
  return kept;
}

std::vector<std::uint32_t> ChoiceFilter::unbeaten(std::size_t nth,
                                                  std::span<const std::uint32_t> rows,
                                                  bool keep_slower) const {
  // What must be equal, as one number, and what must be at most as large.
  std::vector<std::uint32_t> alike;
  for (const std::uint32_t row : rows) {
    alike.push_back(columns_.table(nth).spatial_numbers()[row]);
  }
  if (keep_slower) {
    const double* steps = columns_.factors(columns_.terms().steps(), nth);
    std::map<double, std::uint32_t> numbers;
    std::vector<std::uint32_t> of_row(columns_.table(nth).size(), 0);
    for (const std::uint32_t row : rows) {
      const auto next = static_cast<std::uint32_t>(numbers.size());
      of_row[row] = numbers.try_emplace(steps[row], next).first->second;
    }
    refine(alike, rows, of_row);
  }
  std::vector<std::vector<double>> burdens;
  const auto add_burden = [&](auto&& of_row) {
    std::vector<double> burden;
    for (const std::uint32_t row : rows) {
      burden.push_back(of_row(row));
    }
    if (std::adjacent_find(burden.begin(), burden.end(), std::not_equal_to<>()) != burden.end() &&
        std::find(burdens.begin(), burdens.end(), burden) == burdens.end()) {
      burdens.push_back(std::move(burden));
    }
  };
  std::vector<const double*> seen;
  for (std::size_t c = 0; c < distinct_.size(); ++c) {
    const double* factors = distinct_.factors(c, nth);
    if (std::find(seen.begin(), seen.end(), factors) == seen.end()) {
      seen.push_back(factors);
      add_burden([&](std::uint32_t row) { return factors[row]; });
    }
  }
  std::vector<std::uint32_t> shapes;
  for (const GroupColumns::Window& window : columns_.windows()) {
    const std::uint32_t number = window.shapes[nth];
    if (number == GroupColumns::kNone ||
        std::find(shapes.begin(), shapes.end(), number) != shapes.end()) {
      continue;
    }
    shapes.push_back(number);
    const ShapeColumn& shape = columns_.shapes(window, nth);
    refine(alike, rows, shape.offsets);
    if (!shape.loops.empty()) {
      refine(alike, rows, shape.loops);
    }
    add_burden([&](std::uint32_t row) { return shape.extents[row]; });
    add_burden([&](std::uint32_t row) { return shape.repeats[row]; });
    const auto longest = std::max_element(
        shape.sweep_list.begin(), shape.sweep_list.end(),
        [](const Sweep& one, const Sweep& other) { return one.moves < other.moves; });
    for (std::size_t i = 0; shape.sweep_list.size() > 1 && i < longest->moves; ++i) {
      add_burden([&](std::uint32_t row) { return shape.sweep_list[shape.sweeps[row]].times[i]; });
      add_burden([&](std::uint32_t row) { return shape.sweep_list[shape.sweeps[row]].steps[i]; });
    }
  }
  const std::size_t width = burdens.size();
  std::vector<double> values(rows.size() * width);
  std::vector<double> sums(rows.size(), 0.0);
  std::vector<std::uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t b = 0; b < width; ++b) {
      values[i * width + b] = burdens[b][i];
      sums[i] += burdens[b][i];
    }
  }
  // Nothing is beaten by what has a larger sum; of equal ones the first stays.
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (alike[a] != alike[b]) {
      return alike[a] < alike[b];
    }
    return sums[a] != sums[b] ? sums[a] < sums[b] : a < b;
  });
  std::vector<std::uint32_t> left;
  std::size_t begin = 0;
  for (const std::uint32_t i : order) {
    if (!left.empty() && alike[left.back()] != alike[i]) {
      begin = left.size();
    }
    const double* mine = values.data() + i * width;
    const bool beaten = std::any_of(
        left.begin() + static_cast<std::ptrdiff_t>(begin), left.end(), [&](std::uint32_t other) {
          return std::equal(mine, mine + width, values.data() + other * width,
                            [](double a, double b) { return b <= a; });
        });
    if (!beaten) {
      left.push_back(i);
    }
  }
  std::sort(left.begin(), left.end());
  for (std::uint32_t& i : left) {
    i = rows[i];
  }
  return left;
}

}  // namespace tessera
