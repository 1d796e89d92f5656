// What a window counts depends on a choice only through what the choice is to that window: its
// extent, repetitions, offsets and sweep, or with remainders its loops as the window sees them.
// Choices that are the same to it are of one class (ShapeColumn::classes). There are far fewer
// pairs of classes than pairs of choices, and the same pairs come again in other forms: each is
// counted once and then looked up.

#include "search/exact_pair_words.hpp"

#include <algorithm>
#include <limits>

namespace tessera {

WindowWords::WindowWords(const GroupColumns& columns, DistinctColumns& distinct, CountMemo& memo)
    : columns_(columns), distinct_(distinct), memo_(memo) {}

double WindowWords::of(std::size_t w, const WindowCount::Part& part,
                       std::span<const std::uint32_t> rows) {
  WindowCount& window = distinct_.windows()[w];
  bool perfect = true;
  for (std::size_t nth = 0; nth < rows.size() && distinct_.remainders(); ++nth) {
    perfect = perfect && columns_.table(nth).perfect(rows[nth]);
  }
  if (perfect || !window.whole()) {
    return window.words(part);
  }
  return window.remainder_words(part, memo_, [&] {
    GroupCounter& counter = counter_of(window);
    counter.set(rows);
    Component component = distinct_.component(distinct_.column_of_window(w));
    component.per_instance = -1;  // the factors divide
    return counter.count(component);
  });
}

/// By what sweeps; made when it is needed.
GroupCounter& WindowWords::counter_of(const WindowCount& window) {
  const std::size_t at = window.swept() ? *window.swept() + 1 : 0;
  counters_.resize(columns_.dimensions().size() + 1);
  if (!counters_[at]) {
    counters_[at] = std::make_unique<GroupCounter>(columns_, window.swept());
  }
  return *counters_[at];
}

PairWords::PairWords(const GroupColumns& columns, DistinctColumns& distinct, CountMemo& memo)
    : columns_(columns), distinct_(distinct), memo_(memo), counted_(columns, distinct, memo) {
  memo.forget_some();
}

void PairWords::set(std::span<const std::uint32_t> first, std::span<const std::uint32_t> second) {
  ranks_.clear();
  const std::array<std::span<const std::uint32_t>, 2> rows = {first, second};
  std::array<std::vector<std::uint32_t>, 2> examples;  // by dimension: a row of each class
  std::vector<double> words;
  for (std::size_t begin = 0; begin < distinct_.windows().size();) {
    const std::size_t end = distinct_.end_of_rank(begin);
    RankWords& rank = ranks_.emplace_back();
    rank.column = distinct_.column_of_window(begin);
    for (std::size_t nth = 0; nth < 2; ++nth) {
      set_classes(begin, end, nth, rows[nth], rank.sides[nth], examples[nth]);
    }
    const std::size_t pairs = examples[0].size() * examples[1].size();
    rank.sides[0].words.assign(pairs, std::numeric_limits<double>::infinity());
    for (; begin < end; ++begin) {
      lower(begin, {examples[0], examples[1]}, rank.sides[0].words);
    }
    rank.sides[1].words.resize(pairs);
    for (std::size_t nth = 0; nth < 2; ++nth) {
      RankWords::Side& side = rank.sides[nth];
      side.least.assign(side.count, std::numeric_limits<double>::infinity());
      side.sums.assign(side.count, 0.0);
    }
    const std::size_t width = rank.sides[1].count;
    for (std::size_t a = 0; a < rank.sides[0].count; ++a) {
      for (std::size_t b = 0; b < width; ++b) {
        const double here = rank.sides[0].words[a * width + b];
        rank.sides[1].words[b * rank.sides[0].count + a] = here;
        rank.sides[0].least[a] = std::min(rank.sides[0].least[a], here);
        rank.sides[1].least[b] = std::min(rank.sides[1].least[b], here);
        rank.sides[0].sums[a] += here;
        rank.sides[1].sums[b] += here;
      }
    }
  }
}

/// Gives small numbers to the classes of some rows, in a rank that windows number `begin` to `end`
/// - 1 are of. Two rows are of one class if they are so in each of these windows.
void PairWords::set_classes(std::size_t begin, std::size_t end, std::size_t nth,
                            std::span<const std::uint32_t> rows, RankWords::Side& side,
                            std::vector<std::uint32_t>& examples) {
  side.classes.assign(rows.size(), 0);
  side.count = 1;
  examples.assign(1, rows.front());
  PairNumbers numbers;
  for (std::size_t w = begin; w < end; ++w) {
    const std::uint32_t number = distinct_.source_of_window(w).shapes[nth];
    if (number == GroupColumns::kNone) {
      continue;
    }
    const ShapeColumn& shape = columns_.table(nth).shapes(number);
    numbers = {};
    numbers.reserve(side.count, shape.class_rows.size());
    examples.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::uint32_t& of = numbers.of(side.classes[i], shape.classes[rows[i]]);
      if (of == PairNumbers::kNew) {
        of = static_cast<std::uint32_t>(examples.size());
        examples.push_back(rows[i]);
      }
      side.classes[i] = of;
    }
    side.count = examples.size();
  }
}

/// Lowers words to those of one window.
void PairWords::lower(std::size_t w, std::array<std::span<const std::uint32_t>, 2> examples,
                      std::vector<double>& words) {
  const GroupColumns::Window& window = distinct_.source_of_window(w);
  CountMemo::PairKey key{.tile = window.tile, .sharing = window.sharing};
  std::array<const ShapeColumn*, 2> shapes = {};
  std::array<std::size_t, 2> counts = {1, 1};
  for (std::size_t nth = 0; nth < 2; ++nth) {
    key.shapes[nth] = window.shapes[nth];
    if (key.shapes[nth] != GroupColumns::kNone) {
      key.tables[nth] = &columns_.table(nth);
      shapes[nth] = &columns_.table(nth).shapes(key.shapes[nth]);
      counts[nth] = shapes[nth]->class_rows.size();
    }
  }
  std::vector<double>& known = memo_.of(key, counts[0] * counts[1]);
  const auto class_of = [&](std::size_t nth, std::uint32_t row) {
    return shapes[nth] == nullptr ? 0 : shapes[nth]->classes[row];
  };
  for (std::size_t a = 0; a < examples[0].size(); ++a) {
    const std::uint32_t first = class_of(0, examples[0][a]);
    for (std::size_t b = 0; b < examples[1].size(); ++b) {
      const std::uint32_t second = class_of(1, examples[1][b]);
      double& here = known[first * counts[1] + second];
      if (here < 0) {
        const std::array<std::uint32_t, 2> rows = {examples[0][a], examples[1][b]};
        if (distinct_.remainders()) {
          double& memo = memo_.of(window.tile, window.sharing, shapes[0]->loops_numbers[first],
                                  shapes[1]->loops_numbers[second]);
          memo = memo < 0 ? count(w, rows) : memo;
          here = memo;
        } else {
          here = count(w, rows);
        }
      }
      double& least = words[a * examples[1].size() + b];
      least = std::min(least, here);
    }
  }
}

double PairWords::count(std::size_t w, std::array<std::uint32_t, 2> rows) {
  WindowCount& window = distinct_.windows()[w];
  return counted_.of(w, window.with(window.with({}, 0, rows[0]), 1, rows[1]), rows);
}

void PairWords::keep(std::size_t nth, std::span<const std::uint32_t> positions) {
  for (RankWords& rank : ranks_) {
    std::vector<std::uint32_t>& classes = rank.sides[nth].classes;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      classes[i] = classes[positions[i]];
    }
    classes.resize(positions.size());
  }
}

}  // namespace tessera
