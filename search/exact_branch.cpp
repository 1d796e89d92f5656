#include "search/exact_branch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tessera {
namespace {

constexpr std::uint64_t kPollEvery = 256;
/// Stages of each group that are probed.
constexpr std::size_t kProbedRounds = 1;
/// Nodes for each option after which a form that stands for several is searched form by form:
/// making their options takes longer.
constexpr std::uint64_t kNodesOfOption = 100;
/// Leaves of such a form that leave something to find before its search ends.
constexpr std::size_t kMostUnsettled = 8;
/// Choices of sweeps that are tried at a leaf of such a form.
constexpr std::size_t kMostChoices = 64;

/// The order of stages of a form: which group branches at each.
std::vector<std::size_t> stage_order(const OptionMaker& maker, const NormalForm& form) {
  const std::size_t groups = maker.groups().size();
  std::vector<std::size_t> order;
  for (std::size_t g = 0; g < groups; ++g) {
    order.push_back(g);
  }
  for (const DimensionSet& block : form.blocks) {
    for (std::size_t g = 0; g < groups; ++g) {
      if ((block.bits & maker.groups()[g].bits) != 0) {
        order.push_back(g);
      }
    }
  }
  for (std::size_t g = 0; g < groups; ++g) {
    order.push_back(g);
  }
  return order;
}

}  // namespace

void ExactFindings::take(ExactFindings& other) {
  tally.take(other.tally);
  tree.take(other.tree);
  other.tree = {};
}

Brancher::Brancher(const Mapspace& space, const ExactJobs& jobs, const Constraints& constraints,
                   const SearchOptions& options, const ExactObjectives& objectives,
                   double most_cycles, const std::atomic<bool>* stop)
    : problem_(space.problem()),
      jobs_(jobs),
      options_(options),
      objectives_(objectives),
      evaluator_(space.problem(), space.architecture()),
      check_(space.problem(), space.architecture()),
      perfect_(space.factors() == Factors::perfect),
      stop_(stop),
      most_cycles_(most_cycles),
      min_utilization_(constraints.min_utilization) {}

bool Brancher::run(const ExactJob& job, const ParetoFront& front, ExactFindings& found,
                   std::uint64_t most) {
  most_nodes_ = most;
  ++found.tree.forms;
  deepest_ = std::numeric_limits<std::size_t>::max();
  return search(job, front, found);
}

bool Brancher::probe(const ExactJob& job, const ParetoFront& front, ExactFindings& found) {
  most_nodes_ = ProofEffort::kUnlimited;
  deepest_ = kProbedRounds * job.groups.size();
  return search(job, front, found);
}

bool Brancher::promises(const ExactJob& job, const ParetoFront& front, ExactFindings& found,
                        std::uint64_t most) {
  deepest_ = std::numeric_limits<std::size_t>::max();
  std::uint64_t options = 0;
  for (const GroupTrie* group : job.groups) {
    options += group->trie().choices.size() / group->trie().lists.size();
  }
  most_nodes_ = std::min(most, kNodesOfOption * options);
  several_ = true;
  unsettled_ = 0;
  const bool all = search(job, front, found);
  several_ = false;
  return !all || unsettled_ > 0;
}

bool Brancher::search(const ExactJob& job, const ParetoFront& front, ExactFindings& found) {
  job_ = &job;
  found_ = &found;
  incumbents_.reset(front);
  stopped_ = false;
  entered_ = true;
  open_.fill(std::numeric_limits<double>::infinity());
  if (job.nothing_left(incumbents_, jobs_.rules())) {
    return true;
  }
  prepare();
  branch(0, SpatialTable::kStart);
  if (!entered_) {
    leave_open(job.bound);
  }
  return !stopped_;
}

void Brancher::prepare() {
  const std::vector<std::size_t> order = stage_order(jobs_.maker(), job_->form);
  depths_.resize(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    depths_[i].group = order[i];
  }
  nodes_.assign(job_->groups.size(), 0);
  rows_.start(*job_, order);
}

void Brancher::branch(std::size_t at, std::uint32_t state) {
  if (stopped_ || found_->tree.nodes > most_nodes_ ||
      (++visited_ % kPollEvery == 0 && stop_ != nullptr && stop_->load())) {
    stopped_ = true;
    entered_ = false;
    return;
  }
  if (at == depths_.size()) {
    leaf();
    return;
  }
  Depth& depth = depths_[at];
  depth.children.clear();
  if (at < nodes_.size()) {
    bound_spatial(depth, at, state);
  } else if (job_->groups[depth.group]->trie().nodes[nodes_[depth.group]].children == 1) {
    // The only child has the same least values.
    const std::uint32_t here = nodes_[depth.group];
    nodes_[depth.group] = job_->groups[depth.group]->trie().nodes[here].first_child;
    branch(at + 1, state);
    nodes_[depth.group] = here;
    return;
  } else {
    bound_block(depth);
  }
  descend(at, state);
}

/// Searches the children of a depth that have been bounded, best first.
void Brancher::descend(std::size_t at, std::uint32_t state) {
  Depth& depth = depths_[at];
  if (jobs_.rules().best_first) {
    std::sort(depth.children.begin(), depth.children.end(), [](const Child& a, const Child& b) {
      return a.rank != b.rank ? a.rank < b.rank : a.child < b.child;
    });
  }
  const std::size_t known = incumbents_.size();
  const std::uint32_t here = nodes_[depth.group];
  const double* row = rows_.row(depth.group);
  for (std::size_t i = 0; i < depth.children.size(); ++i) {
    const Child child = depth.children[i];
    if (stopped_ || at + 1 == deepest_) {
      leave_open(child.bound);
    } else if (!jobs_.rules().cut_by_front || !incumbents_.reach(child.bound, known)) {
      rows_.choose(at, depth.group, here, child.child);
      nodes_[depth.group] = job_->groups[depth.group]->trie().nodes[here].first_child + child.child;
      branch(at + 1, at < nodes_.size() ? child.next : state);
      if (!entered_) {
        leave_open(child.bound);
        entered_ = true;
      }
    }
  }
  nodes_[depth.group] = here;
  rows_.restore(depth.group, row);
}

/// Notes that mappings of this bound will not be looked at.
void Brancher::leave_open(const ObjectiveBounds& bound) {
  for (std::size_t o = 0; o < objectives_.size(); ++o) {
    open_[o] = std::min(open_[o], std::max(bound[o], job_->bound[o]));
  }
}

/// How many times the least steps of the current nodes there are at most, where the spatial loops
/// of the first `chosen` groups are known: with perfect factors they fix a group's steps. Else (0)
/// nothing is known.
double Brancher::more_steps(std::size_t chosen) const {
  if (!perfect_ || !objectives_.needs_power()) {
    return 0;
  }
  double more = 1;
  for (std::size_t g = chosen; g < nodes_.size(); ++g) {
    more *= jobs_.operations()[g] / rows_.steps(g);
  }
  return more;
}

/// Bounds the choices of spatial loops of one group that fit what the groups before left.
void Brancher::bound_spatial(Depth& depth, std::size_t group, std::uint32_t state) {
  const std::span<const SpatialTable::State> states = job_->spatial;
  const GroupTrie& trie = *job_->groups[group];
  rows_.multiply_others(group);
  // Steps are at least those of the groups chosen, times operations over lanes of the rest.
  double chosen = 1;
  double rest = 1;
  for (std::size_t g = 0; g < nodes_.size(); ++g) {
    if (g < group) {
      chosen *= rows_.steps(g);
    } else if (g > group) {
      rest *= jobs_.operations()[g];
    }
  }
  more_steps_ = more_steps(group + 1);
  const TrieView::Column& steps = trie.view->columns()[job_->terms.steps()];
  const double* steps_of = steps.row < 0 ? nullptr : trie.view->block(nodes_[group]).row(steps.row);
  std::size_t count = 0;
  const auto flush = [&] {
    if (count > 0) {
      rows_.gather(group, nodes_[group], std::span(children_).first(count));
      bound_batch(depth, count);
      count = 0;
    }
  };
  for (const SpatialTable::Step& step : states[state].steps) {
    const std::int32_t child = trie.spatial[step.choice];
    if (child < 0) {
      continue;
    }
    children_[count] = static_cast<std::uint32_t>(child);
    candidates_[count].child = children_[count];
    candidates_[count].next = step.next;
    const double own = steps_of == nullptr ? steps.value : steps_of[child];
    costs_.cycles[count / 2][count % 2] =
        jobs_.rules().bound_steps_by_lanes ? chosen * own * rest / states[step.next].most_lanes : 0;
    if (++count == kBatch) {
      flush();
    }
  }
  flush();
}

/// Bounds all children of the group's current node.
void Brancher::bound_block(Depth& depth) {
  more_steps_ = more_steps(nodes_.size());
  rows_.multiply_others(depth.group);
  const std::uint32_t children =
      job_->groups[depth.group]->trie().nodes[nodes_[depth.group]].children;
  for (std::uint32_t first = 0; first < children; first += kBatch) {
    const std::size_t count = std::min<std::size_t>(kBatch, children - first);
    for (std::size_t i = 0; i < count; ++i) {
      candidates_[i].child = first + static_cast<std::uint32_t>(i);
    }
    std::fill_n(costs_.cycles.begin(), (count + 1) / 2, Pair{});
    rows_.fill(depth.group, nodes_[depth.group], first, count);
    bound_batch(depth, count);
  }
}

/// Keeps those candidates that fit and that no known point dominates.
void Brancher::bound_batch(Depth& depth, std::size_t count) {
  job_->terms.cost(rows_.batch(), count, job_->lifts, costs_);
  TreeStatistics& tree = found_->tree;
  tree.nodes += count;
  for (std::size_t i = 0; i < count; ++i) {
    if (jobs_.rules().cut_by_size && !costs_.fits[i]) {
      ++tree.cut_by_size;
      continue;
    }
    Child& child = candidates_[i];
    const TermCost cost{
        .energy_pj = costs_.energy_pj[i / 2][i % 2],
        .cycles = costs_.cycles[i / 2][i % 2],
        .dram_words = costs_.dram_words[i / 2][i % 2],
        .most_steps = more_steps_ * rows_.batch()[job_->terms.steps()][i / 2][i % 2]};
    objectives_.bounds(cost, child.bound);
    if (cost.cycles > most_cycles_ * (1 + kExactRounding) || objectives_.beyond_limits(cost) ||
        (jobs_.rules().cut_by_front && incumbents_.reach(child.bound))) {
      ++tree.cut_by_bound;
      continue;
    }
    child.rank = objectives_.rank(child.bound);
    depth.children.push_back(child);
  }
}

void Brancher::leaf() {
  const OptionMaker& maker = jobs_.maker();
  NormalBounds bounds = maker.no_loops(job_->form);
  for (std::size_t g = 0; g < nodes_.size(); ++g) {
    const OptionTrie& trie = job_->groups[g]->trie();
    maker.expand(trie, trie.nodes[nodes_[g]].option, job_->form, g, bounds);
  }
  if (several_) {
    leaf_of_several(bounds);
  } else if (evaluate(job_->form, bounds)) {
    check_terms(bounds);
    score();
  }
}

/// Scores what becomes of a leaf with each choice of sweeps. Nothing is left to find if what is
/// found so is as good as the leaf's bound.
void Brancher::leaf_of_several(const NormalBounds& bounds) {
  NormalForm form = job_->form;
  std::vector<std::vector<DimensionId>> sweeps;
  for (const NormalHold& hold : form.holds) {
    sweeps.emplace_back();
    for (std::size_t d = 0; d < problem_.dimensions.size(); ++d) {
      if (hold.sweeps().contains(DimensionId(d))) {
        sweeps.back().emplace_back(d);
      }
    }
  }
  std::size_t rest = 0;
  for (std::size_t choice = 0; choice < kMostChoices && rest == 0; ++choice) {
    rest = choice;  // written in mixed radix, it says which
    for (std::size_t h = 0; h < sweeps.size(); ++h) {
      if (!sweeps[h].empty()) {
        form.holds[h].sweep = sweeps[h][rest % sweeps[h].size()];
        rest /= sweeps[h].size();
      }
    }
    if (rest == 0 && evaluate(form, bounds)) {
      score();
    }
  }
  find_components();
  ObjectiveBounds bound;
  objectives_.bounds(job_->terms.cost(components_.data(), 0), bound);
  if (!incumbents_.reach(bound)) {
    stopped_ = ++unsettled_ == kMostUnsettled;
  }
}

/// Writes a mapping and has the model look at it; false if it is not legal.
bool Brancher::evaluate(const NormalForm& form, const NormalBounds& bounds) {
  DimensionSet all;
  for (const DimensionSet& group : jobs_.maker().groups()) {
    all.bits |= group.bits;
  }
  write_normal(form, jobs_.maker().axes(), bounds, all, true, mapping_);
  separate_loops(problem_, mapping_);
  evaluator_.evaluate(mapping_, evaluation_);
  ++found_->tally.evaluated;
  return evaluation_.feasible() && evaluation_.utilization >= min_utilization_;
}

/// Takes the mapping evaluated last into what is found.
void Brancher::score() {
  Tally& tally = found_->tally;
  if (const auto broken = find_broken(options_.limits, evaluation_)) {
    tally.rejections.limits.resize(options_.limits.size());
    ++tally.rejections.limits[*broken];
    return;
  }
  std::vector<double> found;
  for (const Objective& objective : options_.objectives) {
    found.push_back(tessera::value_of(objective, evaluation_));
    if (!std::isfinite(found.back())) {
      ++tally.rejections.no_value;
      return;
    }
  }
  ++tally.feasible;
  if (!tally.front.dominates(found)) {
    tally.front.insert({found, mapping_, mapping_key(mapping_)});
    incumbents_.add(found);
  }
}

/// The components of a leaf.
void Brancher::find_components() {
  components_.assign(job_->terms.components().size(), 1.0);
  for (std::size_t g = 0; g < nodes_.size(); ++g) {
    const OptionTrie& trie = job_->groups[g]->trie();
    for (std::size_t c = 0; c < components_.size(); ++c) {
      components_[c] *= trie.least_of(nodes_[g], c);
    }
  }
}

/// Compares what the terms of the form say of the leaf with what the model says.
void Brancher::check_terms(const NormalBounds& bounds) {
  find_components();
  check_.compare(job_->terms.cost(components_.data(), 0), check_.overrated(job_->form, bounds),
                 evaluation_);
}

}  // namespace tessera
