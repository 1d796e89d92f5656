#pragma once

#include <string>
#include <vector>

#include "app/network_run.hpp"
#include "arch/architecture_spec.hpp"

namespace tessera {

/// The search of a network, at one batch or several; refers to its inputs.
struct NetworkReport {
  const Network& network;
  const Architecture& architecture;
  const SearchOptions& options;
  std::vector<NetworkRun> runs;  ///< by batch
  /// Where some capacity is `auto`: all machines; `architecture` is the one with the largest sizes.
  const ArchitectureFamily* family = nullptr;

  /// What the machine is called, without sizes.
  const std::string& machine_name() const { return family ? family->name : architecture.name; }
};

/// One row a point: what it costs in all and by item, and in `choices` how often each point of the
/// layers' fronts is used, by its number in network_layers_csv(): `conv1=2;conv2=1x3+4` is point 2
/// of conv1 every time, point 1 of conv2 three times and its point 4 once.
std::string network_front_csv(const NetworkReport& report);
/// One row a point of a layer's front, with its mapping; the columns of front.csv behind those that
/// say which.
std::string network_layers_csv(const NetworkReport& report);
std::string network_json(const NetworkReport& report);
/// The summary, the front, and layer by layer the point of least energy x latency; of several
/// batches one table that compares them by item.
std::string network_text(const NetworkReport& report);

/// The point of least energy x latency, the first of equal ones. The front must not be empty.
std::size_t best_point(const NetworkFront& front);

}  // namespace tessera
