#include "app/output_files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/errors.hpp"

namespace tessera {

namespace {

[[noreturn]] void fail(const std::string& doing, int error) {
  throw FailureError(fmt::format("cannot {}: {}", doing, std::strerror(error)));
}

/// A new file with a name of its own beside the one it will become; removed unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& target) : path_(target + ".XXXXXX") {
    descriptor_ = mkstemp(path_.data());
    if (descriptor_ < 0) {
      fail(fmt::format("write '{}'", target), errno);
    }
    // mkstemp gives a private file; a result has the rights that any new file has.
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(descriptor_, 0666 & ~mask);
  }
  ~TemporaryFile() {
    if (descriptor_ >= 0) {
      close(descriptor_);
    }
    if (!renamed_) {
      unlink(path_.c_str());
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::string_view content, const std::string& target) {
    while (!content.empty()) {
      const ssize_t count = ::write(descriptor_, content.data(), content.size());
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        fail(fmt::format("write '{}'", target), errno);
      }
      content.remove_prefix(static_cast<std::size_t>(count));
    }
    if (fsync(descriptor_) != 0) {
      fail(fmt::format("write '{}'", target), errno);
    }
  }

  void rename_to(const std::string& target) {
    if (std::rename(path_.c_str(), target.c_str()) != 0) {
      fail(fmt::format("write '{}'", target), errno);
    }
    renamed_ = true;
  }

 private:
  std::string path_;
  int descriptor_ = -1;
  bool renamed_ = false;
};

}  // namespace

OutputDirectory::OutputDirectory(std::string path) : path_(std::move(path)) {
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (!std::filesystem::is_directory(path_)) {
    fail(fmt::format("make the directory '{}'", path_), error ? error.value() : ENOTDIR);
  }
  const TemporaryFile attempt(path_of("front.csv"));
}

std::string OutputDirectory::path_of(std::string_view name) const {
  return (std::filesystem::path(path_) / name).string();
}

void OutputDirectory::write(std::string_view name, std::string_view content) const {
  const std::string target = path_of(name);
  TemporaryFile file(target);
  file.write(content, target);
  file.rename_to(target);
}

void OutputDirectory::remove(std::string_view name) const {
  std::error_code error;
  std::filesystem::remove(path_of(name), error);
  if (error) {
    fail(fmt::format("remove '{}'", path_of(name)), error.value());
  }
}

}  // namespace tessera
