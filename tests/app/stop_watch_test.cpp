#include "app/stop_watch.hpp"

#include <chrono>
#include <csignal>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/catch_compat.hpp"

namespace tessera {
namespace {

constexpr int kWentOn = 33;

/// The exit code of a process that is sent a signal and, so much later, again; kWentOn if it was
/// still there a while after.
int code_after_two_signals(int number, std::chrono::milliseconds between, bool to_end) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const StopWatch watch(std::nullopt);
    kill(getpid(), number);
    while (!watch.stop()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::this_thread::sleep_for(between);
    kill(getpid(), number);
    // A process that is to end at once is given a long time for it: the machine may be busy.
    std::this_thread::sleep_for(std::chrono::milliseconds(to_end ? 60'000 : 100));
    _exit(kWentOn);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("a stop that is signalled twice, as timeout does, lets the program save what it has") {
  for (const int number : {SIGTERM, SIGINT}) {
    CHECK(code_after_two_signals(number, std::chrono::milliseconds(0), false) == kWentOn);
  }
  CHECK(code_after_two_signals(SIGTERM, std::chrono::milliseconds(20), false) == kWentOn);
}

TEST_CASE("a second signal some time after the first ends the program at once") {
  const std::chrono::milliseconds more(10);
  CHECK(code_after_two_signals(SIGTERM, StopWatch::kSameTermination + more, true) == 75);
  CHECK(code_after_two_signals(SIGINT, StopWatch::kSameInterrupt + more, true) == 130);
}

}  // namespace tessera
