// The exact front, by branch and bound.
//
// Every mapping is, at equal or lower cost, one of some normal form (mapper/normal_form.cpp), of
// which one of two that are each other's mirror image is enough (mapper/symmetry.cpp). The costs of
// a form are sums of products over dimension groups (exact_terms.hpp); each group's ways of placing
// its loops form a trie whose nodes hold the least value of every component below them
// (exact_options.hpp, exact_view.hpp), without those that no better mapping can have
// (exact_cut.hpp). Costs grow with every component, so
//
//   the costs of (product over groups of the least components at the group's current node)
//
// are at most those of any mapping below. A node is cut when a tile does not fit even so, or when
// some point of the front is at most the node's bound in every objective: what lies below is
// dominated by that point or equal to it. Where energies are not integers, sums are rounded, and a
// bound counts as reached within a relative 1e-12.
//
// Three things that the product does not see are bounded besides: steps are at least the operations
// over the lanes that spatial loops can reach (exact_spatial.hpp); traffic that is saved needs room
// (`Lift` in exact_terms.hpp); and what the outermost memories move takes at least so much whatever
// happens further in (exact_outer.hpp). exact_branch.hpp takes the stages in turn. Each of these
// rules only saves time (exact_rules.hpp).
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
#include <limits>
#include <utility>

#include "search/exact_branch.hpp"
#include "search/exact_check.hpp"
#include "search/exact_jobs.hpp"
#include "search/parallel.hpp"
#include "search/search_error.hpp"
#include "search/search_state.hpp"

namespace tessera {
namespace {

/// Most forms of a round: they do not see what the others find.
constexpr std::size_t kLargestRound = 32;

/// A proof that takes more nodes has all forms that are left probed, once.
constexpr std::uint64_t kProbeAfter = 4'000'000;
/// Progress is reported after so many nodes, at the latest at the end of a round.
constexpr std::uint64_t kReportEvery = 500'000;

/// Lower bounds on what is still open of each form; infinite where nothing is.
std::vector<ObjectiveBounds> bounds_of(const std::vector<ExactJob>& jobs) {
  std::vector<ObjectiveBounds> bounds;
  bounds.reserve(jobs.size());
  for (const ExactJob& job : jobs) {
    bounds.push_back(job.bound);
  }
  return bounds;
}

ObjectiveBounds nothing_open() {
  ObjectiveBounds bounds;
  bounds.fill(std::numeric_limits<double>::infinity());
  return bounds;
}

/// Both bounds hold.
void raise(const ObjectiveBounds& known, ObjectiveBounds& bound) {
  for (std::size_t o = 0; o < bound.size(); ++o) {
    bound[o] = std::max(bound[o], known[o]);
  }
}

/// By how much the best found may be missed in some objective.
Certificate open_certificate(const std::vector<ObjectiveBounds>& open_bounds,
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
    for (const ObjectiveBounds& bound : open_bounds) {
      open = std::min(open, bound[o]);
    }
    certificate.gap = std::max(certificate.gap, best > 0 ? (best - open) / best : 0);
  }
  return certificate;
}

void report(const SearchControl& control, const ExactFindings& total,
            const Certificate& certificate, double share) {
  SearchProgress progress{.evaluated = total.tally.evaluated,
                          .feasible = total.tally.feasible,
                          .share_done = share,
                          .best = {},
                          .gap = {}};
  if (certificate.kind == Certificate::Kind::bound) {
    progress.gap = certificate.gap;
  }
  for (const ParetoPoint& point : total.tally.front.points()) {
    progress.best.resize(point.values.size(), std::numeric_limits<double>::infinity());
    for (std::size_t o = 0; o < point.values.size(); ++o) {
      progress.best[o] = std::min(progress.best[o], point.values[o]);
    }
  }
  control.on_progress(progress);
}

/// The most cycles that leave the utilization that is demanded; infinite where none is.
double most_cycles_of(const Mapspace& space, const Constraints& constraints) {
  if (constraints.min_utilization <= 0) {
    return std::numeric_limits<double>::infinity();
  }
  const Architecture& architecture = space.architecture();
  const auto lanes =
      static_cast<double>(architecture.instances(LevelId(architecture.hierarchy.size() - 1)));
  return static_cast<double>(space.problem().operations()) / (lanes * constraints.min_utilization);
}

/// Every mapping that is returned once more: what the model says is what the search reckons with.
void check_front(const Mapspace& space, const ParetoFront& front) {
  const TermCheck check(space.problem(), space.architecture());
  Evaluator evaluator(space.problem(), space.architecture());
  Evaluation evaluation;
  for (const ParetoPoint& point : front.points()) {
    if (const auto terms = check.cost_of(space, point.mapping)) {
      evaluator.evaluate(point.mapping, evaluation);
      check.compare(*terms, false, evaluation);
    }
  }
}

}  // namespace

SearchResult search_exact(const Mapspace& space, const Constraints& constraints,
                          const SearchOptions& options, const SearchControl& control,
                          ParetoFront known, const ExactRules& rules) {
  if (const auto obstacle = exact_obstacle(space, constraints, options)) {
    throw SearchError(*obstacle);
  }
  Checkpoint checkpoint(control, step_key("exact", options));
  if (auto result = checkpoint.result()) {
    return *std::move(result);
  }
  const ExactObjectives objectives(space.problem(), space.architecture(), options);
  const double most_cycles = most_cycles_of(space, constraints);
  const ExactJobs listed(space, constraints, objectives, known, most_cycles, rules, control);
  const std::vector<ExactJob>& jobs = listed.jobs();
  std::vector<ObjectiveBounds> open = bounds_of(jobs);
  std::vector<Brancher> branchers;
  for (int i = 0; i < control.threads; ++i) {
    branchers.emplace_back(space, listed, constraints, options, objectives, most_cycles,
                           control.stop);
  }
  const auto asked_to_stop = [&] { return control.stop != nullptr && control.stop->load(); };
  ExactFindings total;
  total.tally.front = std::move(known);
  std::vector<ExactFindings> findings(slots_for(control.threads));
  std::vector<ObjectiveBounds> left(findings.size());  // of the forms in work
  std::uint64_t reported = 0;                          // nodes when progress was last reported
  bool stopped = !listed.ready() || asked_to_stop();
  // Where an earlier run left off: within a round, after its first jobs.
  std::size_t first = 0;
  std::size_t done_of_round = 0;
  ParetoFront front = total.tally.front;
  if (StateReader* saved = checkpoint.saved()) {
    const std::size_t most = listed.ready() ? jobs.size() : std::numeric_limits<std::size_t>::max();
    saved->get(first, most);
    saved->get(done_of_round, std::min(kLargestRound, most - first));
    saved->get(front);
    saved->get(total.tally);
    saved->get(total.tree);
    saved->finish();
    if (listed.ready()) {
      std::fill_n(open.begin(), first + done_of_round, nothing_open());
    }
  }
  const auto probe = [&](std::size_t begin) {
    ChunkedWork work;
    work.chunks = jobs.size() - begin;
    work.propose = [&](std::uint64_t chunk, std::size_t slot, std::size_t worker) {
      branchers[worker].probe(jobs[begin + chunk], front, findings[slot]);
      left[slot] = branchers[worker].open();
    };
    work.commit = [&](std::uint64_t chunk, std::size_t slot) {
      raise(left[slot], open[begin + chunk]);
      findings[slot] = {};
    };
    run_chunks(work, control.threads, control.stop);
  };
  bool probed = false;
  std::size_t round = 1;
  for (std::size_t begin = first; begin < jobs.size() && !stopped; begin += round) {
    if (!probed && total.tree.nodes > kProbeAfter) {
      probe(begin + done_of_round);
      probed = true;
    }
    round = std::min<std::size_t>(begin + 1, kLargestRound);
    const std::size_t end = std::min(jobs.size(), begin + round);
    const std::size_t skipped = std::exchange(done_of_round, 0);
    ChunkedWork work;
    work.chunks = end - begin - skipped;
    work.propose = [&](std::uint64_t chunk, std::size_t slot, std::size_t worker) {
      branchers[worker].run(jobs[begin + skipped + chunk], front, findings[slot]);
      left[slot] = branchers[worker].open();
    };
    work.commit = [&](std::uint64_t chunk, std::size_t slot) {
      const std::size_t job = begin + skipped + chunk;
      raise(left[slot], open[job]);
      total.take(findings[slot]);
      checkpoint.offer([&](StateWriter& state) {
        state.put(std::uint64_t{begin});
        state.put(skipped + chunk + 1);
        state.put(front);
        state.put(total.tally);
        state.put(total.tree);
      });
      if (control.on_progress && (job + 1 == end || total.tree.nodes > reported + kReportEvery)) {
        reported = total.tree.nodes;
        report(control, total, open_certificate(open, total.tally.front),
               static_cast<double>(job + 1) / static_cast<double>(jobs.size()));
      }
    };
    stopped = !run_chunks(work, control.threads, control.stop) || asked_to_stop();
    front = total.tally.front;
  }
  check_front(space, total.tally.front);
  SearchResult result;
  result.stopped = stopped;
  result.evaluated = total.tally.evaluated;
  result.feasible = total.tally.feasible;
  result.rejections = std::move(total.tally.rejections);
  result.front = std::move(total.tally.front);
  result.tree = total.tree;
  if (!stopped) {
    result.certificate.kind = Certificate::Kind::exact;
  } else if (listed.complete()) {
    result.certificate = open_certificate(open, result.front);
  }
  checkpoint.finish(result);
  return result;
}

}  // namespace tessera
