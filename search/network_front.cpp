#include "search/network_front.hpp"

#include <algorithm>
#include <initializer_list>

#include "search/network_sum.hpp"
#include "search/pareto_sum.hpp"
#include "spec/error.hpp"

namespace tessera {

namespace {

using Values = ParetoSum::Values;

bool holds(const std::vector<Objective>& list, Objective objective) {
  return std::find(list.begin(), list.end(), objective) != list.end();
}

/// Points kept while fronts are added: their origins have to be remembered for each execution.
std::size_t most_points(const NetworkTasks& tasks) {
  constexpr std::int64_t kMostOrigins = 20'000'000;
  constexpr std::int64_t kMost = 50'000;
  constexpr std::int64_t kLeast = 1000;
  std::int64_t executions = 0;
  for (const NetworkTasks::Task& task : tasks.tasks) {
    executions += task.executions;
  }
  return static_cast<std::size_t>(std::clamp(kMostOrigins / executions, kLeast, kMost));
}

bool any_limit(const std::vector<Limit>& limits, std::initializer_list<Metric> metrics) {
  return std::any_of(limits.begin(), limits.end(), [&](const Limit& limit) {
    return std::find(metrics.begin(), metrics.end(), limit.metric) != metrics.end();
  });
}

void add_times(std::int64_t& sum, std::int64_t value, std::int64_t count) {
  std::int64_t all = 0;
  if (__builtin_mul_overflow(value, count, &all) || __builtin_add_overflow(sum, all, &sum)) {
    throw OverflowError();
  }
}

/// What all executions cost together.
Evaluation total_of(const std::vector<std::vector<NetworkChoice>>& choices,
                    const std::vector<TaskResult>& results, const Architecture& architecture) {
  Evaluation total;
  for (std::size_t t = 0; t < choices.size(); ++t) {
    for (const NetworkChoice& choice : choices[t]) {
      const Evaluation& one = results[t].evaluations[choice.point];
      add_times(total.operations, one.operations, choice.count);
      add_times(total.cycles, one.cycles, choice.count);
      add_times(total.compute_cycles, one.compute_cycles, choice.count);
      add_times(total.dram_words, one.dram_words, choice.count);
      total.energy_pj += one.energy_pj * static_cast<double>(choice.count);
      total.area_mm2 = one.area_mm2;
    }
  }
  const LevelId compute(architecture.hierarchy.size() - 1);
  const auto lanes = static_cast<double>(architecture.instances(compute));
  const auto cycles = static_cast<double>(total.cycles);
  total.latency_s = cycles / architecture.clock_hz;
  total.utilization = static_cast<double>(total.operations) / (cycles * lanes);
  return total;
}

/// The points that are undominated by what was asked for, in the order of that; of the first one
/// only if that was asked for.
std::vector<NetworkPoint> selected(std::vector<NetworkPoint> points, const SearchOptions& wanted) {
  std::vector<Objective> compared;
  for (const Objective& objective : wanted.objectives) {
    if (objective != Objective::area) {  // the same for all points
      compared.push_back(objective);
    }
  }
  if (compared.empty()) {
    compared.push_back(Objective::energy);
  }
  const std::vector<Objective> summed = layer_objectives(wanted);
  const bool all_summed =
      std::all_of(summed.begin(), summed.end(),
                  [&](const Objective& objective) { return holds(compared, objective); });
  if (compared.size() > ParetoSum::kMostValues) {
    // What is compared rises with the sums; if all of these are compared too, they decide alone.
    if (!all_summed) {
      throw SearchError("a network's front can have " + std::to_string(ParetoSum::kMostValues) +
                        " objectives besides area, or any where energy, latency and dram_words are "
                        "among them");
    }
    compared = summed;
  }
  std::vector<Values> values(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t o = 0; o < compared.size(); ++o) {
      values[i][o] = value_of(compared[o], points[i].total);
    }
  }
  std::vector<NetworkPoint> kept;
  for (const std::size_t i : undominated(values, compared.size())) {
    kept.push_back(std::move(points[i]));
    if (wanted.lexicographic) {
      break;
    }
  }
  return kept;
}

}  // namespace

bool NetworkTasks::serves(std::size_t task, std::size_t layer) const {
  if (ways.empty()) {
    return task_of[layer] == task;
  }
  return std::find(ways[layer].begin(), ways[layer].end(), task) != ways[layer].end();
}

std::size_t NetworkTasks::searches() const {
  return static_cast<std::size_t>(std::count_if(
      tasks.begin(), tasks.end(), [](const Task& task) { return !task.same_as.has_value(); }));
}

NetworkTasks tasks_of(const Network& network, std::int64_t batch) {
  if (const auto layer = network.first_without_batch(); layer && batch > 1) {
    throw SearchError("the layer " + network.layers[*layer].problem.name + " of the network " +
                      network.name +
                      " does not say which of its dimensions counts the items of a "
                      "batch, so the batch can only be 1: add `batch: <dimension>` to it");
  }
  NetworkTasks tasks;
  tasks.batch = batch;
  for (const Layer& layer : network.layers) {
    Problem problem = at_batch(layer, batch);
    const auto same =
        std::find_if(tasks.tasks.begin(), tasks.tasks.end(), [&](const NetworkTasks::Task& task) {
          return task.problem.dimensions == problem.dimensions &&
                 task.problem.tensors == problem.tensors;
        });
    tasks.task_of.push_back(static_cast<std::size_t>(same - tasks.tasks.begin()));
    if (same == tasks.tasks.end()) {
      tasks.tasks.push_back({std::move(problem), layer.repeat});
    } else {
      same->executions += layer.repeat;
    }
  }
  return tasks;
}

std::vector<Objective> layer_objectives(const SearchOptions& wanted) {
  bool energy = any_limit(wanted.limits, {Metric::energy, Metric::edp});
  bool latency = any_limit(wanted.limits, {Metric::latency, Metric::cycles, Metric::edp,
                                           Metric::utilization, Metric::throughput});
  bool dram_words = any_limit(wanted.limits, {Metric::dram_words});
  for (const Objective& objective : wanted.objectives) {
    if (objective == Objective::power) {
      throw SearchError(
          "the objective power is not supported for networks: it can fall where a layer "
          "takes longer, so the least need not be made of the layers' fronts; use energy "
          "and latency, every point's power is reported");
    }
    if (objective == Objective::formula && !objective.terms().rises()) {
      throw SearchError(
          "the objective " + objective.terms().text() +
          " is not supported for networks: "
          "it must rise with energy, latency, cycles, area, edp and dram_words, and know "
          "nothing else, so that the least is made of the layers' fronts");
    }
    const bool both = objective == Objective::edp || objective == Objective::formula;
    energy = energy || both || objective == Objective::energy;
    latency = latency || both || objective == Objective::latency;
    dram_words = dram_words || objective == Objective::dram_words ||
                 (objective == Objective::formula &&
                  objective.terms().text().find("dram_words") != std::string::npos);
  }
  std::vector<Objective> list;
  if (energy || !(latency || dram_words)) {  // area alone: all points tie, and one has to be named
    list.push_back(Objective::energy);
  }
  if (latency) {
    list.push_back(Objective::latency);
  }
  if (dram_words) {
    list.push_back(Objective::dram_words);
  }
  return list;
}

SearchOptions layer_options(const SearchOptions& wanted) {
  SearchOptions options = wanted;
  options.objectives = layer_objectives(wanted);
  options.limits.clear();
  options.lexicographic = false;
  return options;
}

std::vector<Limit> limits_for(const NetworkTasks& tasks, std::vector<Limit> limits) {
  for (Limit& limit : limits) {
    if (limit.metric == Metric::throughput) {
      limit.bound /= static_cast<double>(tasks.batch);
    }
  }
  return limits;
}

NetworkFront combine(const NetworkTasks& tasks, const std::vector<TaskResult>& results,
                     const SearchOptions& wanted, const Architecture& architecture) {
  const std::vector<Objective> summed = layer_objectives(wanted);
  const std::vector<Limit> limits = limits_for(tasks, wanted.limits);
  NetworkSum sum = tasks.kept_in ? sum_of_chains(tasks, results, summed.size(), most_points(tasks))
                                 : sum_of_tasks(tasks, results, summed.size(), most_points(tasks));
  NetworkFront network;
  network.slack = sum.slack;
  network.certificate = sum.certificate;
  std::vector<NetworkPoint> points;
  for (SummedPoint& summed_point : sum.points) {
    NetworkPoint point;
    point.choices = std::move(summed_point.choices);
    point.total = total_of(point.choices, results, architecture);
    // The sum that was compared, execution by execution; the product above may differ in the last
    // bit.
    if (summed.front() == Objective::energy) {
      point.total.energy_pj = summed_point.values[0];
    }
    if (const auto broken = find_broken(limits, point.total)) {
      ++network.beyond_limits;
      if (limits[*broken].metric == Metric::power) {
        network.certificate = {};
      }
      continue;
    }
    points.push_back(std::move(point));
  }
  network.points = selected(std::move(points), wanted);
  return network;
}

}  // namespace tessera
