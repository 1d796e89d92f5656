// The exact front, by branch and bound.
//
// Every mapping is, at equal or lower cost, one of some normal form (mapper/normal_form.cpp); the
// costs of a form are sums of products over dimension groups (search/exact_terms.cpp); each group's
// ways of placing its loops form a trie whose nodes hold the least value of every component below
// them (search/exact_options.cpp). Costs grow with every component, so
//
//   the costs of (product over groups of the least components at the group's current node)
//
// are at most those of any mapping below. A node is cut when a tile or an axis does not fit even
// so, or when some point of the front is at most the node's bound in every objective: what lies
// below is dominated by that point or equal to it. Where energies are not integers, sums are
// rounded, and a bound counts as reached within a relative 1e-12.
//
// Stages are taken for all groups in turn, spatial loops first: they fix the steps, since every
// operation needs one lane for one step. Before that, steps >= operations / the most lanes that any
// choice of spatial loops reaches. Then come the blocks from the outside, where traffic is dearest.
//
// A leaf is scored by the ordinary model. A form overrates a mapping in which one of its holds
// could still move (loops of bound 1 in between); another form describes that mapping exactly, so
// the least over all forms is exact though a single form's bound is not one for such leaves.
//
// Forms are searched best root bound first, in rounds of fixed size. All forms of a round start
// from the same front and keep what they find to themselves until the round is over; it is then
// taken in order. So the result is the same for any number of threads.

#include "search/exact.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/evaluate.hpp"
#include "search/exact_options.hpp"
#include "search/exact_terms.hpp"
#include "search/parallel.hpp"
#include "search/scorer.hpp"
#include "search/search_error.hpp"

namespace tessera {
namespace {

constexpr double kRounding = 1e-12;
constexpr std::uint64_t kPollEvery = 512;
/// Most forms of a round: they do not see what the others find.
constexpr std::size_t kLargestRound = 32;
/// One normal form with all that its search needs.
struct Job {
  NormalForm form;
  TermTable terms;
  std::vector<const OptionTrie*> tries;  ///< by group
  std::vector<double> bound;             ///< root bound, by objective
  double least_steps = 0;
};

/// Turns bounds on costs into bounds on objectives.
class Objectives {
 public:
  Objectives(const Architecture& architecture, const SearchOptions& options)
      : objectives_(options.objectives), clock_hz_(architecture.clock_hz) {
    for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
      const double area = std::visit([](const auto& e) { return e.area_mm2.value_or(0); },
                                     architecture.hierarchy[i]);
      area_mm2_ += area * static_cast<double>(architecture.instances(LevelId(i)));
    }
  }

  void bounds(const TermCost& cost, std::vector<double>& values) const {
    values.clear();
    const double cycles = std::ceil(cost.cycles * (1 - kRounding));
    for (const Objective objective : objectives_) {
      switch (objective) {
        case Objective::energy:
          values.push_back(cost.energy_pj);
          break;
        case Objective::latency:
          values.push_back(cycles);
          break;
        case Objective::area:
          values.push_back(area_mm2_);
          break;
        case Objective::edp:
          values.push_back(cost.energy_pj * 1e-12 * (cycles / clock_hz_));
          break;
        case Objective::dram_words:
          values.push_back(cost.dram_words);
          break;
        case Objective::power:
          values.push_back(0);
          break;  // exact_obstacle() refuses it
      }
    }
  }

 private:
  const std::vector<Objective>& objectives_;
  double clock_hz_;
  double area_mm2_ = 0;
};

/// The front as far as it is known, for cutting.
class Incumbents {
 public:
  void reset(const ParetoFront& front) {
    points_.clear();
    for (const ParetoPoint& point : front.points()) {
      points_.push_back(point.values);
    }
  }
  void add(const std::vector<double>& values) { points_.push_back(values); }

  /// True if some point is at most `bound` in every objective.
  bool reach(const std::vector<double>& bound) const {
    for (const std::vector<double>& point : points_) {
      bool below = true;
      for (std::size_t i = 0; i < point.size() && below; ++i) {
        below = point[i] <= bound[i] * (1 + kRounding);
      }
      if (below) {
        return true;
      }
    }
    return false;
  }

 private:
  std::vector<std::vector<double>> points_;
};

/// What the search of one form, or of several, came to.
struct Findings {
  Tally tally;
  TreeStatistics tree;

  void take(Findings& other) {
    tally.take(other.tally);
    tree.forms += other.tree.forms;
    tree.nodes += other.tree.nodes;
    tree.cut_by_bound += other.tree.cut_by_bound;
    tree.cut_by_size += other.tree.cut_by_size;
    other.tree = {};
  }
};

/// The order of stages of a form: which group branches at each step.
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

/// Searches one form at a time; reused by one worker.
class Brancher {
 public:
  Brancher(const Mapspace& space, const OptionMaker& maker, const Constraints& constraints,
           const SearchOptions& options, const std::atomic<bool>* stop)
      : maker_(maker),
        options_(options),
        objectives_(space.architecture(), options),
        evaluator_(space.problem(), space.architecture()),
        stop_(stop) {
    if (constraints.min_utilization > 0) {
      const auto lanes = static_cast<double>(
          space.architecture().instances(LevelId(space.architecture().hierarchy.size() - 1)));
      most_cycles_ =
          static_cast<double>(space.problem().operations()) / (lanes * constraints.min_utilization);
      min_utilization_ = constraints.min_utilization;
    }
  }

  /// Searches `job` below `front`; what is found goes to `found`. False if stopped.
  bool run(const Job& job, const ParetoFront& front, Findings& found) {
    job_ = &job;
    tally_ = &found.tally;
    tree_ = &found.tree;
    ++tree_->forms;
    incumbents_.reset(front);
    stopped_ = false;
    if (incumbents_.reach(job.bound)) {
      return true;
    }
    order_ = stage_order(maker_, job.form);
    nodes_.assign(job.tries.size(), 0);
    const std::size_t width = job.terms.components().size();
    base_.resize(order_.size());
    children_.resize(order_.size());
    for (std::vector<double>& base : base_) {
      base.resize(width);
    }
    values_.resize(width);
    spatial_steps_ = job.tries.size();
    branch(0);
    return !stopped_;
  }

 private:
  struct Child {
    double rank;
    std::uint32_t node;
    std::vector<double> bound;
  };

  void branch(std::size_t step) {
    if (stopped_ || (++visited_ % kPollEvery == 0 && stop_ != nullptr && stop_->load())) {
      stopped_ = true;
      return;
    }
    if (step == order_.size()) {
      leaf();
      return;
    }
    const std::size_t group = order_[step];
    const OptionTrie& trie = *job_->tries[group];
    const OptionTrie::Node node = trie.nodes[nodes_[group]];
    const std::uint32_t here = nodes_[group];
    if (node.children == 1) {
      nodes_[group] = node.first_child;
      branch(step + 1);
      nodes_[group] = here;
      return;
    }
    multiply_others(group, base_[step]);
    std::vector<Child>& children = children_[step];
    std::size_t count = 0;
    const double least_steps = step < spatial_steps_ ? job_->least_steps : 0;
    for (std::uint32_t i = 0; i < node.children; ++i) {
      const double* least = trie.least_of(node.first_child + i);
      for (std::size_t k = 0; k < values_.size(); ++k) {
        values_[k] = base_[step][k] * least[k];
      }
      ++tree_->nodes;
      if (!job_->terms.fits(values_.data())) {
        ++tree_->cut_by_size;
        continue;
      }
      const TermCost cost = job_->terms.cost(values_.data(), least_steps);
      if (cost.cycles > most_cycles_ * (1 + kRounding)) {
        ++tree_->cut_by_bound;
        continue;
      }
      if (count == children.size()) {
        children.emplace_back();
      }
      Child& child = children[count];
      objectives_.bounds(cost, child.bound);
      if (incumbents_.reach(child.bound)) {
        ++tree_->cut_by_bound;
        continue;
      }
      child.node = node.first_child + i;
      child.rank = 1;
      for (const double bound : child.bound) {
        child.rank *= bound;
      }
      ++count;
    }
    std::sort(children.begin(), children.begin() + static_cast<std::ptrdiff_t>(count),
              [](const Child& a, const Child& b) {
                return a.rank != b.rank ? a.rank < b.rank : a.node < b.node;
              });
    for (std::size_t i = 0; i < count && !stopped_; ++i) {
      if (!incumbents_.reach(children_[step][i].bound)) {
        nodes_[group] = children_[step][i].node;
        branch(step + 1);
      }
    }
    nodes_[group] = here;
  }

  /// Product of the current nodes of all groups but one.
  void multiply_others(std::size_t group, std::vector<double>& product) const {
    std::fill(product.begin(), product.end(), 1.0);
    for (std::size_t g = 0; g < nodes_.size(); ++g) {
      if (g == group) {
        continue;
      }
      const double* least = job_->tries[g]->least_of(nodes_[g]);
      for (std::size_t k = 0; k < product.size(); ++k) {
        product[k] *= least[k];
      }
    }
  }

  void leaf() {
    NormalBounds bounds = maker_.no_loops(job_->form);
    DimensionSet all;
    for (std::size_t g = 0; g < nodes_.size(); ++g) {
      const OptionTrie& trie = *job_->tries[g];
      maker_.expand(trie, trie.nodes[nodes_[g]].option, job_->form, g, bounds);
      all.bits |= maker_.groups()[g].bits;
    }
    write_normal(job_->form, maker_.axes(), bounds, all, true, mapping_);
    evaluator_.evaluate(mapping_, evaluation_);
    ++tally_->evaluated;
    if (!evaluation_.feasible() || evaluation_.utilization < min_utilization_) {
      return;
    }
    ++tally_->feasible;
    std::vector<double> found;
    for (const Objective objective : options_.objectives) {
      found.push_back(tessera::value_of(objective, evaluation_));
    }
    if (!tally_->front.dominates(found)) {
      tally_->front.insert({found, mapping_, mapping_key(mapping_)});
      incumbents_.add(found);
    }
  }

  const OptionMaker& maker_;
  const SearchOptions& options_;
  Objectives objectives_;
  Evaluator evaluator_;
  Evaluation evaluation_;
  const std::atomic<bool>* stop_;
  double most_cycles_ = std::numeric_limits<double>::infinity();
  double min_utilization_ = 0;
  const Job* job_ = nullptr;
  Tally* tally_ = nullptr;
  TreeStatistics* tree_ = nullptr;
  Incumbents incumbents_;
  std::vector<std::size_t> order_;
  std::vector<std::uint32_t> nodes_;
  std::vector<std::vector<double>> base_;
  std::vector<std::vector<Child>> children_;
  std::vector<double> values_;
  Mapping mapping_;
  std::size_t spatial_steps_ = 0;
  std::uint64_t visited_ = 0;
  bool stopped_ = false;
};

/// The most lanes that spatial loops of all groups together reach, given what each axis holds.
double most_lanes(const Job& job, std::size_t axes) {
  std::vector<std::uint16_t> components;
  for (std::size_t i = 0; i < job.terms.components().size(); ++i) {
    if (job.terms.components()[i].kind == Component::Kind::axis) {
      components.push_back(static_cast<std::uint16_t>(i));
    }
  }
  std::vector<std::vector<double>> used = {std::vector<double>(axes, 1.0)};
  for (const OptionTrie* trie : job.tries) {
    std::vector<std::vector<double>> next;
    const OptionTrie::Node root = trie->nodes[0];
    for (std::uint32_t i = 0; i < root.children; ++i) {
      const double* least = trie->least_of(root.first_child + i);
      for (const std::vector<double>& so_far : used) {
        std::vector<double> with = so_far;
        for (std::size_t a = 0; a < axes; ++a) {
          with[a] *= least[components[a]];
        }
        if (job.terms.fits_axes(with)) {
          next.push_back(std::move(with));
        }
      }
    }
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    used = std::move(next);
  }
  double most = 1;
  for (const std::vector<double>& choice : used) {
    double lanes = 1;
    for (const double a : choice) {
      lanes *= a;
    }
    most = std::max(most, lanes);
  }
  return most;
}

std::vector<Job> list_jobs(const Mapspace& space, OptionMaker& maker, const Objectives& objectives,
                           const std::atomic<bool>* stop) {
  std::vector<Job> jobs;
  std::vector<double> values;
  for (const Skeleton& skeleton : space.skeletons()) {
    for (NormalForm& form : normal_forms(space.problem(), skeleton)) {
      if (stop != nullptr && stop->load()) {
        return jobs;
      }
      TermTable terms(space.problem(), space.architecture(), form, maker.axes());
      Job job{.form = std::move(form), .terms = std::move(terms), .tries = {}, .bound = {}};
      bool possible = true;
      values.assign(job.terms.components().size(), 1.0);
      for (std::size_t g = 0; g < maker.groups().size() && possible; ++g) {
        const OptionTrie& trie = maker.trie(job.form, job.terms, g);
        possible = !trie.nodes.empty();
        for (std::size_t k = 0; possible && k < values.size(); ++k) {
          values[k] *= trie.least_of(0)[k];
        }
        job.tries.push_back(&trie);
      }
      if (!possible || !job.terms.fits(values.data())) {
        continue;
      }
      job.least_steps =
          static_cast<double>(space.problem().operations()) / most_lanes(job, maker.axes().size());
      objectives.bounds(job.terms.cost(values.data(), job.least_steps), job.bound);
      jobs.push_back(std::move(job));
    }
  }
  const auto rank = [](const Job& job) {
    double product = 1;
    for (const double bound : job.bound) {
      product *= bound;
    }
    return product;
  };
  std::stable_sort(jobs.begin(), jobs.end(),
                   [&](const Job& a, const Job& b) { return rank(a) < rank(b); });
  return jobs;
}

void report(const SearchControl& control, const Findings& total, double share) {
  if (!control.on_progress) {
    return;
  }
  SearchProgress progress{.evaluated = total.tally.evaluated,
                          .feasible = total.tally.feasible,
                          .share_done = share,
                          .best = {}};
  for (const ParetoPoint& point : total.tally.front.points()) {
    progress.best.resize(point.values.size(), std::numeric_limits<double>::infinity());
    for (std::size_t o = 0; o < point.values.size(); ++o) {
      progress.best[o] = std::min(progress.best[o], point.values[o]);
    }
  }
  control.on_progress(progress);
}

/// By how much the best found may be missed in some objective, if jobs from `first` on are still
/// open.
Certificate open_certificate(const std::vector<Job>& jobs, const std::vector<bool>& done,
                             const ParetoFront& front) {
  Certificate certificate{.kind = Certificate::Kind::none, .gap = 0};
  if (front.empty()) {
    return certificate;
  }
  certificate.kind = Certificate::Kind::bound;
  const std::size_t objectives = front.points().front().values.size();
  for (std::size_t o = 0; o < objectives; ++o) {
    double best = std::numeric_limits<double>::infinity();
    for (const ParetoPoint& point : front.points()) {
      best = std::min(best, point.values[o]);
    }
    double open = best;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      open = done[i] ? open : std::min(open, jobs[i].bound[o]);
    }
    certificate.gap = std::max(certificate.gap, best > 0 ? (best - open) / best : 0);
  }
  return certificate;
}

}  // namespace

SearchResult search_exact(const Mapspace& space, const Constraints& constraints,
                          const SearchOptions& options, const SearchControl& control,
                          ParetoFront known) {
  if (const auto obstacle = exact_obstacle(space, constraints, options)) {
    throw SearchError(*obstacle);
  }
  OptionMaker maker(space);
  const Objectives objectives(space.architecture(), options);
  const std::vector<Job> jobs = list_jobs(space, maker, objectives, control.stop);
  std::vector<bool> done(jobs.size(), false);
  std::vector<Brancher> branchers;
  for (int i = 0; i < control.threads; ++i) {
    branchers.emplace_back(space, maker, constraints, options, control.stop);
  }
  const auto asked_to_stop = [&] { return control.stop != nullptr && control.stop->load(); };
  Findings total;
  total.tally.front = std::move(known);
  std::vector<Findings> findings(slots_for(control.threads));
  std::vector<char> finished(findings.size(), 0);
  bool stopped = asked_to_stop();
  // A stop during the listing leaves forms that nobody has bounded.
  const bool all_listed = !stopped;
  std::size_t round = 1;
  for (std::size_t begin = 0; begin < jobs.size() && !stopped; begin += round) {
    round = std::min<std::size_t>(begin + 1, kLargestRound);
    const std::size_t end = std::min(jobs.size(), begin + round);
    const ParetoFront front = total.tally.front;
    ChunkedWork work;
    work.chunks = end - begin;
    work.propose = [&](std::uint64_t chunk, std::size_t slot, std::size_t worker) {
      finished[slot] = branchers[worker].run(jobs[begin + chunk], front, findings[slot]);
    };
    work.commit = [&](std::uint64_t chunk, std::size_t slot) {
      done[begin + chunk] = finished[slot] != 0;
      total.take(findings[slot]);
    };
    stopped = !run_chunks(work, control.threads, control.stop) || asked_to_stop();
    report(control, total, static_cast<double>(end) / static_cast<double>(jobs.size()));
  }
  SearchResult result;
  result.stopped = stopped;
  result.evaluated = total.tally.evaluated;
  result.feasible = total.tally.feasible;
  result.rejections = std::move(total.tally.rejections);
  result.front = std::move(total.tally.front);
  result.tree = total.tree;
  if (!stopped) {
    result.certificate.kind = Certificate::Kind::exact;
  } else if (all_listed) {
    result.certificate = open_certificate(jobs, done, result.front);
  }
  return result;
}

}  // namespace tessera
