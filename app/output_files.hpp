#pragma once

#include <string>
#include <string_view>

namespace tessera {

/// A directory that receives result files.
class OutputDirectory {
 public:
  /// Makes the directory (and those above it) if it is not there, and tries whether files can be
  /// made in it, so that a long search does not end in vain. Throws FailureError.
  explicit OutputDirectory(std::string path);

  /// Writes `content` aside and renames it, so that `name` is at any moment the old file or the
  /// whole new one. Throws FailureError.
  void write(std::string_view name, std::string_view content) const;
  /// Removes a file of an earlier run, if there is one. Throws FailureError.
  void remove(std::string_view name) const;
  std::string path_of(std::string_view name) const;

 private:
  std::string path_;
};

}  // namespace tessera
