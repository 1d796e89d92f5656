#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "search/objective.hpp"
#include "search/search.hpp"

namespace tessera {

/// One line on standard error that shows how far a search is, redrawn at most ten times a second
/// and removed at the end. Without colours, so NO_COLOR has nothing to change.
class ProgressLine {
 public:
  /// True if standard error is a terminal that can redraw a line.
  static bool possible();

  explicit ProgressLine(std::vector<Objective> objectives);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const SearchProgress& progress);
  void clear();
  /// What stands before the line from now on, such as which of several searches it is; its clock
  /// starts anew.
  void begin(std::string what);

 private:
  using Clock = std::chrono::steady_clock;

  std::vector<Objective> objectives_;
  std::string what_;
  Clock::time_point start_;
  Clock::time_point drawn_;
  bool visible_ = false;
};

/// The line itself: rate, share done, best value of each objective.
std::string progress_text(const SearchProgress& progress, const std::vector<Objective>& objectives,
                          double seconds);

/// A value of an objective for reading, with its unit.
std::string objective_text(const Objective& objective, double value, int digits);

}  // namespace tessera
