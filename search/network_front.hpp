#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "problems/network.hpp"
#include "search/search.hpp"

namespace tessera {

/// What has to be searched for a network at one batch: equal layers are one task.
struct NetworkTasks {
  struct Task {
    Problem problem;              ///< at the batch, named after the first layer that it is
    std::int64_t executions = 0;  ///< of all those layers together
    // Of tasks_keeping() (kept_tensors.hpp) only:
    bool input_kept = false;
    bool output_kept = false;
    std::optional<std::size_t> same_as = {};  ///< an earlier task that needs the same search

    /// Whether the network can do without it, because its layer has another task.
    bool optional() const { return input_kept || output_kept; }
  };
  std::int64_t batch = 1;
  std::vector<Task> tasks;           ///< in the order of first use
  std::vector<std::size_t> task_of;  ///< by layer; of several the one that keeps nothing
  std::optional<LevelId> kept_in;    ///< the memory in which tensors may stay between layers
  // Where there is one, by layer:
  std::vector<std::vector<std::size_t>> ways;  ///< the tasks of the layer, by what they keep
  std::vector<bool> from_previous;             ///< as Layer::from_previous
  /// What the layer takes from the one before is in `kept_in` whatever is chosen: no memory outside
  /// may hold it. There is nothing to choose, so no task keeps it.
  std::vector<bool> there_anyway;

  /// Whether the task is the layer, or one of its ways.
  bool serves(std::size_t task, std::size_t layer) const;
  /// Searches that have to be made.
  std::size_t searches() const;
};

/// Layers are equal if their problems are, whatever they are called. Throws SearchError where the
/// network's layers do not say how a batch over 1 counts, OverflowError.
NetworkTasks tasks_of(const Network& network, std::int64_t batch);

/// The objectives by which the layers are searched so that their fronts hold all that the network's
/// front may need: energy, latency and dram_words add up over layers, and everything else that is
/// minimised or limited rises with these. Throws SearchError where it does not: for the objective
/// power, and for formulas that may fall.
std::vector<Objective> layer_objectives(const SearchOptions& wanted);
/// The options for the layers' searches: those objectives, no limits, whole fronts.
SearchOptions layer_options(const SearchOptions& wanted);

/// Limits as they are for one run of the network, which computes a whole batch: throughput counts
/// items.
std::vector<Limit> limits_for(const NetworkTasks& tasks, std::vector<Limit> limits);

/// How often a point of a layer's front is used.
struct NetworkChoice {
  std::uint32_t point = 0;  ///< of the task's front
  std::int64_t count = 0;

  bool operator==(const NetworkChoice&) const = default;
};

/// One point of a network's front.
struct NetworkPoint {
  Evaluation total;                                 ///< of all executions together; without levels
  std::vector<std::vector<NetworkChoice>> choices;  ///< by task, the points in order
};

struct NetworkFront {
  std::vector<NetworkPoint> points;  ///< in the order of their objectives
  Certificate certificate;
  /// Each point of the true Pareto sum is within this share of a point here; 0 unless there were
  /// too many to keep (see ParetoSum).
  double slack = 0;
  std::uint64_t beyond_limits = 0;  ///< points of the sum that break a limit of the options
};

/// What a layer's search gave: the task's front, and what each of its points costs.
struct TaskResult {
  SearchResult search;
  std::vector<Evaluation> evaluations;  ///< by point
};

/// The front of a network: the Pareto sum of its layers' fronts, in which each execution of a layer
/// may use another point of the layer's front. `results` are those of the tasks, searched by
/// layer_options(), none with an empty front. Limits hold for the network as a whole; throughput
/// counts items.
///
/// The certificate is exact if all of the layers' are and nothing was thinned; else a bound if no
/// layer has less: the share by which the least of an objective may still be missed, or `slack`
/// where that is more. With `kept_in` the front is that of all ways to choose, at each boundary
/// that a tensor may cross on chip, whether it does, and for each execution a point of the fronts
/// that fit. A limit on power that refuses points leaves no certificate: points off the fronts
/// might keep it. Throws SearchError where a front of three objectives is too large to be kept.
NetworkFront combine(const NetworkTasks& tasks, const std::vector<TaskResult>& results,
                     const SearchOptions& wanted, const Architecture& architecture);

}  // namespace tessera
