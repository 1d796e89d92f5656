#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <optional>
#include <thread>

namespace tessera {

/// Ends a search from outside: sets a flag on SIGINT, on SIGTERM, or when the budget is used up. A
/// further one ends the program at once, unless it comes so soon after the first (kSameInterrupt,
/// kSameTermination) that it is the same wish told twice: `timeout` signals the program and then
/// its group, and a scheduler the step and then the job.
///
/// While it lives the signals are blocked in every thread that is started, and a thread of its own
/// waits for them, so there is no signal handler and nothing global. A signal that the program was
/// started to ignore (nohup, a job in the background) stays ignored.
class StopWatch {
 public:
  enum class Cause { none, budget, interrupt, terminate };
  /// Shorter than it takes to press Ctrl-C again.
  static constexpr std::chrono::milliseconds kSameInterrupt{250};
  static constexpr std::chrono::milliseconds kSameTermination{1000};

  /// Starts the clock; a budget that is over at once has set the flag when it returns. Make it
  /// before any other thread.
  explicit StopWatch(std::optional<double> budget_seconds);
  ~StopWatch();
  StopWatch(const StopWatch&) = delete;
  StopWatch& operator=(const StopWatch&) = delete;

  /// Starts the clock anew for the next of several searches: the flag is cleared if it was the
  /// budget that set it, not after a signal. Not while a search runs.
  void restart(std::optional<double> budget_seconds);

  /// Sets the flag, without a cause: something failed, and all that runs is to end.
  void end() { stop_ = true; }

  const std::atomic<bool>& stop() const { return stop_; }
  /// What set the flag first.
  Cause cause() const { return cause_; }

 private:
  using Clock = std::chrono::steady_clock;

  void watch();
  void end_if_over();
  std::optional<Clock::time_point> deadline();

  std::atomic<bool> stop_ = false;
  std::atomic<bool> watching_ = false;
  std::atomic<bool> finished_ = false;
  std::atomic<Cause> cause_ = Cause::none;
  std::mutex mutex_;
  std::optional<Clock::time_point> deadline_;  ///< under mutex_
  sigset_t signals_;
  sigset_t before_;
  std::thread thread_;
};

}  // namespace tessera
