// A library to be preloaded: ends the program by SIGKILL at its KILL_AT-th change of a file,
// counted from 1. KILL_HOW says when: `before` the change, `after` it, or `torn`: in the middle,
// with half of a write done. With `full` it is not ended: from that change on no write finds room
// on the disk.
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

int changes = 0;

enum class When { before, torn, after };

bool due(When when) {
  const char* at = std::getenv("KILL_AT");
  const char* how = std::getenv("KILL_HOW");
  if (at == nullptr || how == nullptr || changes != std::atoi(at)) {
    return false;
  }
  return std::strcmp(how, when == When::before  ? "before"
                          : when == When::after ? "after"
                                                : "torn") == 0;
}

void kill_if(bool yes) {
  if (yes) {
    kill(getpid(), SIGKILL);
  }
}

/// Does a change of the system library, or dies at it.
template <typename Result, typename... Arguments>
Result change(const char* name, Arguments... arguments) {
  ++changes;
  kill_if(due(When::before) || due(When::torn));
  auto* const real = reinterpret_cast<Result (*)(Arguments...)>(dlsym(RTLD_NEXT, name));
  const Result result = real(arguments...);
  kill_if(due(When::after));
  return result;
}

bool full() {
  const char* at = std::getenv("KILL_AT");
  const char* how = std::getenv("KILL_HOW");
  return at != nullptr && how != nullptr && std::strcmp(how, "full") == 0 &&
         changes >= std::atoi(at);
}

template <typename... Place>
ssize_t write_part(const char* name, int file, const void* bytes, size_t count, Place... place) {
  ++changes;
  if (full() && file > STDERR_FILENO) {
    errno = ENOSPC;
    return -1;
  }
  kill_if(due(When::before));
  auto* const real =
      reinterpret_cast<ssize_t (*)(int, const void*, size_t, Place...)>(dlsym(RTLD_NEXT, name));
  const bool torn = due(When::torn);
  const ssize_t result = real(file, bytes, torn ? count / 2 : count, place...);
  kill_if(torn || due(When::after));
  return result;
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t count) {
  return write_part("write", file, bytes, count);
}
ssize_t pwrite(int file, const void* bytes, size_t count, off_t place) {
  return write_part("pwrite", file, bytes, count, place);
}
ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t place) {
  return write_part("pwrite64", file, bytes, count, place);
}
int ftruncate(int file, off_t size) noexcept {
  return change<int>("ftruncate", file, size);
}
int ftruncate64(int file, off64_t size) noexcept {
  return change<int>("ftruncate64", file, size);
}
int fsync(int file) {
  return change<int>("fsync", file);
}
int fdatasync(int file) {
  return change<int>("fdatasync", file);
}
int rename(const char* from, const char* to) noexcept {
  return change<int>("rename", from, to);
}
int unlink(const char* path) noexcept {
  return change<int>("unlink", path);
}
int remove(const char* path) noexcept {
  return change<int>("remove", path);
}
}
