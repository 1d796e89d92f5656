#pragma once

#include <string>
#include <vector>

#include "app/network_report.hpp"
#include "app/output_files.hpp"

namespace tessera {

struct MappingFile {
  std::string name;  ///< such as `02-conv2.yaml`
  std::string text;
};

/// The mappings that the point of least energy x latency is made of, a file for each with its
/// problem (at the run's batch) beside it, so that `tessera evaluate` with the architecture gives
/// the layer's numbers. A layer whose executions use several points has a file for each, with the
/// point's number in layers.csv in its name.
std::vector<MappingFile> best_mapping_files(const NetworkReport& report, const NetworkRun& run);

/// Writes them to `best/` of the directory (of several batches to `best/batch-N/`), and removes
/// there what an earlier run wrote. Throws FailureError.
void write_best_mappings(const NetworkReport& report, const OutputDirectory& directory);

}  // namespace tessera
