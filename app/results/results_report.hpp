#pragma once

#include <string>
#include <vector>

#include "app/results/results_file.hpp"

namespace tessera {

/// The points of a sweep with which of their rows are on its front: undominated, by the objectives,
/// among the rows of all points.
struct SweepResults {
  SweepIdentity identity;
  std::vector<PointResult> points;          ///< in order
  std::vector<std::vector<bool>> on_front;  ///< by place in `points`, then in its front
  std::size_t front_size = 0;

  static SweepResults read(ResultsFile& file);
};

/// A row a point of a machine's front, in the order of points, `on_front` 1 or 0; only those of the
/// front where `front_only`. Depends on the results alone, not on how they came about.
std::string results_csv(const SweepResults& results, bool front_only);
std::string results_json(const SweepResults& results, bool front_only);
/// What is there, and the front as a table.
std::string results_text(const SweepResults& results, const std::string& path);

}  // namespace tessera
