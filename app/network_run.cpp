#include "app/network_run.hpp"

#include <algorithm>
#include <utility>

#include "app/front_report.hpp"
#include "search/kept_tensors.hpp"

namespace tessera {

Certificate certificate_of(const NetworkRun& run) {
  return run.without_mapping ? run.results[*run.without_mapping].search.certificate
                             : run.front.certificate;
}

Constraints constraints_of(const NetworkTasks& tasks, std::size_t task,
                           const std::vector<Constraints>& by_layer) {
  if (by_layer.empty()) {
    return {};
  }
  std::size_t layer = 0;
  while (!tasks.serves(task, layer)) {
    ++layer;
  }
  return by_layer[layer];
}

Constraints rules_of(const NetworkTasks& tasks, std::size_t task,
                     const std::vector<Constraints>& by_layer, const Architecture& architecture) {
  return keeping(tasks, task, constraints_of(tasks, task, by_layer), architecture);
}

NetworkRun run_network(NetworkTasks tasks, const Architecture& architecture,
                       const std::vector<Constraints>& constraints, const SearchOptions& wanted,
                       const SearchControl& control,
                       const std::function<bool(const NetworkRun&, std::size_t)>& before_task,
                       const std::vector<std::size_t>& order) {
  NetworkRun run;
  run.tasks = std::move(tasks);
  const SearchOptions options = layer_options(wanted);
  run.results.resize(order.size());
  for (std::size_t i = 0; i < run.tasks.tasks.size(); ++i) {
    const std::size_t t = order.empty() ? i : order[i];
    if (const auto same = run.tasks.tasks[t].same_as) {
      if (order.empty()) {
        run.results.push_back(TaskResult(run.results[*same]));
      }
      continue;
    }
    if (!before_task(run, t)) {
      run.stopped = true;
      return run;
    }
    const Problem& problem = run.tasks.tasks[t].problem;
    const Constraints rules = rules_of(run.tasks, t, constraints, architecture);
    TaskResult& result = order.empty() ? run.results.emplace_back() : run.results[t];
    result.search = search(problem, architecture, rules, options, control);
    result.evaluations =
        verify_front(problem, architecture, rules, options, result.search).evaluations;
    for (Evaluation& evaluation : result.evaluations) {
      leave_out_kept(run.tasks, t, evaluation);
    }
    run.stopped = run.stopped || result.search.stopped;
    if (result.search.front.empty() && !run.tasks.tasks[t].optional()) {
      run.without_mapping = t;
      return run;
    }
  }
  for (std::size_t t = 0; t < order.size(); ++t) {
    if (const auto same = run.tasks.tasks[t].same_as) {
      run.results[t] = run.results[*same];
    }
  }
  run.front = combine(run.tasks, run.results, wanted, architecture);
  return run;
}

}  // namespace tessera
