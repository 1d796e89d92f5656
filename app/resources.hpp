#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/evaluation_report.hpp"

namespace tessera {

/// Something that has to be busy for a number of cycles while a mapping runs. All run at the same
/// time, so the longest binds.
struct Resource {
  std::string element;
  std::string port;  ///< of a memory: shared, read or write; else empty
  std::int64_t cycles = 0;
  /// Cycles over those of the binding one: 1 for that, 0.5 where half of the time would do.
  double share = 0;
};

/// Everything that limits the time of a mapping: the compute units, every port with a bandwidth,
/// every fanout that needs cycles. The binding one first; of equal ones the bottleneck, then the
/// outer one.
std::vector<Resource> resources(const Scored& scored);

/// Cycles of the compute units that fill and drain systolic arrays.
std::int64_t systolic_cycles(const Scored& scored);

/// A table of the resources, and what comes on top of the binding one.
std::string time_text(const Scored& scored);

}  // namespace tessera
