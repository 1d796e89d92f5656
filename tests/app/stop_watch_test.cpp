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

/// The exit code of a process that is sent SIGTERM and, so much later, again; kWentOn if it was
/// still there a while after.
int code_after_two_signals(std::chrono::milliseconds between) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const StopWatch watch(std::nullopt);
    kill(getpid(), SIGTERM);
    while (!watch.stop()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::this_thread::sleep_for(between);
    kill(getpid(), SIGTERM);
    // A process that is to end at once is given a long time for it: the machine may be busy.
    const bool to_end = between >= StopWatch::kSameStop;
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
  CHECK(code_after_two_signals(std::chrono::milliseconds(0)) == kWentOn);
  CHECK(code_after_two_signals(std::chrono::milliseconds(20)) == kWentOn);
}

TEST_CASE("a second signal some time after the first ends the program at once") {
  CHECK(code_after_two_signals(StopWatch::kSameStop + std::chrono::milliseconds(10)) == 75);
}

}  // namespace tessera
