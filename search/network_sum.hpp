#pragma once

#include <vector>

#include "search/network_front.hpp"
#include "search/pareto_sum.hpp"

namespace tessera {

/// One point of a network's Pareto sum.
struct SummedPoint {
  ParetoSum::Values values{};                       ///< of the layers' objectives, summed
  std::vector<std::vector<NetworkChoice>> choices;  ///< by task, the points in order
};

/// The Pareto sum of all executions of a network's layers.
struct NetworkSum {
  std::vector<SummedPoint> points;  ///< sorted by values
  double slack = 0;
  /// What is proven of each objective's least sum: the layers' proofs and `slack`.
  Certificate certificate;
};

/// The sum of the tasks' fronts, each as often as it is executed. `most`: see ParetoSum. Throws
/// SearchError where a front of three objectives has more points.
NetworkSum sum_of_tasks(const NetworkTasks& tasks, const std::vector<TaskResult>& results,
                        std::size_t objectives, std::size_t most);

/// The same where tensors may stay on chip (`kept_in`): the sum of the fronts of the chains of
/// layers that take their input from the one before, each as often as it is executed.
NetworkSum sum_of_chains(const NetworkTasks& tasks, const std::vector<TaskResult>& results,
                         std::size_t objectives, std::size_t most);

}  // namespace tessera
