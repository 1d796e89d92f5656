// What a transcript cannot show: signals to a running search, and a search on a terminal.
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/catch_compat.hpp"

namespace fs = std::filesystem;

namespace {

/// A directory that lives as long as the test.
class Scratch {
 public:
  Scratch() {
    std::string path = (fs::temp_directory_path() / "tessera-terminal-XXXXXX").string();
    REQUIRE(mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  ~Scratch() { fs::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

[[noreturn]] void become_program(const std::vector<std::string>& arguments) {
  std::vector<char*> argv = {const_cast<char*>("tessera")};
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  execv(TESSERA_PROGRAM, argv.data());
  _exit(127);
}

pid_t start(const std::vector<std::string>& arguments, const Scratch& scratch) {
  const std::string out = (scratch / "out").string();
  const std::string err = (scratch / "err").string();
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (std::freopen(out.c_str(), "w", stdout) == nullptr ||
        std::freopen(err.c_str(), "w", stderr) == nullptr) {
      _exit(126);
    }
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    become_program(arguments);
  }
  return child;
}

int exit_code_of(pid_t child) {
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const std::vector<std::string> kLongSearch = {"search", "gemm-256",  "s3",           "--algorithm",
                                              "random", "--samples", "1000000000000"};

std::vector<std::string> long_search(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = kLongSearch;
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

struct Ended {
  int code = 0;
  double seconds = 0;  ///< from the signal to the end
};

Ended stop_search(int signal_number, const Scratch& scratch) {
  const pid_t child = start(long_search({"--out", (scratch / "result").string()}), scratch);
  // The directory is made just before the search begins, however slow the machine is.
  for (int tries = 0; tries < 600 && !fs::exists(scratch / "result"); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  std::this_thread::sleep_for(std::chrono::seconds(2));
  const auto sent = std::chrono::steady_clock::now();
  REQUIRE(kill(child, signal_number) == 0);
  Ended ended;
  ended.code = exit_code_of(child);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - sent;
  ended.seconds = taken.count();
  return ended;
}

}  // namespace

TEST_CASE("an interrupt ends a search with 130 and the best found so far written") {
  const Scratch scratch;
  const Ended ended = stop_search(SIGINT, scratch);
  CHECK(ended.code == 130);
  CHECK(ended.seconds < 10);
  CHECK_THAT(text_of(scratch / "err"), ContainsText("tessera: interrupted"));
  CHECK_THAT(text_of(scratch / "result/front.csv"), ContainsText("\ns3,gemm-256,"));
  CHECK_THAT(text_of(scratch / "result/front.json"), ContainsText("\"stopped\": true"));
  CHECK_THAT(text_of(scratch / "result/best.mapping.yaml"), ContainsText("mapping:"));
  CHECK_THAT(text_of(scratch / "out"), ContainsText("stopped early"));
}

TEST_CASE("a termination ends a search with 75 and the best found so far written") {
  const Scratch scratch;
  const Ended ended = stop_search(SIGTERM, scratch);
  CHECK(ended.code == 75);
  CHECK_THAT(text_of(scratch / "result/front.csv"), ContainsText("\ns3,gemm-256,"));
}

TEST_CASE("a search that was started to ignore interrupts goes on") {
  const Scratch scratch;
  const auto previous = std::signal(SIGINT, SIG_IGN);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // As `nohup` and the shell's `&` start a program: SIGINT is ignored across exec.
    if (std::freopen("/dev/null", "w", stdout) == nullptr) {
      _exit(126);
    }
    become_program(long_search(
        {"--budget", "2s", "--quiet", "--format", "csv", "--out", (scratch / "result").string()}));
  }
  std::signal(SIGINT, previous);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  REQUIRE(kill(child, SIGINT) == 0);
  CHECK(exit_code_of(child) == 0);
}

namespace {

/// What a program prints to a terminal of 100 columns, and its exit code; empty where the system
/// has no pseudo-terminals (a container without /dev/pts).
std::optional<std::pair<std::string, int>> on_terminal(const std::vector<std::string>& arguments,
                                                       const char* terminal) {
  winsize size = {};
  size.ws_col = 100;
  size.ws_row = 30;
  int master = -1;
  const pid_t child = forkpty(&master, nullptr, nullptr, &size);
  if (child < 0) {
    WARN("no pseudo-terminal can be had here: not tested");
    return std::nullopt;
  }
  if (child == 0) {
    setenv("TERM", terminal, 1);
    become_program(arguments);
  }
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t count; (count = read(master, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(master);
  return std::pair{text, exit_code_of(child)};
}

}  // namespace

TEST_CASE("on a terminal a search shows its progress and removes it at the end") {
  const auto shown = on_terminal(long_search({"--budget", "1s", "--format", "csv"}), "xterm");
  if (!shown) {
    return;
  }
  const auto& [text, code] = *shown;
  CHECK(code == 0);
  CHECK_THAT(text, ContainsText("\r  0.0 %  "));
  CHECK_THAT(text, ContainsText(" mappings, "));
  CHECK_THAT(text, ContainsText("energy "));
  const std::size_t last_clear = text.rfind("\r\x1b[K");
  REQUIRE(last_clear != std::string::npos);
  CHECK(text.find(" %  ", last_clear) == std::string::npos);
  CHECK(text.find("\x1b[3") == std::string::npos);  // no colour
}

TEST_CASE("there is no progress on a dumb terminal or when it is not wanted") {
  const auto dumb = on_terminal(long_search({"--budget", "500ms", "--format", "csv"}), "dumb");
  if (!dumb) {
    return;
  }
  CHECK(dumb->first.find('\x1b') == std::string::npos);
  for (const char* option : {"--no-progress", "--quiet"}) {
    const auto shown =
        on_terminal(long_search({"--budget", "500ms", "--format", "csv", option}), "xterm");
    REQUIRE(shown);
    const auto& [text, code] = *shown;
    CHECK(code == 0);
    CHECK(text.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("a second interrupt ends the program at once") {
  const Scratch scratch;
  const pid_t child = start(long_search({}), scratch);
  std::this_thread::sleep_for(std::chrono::seconds(1));
  REQUIRE(kill(child, SIGINT) == 0);
  kill(child, SIGINT);  // whether the search had ended by then or not, the code is the same
  CHECK(exit_code_of(child) == 130);
}
