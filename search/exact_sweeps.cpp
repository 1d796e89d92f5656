// Forms that differ only in what sweeps, looked at together.
//
// Before each hold of a sliding tensor one of its sliding dimensions sweeps, and which one is a
// choice of the form (mapper/normal_form.cpp): two holds and two windows of two dimensions make 16
// forms of one order of holds. All of them together are bounded by a form that leaves it open: its
// blocks have every loop that a block of some member has, and words that a sweep decides count as
// the least that any dimension of the group would make of them as the sweep, whatever sweeps
// before other holds or in other groups (GroupColumns::Window::alternative). A dimension that does
// not sweep moves no less than if it did, so members whose sweep is in another group are covered,
// too. Hence every mapping of a member is an option of each group here, with components at most as
// large; costs grow with components, so bounds hold for all members, and so does what an option
// that is at most as large beats.
//
// Branch and bound over that form, from the points known, mostly cuts all of it. At a leaf all
// choices of sweeps are scored: each gives a legal mapping, of some member or not. Where one of
// them costs what the leaf's bound says, nothing more is to be found at the leaf. Where no leaf is
// left over, no member has a mapping of use that is not known. Else, or after very many nodes, the
// members are searched one by one; but first, if better points have been found, the classes that
// are left are searched again from these.
//
// Where tensors may be held in many ways, one class for each way is looked at before all others: a
// good mapping is found so that leaves few options to the others, and drops the classes whose
// bounds it reaches before anything is made of them. What comes first is a matter of time only.

#include "search/exact_sweeps.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <utility>

#include "search/parallel.hpp"

namespace tessera {
namespace {

/// So many ways to hold tensors are each tried first.
constexpr std::size_t kManyKinds = 8;

/// Forms that differ only in what sweeps, and one that stands for all of them.
struct SweepClass {
  NormalForm form;
  std::vector<std::size_t> members;
};

/// A form but for its blocks and sweeps.
std::vector<std::int64_t> key_of(const NormalForm& form) {
  std::vector<std::int64_t> key;
  for (const Hold& hold : form.top) {
    key.insert(key.end(), {hold.memory.value, hold.tensors.bits});
  }
  for (const NormalHold& hold : form.holds) {
    key.insert(key.end(), {-1, hold.tensor.value, hold.memory.value, hold.joined ? 1 : 0});
  }
  for (const PlacedHold& placed : form.written) {
    key.insert(key.end(), {-2, placed.hold.memory.value, placed.hold.tensors.bits,
                           static_cast<std::int64_t>(placed.blocks)});
  }
  return key;
}

/// Makes `form` stand for one more.
void join(const NormalForm& member, NormalForm& form) {
  for (std::size_t b = 0; b < form.blocks.size(); ++b) {
    form.blocks[b].bits |= member.blocks[b].bits;
  }
  for (std::size_t h = 0; h < form.holds.size(); ++h) {
    NormalHold& hold = form.holds[h];
    const std::optional<DimensionId>& sweep = member.holds[h].sweep;
    if (!hold.sweep) {
      hold.sweep = sweep;
    } else if (sweep && *sweep != *hold.sweep) {
      hold.other_sweeps.insert(*sweep);
    }
  }
}

std::vector<SweepClass> classes_of(const std::vector<ExactJob>& jobs) {
  std::vector<SweepClass> classes;
  std::map<std::vector<std::int64_t>, std::size_t> numbers;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    const auto [at, is_new] = numbers.try_emplace(key_of(jobs[j].form), classes.size());
    if (is_new) {
      classes.push_back({.form = jobs[j].form, .members = {}});
    }
    SweepClass& joined = classes[at->second];
    joined.members.push_back(j);
    join(jobs[j].form, joined.form);
  }
  return classes;
}

/// One job for each class of more than one form, numbered by class. The terms know of no sweep.
std::vector<ExactJob> jobs_of(const std::vector<SweepClass>& classes,
                              const std::vector<ExactJob>& jobs) {
  std::vector<ExactJob> result;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    if (classes[c].members.size() == 1) {
      continue;
    }
    const ExactJob& first = jobs[classes[c].members.front()];
    result.push_back(first);
    result.back().number = c;
    result.back().form = classes[c].form;
    for (const std::size_t member : classes[c].members) {
      for (std::size_t o = 0; o < first.bound.size(); ++o) {
        result.back().bound[o] = std::min(result.back().bound[o], jobs[member].bound[o]);
      }
    }
  }
  return result;
}

/// Which memory holds what.
std::vector<std::pair<LevelId, TensorId>> holders_of(const NormalForm& form) {
  std::vector<std::pair<LevelId, TensorId>> holders;
  for (const NormalHold& hold : form.holds) {
    holders.emplace_back(hold.memory, hold.tensor);
  }
  std::sort(holders.begin(), holders.end());
  return holders;
}

/// Where tensors may be held in many ways, puts one job for each way before all others. How many
/// jobs are to be looked at first.
std::size_t put_kinds_first(std::vector<ExactJob>& jobs) {
  std::set<std::vector<std::pair<LevelId, TensorId>>> seen;
  std::vector<std::size_t> first;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    if (seen.insert(holders_of(jobs[j].form)).second) {
      first.push_back(j);
    }
  }
  if (first.size() < kManyKinds) {
    return jobs.size();
  }
  for (std::size_t to = 0; to < first.size(); ++to) {  // the others keep their order
    const auto from = jobs.begin() + static_cast<std::ptrdiff_t>(first[to]);
    std::rotate(jobs.begin() + static_cast<std::ptrdiff_t>(to), from, from + 1);
  }
  return first.size();
}

/// Searches one form for each class, and drops all forms of the classes that promise nothing.
class Dropper {
 public:
  Dropper(const Mapspace& space, const Constraints& constraints, const SearchOptions& options,
          const ExactObjectives& objectives, ParetoFront& known, double most_cycles,
          const ExactRules& rules, const SearchControl& control, const ProofEffort& most,
          ExactFindings& found)
      : space_(space),
        constraints_(constraints),
        options_(options),
        objectives_(objectives),
        known_(known),
        most_cycles_(most_cycles),
        rules_(rules),
        control_(control),
        most_(most),
        found_(found) {}

  /// False if stopped: then all forms are left that may be of use as far as is known.
  bool drop(const std::vector<SweepClass>& classes, std::vector<ExactJob>& jobs) {
    // All may be of use until it is known that they are not.
    std::vector<Verdict> verdicts(classes.size(), Verdict{.promises = true, .bound = {}});
    bool all = true;
    std::vector<ExactJob> listed = jobs_of(classes, jobs);
    std::size_t count = put_kinds_first(listed);
    for (; all && !listed.empty(); count = listed.size()) {
      const ExactJobs ready(space_, constraints_, objectives_,
                            {listed.begin(), listed.begin() + static_cast<std::ptrdiff_t>(count)},
                            known_, most_cycles_, rules_, control_, most_.combinations);
      if (!ready.ready()) {
        all = control_.stop == nullptr || !control_.stop->load();
        break;
      }
      found_.tree.take(ready.looked_at());
      const auto taken = listed.begin() + static_cast<std::ptrdiff_t>(ready.taken());
      std::for_each(listed.begin(), taken, [&](const ExactJob& job) {
        verdicts[job.number].promises = false;  // unless it has options
      });
      for (const ExactJob& job : ready.jobs()) {
        verdicts[job.number] = {.promises = true, .bound = job.bound};
      }
      all = judge(ready, verdicts);
      listed.erase(listed.begin(), taken);
      drop_reached(listed, verdicts);
    }
    std::vector<std::size_t> left;
    for (std::size_t c = 0; c < classes.size(); ++c) {
      for (const std::size_t member : classes[c].members) {
        for (std::size_t o = 0; o < objectives_.size(); ++o) {
          double& bound = jobs[member].bound[o];
          bound = std::max(bound, verdicts[c].bound[o]);
        }
      }
      if (verdicts[c].promises) {
        left.insert(left.end(), classes[c].members.begin(), classes[c].members.end());
      } else {
        found_.tree.forms += classes[c].members.size();
        found_.tree.forms_by_sweeps += classes[c].members.size();
      }
    }
    std::sort(left.begin(), left.end());
    std::vector<ExactJob> kept;
    for (const std::size_t j : left) {
      kept.push_back(std::move(jobs[j]));
    }
    jobs = std::move(kept);
    return all;
  }

 private:
  struct Verdict {
    bool promises = false;
    ObjectiveBounds bound{};
  };

  /// Drops jobs whose bounds are no better than what is known by now.
  void drop_reached(std::vector<ExactJob>& listed, std::vector<Verdict>& verdicts) const {
    Incumbents incumbents;
    incumbents.reset(known_);
    std::erase_if(listed, [&](const ExactJob& job) {
      const bool reached = incumbents.reach(job.bound);
      if (reached) {
        verdicts[job.number] = {.promises = false, .bound = job.bound};
      }
      return reached;
    });
  }

  /// Searches the forms of all classes, and once more those that promised something as long as
  /// better points are found.
  bool judge(const ExactJobs& ready, std::vector<Verdict>& verdicts) {
    std::vector<Brancher> branchers;
    for (int i = 0; i < control_.threads; ++i) {
      branchers.emplace_back(space_, ready, constraints_, options_, objectives_, most_cycles_,
                             control_.stop);
    }
    std::vector<const ExactJob*> left;
    for (const ExactJob& job : ready.jobs()) {
      left.push_back(&job);
    }
    for (bool better = true; better && !left.empty();) {
      ExactFindings findings;
      const bool all = judge_once(branchers, left, verdicts, findings);
      std::erase_if(left, [&](const ExactJob* job) { return !verdicts[job->number].promises; });
      better = false;
      for (const ParetoPoint& point : findings.tally.front.points()) {
        const bool is_known =
            std::any_of(known_.points().begin(), known_.points().end(),
                        [&](const ParetoPoint& other) { return other.values == point.values; });
        better = (known_.insert(point) && !is_known) || better;
      }
      found_.take(findings);
      if (!all) {
        return false;
      }
    }
    return true;
  }

  bool judge_once(std::vector<Brancher>& branchers, const std::vector<const ExactJob*>& jobs,
                  std::vector<Verdict>& verdicts, ExactFindings& total) {
    std::vector<ExactFindings> findings(slots_for(control_.threads));
    std::vector<char> promises(findings.size());
    std::atomic<bool> beyond = found_.tree.nodes > most_.nodes;
    ChunkedWork work;
    work.chunks = jobs.size();
    work.propose = [&](std::uint64_t chunk, std::size_t slot, std::size_t worker) {
      promises[slot] =
          beyond || branchers[worker].promises(*jobs[chunk], known_, findings[slot], most_.nodes)
              ? 1
              : 0;
    };
    work.commit = [&](std::uint64_t chunk, std::size_t slot) {
      verdicts[jobs[chunk]->number].promises = beyond || promises[slot] != 0;
      if (beyond) {  // without what others may have found meanwhile: the same on every machine
        findings[slot] = {};
        return;
      }
      total.take(findings[slot]);
      beyond = found_.tree.nodes + total.tree.nodes > most_.nodes;
    };
    return run_chunks(work, control_.threads, control_.stop);
  }

  const Mapspace& space_;
  const Constraints& constraints_;
  const SearchOptions& options_;
  const ExactObjectives& objectives_;
  ParetoFront& known_;
  double most_cycles_;
  const ExactRules& rules_;
  const SearchControl& control_;
  const ProofEffort& most_;
  ExactFindings& found_;
};

}  // namespace

bool drop_by_sweeps(const Mapspace& space, const Constraints& constraints,
                    const SearchOptions& options, const ExactObjectives& objectives,
                    std::vector<ExactJob>& jobs, ParetoFront& known, double most_cycles,
                    const ExactRules& rules, const SearchControl& control, const ProofEffort& most,
                    ExactFindings& found) {
  const std::vector<SweepClass> classes = classes_of(jobs);
  return classes.size() == jobs.size() || Dropper(space, constraints, options, objectives, known,
                                                  most_cycles, rules, control, most, found)
                                              .drop(classes, jobs);
}

}  // namespace tessera
