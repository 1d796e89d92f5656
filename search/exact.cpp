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
// Forms that differ only in what sweeps are searched together first, which drops most of them
// (exact_sweeps.hpp).
//
// The forms that the mappings known from elsewhere are of come first: what is found there is near
// the front, mostly, and leaves fewer options to the other forms, whose tries are only then made.
// Which forms come first is a matter of time only.
//
// Forms are searched best root bound first, in rounds of fixed size. All forms of a round start
// from the same front and keep what they find to themselves until the round is over; it is then
// taken in order. So the result is the same for any number of threads.

#include "search/exact.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "search/certificate.hpp"
#include "search/chunk_runner.hpp"
#include "search/exact_branch.hpp"
#include "search/exact_check.hpp"
#include "search/exact_forms.hpp"
#include "search/exact_jobs.hpp"
#include "search/exact_open.hpp"
#include "search/exact_sweeps.hpp"
#include "search/lower_bounds.hpp"
#include "search/parallel.hpp"
#include "search/search_error.hpp"
#include "search/search_state.hpp"

namespace tessera {
namespace {

/// Most forms of a round: they do not see what the others find.
constexpr std::size_t kLargestRound = 32;
/// Most forms that are made ready to be searched at once.
constexpr std::size_t kMostAtOnce = 4096;

/// A proof that takes more nodes has all forms that are left probed, once.
constexpr std::uint64_t kProbeAfter = 4'000'000;
/// Progress is reported after so many nodes, at the latest at the end of a round.
constexpr std::uint64_t kReportEvery = 500'000;

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

/// A search of forms, in one or several parts.
class Run {
 public:
  Run(const Mapspace& space, const Constraints& constraints, const SearchOptions& options,
      const SearchControl& control, const ExactObjectives& objectives, const ExactRules& rules,
      const ProofEffort& most, Checkpoint& checkpoint)
      : space_(space),
        constraints_(constraints),
        options_(options),
        control_(control),
        objectives_(objectives),
        rules_(rules),
        most_(most),
        checkpoint_(checkpoint),
        most_cycles_(most_cycles_of(space, constraints)) {}

  ExactFindings total;
  bool stopped = false;

  /// Whether it took too much, rather than being told to stop.
  bool given_up() const { return given_up_; }
  /// What is left open, if stopped or given up.
  const std::vector<ObjectiveBounds>& open() const { return open_; }

  /// Goes on where an earlier run left off.
  void resume(StateReader& saved) {
    Place& place = resumed_.emplace();
    saved.get(place.first, std::numeric_limits<std::size_t>::max());
    saved.get(place.known);
    saved.get(place.skip, std::numeric_limits<std::size_t>::max());
    saved.get(place.begin, std::numeric_limits<std::size_t>::max());
    saved.get(place.done, kLargestRound);
    saved.get(place.front);
    saved.get(total.tally);
    saved.get(total.tree);
    saved.finish();
  }

  /// Searches all forms of a list, as many at a time as there is room for: first those that known
  /// mappings are of.
  void search(const FormList& list) {
    std::size_t next = resumed_ ? resumed_->first : 0;
    total.tree.mirror_images = list.mirror_images();
    if (next > list.size()) {
      StateReader::fail();
    }
    while (next < list.size() && !stopped && !given_up_) {
      const std::size_t end =
          next < list.known() ? list.known() : std::min(list.size(), next + kMostAtOnce);
      search(list, next, end);
      next = end;
    }
  }

 private:
  /// From which form and which front on the forms in work began, after how many of those that are
  /// left of them, which round of the next ones from which front on, and after how many of the
  /// round's forms.
  struct Place {
    std::size_t first = 0;
    ParetoFront known;
    std::size_t skip = 0;
    std::size_t begin = 0;
    std::size_t done = 0;
    ParetoFront front;
  };

  /// Searches the forms from number `first` to `end` - 1.
  void search(const FormList& list, std::size_t first, std::size_t end) {
    Place place{.first = first,
                .known = total.tally.front,
                .skip = 0,
                .begin = 0,
                .done = 0,
                .front = total.tally.front};
    const bool again = resumed_.has_value();
    if (again) {
      place = *std::exchange(resumed_, std::nullopt);
    }
    open_ = {list.least(first)};
    ParetoFront known = place.known;
    std::vector<ExactJob> forms = list.jobs(first, end, known);
    if (!again) {
      total.tree.forms += end - first - forms.size();
      total.tree.forms_by_bound += end - first - forms.size();
    }
    if (!drop_some(known, again, forms)) {
      open_ = bounds_of(forms);
      open_.push_back(list.least(end));
      return;
    }
    if (!again) {
      place.front = total.tally.front;
    }
    if (place.skip > forms.size()) {
      StateReader::fail();
    }
    const auto share_at = [&](std::size_t number) {
      const double of_these =
          static_cast<double>(number) / static_cast<double>(std::max<std::size_t>(forms.size(), 1));
      return (static_cast<double>(first) + of_these * static_cast<double>(end - first)) /
             static_cast<double>(list.size());
    };
    while (place.skip < forms.size() && !stopped && !given_up_) {
      share_begin_ = share_at(place.skip);
      search_some(std::span(forms), list.least(end), known, place, share_at);
    }
  }

  /// Searches as many of the forms from number `place.skip` on as there is room for; `later` bounds
  /// what comes after them all.
  void search_some(std::span<const ExactJob> forms, const ObjectiveBounds& later,
                   const ParetoFront& known, Place& place,
                   const std::function<double(std::size_t)>& share_at) {
    forms = forms.subspan(place.skip);
    open_ = bounds_of(forms);
    open_.push_back(later);
    const ExactJobs ready(space_, constraints_, objectives_, {forms.begin(), forms.end()}, known,
                          most_cycles_, rules_, control_, most_.combinations);
    stopped = asked_to_stop();
    given_up_ = !ready.ready() && !stopped;
    if (!ready.ready()) {
      return;
    }
    const std::vector<ExactJob>& jobs = ready.jobs();
    if (place.begin == 0 && place.done == 0) {  // else it has been counted before
      total.tree.take(ready.looked_at());
      total.tree.forms += ready.taken() - jobs.size();
      total.tree.forms_without_options += ready.taken() - jobs.size();
    }
    share_end_ = share_at(place.skip + ready.taken());
    open_ = bounds_of(jobs);
    const std::vector<ObjectiveBounds> left = bounds_of(forms.subspan(ready.taken()));
    open_.insert(open_.end(), left.begin(), left.end());
    open_.push_back(later);
    if (place.begin > jobs.size() || place.done > jobs.size() - place.begin) {
      StateReader::fail();
    }
    std::fill_n(open_.begin(), place.begin + place.done, nothing_open());
    std::vector<Brancher> branchers;
    for (int i = 0; i < control_.threads; ++i) {
      branchers.emplace_back(space_, ready, constraints_, options_, objectives_, most_cycles_,
                             control_.stop);
    }
    // Probing would do nothing for those that are still to come.
    bool probed = !left.empty() || later != nothing_open();
    std::size_t round = 1;
    for (; place.begin < jobs.size() && !stopped && !given_up_; place.begin += round) {
      if (!probed && total.tree.nodes > kProbeAfter) {
        probe(branchers, jobs, place);
        probed = true;
      }
      round = std::min(std::min<std::size_t>(place.begin + 1, kLargestRound),
                       jobs.size() - place.begin);
      search_round(branchers, jobs, place, round);
      place.done = 0;
      place.front = total.tally.front;
    }
    if (!stopped && !given_up_) {
      place.skip += ready.taken();
      place.begin = 0;
    }
  }

  bool asked_to_stop() const { return control_.stop != nullptr && control_.stop->load(); }

  /// Drops forms that differ only in what sweeps where none of them is of use; false if that ends
  /// the search. `again`: what that takes has been counted before.
  bool drop_some(ParetoFront& known, bool again, std::vector<ExactJob>& forms) {
    if (!rules_.drop_by_sweeps || !rules_.cut_by_front || known.empty()) {
      return true;
    }
    ExactFindings found;
    stopped = !drop_by_sweeps(space_, constraints_, options_, objectives_, forms, known,
                              most_cycles_, rules_, control_, most_, again ? found : total);
    given_up_ = total.tree.nodes > most_.nodes && !forms.empty();
    return !stopped && !given_up_;
  }

  /// Raises the bounds of all forms that are left.
  void probe(std::vector<Brancher>& branchers, const std::vector<ExactJob>& jobs,
             const Place& place) {
    std::vector<ExactFindings> findings(slots_for(control_.threads));
    std::vector<ObjectiveBounds> left(findings.size());
    const std::size_t first = place.begin + place.done;
    ChunkedWork work;
    work.chunks = jobs.size() - first;
    work.propose = [&](std::uint64_t chunk, std::size_t slot, std::size_t worker) {
      branchers[worker].probe(jobs[first + chunk], place.front, findings[slot]);
      left[slot] = branchers[worker].open();
    };
    work.commit = [&](std::uint64_t chunk, std::size_t slot) {
      raise(left[slot], open_[first + chunk]);
      findings[slot] = {};
    };
    run_chunks(work, control_.threads, control_.stop);
  }

  /// All forms of a round start from the same front.
  void search_round(std::vector<Brancher>& branchers, const std::vector<ExactJob>& jobs,
                    const Place& place, std::size_t round) {
    std::vector<ExactFindings> findings(slots_for(control_.threads));
    std::vector<ObjectiveBounds> left(findings.size());  // of the forms in work
    const std::size_t first = place.begin + place.done;
    ChunkedWork work;
    work.chunks = round - place.done;
    work.propose = [&](std::uint64_t chunk, std::size_t slot, std::size_t worker) {
      if (given_up_) {
        return;
      }
      branchers[worker].run(jobs[first + chunk], place.front, findings[slot], most_.nodes);
      left[slot] = branchers[worker].open();
    };
    work.commit = [&](std::uint64_t chunk, std::size_t slot) {
      const std::size_t job = first + chunk;
      if (given_up_) {  // without what others may have found meanwhile: the same on every machine
        findings[slot] = {};
        return;
      }
      raise(left[slot], open_[job]);
      total.take(findings[slot]);
      given_up_ = total.tree.nodes > most_.nodes;
      checkpoint_.offer([&](StateWriter& state) {
        state.put(std::uint64_t{place.first});
        state.put(place.known);
        state.put(std::uint64_t{place.skip});
        state.put(std::uint64_t{place.begin});
        state.put(place.done + chunk + 1);
        state.put(place.front);
        state.put(total.tally);
        state.put(total.tree);
      });
      const bool last = chunk + 1 == work.chunks;
      if (control_.on_progress && (last || total.tree.nodes > reported_ + kReportEvery)) {
        reported_ = total.tree.nodes;
        const double share = static_cast<double>(job + 1) / static_cast<double>(jobs.size());
        report(control_, total, open_certificate(open_, total.tally.front),
               share_begin_ + share * (share_end_ - share_begin_));
      }
    };
    stopped = !run_chunks(work, control_.threads, control_.stop) || asked_to_stop();
  }

  const Mapspace& space_;
  const Constraints& constraints_;
  const SearchOptions& options_;
  const SearchControl& control_;
  const ExactObjectives& objectives_;
  const ExactRules& rules_;
  const ProofEffort& most_;
  Checkpoint& checkpoint_;
  double most_cycles_;
  std::optional<Place> resumed_;
  std::vector<ObjectiveBounds> open_;  ///< of the forms in work, then of all that are to come
  double share_begin_ = 0;             ///< of all forms, those before the ones in work
  double share_end_ = 0;               ///< and those with them
  std::uint64_t reported_ = 0;         ///< nodes when progress was last reported
  std::atomic<bool> given_up_ = false;
};

}  // namespace

SearchResult search_exact(const Mapspace& space, const Constraints& constraints,
                          const SearchOptions& options, const SearchControl& control,
                          ParetoFront known, const ExactRules& rules, const ProofEffort& most) {
  if (const auto obstacle = exact_obstacle(space, constraints, options)) {
    throw SearchError(*obstacle);
  }
  Checkpoint checkpoint(control, step_key("exact", options));
  if (auto result = checkpoint.result()) {
    return *std::move(result);
  }
  const ExactObjectives objectives(space.problem(), space.architecture(), options);
  Run run(space, constraints, options, control, objectives, rules, most, checkpoint);
  run.total.tally.front = known;
  if (StateReader* saved = checkpoint.saved()) {
    run.resume(*saved);
  }
  const FormList list(space, constraints, objectives, rules, known, control);
  if (list.complete()) {
    run.search(list);
  }
  check_front(space, run.total.tally.front);
  SearchResult result;
  result.stopped = run.stopped || !list.complete();
  result.evaluated = run.total.tally.evaluated;
  result.feasible = run.total.tally.feasible;
  result.rejections = std::move(run.total.tally.rejections);
  result.front = std::move(run.total.tally.front);
  result.tree = run.total.tree;
  if (!result.stopped && !run.given_up()) {
    result.certificate = proven(result.front);
  } else if (list.complete()) {
    result.certificate = open_certificate(run.open(), result.front);
  } else {
    result.certificate = bounded_by(lower_bounds(space, options), result.front);
  }
  checkpoint.finish(result);
  return result;
}

}  // namespace tessera
