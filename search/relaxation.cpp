#include "search/relaxation.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <set>

#include "model/evaluate.hpp"
#include "search/certificate.hpp"
#include "search/exact_power.hpp"
#include "search/scorer.hpp"

namespace tessera {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? "" : i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

std::vector<double> values_of(const std::vector<Objective>& objectives,
                              const Evaluation& evaluation) {
  std::vector<double> values;
  for (const Objective& objective : objectives) {
    values.push_back(value_of(objective, evaluation));
  }
  return values;
}

bool at_most(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) { return x <= y; });
}

bool reached(const ParetoFront& front, const std::vector<double>& values) {
  return std::any_of(front.points().begin(), front.points().end(),
                     [&](const ParetoPoint& point) { return at_most(point.values, values); });
}

/// Where power is limited, time is at least energy over power.
void raise_latency(const Architecture& architecture, const SearchOptions& options,
                   std::vector<double>& bound) {
  const auto energy =
      std::find(options.objectives.begin(), options.objectives.end(), Objective::energy);
  for (const Limit& limit : options.limits) {
    if (limit.metric != Metric::power || energy == options.objectives.end()) {
      continue;
    }
    const double energy_j =
        bound[static_cast<std::size_t>(energy - options.objectives.begin())] * 1e-12;
    const double cycles = energy_j / limit.bound * architecture.clock_hz;
    for (std::size_t o = 0; o < bound.size(); ++o) {
      if (options.objectives[o] == Objective::latency) {
        bound[o] = std::max(bound[o], cycles);
      }
    }
  }
}

}  // namespace

std::optional<Relaxation> relax(const Architecture& architecture, const Constraints& constraints,
                                const SearchOptions& options) {
  Relaxation relaxed{architecture, constraints, options, {}};
  std::vector<std::string> without;
  const auto of_memory = [&](const FactorConstraint& rule) {
    return architecture.fanout(rule.level) == nullptr;
  };
  bool loops = std::erase_if(relaxed.constraints.factors, of_memory) > 0;
  loops = loops || !constraints.orders.empty();
  relaxed.constraints.orders.clear();
  bool filled = false;
  for (MemoryConstraint& rules : relaxed.constraints.memories) {
    loops = loops || !rules.loops.empty() || !rules.innermost.empty();
    filled = filled || rules.min_utilization > 0;
    rules.loops.clear();
    rules.innermost.clear();
    rules.min_utilization = 0;
  }
  if (loops) {
    without.emplace_back("the rules on the loops of memories");
  }
  if (filled) {
    without.emplace_back("the least utilization of memories");
  }
  if (!knows_power(architecture) && std::erase_if(relaxed.options.limits, [](const Limit& limit) {
                                      return limit.metric == Metric::power;
                                    }) > 0) {
    without.emplace_back("the limit on power");
  }
  bool hops = false;
  for (Element& element : relaxed.architecture.hierarchy) {
    if (auto* fanout = std::get_if<Fanout>(&element)) {
      hops = hops || fanout->counts_hops();
      fanout->hop_pj.reset();
      fanout->router_pj.reset();
    }
  }
  if (hops) {
    without.emplace_back("the energy of hops and routers");
  }
  if (without.empty()) {
    return std::nullopt;
  }
  relaxed.without = listed(without);
  return relaxed;
}

std::optional<Mapping> keeping_rules(const Mapspace& space, const Constraints& constraints,
                                     const SearchOptions& options, const Mapping& found,
                                     std::size_t most) {
  const Problem& problem = space.problem();
  const Architecture& architecture = space.architecture();
  Evaluator evaluator(problem, architecture);
  Evaluation evaluation;
  evaluator.evaluate(found, evaluation);
  const std::vector<double> values = values_of(options.objectives, evaluation);
  Scorer scorer(space, constraints, options);
  std::set<std::string> seen = {mapping_key(found)};
  std::deque<Mapping> open = {found};
  for (std::size_t tried = 0; tried < most && !open.empty(); ++tried) {
    const Mapping mapping = std::move(open.front());
    open.pop_front();
    Tally tally;
    if (!find_violation(problem, architecture, constraints, mapping) &&
        scorer.score(mapping, tally) == Scorer::Verdict::feasible) {
      return mapping;
    }
    for (std::size_t i = 0; i + 1 < mapping.nodes.size() && seen.size() < most; ++i) {
      if (std::holds_alternative<Hold>(mapping.nodes[i]) &&
          std::holds_alternative<Hold>(mapping.nodes[i + 1])) {
        continue;
      }
      Mapping next = mapping;
      std::swap(next.nodes[i], next.nodes[i + 1]);
      if (!seen.insert(mapping_key(next)).second || validate(problem, architecture, next)) {
        continue;
      }
      evaluator.evaluate(next, evaluation);
      if (evaluation.feasible() && at_most(values_of(options.objectives, evaluation), values)) {
        open.push_back(std::move(next));
      }
    }
  }
  return std::nullopt;
}

void bound_by(const SearchResult& relaxed, const Mapspace& space, const Constraints& constraints,
              const SearchOptions& options, SearchResult& found) {
  Scorer scorer(space, constraints, options);
  Tally tally;
  for (const ParetoPoint& point : relaxed.front.points()) {
    if (!reached(found.front, point.values)) {
      if (const auto mapping = keeping_rules(space, constraints, options, point.mapping)) {
        scorer.score(*mapping, tally);
      }
    }
  }
  found.front.merge(std::move(tally.front));
  found.evaluated += relaxed.evaluated;
  found.tree = relaxed.tree;
  found.stopped = relaxed.stopped;
  const Certificate& certificate = relaxed.certificate;
  if (certificate.kind == Certificate::Kind::exact &&
      std::all_of(relaxed.front.points().begin(), relaxed.front.points().end(),
                  [&](const ParetoPoint& point) { return reached(found.front, point.values); })) {
    found.certificate = certificate;
    return;
  }
  if (certificate.kind == Certificate::Kind::none || found.front.empty()) {
    return;
  }
  std::vector<double> least = certificate.least;
  raise_latency(space.architecture(), options, least);
  found.certificate = bounded_by(std::move(least), found.front);
}

}  // namespace tessera
