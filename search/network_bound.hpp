#pragma once

#include <optional>
#include <vector>

#include "search/network_front.hpp"

namespace tessera {

/// What a network costs at least on a machine, whatever the mappings: of each layer the lower bound
/// that a proof would start from, or, once it is searched and proven, its least. What is dominated
/// even so cannot be on a front. Where tensors may stay on chip, of each objective by itself the
/// least over all choices of what stays.
class NetworkBound {
 public:
  /// `constraints` are by task, with what it keeps (keeping()). Takes about a hundredth of the time
  /// of the searches.
  NetworkBound(const NetworkTasks& tasks, const Architecture& architecture,
               const std::vector<Constraints>& constraints, const SearchOptions& wanted);

  /// Takes in what a task's search found. Only of a proven front it is the least. Returns by how
  /// much the bound on the network's energy rose, in pJ.
  double learn(std::size_t task, const TaskResult& result);

  /// No point of the network's front has less energy, cycles, words or area than this, or a higher
  /// utilization.
  Evaluation least() const;
  /// A limit that no point can keep, by its index in the options. Never one on power, which may
  /// fall where a layer takes longer.
  std::optional<std::size_t> broken_limit() const;

 private:
  struct Least {
    double energy_pj = 0;
    double cycles = 0;  ///< whole, as are the words
    double dram_words = 0;
  };
  /// Of all executions of all layers.
  double sum(double Least::*field) const;
  const NetworkTasks& tasks_;
  const Architecture& architecture_;
  std::vector<Objective> searched_;  ///< layer_objectives()
  std::vector<Limit> limits_;
  std::vector<std::size_t> limit_index_;
  std::vector<Least> by_task_;
};

}  // namespace tessera
