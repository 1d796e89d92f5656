#include "app/network_run.hpp"

#include <algorithm>
#include <utility>

#include "app/front_report.hpp"

namespace tessera {

Constraints constraints_of(const NetworkTasks& tasks, std::size_t task,
                           const std::vector<Constraints>& by_layer) {
  if (by_layer.empty()) {
    return {};
  }
  const auto first = std::find(tasks.task_of.begin(), tasks.task_of.end(), task);
  return by_layer[static_cast<std::size_t>(first - tasks.task_of.begin())];
}

NetworkRun run_network(NetworkTasks tasks, const Architecture& architecture,
                       const std::vector<Constraints>& constraints, const SearchOptions& wanted,
                       const SearchControl& control,
                       const std::function<bool(const NetworkTasks&, std::size_t)>& before_task) {
  NetworkRun run;
  run.tasks = std::move(tasks);
  const SearchOptions options = layer_options(wanted);
  for (std::size_t t = 0; t < run.tasks.tasks.size(); ++t) {
    if (!before_task(run.tasks, t)) {
      run.stopped = true;
      return run;
    }
    const Problem& problem = run.tasks.tasks[t].problem;
    const Constraints rules = constraints_of(run.tasks, t, constraints);
    TaskResult& result = run.results.emplace_back();
    result.search = search(problem, architecture, rules, options, control);
    result.evaluations =
        verify_front(problem, architecture, rules, options, result.search).evaluations;
    run.stopped = run.stopped || result.search.stopped;
    if (result.search.front.empty()) {
      run.without_mapping = t;
      return run;
    }
  }
  run.front = combine(run.tasks, run.results, wanted, architecture);
  return run;
}

}  // namespace tessera
