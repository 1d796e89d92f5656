#include "search/exact_jobs.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <deque>
#include <functional>
#include <numeric>
#include <set>

#include "search/exact_lift_gains.hpp"
#include "search/exact_outer.hpp"
#include "search/exact_spatial_scan.hpp"
#include "search/parallel.hpp"

namespace tessera {
namespace {

/// Forms of one kind that all lifts are tried on.
constexpr std::size_t kSampledForms = 8;
/// Most lifts that are made for the forms of a kind, and most that one form uses.
constexpr std::size_t kMostLiftsOfKind = 6;
constexpr std::size_t kMostLifts = 5;
/// Forms whose options are made at once.
constexpr std::size_t kFormsAtOnce = 256;

/// What a form counts, whatever the order of its holds.
std::vector<Component> kind_of(const ExactJob& job) {
  std::vector<Component> components = job.terms.components();
  for (Component& component : components) {
    if (component.child >= 0) {
      const auto hold = static_cast<std::size_t>(component.child);
      component.child = static_cast<std::int8_t>(job.form.holds[hold].memory.value);
    }
  }
  return components;
}

std::size_t bytes_of(const OptionTrie& trie) {
  return trie.nodes.size() * sizeof(OptionTrie::Node) + trie.least.size() * sizeof(double) +
         trie.choices.size() * sizeof(std::uint32_t);
}

/// Does independent pieces of work.
void do_all(const std::vector<std::function<void()>>& pieces, int threads) {
  ChunkedWork work;
  work.chunks = pieces.size();
  work.propose = [&](std::uint64_t piece, std::size_t, std::size_t) { pieces[piece](); };
  work.commit = [](std::uint64_t, std::size_t) {};
  run_chunks(work, threads, nullptr);
}

/// Whether all groups have options, and the least of all tiles fit together, as far as tries are
/// made (null: not yet).
bool possible(const TermTable& terms, const std::vector<const OptionTrie*>& tries) {
  std::vector<double> values(terms.components().size(), 1.0);
  for (const OptionTrie* trie : tries) {
    if (trie == nullptr) {
      continue;
    }
    if (trie->nodes.empty()) {
      return false;
    }
    for (std::size_t c = 0; c < values.size(); ++c) {
      values[c] *= trie->least_of(0, c);
    }
  }
  return terms.fits(values.data());
}

}  // namespace

ExactJobs::ExactJobs(const Mapspace& space, const Constraints& constraints,
                     const ExactObjectives& objectives, std::vector<ExactJob> listed,
                     const ParetoFront& known, double most_cycles, const ExactRules& rules,
                     const SearchControl& control, std::uint64_t most)
    : space_(space),
      maker_(space, constraints),
      cut_(space, maker_.groups(), objectives, known, most_cycles),
      rules_(rules),
      threads_(control.threads) {
  if (rules.drop_hopeless_options) {
    maker_.set_cut(cut_);
  }
  if (!rules.drop_beaten_options) {
    maker_.keep_beaten();
  }
  if (objectives.needs_power()) {
    maker_.keep_slower();
  }
  for (const DimensionSet& group : maker_.groups()) {
    double product = 1;
    for (std::size_t d = 0; d < space.problem().dimensions.size(); ++d) {
      if (group.contains(DimensionId(d))) {
        product *= static_cast<double>(space.problem().dimensions[d].bound);
      }
    }
    operations_.push_back(product);
  }
  ready_ = make_options(std::move(listed), control, most);
  looked_at_.take(maker_.made());
  if (!ready_) {
    return;
  }
  compile();
  OuterMinimum outer;
  for (std::size_t j = 0; rules.bound_outer_traffic && j < jobs_.size(); ++j) {
    jobs_[j].terms.set_outer_minimum(outer.of(jobs_[j].terms, tries_[j]));
  }
  find_kinds();
  if (rules.lift) {
    add_lifts();
  }
  for (ExactJob& job : jobs_) {
    bound(job, objectives);
  }
  scan_spatial(objectives, known, most_cycles, control.stop);
  std::erase_if(jobs_,
                [](const ExactJob& job) { return !std::isfinite(job.terms.outer_minimum()); });
  fill_views(known);
  if (rules.best_first) {
    std::stable_sort(jobs_.begin(), jobs_.end(),
                     [](const ExactJob& a, const ExactJob& b) { return a.rank < b.rank; });
  }
}

/// Makes the options of all groups in as many forms as there is room for.
bool ExactJobs::make_options(std::vector<ExactJob> listed, const SearchControl& control,
                             std::uint64_t most) {
  while (taken_ < listed.size() && (taken_ == 0 || bytes_ < rules_.room_for_options)) {
    const std::size_t count = std::min(kFormsAtOnce, listed.size() - taken_);
    if (!make_some(std::span(listed).subspan(taken_, count), control, most)) {
      return false;
    }
    taken_ += count;
  }
  return true;
}

/// Takes some forms, one group after the other; those without any options are dropped at once.
/// Groups of several dimensions come first: they leave the fewest forms.
bool ExactJobs::make_some(std::span<ExactJob> listed, const SearchControl& control,
                          std::uint64_t most) {
  const std::vector<DimensionSet>& groups = maker_.groups();
  std::vector<std::size_t> order(groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::popcount(groups[a].bits) > std::popcount(groups[b].bits);
  });
  std::vector<std::vector<const OptionTrie*>> tries(
      listed.size(), std::vector<const OptionTrie*>(groups.size(), nullptr));
  std::vector<std::size_t> left(listed.size());
  std::iota(left.begin(), left.end(), std::size_t{0});
  std::vector<std::size_t> numbers(listed.size());
  for (const std::size_t g : order) {
    std::size_t asked = numbered_;
    for (const std::size_t j : left) {
      numbers[j] = maker_.ask(listed[j].form, listed[j].terms, g);
      asked = std::max(asked, numbers[j] + 1);
    }
    if (!maker_.make(control.threads, control.stop, most - combinations_)) {
      return false;
    }
    for (; numbered_ < asked; ++numbered_) {
      bytes_ += bytes_of(maker_.trie(numbered_));
      combinations_ += maker_.trie(numbered_).combinations;
    }
    std::erase_if(left, [&](std::size_t j) {
      tries[j][g] = &maker_.trie(numbers[j]);
      return !possible(listed[j].terms, tries[j]) ||
             (rules_.drop_hopeless_options && cut_.hopeless(cut_.least(listed[j].terms, tries[j])));
    });
  }
  for (const std::size_t j : left) {
    jobs_.push_back(std::move(listed[j]));
    tries_.push_back(std::move(tries[j]));
  }
  return true;
}

void ExactJobs::compile() {
  std::vector<std::vector<const OptionTrie*>> by_group(maker_.groups().size());
  std::vector<std::function<void()>> work;
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    for (std::size_t g = 0; g < by_group.size(); ++g) {
      const OptionTrie* trie = tries_[j][g];
      const auto [at, is_new] = views_.try_emplace(trie);
      if (is_new) {
        work.push_back(
            [&view = at->second, trie, &terms = jobs_[j].terms] { view.emplace(*trie, terms); });
      }
      if (groups_.try_emplace({trie, g}).second) {
        by_group[g].push_back(trie);
      }
    }
  }
  do_all(work, threads_);
  spatial_ = std::make_unique<SpatialTable>(maker_.axes(), by_group);
  work.clear();
  for (auto& [key, group] : groups_) {
    group.view = &*views_.at(key.first);
    work.push_back([this, &of = key, &into = group] {
      into.spatial = spatial_->children_of(of.second, *of.first);
    });
  }
  do_all(work, threads_);
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    for (std::size_t g = 0; g < by_group.size(); ++g) {
      jobs_[j].groups.push_back(&groups_.at({tries_[j][g], g}));
    }
  }
}

void ExactJobs::find_kinds() {
  std::map<std::vector<Component>, std::size_t> numbers;
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    const auto [at, is_new] = numbers.try_emplace(kind_of(jobs_[j]), kinds_.size());
    if (is_new) {
      kinds_.emplace_back();
    }
    kinds_[at->second].members.push_back(j);
  }
}

/// Chooses lifts for all forms of a kind: those that are useful on a few of them.
void ExactJobs::choose_lifts(Kind& kind) const {
  const std::vector<std::size_t>& members = kind.members;
  std::vector<std::uint16_t> all(jobs_[members.front()].terms.lifts().size());
  std::iota(all.begin(), all.end(), std::uint16_t{0});
  std::vector<double> total(all.size(), 0.0);
  const std::size_t samples = std::min(kSampledForms, members.size());
  for (std::size_t sample = 0; sample < samples; ++sample) {
    const ExactJob& job = jobs_[members[sample * members.size() / samples]];
    const std::vector<double> here = lift_gains(*spatial_, job, all, false);
    std::transform(total.begin(), total.end(), here.begin(), total.begin(), std::plus<>());
  }
  kind.lifts = largest_gains(all, total, kMostLiftsOfKind);
}

/// Chooses lifts for each job, of those for its kind.
void ExactJobs::add_lifts() {
  std::vector<std::function<void()>> kinds;
  for (Kind& kind : kinds_) {
    kinds.push_back([this, &kind] { choose_lifts(kind); });
  }
  do_all(kinds, threads_);
  std::set<const OptionTrie*> done;
  std::vector<std::function<void()>> rows;
  std::vector<std::function<void()>> choices;
  for (const Kind& kind : kinds_) {
    const TermTable& terms = jobs_[kind.members.front()].terms;
    const std::vector<std::uint16_t>& chosen = kind.lifts;
    for (const std::size_t j : kind.members) {
      for (const OptionTrie* trie : tries_[j]) {
        if (done.insert(trie).second) {
          rows.push_back(
              [&view = *views_.at(trie), &terms, &chosen] { view.add_lifts(terms, chosen); });
        }
      }
      choices.push_back([this, &job = jobs_[j], &chosen] {
        job.lifts = largest_gains(chosen, lift_gains(*spatial_, job, chosen, true), kMostLifts);
      });
    }
  }
  do_all(rows, threads_);
  do_all(choices, threads_);
}

/// Looks at the choices of spatial loops once for all forms of a kind.
void ExactJobs::scan_spatial(const ExactObjectives& objectives, const ParetoFront& known,
                             double most_cycles, const std::atomic<bool>* stop) {
  for (ExactJob& job : jobs_) {
    job.spatial = spatial_->states();
  }
  if (!rules_.scan_spatial) {
    return;
  }
  Incumbents incumbents;
  incumbents.reset(known);
  const SpatialScan::Setting setting{.table = *spatial_,
                                     .objectives = objectives,
                                     .rules = rules_,
                                     .known = incumbents,
                                     .most_cycles = most_cycles,
                                     .operations = operations_,
                                     .perfect = space_.factors() == Factors::perfect,
                                     .stop = stop};
  std::vector<TreeStatistics> of_kinds(kinds_.size());
  scans_.resize(kinds_.size());
  std::vector<std::function<void()>> pieces;
  for (std::size_t k = 0; k < kinds_.size(); ++k) {
    if (kinds_[k].members.size() > 1) {
      pieces.push_back([&, k] {
        std::vector<const ExactJob*> jobs;
        for (const std::size_t j : kinds_[k].members) {
          jobs.push_back(&jobs_[j]);
        }
        SpatialScan scan(setting, jobs, kinds_[k].lifts);
        scans_[k] = scan.run();
        of_kinds[k] = scan.looked_at();
        for (const std::size_t j : kinds_[k].members) {
          ExactJob& job = jobs_[j];
          for (std::size_t o = 0; o < objectives.size() && !scans_[k].empty(); ++o) {
            job.bound[o] = std::max(job.bound[o], scan.bound()[o]);
          }
          job.spatial = scans_[k].empty() ? job.spatial : scans_[k];
        }
      });
    }
  }
  do_all(pieces, threads_);
  for (const TreeStatistics& tree : of_kinds) {
    looked_at_.take(tree);
  }
}

/// Writes all of the views of forms that will be searched.
void ExactJobs::fill_views(const ParetoFront& known) {
  Incumbents incumbents;
  incumbents.reset(known);
  std::set<const TrieView*> seen;
  std::vector<std::function<void()>> work;
  for (const ExactJob& job : jobs_) {
    if (job.nothing_left(incumbents, rules_)) {
      continue;
    }
    for (std::size_t g = 0; g < job.groups.size(); ++g) {
      if (seen.insert(job.groups[g]->view).second) {
        work.push_back([&view = *views_.at(&job.groups[g]->trie())] { view.fill_below(); });
      }
    }
  }
  do_all(work, threads_);
}

bool ExactJob::nothing_left(const Incumbents& known, const ExactRules& rules) const {
  return (rules.cut_by_front && (beyond_limits || known.reach(bound))) ||
         (!groups.empty() && spatial[SpatialTable::kStart].steps.empty());
}

void ExactJobs::bound(ExactJob& job, const ExactObjectives& objectives) const {
  const std::size_t components = job.terms.components().size();
  const auto least = [&](std::size_t column) {
    double product = 1;
    for (const GroupTrie* group : job.groups) {
      product *= group->view->columns()[column].value;
    }
    return product;
  };
  std::vector<double> values;
  for (std::size_t c = 0; c < components; ++c) {
    values.push_back(least(c));
  }
  for (const std::uint16_t l : job.lifts) {
    const Lift& lift = job.terms.lifts()[l];
    if (!lift.single()) {
      continue;
    }
    values[lift.target] = std::max(values[lift.target], least(components + l) * lift.per_word);
  }
  const double operations = static_cast<double>(space_.problem().operations());
  const double lanes = spatial_->state(SpatialTable::kStart).most_lanes;
  const bool bounded = lanes > 0 && rules_.bound_steps_by_lanes;
  const TermCost cost = job.terms.cost(values.data(), bounded ? operations / lanes : 0);
  const ObjectiveBounds before = job.bound;  // of the problem and the machine: may be higher
  objectives.bounds(cost, job.bound);
  job.rank = objectives.rank(job.bound);
  for (std::size_t o = 0; o < objectives.size(); ++o) {
    job.bound[o] = std::max(job.bound[o], before[o]);
  }
  job.beyond_limits = objectives.beyond_limits(cost);
}

}  // namespace tessera
