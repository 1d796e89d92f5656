// The first stages of every form are choices of spatial loops, and where forms differ only in the
// order of their holds, these look nearly alike: nothing is known yet of the temporal loops that
// the order is about. So they are bounded once for all forms of a kind: of each choice of a group's
// spatial loops, each component (and lift) is given the least that it has in any of the forms, and
// what all memories take at least is the least of any of them. Costs grow with components, so what
// is too large or dominated so is that in each of the forms. Only choices that are left are looked
// at form by form. Often there are none: then all forms of the kind are done.

#include "search/exact_spatial_scan.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace tessera {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// The common bound is weaker than that of each form: where so much is looked at, it may not pay.
constexpr std::uint64_t kMostNodes = 1'000'000;
constexpr std::uint32_t kNothing = std::numeric_limits<std::uint32_t>::max();
/// The state after the last group.
constexpr std::uint32_t kEnd = 1;

}  // namespace

SpatialScan::SpatialScan(const Setting& setting, std::span<const ExactJob* const> jobs,
                         const std::vector<std::uint16_t>& lifts)
    : setting_(setting),
      terms_(jobs.front()->terms),
      lifts_(lifts),
      width_(terms_.components().size() + terms_.lifts().size()) {
  for (const ExactJob* job : jobs) {
    terms_.lower_minima(job->terms.minima());
  }
  for (std::uint16_t c = 0; c < terms_.components().size(); ++c) {
    if (terms_.read(c)) {
      read_.push_back(c);
    }
  }
  for (const std::uint16_t lift : lifts) {
    read_.push_back(static_cast<std::uint16_t>(terms_.components().size() + lift));
  }
  find_least(jobs);
  const std::size_t groups = rows_.size();
  rest_.assign(groups + 1, std::vector<double>(width_, 1.0));
  for (std::size_t g = groups; g-- > 0;) {
    for (const std::uint16_t c : read_) {
      double least = kInfinity;
      for (std::uint32_t choice = 0; choice < has_[g].size(); ++choice) {
        least = has_[g][choice] != 0 ? std::min(least, row_of(g, choice)[c]) : least;
      }
      rest_[g][c] = least * rest_[g + 1][c];
    }
  }
  chosen_.assign(groups + 1, std::vector<double>(width_, 1.0));
  batch_.resize(width_);
  bound_.fill(kInfinity);
}

/// Each choice's least over the forms.
void SpatialScan::find_least(std::span<const ExactJob* const> jobs) {
  for (std::size_t g = 0; g < jobs.front()->groups.size(); ++g) {
    const std::size_t choices = setting_.table.choices(g);
    std::vector<double>& rows = rows_.emplace_back(choices * width_, kInfinity);
    std::vector<char>& has = has_.emplace_back(choices, 0);
    std::set<const GroupTrie*> seen;
    for (const ExactJob* job : jobs) {
      const GroupTrie& group = *job->groups[g];
      if (!seen.insert(&group).second) {
        continue;
      }
      for (std::size_t choice = 0; choice < choices; ++choice) {
        if (group.spatial[choice] < 0) {
          continue;
        }
        has[choice] = 1;
        for (const std::uint16_t c : read_) {
          double& least = rows[choice * width_ + c];
          least = std::min(least, group.view->least_below(
                                      0, static_cast<std::uint32_t>(group.spatial[choice]), c));
        }
      }
    }
  }
}

std::vector<SpatialTable::State> SpatialScan::run() {
  if (rows_.empty()) {
    return {};
  }
  states_.resize(kEnd + 1);
  states_[kEnd].most_lanes = 1;
  scan(0, SpatialTable::kStart);
  if (given_up_) {
    states_.clear();
  }
  return std::move(states_);
}

/// Looks at all choices from one group on; the number of the new state, if any is left.
std::uint32_t SpatialScan::scan(std::size_t group, std::uint32_t state) {
  given_up_ =
      given_up_ || tree_.nodes > kMostNodes || (setting_.stop != nullptr && setting_.stop->load());
  if (given_up_) {
    return kNothing;
  }
  const bool last = group + 1 == rows_.size();
  SpatialTable::State found;
  for (const Left& left : choices_left(group, state)) {
    std::uint32_t next = kEnd;
    double lanes = setting_.table.lanes(group, left.step.choice);
    if (last) {
      for (std::size_t o = 0; o < bound_.size(); ++o) {
        bound_[o] = std::min(bound_[o], left.bound[o]);
      }
    } else {
      const double* row = row_of(group, left.step.choice);
      for (const std::uint16_t c : read_) {
        chosen_[group + 1][c] = chosen_[group][c] * row[c];
      }
      next = scan(group + 1, left.step.next);
      lanes *= next == kNothing ? 0 : states_[next].most_lanes;
    }
    if (next != kNothing) {
      found.steps.push_back({.choice = left.step.choice, .next = next});
      found.most_lanes = std::max(found.most_lanes, lanes);
    }
  }
  if (group == 0) {
    states_[SpatialTable::kStart] = std::move(found);
    return SpatialTable::kStart;
  }
  if (found.steps.empty()) {
    return kNothing;
  }
  states_.push_back(std::move(found));
  return static_cast<std::uint32_t>(states_.size() - 1);
}

std::vector<SpatialScan::Left> SpatialScan::choices_left(std::size_t group, std::uint32_t state) {
  std::vector<Left> left;
  std::array<SpatialTable::Step, kBatch> steps;
  std::size_t count = 0;
  const std::uint16_t of_steps = terms_.steps();
  double rest_operations = 1;
  more_steps_ = setting_.perfect && setting_.objectives.needs_power() ? 1 : 0;
  for (std::size_t g = group + 1; g < rows_.size(); ++g) {
    rest_operations *= setting_.operations[g];
    more_steps_ *= setting_.operations[g];
  }
  more_steps_ /= rest_[group + 1][of_steps];
  const auto flush = [&] {
    test({steps.data(), count}, left);
    count = 0;
  };
  for (const SpatialTable::Step& step : setting_.table.state(state).steps) {
    if (has_[group][step.choice] == 0) {
      continue;
    }
    const double* row = row_of(group, step.choice);
    for (const std::uint16_t c : read_) {
      batch_[c][count / 2][count % 2] = chosen_[group][c] * row[c] * rest_[group + 1][c];
    }
    costs_.cycles[count / 2][count % 2] = setting_.rules.bound_steps_by_lanes
                                              ? chosen_[group][of_steps] * row[of_steps] *
                                                    rest_operations /
                                                    setting_.table.state(step.next).most_lanes
                                              : 0;
    steps[count] = step;
    if (++count == kBatch) {
      flush();
    }
  }
  flush();
  return left;
}

/// Bounds some choices; those that fit and that no known point dominates are left.
void SpatialScan::test(std::span<const SpatialTable::Step> batch, std::vector<Left>& left) {
  if (batch.empty()) {
    return;
  }
  if (batch.size() % 2 != 0) {  // pairs are looked at
    for (const std::uint16_t c : read_) {
      batch_[c][batch.size() / 2][1] = batch_[c][batch.size() / 2][0];
    }
    costs_.cycles[batch.size() / 2][1] = costs_.cycles[batch.size() / 2][0];
  }
  terms_.cost(batch_.data(), batch.size(), lifts_, costs_);
  tree_.nodes += batch.size();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (setting_.rules.cut_by_size && !costs_.fits[i]) {
      ++tree_.cut_by_size;
      continue;
    }
    const TermCost cost{.energy_pj = costs_.energy_pj[i / 2][i % 2],
                        .cycles = costs_.cycles[i / 2][i % 2],
                        .dram_words = costs_.dram_words[i / 2][i % 2],
                        .most_steps = more_steps_ * batch_[terms_.steps()][i / 2][i % 2]};
    Left here{.step = batch[i], .bound = {}};
    setting_.objectives.bounds(cost, here.bound);
    if (cost.cycles > setting_.most_cycles * (1 + kExactRounding) ||
        setting_.objectives.beyond_limits(cost) ||
        (setting_.rules.cut_by_front && setting_.known.reach(here.bound))) {
      ++tree_.cut_by_bound;
      continue;
    }
    left.push_back(here);
  }
}

}  // namespace tessera
