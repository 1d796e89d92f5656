// A choice of a dimension beats another if it uses the axes alike and, whatever the other
// dimensions of the group choose, makes no component larger: then each option with the other choice
// is beaten by one with the first, which uses the axes as much (exact_trie.cpp). Components are
// products of the dimensions' factors and of what their windows count.
//
// Of two dimensions whose windows are known pair by pair (exact_pair_words.hpp) that is compared
// itself: every factor, and the words with every class of the other dimension's choices. Of more
// dimensions, whatever the words grow with must be at most as large: extents, repetitions, and how
// often and how far sweeps move; and instances that share must be placed alike. Where remainders
// are allowed, the choices must be the same to every window there: then the words are equal, and
// the factors decide.
//
// Where less time is not better by itself (power), what time depends on must be equal.
//
// Choices are compared in the order of the sums of all that is compared: nothing is beaten by what
// has a larger sum, and rounding keeps the order, since all sums add up in the same order. Of equal
// ones the first stays.

#include "search/exact_unbeaten.hpp"

#include <algorithm>
#include <map>

#include "search/exact_dominance.hpp"

namespace tessera {
namespace {

/// Tells apart what is `alike` so far but has different numbers.
template <class NumberOf>
void refine(std::vector<std::uint32_t>& alike, NumberOf&& number_of) {
  PairNumbers pairs;
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < alike.size(); ++i) {
    std::uint32_t& pair = pairs.of(alike[i], number_of(i));
    pair = pair == PairNumbers::kNew ? next++ : pair;
    alike[i] = pair;
  }
}

bool at_most(const double* a, const double* b, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    if (a[i] > b[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

/// What is compared of some choices, by position.
struct UnbeatenChoices::Burdens {
  std::vector<std::uint32_t> alike;          ///< must be equal
  std::vector<std::vector<double>> burdens;  ///< must be at most as large
  std::vector<double> sums;                  ///< of these, and of whatever else is compared

  void add(std::vector<double> burden) {
    if (std::adjacent_find(burden.begin(), burden.end(), std::not_equal_to<>()) != burden.end() &&
        std::find(burdens.begin(), burdens.end(), burden) == burdens.end()) {
      for (std::size_t i = 0; i < burden.size(); ++i) {
        sums[i] += burden[i];
      }
      burdens.push_back(std::move(burden));
    }
  }

  /// The positions that no other beats; `also(a, b)` says whether a is at most b in what else is
  /// compared.
  template <class Also>
  std::vector<std::uint32_t> unbeaten(Also&& also) const {
    struct Entry {
      std::uint32_t alike = 0;
      std::uint32_t position = 0;
      double sum = 0;
    };
    std::vector<Entry> order(alike.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
      order[i] = {alike[i], i, sums[i]};
    }
    std::sort(order.begin(), order.end(), [](const Entry& a, const Entry& b) {
      if (a.alike != b.alike) {
        return a.alike < b.alike;
      }
      return a.sum != b.sum ? a.sum < b.sum : a.position < b.position;
    });
    std::vector<std::uint32_t> left;
    std::vector<std::uint32_t> kept;  // positions of those that stand alike
    VectorList vectors;
    std::vector<double> vector(burdens.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i == 0 || order[i].alike != order[i - 1].alike) {
        kept.clear();
        vectors.reset(burdens.size());
      }
      const std::uint32_t position = order[i].position;
      for (std::size_t b = 0; b < burdens.size(); ++b) {
        vector[b] = burdens[b][position];
      }
      const std::size_t by = vectors.find_at_most(
          vector.data(), [&](std::size_t k) { return also(kept[k], position); });
      if (by < kept.size()) {  // it is likely to beat others, too
        vectors.exchange(by, by / 2);
        std::swap(kept[by], kept[by / 2]);
        continue;
      }
      kept.push_back(position);
      vectors.add(vector.data());
      left.push_back(position);
    }
    std::sort(left.begin(), left.end());
    return left;
  }
};

UnbeatenChoices::UnbeatenChoices(const GroupColumns& columns, const DistinctColumns& distinct,
                                 bool keep_slower)
    : columns_(columns), distinct_(distinct), timing_(distinct.size(), 0) {
  for (std::size_t c = 0; keep_slower && c < distinct.columns().size(); ++c) {
    if (columns.terms().timing(static_cast<std::uint16_t>(c))) {
      timing_[distinct.columns()[c]] = 1;
    }
  }
}

std::vector<std::uint32_t> UnbeatenChoices::use_of_axes(std::size_t nth,
                                                        std::span<const std::uint32_t> rows) const {
  std::vector<std::uint32_t> use;
  use.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    use.push_back(columns_.table(nth).spatial_numbers()[row]);
  }
  return use;
}

void UnbeatenChoices::add_factors(std::size_t nth, std::span<const std::uint32_t> rows,
                                  Burdens& burdens) const {
  std::vector<const double*> seen;
  for (std::size_t c = 0; c < distinct_.size(); ++c) {
    const double* factors = distinct_.factors(c, nth);
    if (timing_[c] != 0) {
      std::map<double, std::uint32_t> numbers;
      refine(burdens.alike, [&](std::size_t i) {
        const auto next = static_cast<std::uint32_t>(numbers.size());
        return numbers.try_emplace(factors[rows[i]], next).first->second;
      });
    } else if (std::find(seen.begin(), seen.end(), factors) == seen.end()) {
      seen.push_back(factors);
      std::vector<double> burden;
      burden.reserve(rows.size());
      for (const std::uint32_t row : rows) {
        burden.push_back(factors[row]);
      }
      burdens.add(std::move(burden));
    }
  }
}

std::vector<std::uint32_t> UnbeatenChoices::of(std::size_t nth,
                                               std::span<const std::uint32_t> rows) const {
  Burdens burdens{
      .alike = use_of_axes(nth, rows), .burdens = {}, .sums = std::vector<double>(rows.size(), 0)};
  add_factors(nth, rows, burdens);
  const bool slower = std::find(timing_.begin(), timing_.end(), 1) != timing_.end();
  std::vector<std::uint32_t> shapes;
  for (const GroupColumns::Window& window : columns_.windows()) {
    const std::uint32_t number = window.shapes[nth];
    if (number == GroupColumns::kNone ||
        std::find(shapes.begin(), shapes.end(), number) != shapes.end()) {
      continue;
    }
    shapes.push_back(number);
    const ShapeColumn& shape = columns_.shapes(window, nth);
    if (slower || !shape.loops_list.empty()) {
      refine(burdens.alike, [&](std::size_t i) { return shape.classes[rows[i]]; });
      continue;
    }
    refine(burdens.alike, [&](std::size_t i) { return shape.offsets[rows[i]]; });
    const auto add = [&](auto&& of_row) {
      std::vector<double> burden;
      burden.reserve(rows.size());
      for (const std::uint32_t row : rows) {
        burden.push_back(of_row(row));
      }
      burdens.add(std::move(burden));
    };
    add([&](std::uint32_t row) { return shape.extents[row]; });
    add([&](std::uint32_t row) { return shape.repeats[row]; });
    const auto longest = std::max_element(
        shape.sweep_list.begin(), shape.sweep_list.end(),
        [](const Sweep& one, const Sweep& other) { return one.moves < other.moves; });
    for (std::size_t i = 0; shape.sweep_list.size() > 1 && i < longest->moves; ++i) {
      add([&](std::uint32_t row) { return shape.sweep_list[shape.sweeps[row]].times[i]; });
      add([&](std::uint32_t row) { return shape.sweep_list[shape.sweeps[row]].steps[i]; });
    }
  }
  return burdens.unbeaten([](std::uint32_t, std::uint32_t) { return true; });
}

std::vector<std::uint32_t> UnbeatenChoices::of(std::size_t nth, std::span<const std::uint32_t> rows,
                                               const PairWords& pairs) const {
  Burdens burdens{
      .alike = use_of_axes(nth, rows), .burdens = {}, .sums = std::vector<double>(rows.size(), 0)};
  add_factors(nth, rows, burdens);
  struct Words {
    const PairWords::RankWords::Side* side;
    std::size_t others;
  };
  std::vector<Words> words;
  for (const PairWords::RankWords& rank : pairs.ranks()) {
    const PairWords::RankWords::Side& side = rank.sides[nth];
    if (timing_[rank.column] != 0) {
      refine(burdens.alike, [&](std::size_t i) { return side.classes[i]; });
    } else if (side.count > 1) {
      words.push_back({&side, rank.sides[1 - nth].count});
      for (std::size_t i = 0; i < rows.size(); ++i) {
        burdens.sums[i] += side.sums[side.classes[i]];
      }
    }
  }
  return burdens.unbeaten([&](std::uint32_t a, std::uint32_t b) {
    return std::all_of(words.begin(), words.end(), [&](const Words& of) {
      const std::uint32_t class_a = of.side->classes[a];
      const std::uint32_t class_b = of.side->classes[b];
      return class_a == class_b ||
             at_most(of.side->row(class_a, of.others), of.side->row(class_b, of.others), of.others);
    });
  });
}

}  // namespace tessera
