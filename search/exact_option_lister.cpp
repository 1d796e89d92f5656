// Lists the options of a group in a form: every combination of one choice for each of its
// dimensions that fits. The components of a choice are counted once (exact_columns.hpp); before
// choices are combined, those go that do not fit whatever the rest is (a tile or an axis holds at
// least what one dimension asks of it) or cost too much (exact_cut.hpp), and those that another choice beats in everything that a
// combination depends on.

#include "search/exact_option_lister.hpp"

#include <algorithm>
#include <optional>

#include "search/exact_columns.hpp"

namespace tessera {
namespace {

/// Lists and combines the choices of one group.
class Combiner {
 public:
  Combiner(const GroupInForm& where, std::vector<const ChoiceList*> lists)
      : columns_(where.space, where.form, where.terms, where.group),
        active_(where.active),
        cut_(where.cut),
        drop_beaten_(where.drop_beaten),
        keep_slower_(where.keep_slower),
        rest_(where.cut == nullptr ? std::vector<OptionCut::Rest>()
                                   : where.cut->rest(where.terms, where.number)),
        bounds_(columns_.no_loops()),
        lists_(std::move(lists)) {
    const auto& components = columns_.components();
    for (std::size_t i = 0; i < components.size(); ++i) {
      if (components[i].kind == Component::Kind::axis) {
        axes_.push_back(i);
      }
    }
    for (std::size_t nth = 0; nth < columns_.dimensions().size(); ++nth) {
      const auto& blocks = columns_.blocks(nth);
      places_.emplace_back();
      for (const std::size_t block : blocks) {
        const auto at = std::find(active_.begin(), active_.end(), block);
        places_.back().push_back(static_cast<std::size_t>(at - active_.begin()));
      }
    }
    const auto windows = columns_.windows();
    // With remainders, what a sliding rank moves has no closed form to compare.
    prunable_ = windows.empty() || (where.space.factors() == Factors::perfect &&
                                    std::all_of(windows.begin(), windows.end(),
                                                [](const auto& w) { return w.closed; }));
  }

  OptionTrie run() {
    const std::size_t count = lists_.size();
    for (std::size_t nth = 0; nth < count; ++nth) {
      kept_.push_back(worth_trying(nth));
    }
    pool_.emplace(columns_.components().size(), alike(), lists_, drop_beaten_);
    parts_.resize(count);
    rows_.resize(count);
    used_.assign(count + 1, std::vector<double>(axes_.size(), 1.0));
    combine(0);
    return pool_->build(active_.size(), places_);
  }

 private:
  using Part = GroupColumns::Part;
  struct Choice {
    std::uint32_t row = 0;
    Part part;
    std::vector<std::int64_t> alike;  ///< equal where one may beat the other
    std::vector<double> burden;       ///< at most as large in the one that beats
  };

  /// Components that are equal in options of which one may beat the other.
  std::vector<std::size_t> alike() const {
    std::vector<std::size_t> alike = axes_;
    for (std::size_t c = 0; keep_slower_ && c < columns_.components().size(); ++c) {
      if (columns_.terms().timing(static_cast<std::uint16_t>(c)) &&
          std::find(axes_.begin(), axes_.end(), c) == axes_.end()) {
        alike.push_back(c);
      }
    }
    return alike;
  }

  /// Whether an option with these components, or more, may be of use.
  bool worth(const double* values) const {
    return columns_.terms().fits(values) &&
           (cut_ == nullptr || !cut_->hopeless(columns_.terms(), rest_, values));
  }

  std::vector<Choice> worth_trying(std::size_t nth) {
    const ChoiceList& list = *lists_[nth];
    const bool last = lists_.size() == 1;
    std::vector<Choice> choices;
    Choice choice;
    for (std::size_t row = 0; row < list.size(); ++row) {
      choice.row = static_cast<std::uint32_t>(row);
      columns_.read(list, row, nth, choice.part);
      columns_.alone(choice.part, values_);
      if (!worth(values_.data())) {
        continue;
      }
      if (!last) {
        describe(list, choice);
      }
      choices.push_back(choice);
    }
    return last || !prunable_ || !drop_beaten_ ? choices : unbeaten(std::move(choices));
  }

  /// What a combination depends on: it grows with `burden` while `alike` is the same.
  void describe(const ChoiceList& list, Choice& choice) const {
    choice.alike.assign(list.spatial(choice.row).begin(), list.spatial(choice.row).end());
    choice.burden = choice.part.factors;
    if (keep_slower_) {
      choice.alike.push_back(
          static_cast<std::int64_t>(choice.part.factors[columns_.terms().steps()]));
    }
    if (!choice.part.perfect) {
      choice.alike.push_back(choice.row);  // unlike all others
      return;
    }
    for (const WindowShape& shape : choice.part.shapes) {
      for (std::size_t i = 0; i < shape.spread; ++i) {
        choice.alike.push_back(shape.offsets[i].step);
        choice.alike.push_back(shape.offsets[i].count);
      }
      choice.alike.push_back(-1);
      choice.burden.push_back(static_cast<double>(shape.extent));
      choice.burden.push_back(static_cast<double>(shape.repeats));
      choice.burden.push_back(static_cast<double>(shape.instances));
      for (std::size_t i = 0; i < kLoopParts; ++i) {
        choice.burden.push_back(static_cast<double>(shape.times[i]));
        choice.burden.push_back(static_cast<double>(shape.steps[i]));
      }
    }
  }

  static std::vector<Choice> unbeaten(std::vector<Choice> choices) {
    std::sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
      if (a.alike != b.alike) {
        return a.alike < b.alike;
      }
      return a.burden != b.burden ? a.burden < b.burden : a.row < b.row;
    });
    std::vector<Choice> kept;
    std::size_t begin = 0;
    for (Choice& choice : choices) {
      if (!kept.empty() && kept.back().alike != choice.alike) {
        begin = kept.size();
      }
      const bool beaten = std::any_of(
          kept.begin() + static_cast<std::ptrdiff_t>(begin), kept.end(), [&](const Choice& other) {
            return std::equal(other.burden.begin(), other.burden.end(), choice.burden.begin(),
                              [](double a, double b) { return a <= b; });
          });
      if (!beaten) {
        kept.push_back(std::move(choice));
      }
    }
    return kept;
  }

  void combine(std::size_t nth) {
    if (nth == lists_.size()) {
      double* values = pool_->next();
      columns_.combine(parts_, bounds_, values);
      if (worth(values)) {
        pool_->keep(rows_);
      }
      return;
    }
    for (const Choice& choice : kept_[nth]) {
      for (std::size_t a = 0; a < axes_.size(); ++a) {
        used_[nth + 1][a] = used_[nth][a] * choice.part.factors[axes_[a]];
      }
      if (!columns_.terms().fits_axes(used_[nth + 1])) {
        continue;
      }
      rows_[nth] = choice.row;
      parts_[nth] = &choice.part;
      columns_.expand(*lists_[nth], choice.row, nth, bounds_);
      combine(nth + 1);
    }
  }

  GroupColumns columns_;
  std::vector<std::size_t> active_;
  const OptionCut* cut_;
  bool drop_beaten_;
  bool keep_slower_;
  std::vector<OptionCut::Rest> rest_;
  NormalBounds bounds_;
  std::vector<const ChoiceList*> lists_;
  bool prunable_ = true;
  std::vector<std::size_t> axes_;  // components
  std::vector<std::vector<std::size_t>> places_;
  std::vector<std::vector<Choice>> kept_;
  std::optional<OptionPool> pool_;
  std::vector<const Part*> parts_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::vector<double>> used_;
  std::vector<double> values_;
};

}  // namespace

OptionTrie list_options(const GroupInForm& where, std::vector<const ChoiceList*> lists) {
  return Combiner(where, std::move(lists)).run();
}

}  // namespace tessera
