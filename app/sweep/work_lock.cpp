#include "app/sweep/work_lock.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/errors.hpp"

namespace tessera {

WorkLock::WorkLock(const std::string& file, const std::atomic<bool>& stop) : path_(file + ".lock") {
  constexpr auto kPatience = std::chrono::seconds(10);
  constexpr auto kPause = std::chrono::milliseconds(20);
  const auto start = std::chrono::steady_clock::now();
  while (!taken()) {
    if (stop.load() || std::chrono::steady_clock::now() - start > kPatience) {
      throw FailureError(fmt::format("another run of this sweep is writing to '{}'", file));
    }
    std::this_thread::sleep_for(kPause);
  }
}

WorkLock::~WorkLock() {
  unlink(path_.c_str());
  ::close(descriptor_);
}

bool WorkLock::held(const std::string& file) {
  const int descriptor = ::open((file + ".lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return false;
  }
  const bool held = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

bool WorkLock::taken() {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    throw FailureError(fmt::format("cannot write '{}': {}", path_, std::strerror(errno)));
  }
  const int error = flock(descriptor_, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  struct stat mine = {};
  struct stat named = {};
  // The run before removes the file when it ends; a lock on a file without a name keeps nobody out.
  if (error == 0 && fstat(descriptor_, &mine) == 0 && stat(path_.c_str(), &named) == 0 &&
      mine.st_ino == named.st_ino) {
    return true;
  }
  ::close(descriptor_);
  if (error != 0 && error != EWOULDBLOCK && error != EINTR) {
    throw FailureError(fmt::format("cannot lock '{}': {}", path_, std::strerror(error)));
  }
  return false;
}

}  // namespace tessera
