#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/translate/translation.hpp"

namespace tessera {

/// The points of a CSV file that Tessera wrote: `front.csv` of a problem or a network,
/// `evaluation.csv`, `comparison.csv`, or what `tessera results --csv` prints of a sweep; columns
/// are known by their names. `name` is what messages call it. Throws SpecError with file and line.
std::vector<ResultPoint> parse_result_points(const std::string& name, std::string_view text);

/// Reads a file, or of a directory that a command wrote to with `--out` its front.csv,
/// comparison.csv or evaluation.csv. Throws UsageError and SpecError.
std::vector<ResultPoint> read_result_points(const std::string& path);

}  // namespace tessera
