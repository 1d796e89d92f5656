#include "search/network_sum.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "search/chain_sum.hpp"
#include "search/search_error.hpp"

namespace tessera {

namespace {

using Values = ParetoSum::Values;
/// How often each point of each task's front is used.
using Counts = std::vector<std::map<std::uint32_t, std::int64_t>>;

[[noreturn]] void fail_too_many(std::size_t most) {
  throw SearchError("the network's front of three objectives has more than " +
                    std::to_string(most) + " points, too many to be kept: leave one objective out");
}

std::vector<Values> values_of(const TaskResult& result) {
  std::vector<Values> front;
  for (const ParetoPoint& point : result.search.front.points()) {
    Values& values = front.emplace_back();
    std::copy(point.values.begin(), point.values.end(), values.begin());
  }
  return front;
}

std::vector<std::vector<NetworkChoice>> choices_of(const Counts& counts) {
  std::vector<std::vector<NetworkChoice>> choices;
  for (const auto& of_task : counts) {
    std::vector<NetworkChoice>& list = choices.emplace_back();
    for (const auto& [place, count] : of_task) {
      list.push_back({place, count});
    }
  }
  return choices;
}

double least_of(const TaskResult& result, std::size_t objective) {
  double least = result.search.front.points().front().values[objective];
  for (const ParetoPoint& point : result.search.front.points()) {
    least = std::min(least, point.values[objective]);
  }
  return least;
}

/// What no mapping of the task has less of.
double bound_of(const TaskResult& result, std::size_t objective) {
  const Certificate& certificate = result.search.certificate;
  return objective < certificate.least.size() ? certificate.least[objective]
                                              : least_of(result, objective) * (1 - certificate.gap);
}

/// The least certificate of all searches: of several kinds the weakest holds.
Certificate::Kind weakest(const std::vector<TaskResult>& results) {
  Certificate::Kind kind = Certificate::Kind::exact;
  for (const TaskResult& result : results) {
    kind = std::min(kind, result.search.certificate.kind);
  }
  return kind;
}

/// `gaps` are by objective.
Certificate certificate_of(Certificate::Kind kind, const std::vector<double>& gaps, double slack) {
  if (kind == Certificate::Kind::none) {
    return {};
  }
  Certificate certificate{kind, 0};
  for (const double gap : gaps) {
    certificate.gap = std::max(certificate.gap, gap);
  }
  if (slack > 0) {
    certificate.kind = Certificate::Kind::bound;
    certificate.gap = std::max(certificate.gap, slack);
  }
  return certificate;
}

double gap_between(double found, double bound) {
  return found > 0 && bound < found ? 1 - bound / found : 0;
}

/// By how much the sum of the tasks' least may be above the least of all.
double gap_of_tasks(const NetworkTasks& tasks, const std::vector<TaskResult>& results,
                    std::size_t objective) {
  double found = 0;
  double bound = 0;
  for (std::size_t t = 0; t < results.size(); ++t) {
    const auto executions = static_cast<double>(tasks.tasks[t].executions);
    found += least_of(results[t], objective) * executions;
    bound += bound_of(results[t], objective) * executions;
  }
  return gap_between(found, bound);
}

/// Layers first to end - 1, each but the first taking its input from the one before.
struct Chain {
  std::size_t first = 0;
  std::size_t end = 0;
  std::int64_t executions = 0;
};

std::vector<Chain> chains_of(const NetworkTasks& tasks) {
  std::vector<Chain> chains;
  for (std::size_t l = 0; l < tasks.ways.size(); ++l) {
    if (chains.empty() || !tasks.from_previous[l]) {
      chains.push_back({l, l, tasks.tasks[tasks.task_of[l]].executions});
    }
    chains.back().end = l + 1;
  }
  return chains;
}

/// The task of a layer that keeps what the choice says.
std::size_t task_for(const NetworkTasks& tasks, std::size_t layer, const ChainSum::Choice& choice) {
  return *std::find_if(tasks.ways[layer].begin(), tasks.ways[layer].end(), [&](std::size_t task) {
    return tasks.tasks[task].input_kept == choice.input_kept &&
           tasks.tasks[task].output_kept == choice.output_kept;
  });
}

/// The sum along a chain, of the fronts that `front_of` gives for a task.
template <class FrontOf>
ChainSum chain_sum(const NetworkTasks& tasks, const Chain& chain, std::size_t values,
                   std::size_t most, const FrontOf& front_of) {
  ChainSum sum(values, most);
  for (std::size_t l = chain.first; l < chain.end; ++l) {
    ChainSum::LayerFronts fronts;
    for (const std::size_t task : tasks.ways[l]) {
      fronts[tasks.tasks[task].input_kept][tasks.tasks[task].output_kept] = front_of(task);
    }
    if (!sum.add(fronts)) {
      fail_too_many(most);
    }
  }
  return sum;
}

/// The same as gap_of_tasks, over all ways through the chains.
double gap_of_chains(const NetworkTasks& tasks, const std::vector<TaskResult>& results,
                     std::size_t objective) {
  double least[2] = {0, 0};  // found, and what nothing is below
  for (const Chain& chain : chains_of(tasks)) {
    for (const bool bounds : {false, true}) {
      const ChainSum sum = chain_sum(tasks, chain, 1, 1, [&](std::size_t task) {
        std::vector<Values> front;
        if (!results[task].search.front.empty()) {
          front.push_back(
              {bounds ? bound_of(results[task], objective) : least_of(results[task], objective), 0,
               0});
        }
        return front;
      });
      least[bounds] += sum.values().front()[0] * static_cast<double>(chain.executions);
    }
  }
  return gap_between(least[0], least[1]);
}

}  // namespace

NetworkSum sum_of_tasks(const NetworkTasks& tasks, const std::vector<TaskResult>& results,
                        std::size_t objectives, std::size_t most) {
  ParetoSum sum(objectives, most);
  for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
    const std::vector<Values> front = values_of(results[t]);
    for (std::int64_t i = 0; i < tasks.tasks[t].executions; ++i) {
      if (!sum.add(front)) {
        fail_too_many(most);
      }
    }
  }
  NetworkSum network;
  network.slack = sum.slack();
  for (std::size_t i = 0; i < sum.size(); ++i) {
    Counts counts(tasks.tasks.size());
    const std::vector<std::uint32_t> chosen = sum.choices(i);
    std::size_t stage = 0;
    for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
      for (std::int64_t e = 0; e < tasks.tasks[t].executions; ++e) {
        ++counts[t][chosen[stage++]];
      }
    }
    network.points.push_back({sum.values(i), choices_of(counts)});
  }
  const Certificate::Kind kind = weakest(results);
  std::vector<double> gaps;
  for (std::size_t o = 0; o < objectives && kind != Certificate::Kind::none; ++o) {
    gaps.push_back(gap_of_tasks(tasks, results, o));
  }
  network.certificate = certificate_of(kind, gaps, network.slack);
  return network;
}

NetworkSum sum_of_chains(const NetworkTasks& tasks, const std::vector<TaskResult>& results,
                         std::size_t objectives, std::size_t most) {
  const std::vector<Chain> chains = chains_of(tasks);
  ParetoSum sum(objectives, most);
  std::vector<ChainSum> sums;
  double slack = 0;  // of the chains; sums of them are as near
  for (const Chain& chain : chains) {
    sums.push_back(chain_sum(tasks, chain, objectives, most,
                             [&](std::size_t task) { return values_of(results[task]); }));
    slack = std::max(slack, sums.back().slack());
    for (std::int64_t i = 0; i < chain.executions; ++i) {
      if (!sum.add(sums.back().values())) {
        fail_too_many(most);
      }
    }
  }
  NetworkSum network;
  network.slack = (1 + slack) * (1 + sum.slack()) - 1;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    Counts counts(tasks.tasks.size());
    const std::vector<std::uint32_t> chosen = sum.choices(i);
    std::size_t stage = 0;
    for (std::size_t c = 0; c < chains.size(); ++c) {
      for (std::int64_t e = 0; e < chains[c].executions; ++e) {
        const auto choices = sums[c].choices(chosen[stage++]);
        for (std::size_t l = 0; l < choices.size(); ++l) {
          ++counts[task_for(tasks, chains[c].first + l, choices[l])][choices[l].point];
        }
      }
    }
    network.points.push_back({sum.values(i), choices_of(counts)});
  }
  const Certificate::Kind kind = weakest(results);
  std::vector<double> gaps;
  for (std::size_t o = 0; o < objectives && kind != Certificate::Kind::none; ++o) {
    gaps.push_back(gap_of_chains(tasks, results, o));
  }
  network.certificate = certificate_of(kind, gaps, network.slack);
  return network;
}

}  // namespace tessera
