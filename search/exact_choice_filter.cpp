// Before choices of several dimensions are combined, those go that no combination of use can have:
// what does not fit, or costs too much, with the least factors of any choice of the others, and
// with the least words that a window counts with any of them (exact_pair_words.hpp), or with none.
// Then those that another choice beats (exact_unbeaten.hpp).

#include "search/exact_choice_filter.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "search/exact_unbeaten.hpp"

namespace tessera {

namespace {

/// Leaves what stands at these positions.
void leave(std::span<const std::uint32_t> positions, std::vector<std::uint32_t>& rows) {
  for (std::size_t i = 0; i < positions.size(); ++i) {
    rows[i] = rows[positions[i]];
  }
  rows.resize(positions.size());
}

}  // namespace

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
    const double times = rest_[c].times;
    const double known = rest_[c].known;
    for (std::size_t i = 0; i < pairs; ++i) {
      Pair pair;
      std::memcpy(&pair, values + 2 * i, sizeof(pair));
      row[i] = pair * times + known;
    }
  }
  const double least_steps = cut_ == nullptr ? 0 : cut_->least_steps();
  const double* steps = values_[distinct_.columns()[columns_.terms().steps()]].data();
  for (std::size_t i = 0; i < count_; ++i) {
    costs_.cycles[i / 2][i % 2] = std::max(least_steps, steps[i] * further_steps_[i]);
  }
  columns_.terms().cost(rows_.data(), count_, {}, costs_);
  std::copy_n(costs_.fits.begin(), count_, worth_.begin());
  if (cut_ != nullptr) {
    cut_->hopeless(costs_, count_, worth_);
  }
}

std::vector<std::vector<std::uint32_t>> ChoiceFilter::worth_trying(bool drop_beaten,
                                                                   bool keep_slower,
                                                                   PairWords* pairs) {
  const std::size_t dimensions = columns_.dimensions().size();
  std::vector<std::vector<std::uint32_t>> kept;
  for (std::size_t nth = 0; nth < dimensions; ++nth) {
    kept.emplace_back(columns_.table(nth).size());
    std::iota(kept.back().begin(), kept.back().end(), 0u);
    if (kept.back().empty()) {
      return std::vector<std::vector<std::uint32_t>>(dimensions);
    }
  }
  if (dimensions == 1) {
    return kept;
  }
  least_.resize(dimensions);
  for (std::size_t nth = 0; nth < dimensions; ++nth) {
    find_least(nth, kept[nth]);
  }
  const bool beats = drop_beaten && !distinct_.may_need_model();
  const UnbeatenChoices unbeaten(columns_, distinct_, keep_slower);
  if (pairs != nullptr) {
    pairs->set(kept[0], kept[1]);
  }
  for (std::size_t nth = 0; nth < dimensions; ++nth) {
    if (!cut(nth, pairs, kept[nth])) {
      return std::vector<std::vector<std::uint32_t>>(dimensions);
    }
    if (beats && pairs != nullptr) {
      const std::vector<std::uint32_t> left = unbeaten.of(nth, kept[nth], *pairs);
      pairs->keep(nth, left);
      leave(left, kept[nth]);
    } else if (beats) {
      leave(unbeaten.of(nth, kept[nth]), kept[nth]);
    }
    find_least(nth, kept[nth]);
  }
  return kept;
}

/// By column, the least factor of any choice that is left.
void ChoiceFilter::find_least(std::size_t nth, std::span<const std::uint32_t> rows) {
  const bool all = rows.size() == columns_.table(nth).size();
  least_[nth].assign(distinct_.size(), std::numeric_limits<double>::infinity());
  for (std::size_t c = 0; c < distinct_.size(); ++c) {
    if (all) {
      least_[nth][c] = distinct_.least_factor(c, nth);
      continue;
    }
    const double* factors = distinct_.factors(c, nth);
    for (const std::uint32_t row : rows) {
      least_[nth][c] = std::min(least_[nth][c], factors[row]);
    }
  }
}

/// Leaves the rows that are worth trying; false if there are none. `pairs` knows what windows
/// count with the choices in `rows`, if it is given.
bool ChoiceFilter::cut(std::size_t nth, PairWords* pairs, std::vector<std::uint32_t>& rows) {
  std::vector<double> others(distinct_.size(), 1.0);
  for (std::size_t other = 0; other < least_.size(); ++other) {
    for (std::size_t c = 0; other != nth && c < others.size(); ++c) {
      others[c] *= least_[other][c];
    }
  }
  const std::vector<std::uint32_t> left = worth_trying(nth, rows, others, pairs);
  if (pairs != nullptr) {
    pairs->keep(nth, left);
  }
  leave(left, rows);
  return !rows.empty();
}

/// The positions of those rows that are worth trying where the other dimensions have these factors.
std::vector<std::uint32_t> ChoiceFilter::worth_trying(std::size_t nth,
                                                      std::span<const std::uint32_t> rows,
                                                      const std::vector<double>& others,
                                                      const PairWords* pairs) {
  std::vector<std::uint32_t> kept;
  const ChoiceTable& table = columns_.table(nth);
  const bool one_by_one = !PairWords::covers(columns_, distinct_);
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
    if (pairs != nullptr) {
      for (const PairWords::RankWords& rank : pairs->ranks()) {
        const PairWords::RankWords::Side& side = rank.sides[nth];
        for (std::size_t i = 0; i < batch.size(); ++i) {
          values(rank.column)[i] *= side.least[side.classes[begin + i]];
        }
      }
    }
    for (std::size_t w = 0; w < distinct_.windows().size() && one_by_one;) {
      double* words = values(distinct_.column_of_window(w));
      const std::size_t next = distinct_.end_of_rank(w);
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
        kept.push_back(static_cast<std::uint32_t>(begin + i));
      }
    }
  }
  return kept;
}

}  // namespace tessera
