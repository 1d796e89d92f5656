#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "app/results/results_file.hpp"
#include "app/stop_watch.hpp"
#include "app/sweep/point_search.hpp"
#include "app/sweep/sweep_progress.hpp"
#include "search/search.hpp"

namespace tessera {

/// Searches the points of a shard that are not in its file yet, several at a time, each on a thread
/// of its own as long as there are points enough, and saves each as soon as it is finished.
///
/// Points are taken in a fixed order, and a point knows of those that stand at least a window
/// before it, no more and no less: so which points are skipped does not depend on how many threads
/// there are, nor on where the run was killed and went on.
class SweepWork {
 public:
  /// Keeps references. `order`: all points of the shard, those finished before too.
  SweepWork(const PointSearch& search, ResultsFile& file, std::vector<std::uint64_t> order,
            SearchControl control, SweepProgress& progress);

  /// Ends early, with what is finished saved, when the watch says so. What fails in one point ends
  /// the searches of all others and is thrown on: FailureError, SpecError, SearchError.
  void run(StopWatch& watch);

 private:
  /// One place of the window.
  struct Slot {
    Before before;
    std::optional<PointFindings> findings;  ///< none: finished in an earlier run
  };

  void begin();
  bool was_finished(std::uint64_t point) const;
  void propose(std::size_t place, Slot& slot);
  void commit(std::size_t place, Slot& slot);
  int threads_at(std::size_t place) const;

  const PointSearch& search_;
  ResultsFile& file_;
  std::vector<std::uint64_t> order_;
  SearchControl control_;
  SweepProgress& progress_;
  std::vector<std::uint64_t> finished_;  ///< before, sorted
  std::size_t begin_ = 0;                ///< the first place that is looked at
  Before now_;                           ///< what is known of all places committed
  bool stopped_ = false;                 ///< some place was not searched to its end
  std::vector<Slot> window_;             ///< most points that are searched at a time
  std::mutex saving_;                    ///< for `file_`
};

}  // namespace tessera
