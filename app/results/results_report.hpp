#pragma once

#include <string>
#include <vector>

#include "app/results/results_file.hpp"

namespace tessera {

/// The points of a sweep with which of their rows are on its front: undominated, by the objectives,
/// among the rows of all points.
struct SweepResults {
  SweepIdentity identity;
  std::uint64_t finished = 0;
  std::uint64_t proven = 0;      ///< of these, searched with an exact front
  std::uint64_t skipped = 0;     ///< of these, proven not to reach the front
  std::uint64_t infeasible = 0;  ///< of these, with no mapping
  std::string why_not;           ///< why the first of those has none, with its number
  /// In order; only those with rows to show.
  std::vector<PointResult> points;
  std::vector<std::vector<bool>> on_front;  ///< by place in `points`, then in its front
  std::size_t front_size = 0;

  /// All rows, or only those of the front: then no others are ever in memory together.
  static SweepResults read(ResultsFile& file, bool front_only);
};

/// A row a point of a machine's front, in the order of points, `on_front` 1 or 0. Rows of the front
/// depend on the sweep alone; all rows, also on which points were skipped.
std::string results_csv(const SweepResults& results);
std::string results_json(const SweepResults& results);
/// What is there, and the front as a table.
std::string results_text(const SweepResults& results, const std::string& path);

}  // namespace tessera
