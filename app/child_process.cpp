// A child gets its input as a file without a name, so that nothing here waits for it to read and no
// SIGPIPE can come back. It leads a process group of its own, which is what is killed; it dies with
// us, too. Between fork and exec only what POSIX allows there is called.

#include "app/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/errors.hpp"

namespace tessera {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostErrorBytes = 4096;

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  int get() const { return number_; }
  bool open() const { return number_ >= 0; }
  void close() {
    if (open()) {
      ::close(std::exchange(number_, -1));
    }
  }

 private:
  int number_;
};

[[noreturn]] void fail(const char* what) {
  throw FailureError(fmt::format("cannot start a program: {}: {}", what, std::strerror(errno)));
}

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Pipe make_pipe() {
  std::array<int, 2> ends = {};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    fail("pipe");
  }
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Descriptor file_of(const std::string& input) {
  Descriptor file(memfd_create("question", MFD_CLOEXEC));
  if (!file.open()) {
    fail("memfd_create");
  }
  std::size_t done = 0;
  while (done < input.size()) {
    const ssize_t count = write(file.get(), input.data() + done, input.size() - done);
    if (count < 0 && errno != EINTR) {
      fail("write");
    }
    done += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

/// In the child: becomes the program, or tells `report` why not.
[[noreturn]] void become(const char* program, int input, int output, int errors, int report) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  char* const arguments[] = {const_cast<char*>(program), nullptr};
  execv(program, arguments);
  const int why = errno;
  [[maybe_unused]] const ssize_t told = write(report, &why, sizeof why);
  _exit(127);
}

int milliseconds_until(Clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left + 1, 0, 1000));
}

/// Takes what is there; false at the end. What exceeds `most` is dropped, and `over` set.
bool take(int from, std::string& into, std::size_t most, bool& over) {
  std::array<char, 4096> buffer = {};
  const ssize_t count = read(from, buffer.data(), buffer.size());
  if (count < 0) {
    return errno == EINTR || errno == EAGAIN;
  }
  const std::size_t room = most - into.size();
  over = over || static_cast<std::size_t>(count) > room;
  into.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
  return count > 0;
}

/// A child that was started; killed with its group when this goes and it still runs.
class Child {
 public:
  explicit Child(pid_t id) : id_(id) {}
  ~Child() {
    if (!reaped_) {
      kill_group();
      waitpid(id_, nullptr, 0);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void kill_group() const {
    kill(-id_, SIGKILL);
    kill(id_, SIGKILL);  // where it has not come to making its group
  }
  /// Waits until then for its end.
  bool wait_until(Clock::time_point deadline, int& status) {
    while (true) {
      const pid_t done = waitpid(id_, &status, WNOHANG);
      if (done == id_) {
        reaped_ = true;
        return true;
      }
      if (Clock::now() >= deadline) {
        return false;
      }
      constexpr int kPause = 2;
      poll(nullptr, 0, std::min(kPause, milliseconds_until(deadline)));
    }
  }

 private:
  pid_t id_;
  bool reaped_ = false;
};

/// Reads both pipes to their ends. False where the time ran out first or there was too much.
bool read_all(Descriptor& output, Descriptor& errors, Clock::time_point deadline,
              const ChildLimits& limits, ChildResult& result) {
  bool over = false;
  bool ignored = false;
  while (output.open() || errors.open()) {
    std::array<pollfd, 2> waiting = {
        {{output.get(), POLLIN, 0}, {errors.get(), POLLIN, 0}}};  // -1 is passed over
    const int ready = poll(waiting.data(), waiting.size(), milliseconds_until(deadline));
    if (ready <= 0 && Clock::now() >= deadline) {
      result.end = ChildResult::End::too_slow;
      return false;
    }
    if (waiting[0].revents != 0 && !take(output.get(), result.output, limits.output_bytes, over)) {
      output.close();
    }
    if (waiting[1].revents != 0 && !take(errors.get(), result.errors, kMostErrorBytes, ignored)) {
      errors.close();
    }
    if (over) {
      result.end = ChildResult::End::too_much_output;
      return false;
    }
  }
  return true;
}

}  // namespace

ChildResult run_child(const std::string& program, const std::string& input,
                      const ChildLimits& limits) {
  const Clock::time_point deadline =
      Clock::now() +
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(limits.seconds));
  const Descriptor question = file_of(input);
  Pipe output = make_pipe();
  Pipe errors = make_pipe();
  Pipe report = make_pipe();
  const pid_t id = fork();
  if (id < 0) {
    fail("fork");
  }
  if (id == 0) {
    become(program.c_str(), question.get(), output.write.get(), errors.write.get(),
           report.write.get());
  }
  Child child(id);
  output.write.close();
  errors.write.close();
  report.write.close();
  ChildResult result;
  int why = 0;
  ssize_t told = 0;
  do {
    told = read(report.read.get(), &why, sizeof why);  // ends at the child's exec
  } while (told < 0 && errno == EINTR);
  if (told == sizeof why) {
    result.end = ChildResult::End::not_started;
    result.code = why;
    return result;
  }
  if (!read_all(output.read, errors.read, deadline, limits, result)) {
    return result;
  }
  int status = 0;
  if (!child.wait_until(deadline, status)) {
    result.end = ChildResult::End::too_slow;
    return result;
  }
  child.kill_group();  // what it left behind
  if (WIFSIGNALED(status)) {
    result.end = ChildResult::End::signalled;
    result.code = WTERMSIG(status);
  } else {
    result.code = WEXITSTATUS(status);
  }
  return result;
}

}  // namespace tessera
