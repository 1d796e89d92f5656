// Why nothing is legal.
//
// Each demand is given up alone, and the case without it is searched for any legal mapping: first
// by a short genetic search, which finds one where they are not rare, then by proof: all mappings
// one by one where there are few, else branch and bound. Where neither can be had, "none found" is
// all that is said.
//
// How far a number has to be moved: for a limit on a metric and for the utilization, the limit is
// dropped and the metric minimised, a proof where branch and bound has one. A capacity has no
// objective of its own, so the least that is enough is found by halving: each step asks whether
// there is a legal mapping at half the way, and a mapping found shows what it needs itself. More
// room never makes a mapping illegal, so this ends at the least; it is proven if every "no" on the
// way was.

#include "search/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "mapper/fitting_sampler.hpp"
#include "model/evaluate.hpp"
#include "search/break_finder.hpp"
#include "search/legal_search.hpp"
#include "spec/error.hpp"

namespace tessera {
namespace {

using Kind = Demand::Kind;
using Verdict = Remedy::Verdict;

/// Up to so many mappings are looked at one by one.
constexpr std::uint64_t kMostEnumerated = 100'000;
/// Mappings whose reasons are counted where there are too many to look at all.
constexpr std::uint64_t kDraws = 20'000;
/// Most times that a demand is tightened to find out how far it can be met.
constexpr int kMostSteps = 24;

class Doctor {
 public:
  Doctor(const Problem& problem, const SearchCase& given, const SearchControl& control)
      : problem_(problem), given_(given), control_(control) {
    control_.on_progress = nullptr;
    control_.state = nullptr;  // the search of the given case alone is kept
    given_.options.lexicographic = false;
  }

  Diagnosis run(bool proven);

 private:
  bool stopped() const { return control_.stop != nullptr && control_.stop->load(); }
  Attempt attempt(const SearchCase& searched, std::optional<Objective> least = std::nullopt) const {
    return find_legal(problem_, searched, std::move(least), control_);
  }
  Evaluation evaluation(const SearchCase& searched, const Mapping& mapping) const {
    return evaluate(problem_, searched.architecture, mapping);
  }

  bool must_be_filled(LevelId memory) const {
    const auto& rules = given_.constraints.memories;
    return std::any_of(rules.begin(), rules.end(), [&](const MemoryConstraint& rule) {
      return rule.memory == memory && rule.min_utilization > 0;
    });
  }
  Remedy remedy(const Demand& demand);
  void measure_capacity(Remedy& remedy);
  void measure_axis(Remedy& remedy);
  void measure_metric(Remedy& remedy);
  void measure_fill(Remedy& remedy);
  void find_together(Diagnosis& diagnosis, const std::vector<Demand>& demands);
  void count(Diagnosis& diagnosis, const std::vector<Demand>& demands);

  const Problem& problem_;
  SearchCase given_;
  SearchControl control_;
  bool proven_ = false;
};

void Doctor::measure_capacity(Remedy& remedy) {
  const LevelId level = remedy.demand.level;
  const Memory& memory = *given_.architecture.memory(level);
  const auto need = [&](const Mapping& mapping) {
    const SearchCase free = without(problem_, given_, remedy.demand);
    return filled(problem_, memory, evaluation(free, mapping).levels[level.index()]);
  };
  std::int64_t unit = 1;  // tiles are multiples of it
  if (memory.capacity->unit == Capacity::Unit::bits) {
    unit = 0;
    for (const TensorWord& word : problem_.words()) {
      unit = std::gcd(unit, memory.aligned ? *memory.width : memory.stored(word).bits);
    }
  }
  std::int64_t enough = need(remedy.mapping);
  std::int64_t too_little = usable(memory) / unit * unit;
  remedy.asked = static_cast<double>(usable(memory));
  remedy.proven = proven_;
  bool first = true;
  while (enough - too_little > unit && !stopped()) {
    // The mapping at hand is often the least already: one question, where halving takes many.
    const std::int64_t middle =
        first ? enough - unit : too_little + (enough - too_little) / unit / 2 * unit;
    first = false;
    const Attempt there = attempt(with_usable(given_, level, middle));
    if (there.verdict == Verdict::enough) {
      enough = std::min(middle, need(there.mapping));
      remedy.mapping = there.mapping;
    } else {
      too_little = middle;
      remedy.proven = remedy.proven && there.verdict == Verdict::not_enough;
    }
  }
  remedy.proven = remedy.proven && !stopped();
  remedy.reached = static_cast<double>(enough);
}

void Doctor::measure_axis(Remedy& remedy) {
  const auto axis_of = [&](SearchCase& in) -> Axis& {
    return std::get<Fanout>(in.architecture.hierarchy[remedy.demand.level.index()])
        .axes[remedy.demand.axis];
  };
  SearchCase longer = without(problem_, given_, remedy.demand);
  std::int64_t enough = axis_of(longer).size;
  std::int64_t too_little = axis_of(given_).size;
  remedy.asked = static_cast<double>(too_little);
  remedy.proven = proven_;
  while (enough - too_little > 1 && !stopped()) {
    axis_of(longer).size = too_little + (enough - too_little) / 2;
    const Attempt there = attempt(longer);
    if (there.verdict == Verdict::enough) {
      enough = axis_of(longer).size;
      remedy.mapping = there.mapping;
    } else {
      too_little = axis_of(longer).size;
      remedy.proven = remedy.proven && there.verdict == Verdict::not_enough;
    }
  }
  remedy.proven = remedy.proven && !stopped();
  remedy.reached = static_cast<double>(enough);
}

/// Limits and the utilization: the best value without them.
void Doctor::measure_metric(Remedy& remedy) {
  const bool utilization = remedy.demand.kind == Kind::min_utilization;
  const Objective objective =
      utilization ? Objective(Objective::latency)
                  : limited_objective(given_.options.limits[remedy.demand.index].metric);
  const SearchCase free = without(problem_, given_, remedy.demand);
  const Attempt best = attempt(free, objective);
  if (best.verdict == Verdict::enough) {
    remedy.mapping = best.mapping;
  }
  remedy.proven = best.verdict == Verdict::enough && best.least;
  remedy.asked = utilization ? given_.constraints.min_utilization
                             : given_.options.limits[remedy.demand.index].bound;
  remedy.reached = reached_by(problem_, given_, remedy.demand, evaluation(free, remedy.mapping));
  if (utilization && given_.options.factors == Factors::perfect) {
    SearchCase imperfect = free;
    imperfect.options.factors = Factors::imperfect;
    const Attempt other = attempt(imperfect, objective);
    if (other.verdict == Verdict::enough) {
      remedy.with_imperfect = evaluation(free, other.mapping).utilization;
    }
  }
}

/// How full a memory can be is found from below: each mapping found is asked to be surpassed.
void Doctor::measure_fill(Remedy& remedy) {
  SearchCase asked = given_;
  double& share = asked.constraints.memories[remedy.demand.index].min_utilization;
  remedy.asked = share;
  const auto reached = [&](const Mapping& mapping) {
    return reached_by(problem_, given_, remedy.demand, evaluation(given_, mapping));
  };
  remedy.reached = reached(remedy.mapping);
  for (int step = 0; step < kMostSteps && remedy.reached < remedy.asked && !stopped(); ++step) {
    share = std::nextafter(remedy.reached, 1.0);
    const Attempt there = attempt(asked);
    if (there.verdict != Verdict::enough || reached(there.mapping) <= remedy.reached) {
      remedy.proven = there.verdict == Verdict::not_enough;
      break;
    }
    remedy.mapping = there.mapping;
    remedy.reached = reached(there.mapping);
  }
}

Remedy Doctor::remedy(const Demand& demand) {
  Remedy remedy;
  remedy.demand = demand;
  Attempt alone = attempt(without(problem_, given_, demand));
  remedy.verdict = alone.verdict;
  if (alone.verdict != Verdict::enough) {
    return remedy;
  }
  remedy.mapping = std::move(alone.mapping);
  switch (demand.kind) {
    case Kind::capacity:
      measure_capacity(remedy);
      break;
    case Kind::axis_size:
      measure_axis(remedy);
      break;
    case Kind::min_utilization:
    case Kind::limit:
      measure_metric(remedy);
      break;
    case Kind::fill:
      measure_fill(remedy);
      break;
    default:
      break;
  }
  return remedy;
}

/// From all demands together, one after the other is asked for again as long as something stays
/// legal: machines and numbers first, so that rules are what is given up.
void Doctor::find_together(Diagnosis& diagnosis, const std::vector<Demand>& demands) {
  const Attempt all = attempt(without(problem_, given_, demands));
  diagnosis.hopeless = all.verdict == Verdict::not_enough;
  if (all.verdict != Verdict::enough) {
    return;
  }
  std::vector<Demand> given_up = demands;
  diagnosis.together_mapping = all.mapping;
  for (const Demand& demand : demands) {
    std::vector<Demand> fewer = given_up;
    std::erase(fewer, demand);
    const Attempt there = attempt(without(problem_, given_, fewer));
    if (there.verdict == Verdict::enough) {
      given_up = std::move(fewer);
      diagnosis.together_mapping = there.mapping;
    }
  }
  diagnosis.together = std::move(given_up);
}

/// Counts what breaks the demands: among all mappings where there are few, else among draws.
void Doctor::count(Diagnosis& diagnosis, const std::vector<Demand>& demands) {
  std::vector<Demand> breakable;
  std::copy_if(demands.begin(), demands.end(), std::back_inserter(breakable),
               [](const Demand& demand) { return demand.breakable(); });
  const Mapspace space(problem_, given_.architecture, given_.constraints, given_.options.space,
                       given_.options.factors);
  const MapspaceSize size = space.size();
  BreakFinder finder(problem_, given_, breakable);
  std::vector<BrokenCount> counts;
  for (const Demand& demand : breakable) {
    counts.push_back({demand, 0, 0});
  }
  const auto look_at = [&](const Mapping& mapping) {
    ++diagnosis.looked_at;
    const std::vector<std::size_t>& broken = finder.find(mapping);
    for (const std::size_t i : broken) {
      ++counts[i].broken;
      counts[i].only += broken.size() == 1 ? 1 : 0;
    }
  };
  if (size.exact && size.count <= WideCount(kMostEnumerated)) {
    diagnosis.all = space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
      if (stopped()) {
        return VisitAnswer::stop;
      }
      look_at(visit.mapping);
      return VisitAnswer::next;
    });
  } else if (!space.skeletons().empty()) {
    FittingSampler sampler(space);
    Mapping mapping;
    for (std::uint64_t i = 0; i < kDraws && !stopped(); ++i) {
      CounterRng rng(given_.options.seed, i);
      if (sampler.draw(rng, mapping)) {
        look_at(mapping);
      }
    }
  }
  std::erase_if(counts, [](const BrokenCount& count) { return count.broken == 0; });
  std::stable_sort(counts.begin(), counts.end(),
                   [](const BrokenCount& a, const BrokenCount& b) { return a.broken > b.broken; });
  diagnosis.counts = std::move(counts);
}

/// Smaller comes first.
double change_of(const Remedy& remedy) {
  constexpr double kRule = 1e30;
  if (remedy.demand.kind == Kind::factors || remedy.demand.kind == Kind::space) {
    return 0;
  }
  if (!remedy.demand.measured()) {
    return kRule;
  }
  const double least = std::min(remedy.reached, remedy.asked);
  const double most = std::max(remedy.reached, remedy.asked);
  return least > 0 ? std::min(most / least, kRule) : kRule;
}

Diagnosis Doctor::run(bool proven) {
  Diagnosis diagnosis;
  proven_ = proven;
  if (!proven_) {
    const Attempt again = attempt(given_);
    if (again.verdict == Verdict::enough) {
      diagnosis.legal = again.mapping;
      return diagnosis;
    }
    proven_ = again.verdict == Verdict::not_enough;
  }
  diagnosis.proven = proven_;
  const std::vector<Demand> demands = demands_of(problem_, given_);
  try {
    count(diagnosis, demands);
  } catch (const MapspaceError&) {  // nothing to count
  } catch (const ModelError&) {
  } catch (const OverflowError&) {
  }
  bool enough = false;
  for (const Demand& demand : demands) {
    if (demand.kind == Kind::capacity && must_be_filled(demand.level)) {
      continue;  // more room may be too much of it: nothing is known of sizes in between
    }
    diagnosis.remedies.push_back(remedy(demand));
    enough = enough || diagnosis.remedies.back().verdict == Verdict::enough;
  }
  std::stable_sort(diagnosis.remedies.begin(), diagnosis.remedies.end(),
                   [](const Remedy& a, const Remedy& b) {
                     const auto key = [](const Remedy& r) {
                       const bool good = r.verdict == Verdict::enough;
                       return std::pair(!good, good ? change_of(r) : 0);
                     };
                     return key(a) < key(b);
                   });
  if (!enough) {
    find_together(diagnosis, demands);
  }
  diagnosis.stopped = stopped();
  return diagnosis;
}

}  // namespace

double reached_by(const Problem& problem, const SearchCase& given, const Demand& demand,
                  const Evaluation& evaluation) {
  switch (demand.kind) {
    case Kind::capacity:
      return static_cast<double>(filled(problem, *given.architecture.memory(demand.level),
                                        evaluation.levels[demand.level.index()]));
    case Kind::min_utilization:
      return evaluation.utilization;
    case Kind::limit: {
      const Metric metric = given.options.limits[demand.index].metric;
      return metrics_of(evaluation)[static_cast<std::size_t>(metric)];
    }
    case Kind::fill: {
      const Memory& memory = *given.architecture.memory(demand.level);
      if (!memory.capacity || usable(memory) == 0) {
        return 1;  // nothing can be demanded of it
      }
      return static_cast<double>(filled(problem, memory, evaluation.levels[demand.level.index()])) /
             static_cast<double>(usable(memory));
    }
    default:
      return 0;
  }
}

Diagnosis diagnose(const Problem& problem, const SearchCase& given, bool proven,
                   const SearchControl& control) {
  return Doctor(problem, given, control).run(proven);
}

}  // namespace tessera
