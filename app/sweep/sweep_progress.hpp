#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "app/options.hpp"

namespace tessera {

/// A duration as people say it: `40 s`, `12 min`, `7.5 h`.
std::string duration_text(double seconds);

/// How far a run is: a line that is redrawn on a terminal, else a line a minute.
class SweepProgress {
 public:
  /// `points` are to be finished, `done` of them were before this run.
  SweepProgress(const OptionValues& values, std::uint64_t points, std::uint64_t done);
  ~SweepProgress();
  SweepProgress(const SweepProgress&) = delete;
  SweepProgress& operator=(const SweepProgress&) = delete;

  /// One more point is finished; `front` rows are undominated so far.
  void finished(std::size_t front, bool skipped);
  void show();

 private:
  using Clock = std::chrono::steady_clock;

  bool quiet_;
  bool terminal_;
  std::uint64_t points_;
  std::uint64_t before_;
  std::uint64_t done_;
  std::uint64_t skipped_ = 0;
  std::size_t front_ = 0;
  Clock::time_point start_;
  Clock::time_point shown_;
  bool visible_ = false;
};

}  // namespace tessera
