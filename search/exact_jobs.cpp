#include "search/exact_jobs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "search/exact_outer.hpp"

namespace tessera {
namespace {

/// Choices of spatial loops that lifts are tried on.
constexpr std::size_t kSamples = 24;
/// Forms of one kind that all lifts are tried on.
constexpr std::size_t kSampledForms = 8;
/// A lift that never raises its target by more than this is not worth its time.
constexpr double kLeastGain = 1e-3;

}  // namespace

ExactJobs::ExactJobs(const Mapspace& space, const ExactObjectives& objectives,
                     const std::atomic<bool>* stop)
    : space_(space), maker_(space) {
  for (const DimensionSet& group : maker_.groups()) {
    double product = 1;
    for (std::size_t d = 0; d < space.problem().dimensions.size(); ++d) {
      if (group.contains(DimensionId(d))) {
        product *= static_cast<double>(space.problem().dimensions[d].bound);
      }
    }
    operations_.push_back(product);
  }
  complete_ = list(stop);
  compile();
  OuterMinimum outer;
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    jobs_[j].terms.set_outer_minimum(outer.of(jobs_[j].terms, tries_[j]));
  }
  add_lifts();
  for (ExactJob& job : jobs_) {
    bound(job, objectives);
  }
  std::erase_if(jobs_,
                [](const ExactJob& job) { return !std::isfinite(job.terms.outer_minimum()); });
  std::stable_sort(jobs_.begin(), jobs_.end(), [&](const ExactJob& a, const ExactJob& b) {
    return objectives.rank(a.bound) < objectives.rank(b.bound);
  });
}

bool ExactJobs::list(const std::atomic<bool>* stop) {
  std::vector<double> values;
  for (const Skeleton& skeleton : space_.skeletons()) {
    for (NormalForm& form : normal_forms(space_.problem(), skeleton)) {
      if (stop != nullptr && stop->load()) {
        return false;
      }
      TermTable terms(space_.problem(), space_.architecture(), form, maker_.axes());
      std::vector<const OptionTrie*> tries;
      values.assign(terms.components().size(), 1.0);
      bool possible = true;
      for (std::size_t g = 0; g < maker_.groups().size() && possible; ++g) {
        const OptionTrie& trie = maker_.trie(form, terms, g);
        possible = !trie.nodes.empty();
        for (std::size_t k = 0; possible && k < values.size(); ++k) {
          values[k] *= trie.least_of(0)[k];
        }
        tries.push_back(&trie);
      }
      if (possible && terms.fits(values.data())) {
        jobs_.push_back({.form = std::move(form),
                         .terms = std::move(terms),
                         .groups = {},
                         .lifts = {},
                         .bound = {}});
        tries_.push_back(std::move(tries));
      }
    }
  }
  return true;
}

void ExactJobs::compile() {
  std::vector<std::vector<const OptionTrie*>> by_group(maker_.groups().size());
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    for (std::size_t g = 0; g < by_group.size(); ++g) {
      const OptionTrie* trie = tries_[j][g];
      views_.try_emplace(trie, *trie, jobs_[j].terms);
      if (groups_.try_emplace({trie, g}).second) {
        by_group[g].push_back(trie);
      }
    }
  }
  spatial_ = std::make_unique<SpatialTable>(maker_.axes(), by_group);
  for (auto& [key, group] : groups_) {
    group.view = &views_.at(key.first);
    group.spatial = spatial_->children_of(key.second, *key.first);
  }
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    for (std::size_t g = 0; g < by_group.size(); ++g) {
      jobs_[j].groups.push_back(&groups_.at({tries_[j][g], g}));
    }
  }
}

/// Tries the lifts where some spatial choice has been made, and finds, for each component, those
/// that raise it most somewhere; of `all` lifts, or of those that have been added.
std::vector<bool> ExactJobs::useful_lifts(const ExactJob& job, bool all) const {
  const std::vector<Lift>& lifts = job.terms.lifts();
  const std::size_t components = job.terms.components().size();
  std::vector<bool> useful(lifts.size(), false);
  std::vector<std::vector<double>> first(job.groups.size());
  for (std::size_t g = 0; all && g < job.groups.size(); ++g) {
    first[g] = job.groups[g]->view->first_lifts(job.terms);
  }
  std::vector<double> values(components + lifts.size());
  for (std::size_t sample = 0; sample < kSamples; ++sample) {
    std::fill(values.begin(), values.end(), 1.0);
    std::uint32_t at = SpatialTable::kStart;
    bool possible = true;
    for (std::size_t g = 0; g < job.groups.size() && possible; ++g) {
      const GroupTrie& group = *job.groups[g];
      const auto step = spatial_->pick(at, group.spatial, sample * (7 + 6 * g));
      possible = step.has_value();
      if (!possible) {
        break;
      }
      at = step->next;
      const auto child = static_cast<std::size_t>(group.spatial[step->choice]);
      for (std::size_t c = 0; c < (all ? components : values.size()); ++c) {
        const TrieView::Column& column = group.view->columns()[c];
        values[c] *=
            column.row < 0 ? column.value : group.view->children(0, column.row)[child];
      }
      for (std::size_t l = 0; all && l < lifts.size(); ++l) {
        values[components + l] *= first[g][l * group.trie().nodes.front().children + child];
      }
    }
    for (std::size_t begin = 0; possible && begin < lifts.size();) {
      std::size_t end = begin;
      std::size_t best = begin;
      double most = 0;
      for (; end < lifts.size() && lifts[end].target == lifts[begin].target &&
             lifts[end].second == lifts[begin].second;
           ++end) {
        const double lifted = values[components + end] * lifts[end].per_word;
        if (lifted > most) {
          most = lifted;
          best = end;
        }
      }
      const double known =
          values[lifts[begin].target] *
          (lifts[begin].single() ? 1.0 : values[static_cast<std::size_t>(lifts[begin].second)]);
      if (most > known * (1 + kLeastGain)) {
        useful[best] = true;
      }
      begin = end;
    }
  }
  return useful;
}

/// Chooses lifts for each job. All are tried on a few forms of every kind, those that are useful
/// there on all forms of that kind.
void ExactJobs::add_lifts() {
  std::map<std::vector<Component>, std::vector<std::size_t>> kinds;  // forms with equal terms
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    kinds[jobs_[j].terms.components()].push_back(j);
  }
  std::map<TrieView*, const TermTable*> done;
  for (const auto& [components, members] : kinds) {
    const TermTable& terms = jobs_[members.front()].terms;
    std::vector<bool> useful(terms.lifts().size(), false);
    for (std::size_t sample = 0; sample < kSampledForms; ++sample) {
      const std::size_t member = sample * members.size() / kSampledForms;
      if (sample > 0 && member == (sample - 1) * members.size() / kSampledForms) {
        continue;
      }
      const std::vector<bool> here = useful_lifts(jobs_[members[member]], true);
      for (std::size_t l = 0; l < useful.size(); ++l) {
        useful[l] = useful[l] || here[l];
      }
    }
    std::vector<std::uint16_t> chosen;
    for (std::size_t l = 0; l < useful.size(); ++l) {
      if (useful[l]) {
        chosen.push_back(static_cast<std::uint16_t>(l));
      }
    }
    for (const std::size_t j : members) {
      for (const OptionTrie* trie : tries_[j]) {
        TrieView& view = views_.at(trie);
        if (done.try_emplace(&view, &terms).second) {
          view.add_lifts(terms, chosen);
        }
      }
    }
    for (const std::size_t j : members) {
      const std::vector<bool> here = useful_lifts(jobs_[j], false);
      for (std::size_t l = 0; l < here.size(); ++l) {
        if (here[l]) {
          jobs_[j].lifts.push_back(static_cast<std::uint16_t>(l));
        }
      }
    }
  }
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
  objectives.bounds(job.terms.cost(values.data(), lanes > 0 ? operations / lanes : 0), job.bound);
}

}  // namespace tessera
