// Forms are listed twice: once to say how many there are and how good each may be, and once more,
// some at a time, to be searched. In between a form is three numbers. That is what makes spaces
// possible in which holds stand in very many orders: five memories have 34,650, four of them with a
// sliding tensor some hundred thousand forms.
//
// The bound of a form before anything is made of it: what the problem and the machine say
// (OptionCut::least), with the least that it takes to fill each memory (exact_fillings.hpp). Both
// depend on the form's kind alone, so few have to be reckoned.

#include "search/exact_forms.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <variant>

#include "mapper/symmetry.hpp"
#include "search/exact_fillings.hpp"

namespace tessera {
namespace {

/// Most forms that are searched before all others.
constexpr std::size_t kMostKnownForms = 24;
/// Where the kinds have fewer forms each, what it takes to fill memories is not worth the time.
constexpr std::size_t kFormsOfKind = 2;
constexpr std::size_t kFormsOfSlidingKind = 32;
constexpr double kUnlimited = std::numeric_limits<double>::infinity();

/// Whether a mapping has its holds in the order of a form.
bool in_order(const Mapping& mapping, const NormalForm& form) {
  auto next = form.written.begin();
  for (const Node& node : mapping.nodes) {
    if (const Hold* hold = std::get_if<Hold>(&node)) {
      if (next == form.written.end() || next->hold.memory != hold->memory ||
          next->hold.tensors.bits != hold->tensors.bits) {
        return false;
      }
      ++next;
    }
  }
  return next == form.written.end();
}

/// What is held where and in which order: all that terms depend on.
std::vector<std::int64_t> holds_key(const std::vector<Hold>& top,
                                    const std::vector<NormalHold>& holds) {
  std::vector<std::int64_t> key;
  key.reserve(2 * top.size() + 2 * holds.size() + 1);
  for (const Hold& hold : top) {
    key.insert(key.end(), {hold.memory.value, hold.tensors.bits});
  }
  key.push_back(-1);
  for (const NormalHold& hold : holds) {
    key.insert(key.end(), {hold.memory.value, hold.tensor.value});
  }
  return key;
}

/// What the bound of a kind depends on.
std::vector<std::int64_t> kind_key(const NormalForm& form) {
  std::vector<NormalHold> holds = form.holds;
  std::stable_sort(holds.begin(), holds.end(),
                   [](const NormalHold& a, const NormalHold& b) { return a.memory < b.memory; });
  return holds_key(form.top, holds);
}

}  // namespace

FormList::FormList(const Mapspace& space, const Constraints& constraints,
                   const ExactObjectives& objectives, const ExactRules& rules,
                   const ParetoFront& known, const SearchControl& control)
    : space_(space),
      objectives_(objectives),
      rules_(rules),
      maker_(space, constraints),
      cut_(space, maker_.groups(), objectives, {}, kUnlimited) {
  const std::vector<Symmetry> symmetries = find_symmetries(space, constraints, maker_.groups());
  for (std::size_t s = 0; s < space.skeletons().size(); ++s) {
    if (control.stop != nullptr && control.stop->load()) {
      complete_ = false;
      return;
    }
    const std::vector<NormalForm> forms = normal_forms(space, space.skeletons()[s]);
    const std::vector<bool> mirrored = rules.drop_mirror_images
                                           ? tessera::mirror_images(symmetries, forms)
                                           : std::vector<bool>(forms.size(), false);
    for (std::uint32_t nth = 0; nth < forms.size(); ++nth) {
      if (mirrored[nth]) {
        ++mirror_images_;
      } else {
        add(forms[nth], {.skeleton = static_cast<std::uint32_t>(s), .nth = nth, .kind = 0}, known);
      }
    }
  }
  bound_kinds(constraints, control.stop);
  if (rules.best_first) {
    std::stable_sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) {
      return kinds_[a.kind].rank < kinds_[b.kind].rank;
    });
  }
  known_ = first_.size();
  entries_.insert(entries_.begin(), first_.begin(), first_.end());
}

void FormList::add(const NormalForm& form, Entry entry, const ParetoFront& known) {
  const auto [at, is_new] =
      numbers_.try_emplace(kind_key(form), static_cast<std::uint32_t>(numbers_.size()));
  entry.kind = at->second;
  if (is_new) {
    examples_.push_back(form);
  }
  const bool first =
      rules_.known_forms_first && first_.size() < kMostKnownForms &&
      std::any_of(known.points().begin(), known.points().end(),
                  [&](const ParetoPoint& point) { return in_order(point.mapping, form); });
  (first ? first_ : entries_).push_back(entry);
}

void FormList::bound_kinds(const Constraints& constraints, const std::atomic<bool>* stop) {
  const bool slides = std::any_of(space_.dimensions().begin(), space_.dimensions().end(),
                                  [](const MapspaceDimension& one) { return one.sliding; });
  const bool fill =
      rules_.bound_fillings && first_.size() + entries_.size() >=
                                   (slides ? kFormsOfSlidingKind : kFormsOfKind) * examples_.size();
  FillingMinima fillings(space_, constraints, stop);
  for (const NormalForm& form : examples_) {
    TermTable terms(space_.problem(), space_.architecture(), form, maker_.axes());
    Kind& kind = kinds_.emplace_back();
    if (fill) {
      fillings.set(form, terms);
    }
    for (const TermTable::Filling& filling : terms.fillings()) {
      kind.fillings.push_back(filling.least_pj);
    }
    const TermCost cost = cut_.least(terms);
    objectives_.bounds(cost, kind.bound);
    kind.rank = objectives_.rank(kind.bound);
    kind.beyond_limits = objectives_.beyond_limits(cost);
  }
}

std::vector<ExactJob> FormList::jobs(std::size_t begin, std::size_t end,
                                     const ParetoFront& front) const {
  Incumbents incumbents;
  incumbents.reset(front);
  std::vector<ExactJob> jobs;
  std::map<std::vector<std::int64_t>, std::size_t> alike;  // the first job of the same terms
  std::vector<NormalForm> forms;
  std::uint32_t of = std::numeric_limits<std::uint32_t>::max();
  for (std::size_t i = begin; i < end; ++i) {
    const Entry& entry = entries_[i];
    const Kind& kind = kinds_[entry.kind];
    if (rules_.cut_by_front && (kind.beyond_limits || incumbents.reach(kind.bound))) {
      continue;
    }
    if (entry.skeleton != of) {
      forms = normal_forms(space_, space_.skeletons()[entry.skeleton]);
      of = entry.skeleton;
    }
    const NormalForm& form = forms[entry.nth];
    const auto [first, is_new] = alike.try_emplace(holds_key(form.top, form.holds), jobs.size());
    TermTable terms = is_new ? terms_of(form, kind) : jobs[first->second].terms;
    jobs.push_back({.form = form,
                    .terms = std::move(terms),
                    .groups = {},
                    .lifts = {},
                    .bound = kind.bound,
                    .rank = 0,
                    .beyond_limits = false,
                    .number = 0});
  }
  return jobs;
}

TermTable FormList::terms_of(const NormalForm& form, const Kind& kind) const {
  TermTable terms(space_.problem(), space_.architecture(), form, maker_.axes());
  for (std::size_t f = 0; f < kind.fillings.size(); ++f) {
    terms.set_least_filling(f, kind.fillings[f]);
  }
  return terms;
}

ObjectiveBounds FormList::least(std::size_t begin) const {
  ObjectiveBounds least;
  least.fill(std::numeric_limits<double>::infinity());
  for (std::size_t i = begin; i < entries_.size(); ++i) {
    for (std::size_t o = 0; o < least.size(); ++o) {
      least[o] = std::min(least[o], kinds_[entries_[i].kind].bound[o]);
    }
  }
  return least;
}

}  // namespace tessera
