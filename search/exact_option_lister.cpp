// Lists the options of a group in a form: every combination of one choice for each of its
// dimensions that fits. Components are columns of the dimensions' tables (exact_columns.hpp), so an
// option's are a product of numbers looked up and the words of its sliding ranks. Choices of the
// last dimension are taken side by side, all in the same order: what does not fit the axes together
// with the others is left out in the end. Before choices are combined, those go that no combination
// of use can have (exact_choice_filter.hpp).

#include "search/exact_option_lister.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>

#include "search/exact_choice_filter.hpp"
#include "search/exact_combination.hpp"

namespace tessera {
namespace {

/// Numbers for what groups of choices put on the axes.
class AxisUse {
 public:
  static constexpr std::uint32_t kTooMuch = PairNumbers::kNew - 1;

  /// `others`: what other groups take at least; null if that is not asked.
  AxisUse(const GroupColumns& columns, const LeastSteps* others)
      : columns_(columns), others_(others), numbers_(columns.dimensions().size()) {
    used_.emplace_back(columns.space().spatial_slots().size(), 1);
    further_steps_.push_back(others == nullptr ? 0 : others->of(used_.front()));
    index_.try_emplace(used_.front(), 0u);
  }

  /// The number of `use` (0: nothing) together with choices of dimension number `nth`, given by the
  /// number of what they put there.
  std::uint32_t with(std::uint32_t use, std::size_t nth, std::uint32_t choice) {
    std::uint32_t& number = numbers_[nth].of(use, choice);
    if (number == PairNumbers::kNew) {
      const auto more = columns_.table(nth).spatial(choice);
      bool fits = true;
      product_ = used_[use];
      for (std::size_t s = 0; s < product_.size(); ++s) {
        product_[s] *= more[s];
        fits = fits && product_[s] <= columns_.space().spatial_slots()[s].size;
      }
      number = kTooMuch;
      if (fits) {
        const auto [at, is_new] =
            index_.try_emplace(product_, static_cast<std::uint32_t>(used_.size()));
        if (is_new) {
          further_steps_.push_back(others_ == nullptr ? 0 : others_->of(product_));
          used_.push_back(product_);
        }
        number = at->second;
      }
    }
    return number;
  }

  /// Steps of other groups, at least.
  double further_steps(std::uint32_t use) const { return further_steps_[use]; }

 private:
  const GroupColumns& columns_;
  const LeastSteps* others_;
  std::vector<std::vector<std::int64_t>> used_;
  std::vector<std::int64_t> product_;  ///< while it is looked for
  std::vector<double> further_steps_;
  std::map<std::vector<std::int64_t>, std::uint32_t> index_;
  std::vector<PairNumbers> numbers_;  ///< by dimension
};

/// Lists and combines the choices of one group.
class Combiner {
 public:
  explicit Combiner(const GroupInForm& where)
      : columns_(where.columns),
        active_(where.active),
        distinct_(columns_),
        filter_(columns_, distinct_, where.cut, where.number),
        drop_beaten_(where.drop_beaten),
        keep_slower_(where.keep_slower),
        most_(where.most),
        buffers_(where.buffers),
        stop_(where.stop),
        axes_(columns_, where.cut == nullptr ? nullptr : &where.cut->steps_without(where.number)),
        words_(columns_, distinct_, where.memo) {
    for (std::size_t nth = 0; nth < count(); ++nth) {
      tables_.push_back(&columns_.table(nth));
      places_.emplace_back();
      for (const std::size_t block : columns_.blocks(nth)) {
        const auto at = std::find(active_.begin(), active_.end(), block);
        places_.back().push_back(static_cast<std::size_t>(at - active_.begin()));
      }
    }
    // Where a form stands for several, bounds will do.
    if (distinct_.may_need_model() && !stands_for_several(columns_.form())) {
      counter_.emplace(columns_);
    }
    if (PairWords::covers(columns_, distinct_)) {
      pairs_.emplace(columns_, distinct_, where.memo);
    }
  }

  OptionTrie run() {
    pool_.emplace(distinct_.size(), distinct_.varying(), distinct_.columns(), tables_, drop_beaten_,
                  buffers_);
    if (keep_slower_) {
      pool_->compare_alike(timing());
    }
    kept_ = filter_.worth_trying(drop_beaten_, keep_slower_, pairs_ ? &*pairs_ : nullptr);
    const std::uint64_t combinations = count_combinations();
    if (combinations > most_) {
      OptionTrie none;
      none.combinations = combinations;
      return none;
    }
    // The last dimension is taken in batches, so it should have the most choices.
    for (std::size_t nth = 0; nth < count(); ++nth) {
      order_.push_back(nth);
    }
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      return kept_[a].size() < kept_[b].size();
    });
    states_.resize(count());
    for (State& state : states_) {
      state.factors.assign(distinct_.size(), 1.0);
      state.parts.assign(pairs_ ? 0 : distinct_.windows().size(), {});
    }
    rows_.resize(count());
    if (combinations > 0) {
      take_last();
      combine(0);
    }
    if (stopped()) {
      return {};
    }
    OptionTrie trie = pool_->build(active_.size(), places_);
    trie.combinations = combinations;
    return trie;
  }

 private:
  /// What has been chosen of the first dimensions.
  struct State {
    std::vector<double> factors;           ///< by column
    std::vector<WindowCount::Part> parts;  ///< by window
    std::uint32_t axes = 0;
    std::size_t position = 0;  ///< of the last of these choices
  };

  /// The choices of the last dimension, side by side.
  struct Last {
    std::vector<std::vector<double>> factors;  ///< by column
    std::vector<std::uint32_t> spatial;        ///< numbers of what they put on the axes
    std::vector<std::uint32_t> axes;           ///< by such number: with the others
  };

  std::size_t count() const { return columns_.dimensions().size(); }
  bool stopped() const { return stop_ != nullptr && stop_->load(); }
  std::size_t last() const { return order_.back(); }

  /// Of the choices that are left; saturates.
  std::uint64_t count_combinations() const {
    std::uint64_t product = 1;
    for (const std::vector<std::uint32_t>& rows : kept_) {
      if (__builtin_mul_overflow(product, std::uint64_t{rows.size()}, &product)) {
        return ProofEffort::kUnlimited;
      }
    }
    return product;
  }

  /// Columns that time may depend on.
  std::vector<std::size_t> timing() const {
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < distinct_.columns().size(); ++c) {
      if (columns_.terms().timing(static_cast<std::uint16_t>(c))) {
        columns.push_back(distinct_.columns()[c]);
      }
    }
    return columns;
  }

  void take_last() {
    const std::vector<std::uint32_t>& rows = kept_[last()];
    for (std::size_t c = 0; c < distinct_.size(); ++c) {
      const double* factors = distinct_.factors(c, last());
      std::vector<double>& column = last_.factors.emplace_back();
      column.reserve(rows.size());
      for (const std::uint32_t row : rows) {
        column.push_back(factors[row]);
      }
    }
    for (const std::uint32_t row : rows) {
      last_.spatial.push_back(tables_[last()]->spatial_numbers()[row]);
    }
    last_.axes.resize(tables_[last()]->spatial_size());
  }

  void combine(std::size_t at) {
    const State& state = states_[at];
    const std::size_t nth = order_[at];
    if (at + 1 == count()) {
      combine_last(state);
      return;
    }
    State& next = states_[at + 1];
    for (std::size_t i = 0; i < kept_[nth].size(); ++i) {
      const std::uint32_t row = kept_[nth][i];
      next.axes = axes_.with(state.axes, nth, tables_[nth]->spatial_numbers()[row]);
      if (next.axes == AxisUse::kTooMuch) {
        continue;
      }
      if (stopped()) {
        return;
      }
      rows_[nth] = row;
      next.position = i;
      for (std::size_t c = 0; c < distinct_.size(); ++c) {
        next.factors[c] = state.factors[c] * distinct_.factors(c, nth)[row];
      }
      for (std::size_t w = 0; w < state.parts.size(); ++w) {
        next.parts[w] = distinct_.windows()[w].with(state.parts[w], nth, row);
      }
      combine(at + 1);
    }
  }

  /// Takes the choices of the last dimension side by side.
  void combine_last(const State& state) {
    std::fill(last_.axes.begin(), last_.axes.end(), PairNumbers::kNew);
    for (std::size_t begin = 0; begin < kept_[last()].size(); begin += kBatch) {
      const std::size_t taken = std::min(kBatch, kept_[last()].size() - begin);
      bool any = false;
      for (std::size_t i = 0; i < taken; ++i) {
        std::uint32_t& axes = last_.axes[last_.spatial[begin + i]];
        if (axes == PairNumbers::kNew) {
          axes = axes_.with(state.axes, last(), last_.spatial[begin + i]);
        }
        fits_[i] = axes != AxisUse::kTooMuch;
        filter_.further_steps()[i] = fits_[i] ? axes_.further_steps(axes) : 0;
        any = any || fits_[i];
      }
      if (any) {
        finish(state, begin, taken);
      }
    }
  }

  void finish(const State& state, std::size_t begin, std::size_t taken) {
    filter_.start(taken);
    for (std::size_t c = 0; c < distinct_.size(); ++c) {
      const double* factors = last_.factors[c].data() + begin;
      const double others = state.factors[c];
      double* values = filter_.values(c);
      for (std::size_t i = 0; i < taken; ++i) {
        values[i] = others * factors[i];
      }
    }
    if (pairs_) {
      look_up_words(state, begin, taken);
    } else {
      count_words(state, begin, taken);
    }
    filter_.test();
    if (counter_ && count_remainders(begin, taken)) {
      filter_.test();
    }
    const std::size_t width = distinct_.size();
    for (std::size_t i = 0; i < taken; ++i) {
      if (!fits_[i] || !filter_.worth(i)) {
        continue;
      }
      double* values = pool_->next();
      const double* from = filter_.values(0) + i;
      for (std::size_t c = 0; c < width; ++c) {
        values[c] = from[c * kBatch];
      }
      rows_[last()] = kept_[last()][begin + i];
      pool_->keep(rows_, last_.axes[last_.spatial[begin + i]]);
    }
  }

  void look_up_words(const State& state, std::size_t begin, std::size_t taken) {
    for (const PairWords::RankWords& rank : pairs_->ranks()) {
      const PairWords::RankWords::Side& mine = rank.sides[last()];
      const PairWords::RankWords::Side& others = rank.sides[1 - last()];
      const double* words = others.row(others.classes[state.position], mine.count);
      const std::uint32_t* classes = mine.classes.data() + begin;
      double* values = filter_.values(rank.column);
      for (std::size_t i = 0; i < taken; ++i) {
        values[i] *= words[classes[i]];
      }
    }
  }

  void count_words(const State& state, std::size_t begin, std::size_t taken) {
    for (std::size_t w = 0; w < distinct_.windows().size();) {
      double* values = filter_.values(distinct_.column_of_window(w));
      const std::size_t end = distinct_.end_of_rank(w);
      for (std::size_t i = 0; i < taken; ++i) {
        double least = std::numeric_limits<double>::infinity();
        rows_[last()] = kept_[last()][begin + i];
        for (std::size_t one = w; fits_[i] && one < end; ++one) {
          const WindowCount::Part part =
              distinct_.windows()[one].with(state.parts[one], last(), rows_[last()]);
          least = std::min(least, words_.of(one, part, rows_));
        }
        values[i] *= least;
      }
      w = end;
    }
  }

  /// Replaces what is only a bound so far, in those options that are still worth it: what sliding
  /// ranks count with remainders, or otherwise have no closed form for.
  bool count_remainders(std::size_t begin, std::size_t taken) {
    bool any = false;
    for (std::size_t i = 0; i < taken; ++i) {
      rows_[last()] = kept_[last()][begin + i];
      bool perfect = true;
      for (std::size_t nth = 0; nth < count(); ++nth) {
        perfect = perfect && tables_[nth]->perfect(rows_[nth]);
      }
      if (!fits_[i] || !filter_.worth(i) || (perfect && distinct_.all_closed())) {
        continue;
      }
      counter_->set(rows_);
      any = true;
      for (const std::size_t c : distinct_.counted()) {
        if (!(distinct_.closed(c) && (perfect || distinct_.whole(c)))) {
          filter_.values(c)[i] = counter_->count(distinct_.component(c));
        }
      }
    }
    return any;
  }

  const GroupColumns& columns_;
  std::vector<std::size_t> active_;
  DistinctColumns distinct_;
  ChoiceFilter filter_;
  bool drop_beaten_;
  bool keep_slower_;
  std::uint64_t most_;
  OptionPool::Buffers& buffers_;
  const std::atomic<bool>* stop_;
  AxisUse axes_;
  WindowWords words_;
  std::vector<const ChoiceTable*> tables_;
  std::vector<std::vector<std::size_t>> places_;
  std::optional<GroupCounter> counter_;  ///< of whole options
  std::optional<PairWords> pairs_;       ///< null: words are counted option by option
  std::optional<OptionPool> pool_;
  std::vector<std::vector<std::uint32_t>> kept_;  ///< by dimension: rows
  std::vector<std::size_t> order_;                ///< dimensions as they are taken
  std::vector<State> states_;
  std::vector<std::uint32_t> rows_;
  Last last_;
  std::array<bool, kBatch> fits_;  ///< by choice of a batch
};

}  // namespace

OptionTrie list_options(const GroupInForm& where) {
  return Combiner(where).run();
}

}  // namespace tessera
