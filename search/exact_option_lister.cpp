// Lists the options of a group in a form: every combination of one choice for each of its
// dimensions that fits. Components are columns of the dimensions' tables (exact_columns.hpp), so an
// option's are a product of numbers looked up and the words of its sliding ranks; choices of the
// last dimension are taken side by side. Before choices are combined, those go that do not fit
// whatever the rest is (a tile or an axis holds at least what one dimension asks of it) or cost too
// much (exact_cut.hpp), the other dimensions being given the least of every factor; and those that
// another choice beats in everything that a combination depends on.

#include "search/exact_option_lister.hpp"

#include <algorithm>
#include <memory>
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

  /// The number of `use` (0: nothing) together with what the choice in `row` puts there.
  std::uint32_t with(std::uint32_t use, std::size_t nth, std::size_t row) {
    const std::uint32_t choice = columns_.table(nth).spatial_numbers()[row];
    std::uint32_t& number = numbers_[nth].of(use, choice);
    if (number == PairNumbers::kNew) {
      std::vector<std::int64_t> used = used_[use];
      const auto more = columns_.table(nth).spatial(choice);
      bool fits = true;
      for (std::size_t s = 0; s < used.size(); ++s) {
        used[s] *= more[s];
        fits = fits && used[s] <= columns_.space().spatial_slots()[s].size;
      }
      const auto [at, is_new] = index_.try_emplace(used, static_cast<std::uint32_t>(used_.size()));
      if (is_new) {
        further_steps_.push_back(others_ == nullptr || !fits ? 0 : others_->of(used));
        used_.push_back(std::move(used));
      }
      number = fits ? at->second : kTooMuch;
    }
    return number;
  }

  /// Steps of other groups, at least.
  double further_steps(std::uint32_t use) const { return further_steps_[use]; }

 private:
  const GroupColumns& columns_;
  const LeastSteps* others_;
  std::vector<std::vector<std::int64_t>> used_;
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
        memo_(where.memo),
        stop_(where.stop),
        axes_(columns_, where.cut == nullptr ? nullptr : &where.cut->steps_without(where.number)) {
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
  }

  OptionTrie run() {
    pool_.emplace(distinct_.size(), distinct_.varying(), distinct_.columns(), tables_,
                  drop_beaten_);
    if (keep_slower_) {
      pool_->compare_alike(timing());
    }
    kept_ = filter_.worth_trying(drop_beaten_, keep_slower_);
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
      state.parts.assign(distinct_.windows().size(), {});
    }
    rows_.resize(count());
    combine(0);
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
    bool perfect = true;
  };

  std::size_t count() const { return columns_.dimensions().size(); }
  bool stopped() const { return stop_ != nullptr && stop_->load(); }

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

  void combine(std::size_t at) {
    const State& state = states_[at];
    const std::size_t nth = order_[at];
    if (at + 1 == count()) {
      combine_last(state, nth);
      return;
    }
    State& next = states_[at + 1];
    for (const std::uint32_t row : kept_[nth]) {
      next.axes = axes_.with(state.axes, nth, row);
      if (next.axes == AxisUse::kTooMuch) {
        continue;
      }
      if (stopped()) {
        return;
      }
      rows_[nth] = row;
      next.perfect = state.perfect && tables_[nth]->perfect(row);
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
  void combine_last(const State& state, std::size_t nth) {
    std::size_t taken = 0;
    for (const std::uint32_t row : kept_[nth]) {
      const std::uint32_t axes = axes_.with(state.axes, nth, row);
      if (axes == AxisUse::kTooMuch) {
        continue;
      }
      last_[taken] = row;
      last_axes_[taken] = axes;
      if (++taken == kBatch) {
        finish(state, nth, taken);
        taken = 0;
      }
    }
    if (taken > 0) {
      finish(state, nth, taken);
    }
  }

  void finish(const State& state, std::size_t nth, std::size_t taken) {
    filter_.start(taken);
    for (std::size_t i = 0; i < taken; ++i) {
      filter_.further_steps()[i] = axes_.further_steps(last_axes_[i]);
    }
    for (std::size_t c = 0; c < distinct_.size(); ++c) {
      const double* factors = distinct_.factors(c, nth);
      double* values = filter_.values(c);
      for (std::size_t i = 0; i < taken; ++i) {
        values[i] = state.factors[c] * factors[last_[i]];
      }
    }
    std::array<double, kBatch> words;
    std::array<double, kBatch> others;
    for (std::size_t w = 0; w < state.parts.size();) {
      double* values = filter_.values(distinct_.column_of_window(w));
      count_window(state, nth, taken, w, words);
      for (++w; w < state.parts.size() && distinct_.windows()[w].alternative(); ++w) {
        count_window(state, nth, taken, w, others);
        for (std::size_t i = 0; i < taken; ++i) {
          words[i] = std::min(words[i], others[i]);
        }
      }
      for (std::size_t i = 0; i < taken; ++i) {
        values[i] *= words[i];
      }
    }
    filter_.test();
    if (counter_ && count_remainders(state, nth, taken)) {
      filter_.test();
    }
    for (std::size_t i = 0; i < taken; ++i) {
      if (!filter_.worth(i)) {
        continue;
      }
      double* values = pool_->next();
      for (std::size_t c = 0; c < distinct_.size(); ++c) {
        values[c] = filter_.values(c)[i];
      }
      rows_[nth] = last_[i];
      pool_->keep(rows_, last_axes_[i]);
    }
  }

  /// The words of one window, with each of the choices taken side by side.
  void count_window(const State& state, std::size_t nth, std::size_t taken, std::size_t w,
                    std::array<double, kBatch>& words) {
    WindowCount& window = distinct_.windows()[w];
    for (std::size_t i = 0; i < taken; ++i) {
      const WindowCount::Part part = window.with(state.parts[w], nth, last_[i]);
      if (!window.whole() || (state.perfect && tables_[nth]->perfect(last_[i]))) {
        words[i] = window.words(part);
        continue;
      }
      words[i] = window.remainder_words(part, memo_, [&] {
        rows_[nth] = last_[i];
        GroupCounter& counter = counter_of(window);
        counter.set(rows_);
        Component component = distinct_.component(distinct_.column_of_window(w));
        component.per_instance = -1;  // the factors divide
        return counter.count(component);
      });
    }
  }

  /// By what sweeps; made when it is needed.
  GroupCounter& counter_of(const WindowCount& window) {
    const std::size_t at = window.swept() ? *window.swept() + 1 : 0;
    counters_.resize(count() + 1);
    if (!counters_[at]) {
      counters_[at] = std::make_unique<GroupCounter>(columns_, window.swept());
    }
    return *counters_[at];
  }

  /// Replaces what is only a bound so far, in those options that are still worth it: what sliding
  /// ranks count with remainders, or otherwise have no closed form for.
  bool count_remainders(const State& state, std::size_t nth, std::size_t taken) {
    bool any = false;
    for (std::size_t i = 0; i < taken; ++i) {
      const bool perfect = state.perfect && tables_[nth]->perfect(last_[i]);
      if (!filter_.worth(i) || (perfect && distinct_.all_closed())) {
        continue;
      }
      rows_[nth] = last_[i];
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
  CountMemo& memo_;
  const std::atomic<bool>* stop_;
  AxisUse axes_;
  std::vector<const ChoiceTable*> tables_;
  std::vector<std::vector<std::size_t>> places_;
  std::optional<GroupCounter> counter_;                  ///< of whole options
  std::vector<std::unique_ptr<GroupCounter>> counters_;  ///< of windows
  std::optional<OptionPool> pool_;
  std::vector<std::vector<std::uint32_t>> kept_;  ///< by dimension: rows
  std::vector<std::size_t> order_;                ///< dimensions as they are taken
  std::vector<State> states_;
  std::vector<std::uint32_t> rows_;
  std::array<std::uint32_t, kBatch> last_;
  std::array<std::uint32_t, kBatch> last_axes_;
};

}  // namespace

OptionTrie list_options(const GroupInForm& where) {
  return Combiner(where).run();
}

}  // namespace tessera
