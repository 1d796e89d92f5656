#include "search/network_front.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>

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

/// How often each point of each task's front is used, from the sequence of choices.
std::vector<std::vector<NetworkChoice>> counted(const std::vector<std::uint32_t>& chosen,
                                                const NetworkTasks& tasks) {
  std::vector<std::vector<NetworkChoice>> choices;
  std::size_t stage = 0;
  for (const NetworkTasks::Task& task : tasks.tasks) {
    std::map<std::uint32_t, std::int64_t> counts;
    for (std::int64_t i = 0; i < task.executions; ++i) {
      ++counts[chosen[stage++]];
    }
    std::vector<NetworkChoice>& of_task = choices.emplace_back();
    for (const auto& [place, count] : counts) {
      of_task.push_back({place, count});
    }
  }
  return choices;
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

/// What is proven of the sum of the layers' least values.
Certificate certificate_of(const NetworkTasks& tasks, const std::vector<TaskResult>& results,
                           std::size_t objectives, double slack) {
  Certificate certificate{.kind = Certificate::Kind::exact, .gap = 0};
  for (const TaskResult& result : results) {
    certificate.kind = std::min(certificate.kind, result.search.certificate.kind);
  }
  if (certificate.kind == Certificate::Kind::none) {
    return certificate;
  }
  for (std::size_t o = 0; o < objectives; ++o) {
    double found = 0;
    double bound = 0;
    for (std::size_t t = 0; t < results.size(); ++t) {
      double least = results[t].search.front.points().front().values[o];
      for (const ParetoPoint& point : results[t].search.front.points()) {
        least = std::min(least, point.values[o]);
      }
      const double all = least * static_cast<double>(tasks.tasks[t].executions);
      found += all;
      const Certificate& of_task = results[t].search.certificate;
      bound += o < of_task.least.size()
                   ? of_task.least[o] * static_cast<double>(tasks.tasks[t].executions)
                   : all * (1 - of_task.gap);
    }
    if (found > 0 && bound < found) {
      certificate.gap = std::max(certificate.gap, 1 - bound / found);
    }
  }
  if (slack > 0) {
    certificate.kind = Certificate::Kind::bound;
    certificate.gap = std::max(certificate.gap, slack);
  }
  return certificate;
}

}  // namespace

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
  const std::size_t most = most_points(tasks);
  ParetoSum sum(summed.size(), most);
  for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
    std::vector<Values> front;
    for (const ParetoPoint& point : results[t].search.front.points()) {
      Values& values = front.emplace_back();
      std::copy(point.values.begin(), point.values.end(), values.begin());
    }
    for (std::int64_t i = 0; i < tasks.tasks[t].executions; ++i) {
      if (!sum.add(front)) {
        throw SearchError("the network's front of three objectives has more than " +
                          std::to_string(most) +
                          " points, too many to be kept: leave one objective out");
      }
    }
  }
  NetworkFront network;
  network.slack = sum.slack();
  network.certificate = certificate_of(tasks, results, summed.size(), sum.slack());
  const std::vector<Limit> limits = limits_for(tasks, wanted.limits);
  std::vector<NetworkPoint> points;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    NetworkPoint point;
    point.choices = counted(sum.choices(i), tasks);
    point.total = total_of(point.choices, results, architecture);
    // The sum that was compared, execution by execution; the product above may differ in the last
    // bit.
    if (summed.front() == Objective::energy) {
      point.total.energy_pj = sum.values(i)[0];
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
