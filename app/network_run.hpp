#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "search/network_front.hpp"

namespace tessera {

/// A network searched layer by layer at one batch.
struct NetworkRun {
  NetworkTasks tasks;
  std::vector<TaskResult> results;             ///< by task; fewer where the run ended early
  NetworkFront front;                          ///< empty unless every task has a front
  bool stopped = false;                        ///< some search was ended from outside
  std::optional<std::size_t> without_mapping;  ///< the first task for which nothing legal was found

  /// By task the machine, where there are several (merge_members()); else none.
  std::vector<const Architecture*> machines = {};

  /// Whether every task that the network needs has a front.
  bool complete() const { return results.size() == tasks.tasks.size() && !without_mapping; }
};

/// What is proven of a network on its machine; also that some layer has no mapping there.
Certificate certificate_of(const NetworkRun& run);

/// Searches each task of the network, checks every mapping found (see verify_front), and combines
/// the fronts. `constraints` are by layer, or none. `before_task` is called before each search with
/// the results so far; false ends the run there. The run also ends at a task for which nothing
/// legal was found, unless its layer has another. `order` is that of the searches, of all tasks, or
/// none for the tasks' own; with an order all tasks have a result from the start, empty until its
/// search, and those that are the same as another until the end.
NetworkRun run_network(NetworkTasks tasks, const Architecture& architecture,
                       const std::vector<Constraints>& constraints, const SearchOptions& wanted,
                       const SearchControl& control,
                       const std::function<bool(const NetworkRun&, std::size_t)>& before_task,
                       const std::vector<std::size_t>& order = {});

/// The constraints of a task: those of its first layer, since equal problems read them alike.
Constraints constraints_of(const NetworkTasks& tasks, std::size_t task,
                           const std::vector<Constraints>& by_layer);

/// The same, and that what the task keeps on chip stays there: what its search goes by.
Constraints rules_of(const NetworkTasks& tasks, std::size_t task,
                     const std::vector<Constraints>& by_layer, const Architecture& architecture);

}  // namespace tessera
