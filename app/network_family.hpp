#pragma once

#include <string>
#include <vector>

#include "app/network_report.hpp"
#include "arch/architecture_spec.hpp"

namespace tessera {

// A network on a machine with memories of `capacity: auto`. One machine runs the whole network, so
// each combination of sizes is searched as a machine of its own, and the front is what is
// undominated among the points of all: energies and area follow the sizes.

/// The runs of all members of a family at one batch, as one: its front is the union of theirs, less
/// what is dominated, and nothing is proven that is not proven of each of them. Members on which
/// some layer has no mapping leave no tasks. `members` are their machines, one a run; they have to
/// outlive the result.
NetworkRun merge_members(std::vector<NetworkRun> runs,
                         const std::vector<const Architecture*>& members,
                         const SearchOptions& wanted);

/// The machine of a point.
const Architecture& machine_of(const NetworkReport& report, const NetworkRun& run,
                               const NetworkPoint& point);
/// The machine that a task was searched on.
const Architecture& machine_of(const NetworkReport& report, const NetworkRun& run,
                               std::size_t task);

/// A memory of `capacity: auto` in a point: its size, and the most that any of the layers' mappings
/// needs of it.
struct NetworkSize {
  std::string memory;
  std::string capacity_text;
  std::string needed_text;
};
/// By memory; none without a family.
std::vector<NetworkSize> sizes_of(const NetworkReport& report, const NetworkRun& run,
                                  const NetworkPoint& point);

}  // namespace tessera
