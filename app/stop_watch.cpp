#include "app/stop_watch.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

#include <unistd.h>

#include "app/errors.hpp"

namespace tessera {

namespace {

using Clock = std::chrono::steady_clock;

/// Wakes the watching thread when the search has ended. Anybody else's is of no consequence.
int wake_signal() {
  return SIGRTMIN;
}

bool ignored(int signal_number) {
  struct sigaction action = {};
  return sigaction(signal_number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// Waits for one of `signals`, at most until `deadline`. Negative if none came.
int wait_for(const sigset_t& signals, std::optional<Clock::time_point> deadline) {
  // Long waits are cut up: a time_t in the far future is no use to anybody.
  constexpr double kLongest = 3600;
  double seconds = kLongest;
  if (deadline) {
    const std::chrono::duration<double> left = *deadline - Clock::now();
    seconds = std::clamp(left.count(), 0.0, kLongest);
  }
  timespec timeout = {};
  timeout.tv_sec = static_cast<time_t>(seconds);
  timeout.tv_nsec = static_cast<long>((seconds - std::floor(seconds)) * 1e9);
  return sigtimedwait(&signals, nullptr, &timeout);
}

std::optional<Clock::time_point> deadline_after(std::optional<double> seconds) {
  constexpr double kForever = 1e9;  // beyond it the clock's own range would be left
  if (!seconds || *seconds >= kForever) {
    return std::nullopt;
  }
  return Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*seconds));
}

}  // namespace

StopWatch::StopWatch(std::optional<double> budget_seconds) {
  sigemptyset(&signals_);
  sigaddset(&signals_, wake_signal());
  for (const int signal_number : {SIGINT, SIGTERM}) {
    if (!ignored(signal_number)) {
      sigaddset(&signals_, signal_number);
    }
  }
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  deadline_ = deadline_after(budget_seconds);
  thread_ = std::thread([this] { watch(); });
  watching_.wait(false);
}

StopWatch::~StopWatch() {
  finished_ = true;
  pthread_kill(thread_.native_handle(), wake_signal());
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void StopWatch::restart(std::optional<double> budget_seconds) {
  const std::lock_guard<std::mutex> lock(mutex_);
  deadline_ = deadline_after(budget_seconds);
  if (cause_ == Cause::budget) {
    cause_ = Cause::none;
    stop_ = false;
  }
  pthread_kill(thread_.native_handle(), wake_signal());
}

std::optional<StopWatch::Clock::time_point> StopWatch::deadline() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return deadline_;
}

void StopWatch::end_if_over() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (deadline_ && Clock::now() >= *deadline_) {
    if (!stop_) {
      cause_ = Cause::budget;
      stop_ = true;
    }
    deadline_.reset();
  }
}

void StopWatch::watch() {
  std::optional<Clock::time_point> signalled;
  end_if_over();
  watching_ = true;
  watching_.notify_one();
  while (!finished_) {
    const int signal_number = wait_for(signals_, deadline());
    if (signal_number == SIGINT || signal_number == SIGTERM) {
      const auto same = signal_number == SIGINT ? kSameInterrupt : kSameTermination;
      if (signalled && Clock::now() - *signalled >= same) {
        _exit(signal_number == SIGINT ? kExitInterrupted : kExitTerminated);
      }
      if (!signalled) {
        signalled = Clock::now();
      }
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!stop_) {
        cause_ = signal_number == SIGINT ? Cause::interrupt : Cause::terminate;
        stop_ = true;
      }
    } else {
      end_if_over();
    }
  }
}

}  // namespace tessera
