#include "search/network_bound.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <variant>

#include "search/lower_bounds.hpp"

namespace tessera {

namespace {

/// Sums of energies are rounded, once an execution.
constexpr double kSumRounding = 1e-9;

/// As the model adds it up, to the last bit: machines of equal area have to compare as equal.
double area_of(const Architecture& architecture) {
  double area = 0;
  for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
    area += std::visit([](const auto& e) { return e.area_mm2.value_or(0); },
                       architecture.hierarchy[l]) *
            static_cast<double>(architecture.instances(LevelId(l)));
  }
  return area * (1 + architecture.area_overhead);
}

/// A sum of whole numbers; above 2^53 it was rounded.
std::int64_t whole(double sum) {
  constexpr double kExact = 9007199254740992.0;
  return static_cast<std::int64_t>(sum <= kExact ? sum : std::floor(sum * (1 - kSumRounding)));
}

}  // namespace

NetworkBound::NetworkBound(const NetworkTasks& tasks, const Architecture& architecture,
                           const std::vector<Constraints>& constraints, const SearchOptions& wanted)
    : tasks_(tasks),
      architecture_(architecture),
      searched_(layer_objectives(wanted)),
      by_task_(tasks.tasks.size()) {
  const std::vector<Limit> limits = limits_for(tasks, wanted.limits);
  for (std::size_t i = 0; i < limits.size(); ++i) {
    if (limits[i].metric != Metric::power) {
      limits_.push_back(limits[i]);
      limit_index_.push_back(i);
    }
  }
  SearchOptions options = layer_options(wanted);
  options.objectives = {Objective::energy, Objective::latency, Objective::dram_words};
  for (std::size_t t = 0; t < by_task_.size(); ++t) {
    if (const auto bounds =
            lower_bounds(tasks.tasks[t].problem, architecture, constraints[t], options)) {
      // Whole numbers, so a bound may be rounded up. Words at the outermost hold of what is kept
      // are on chip: of these tasks no bound is known.
      by_task_[t] = {(*bounds)[0], std::ceil((*bounds)[1]),
                     tasks.tasks[t].optional() ? 0 : std::ceil((*bounds)[2])};
    }
  }
}

double NetworkBound::learn(std::size_t task, const TaskResult& result) {
  if (result.search.certificate.kind != Certificate::Kind::exact) {
    return 0;
  }
  if (result.search.front.empty()) {  // one way to keep something is none
    constexpr double kNever = std::numeric_limits<double>::infinity();
    by_task_[task] = {kNever, kNever, kNever};
    return 0;
  }
  const double before = by_task_[task].energy_pj;
  for (std::size_t o = 0; o < searched_.size(); ++o) {
    double Least::*const field = searched_[o] == Objective::energy    ? &Least::energy_pj
                                 : searched_[o] == Objective::latency ? &Least::cycles
                                                                      : &Least::dram_words;
    double least = result.search.front.points().front().values[o];
    for (const ParetoPoint& point : result.search.front.points()) {
      least = std::min(least, point.values[o]);
    }
    by_task_[task].*field = std::max(by_task_[task].*field, least);
  }
  return (by_task_[task].energy_pj - before) * static_cast<double>(tasks_.tasks[task].executions);
}

double NetworkBound::sum(double Least::*field) const {
  const auto of_task = [&](std::size_t t) {
    const NetworkTasks::Task& task = tasks_.tasks[t];
    return by_task_[task.same_as.value_or(t)].*field * static_cast<double>(task.executions);
  };
  if (!tasks_.kept_in) {
    double all = 0;
    for (std::size_t t = 0; t < by_task_.size(); ++t) {
      all += of_task(t);
    }
    return all;
  }
  // By whether the last layer's output is kept; both layers at a boundary have to agree.
  constexpr double kNever = std::numeric_limits<double>::infinity();
  std::array<double, 2> least = {0, kNever};
  for (const std::vector<std::size_t>& ways : tasks_.ways) {
    std::array<double, 2> next = {kNever, kNever};
    for (const std::size_t t : ways) {
      const NetworkTasks::Task& task = tasks_.tasks[t];
      double& into = next[task.output_kept ? 1 : 0];
      into = std::min(into, least[task.input_kept ? 1 : 0] + of_task(t));
    }
    least = next;
  }
  return least[0];
}

Evaluation NetworkBound::least() const {
  Evaluation total;
  for (const NetworkTasks::Task& task : tasks_.tasks) {
    total.operations += task.optional() ? 0 : task.problem.operations() * task.executions;
  }
  total.energy_pj = sum(&Least::energy_pj) * (1 - kSumRounding);
  total.cycles = whole(sum(&Least::cycles));
  total.dram_words = whole(sum(&Least::dram_words));
  total.area_mm2 = area_of(architecture_);
  total.latency_s = static_cast<double>(total.cycles) / architecture_.clock_hz;
  const auto lanes =
      static_cast<double>(architecture_.instances(LevelId(architecture_.hierarchy.size() - 1)));
  total.utilization = total.cycles > 0 ? static_cast<double>(total.operations) /
                                             (static_cast<double>(total.cycles) * lanes)
                                       : 1;
  return total;
}

std::optional<std::size_t> NetworkBound::broken_limit() const {
  const auto broken = find_broken(limits_, least());
  return broken ? std::optional(limit_index_[*broken]) : std::nullopt;
}

}  // namespace tessera
