#pragma once

#include <exception>
#include <string>
#include <utility>

namespace tessera {

/// Exit codes of the program (DESIGN section 8).
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailure = 1;  ///< a bug of ours, or the system failed us
inline constexpr int kExitBadInput = 2;
inline constexpr int kExitNoMapping = 3;    ///< no legal mapping
inline constexpr int kExitTerminated = 75;  ///< stopped by SIGTERM, what was found is saved
inline constexpr int kExitInterrupted = 130;

/// The command line asks for something that cannot be: one or two lines without the `tessera:`
/// before them. Exit code 2.
class UsageError : public std::exception {
 public:
  explicit UsageError(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

/// The system failed us (no permission, disk full), or a result did not stand its own check. Exit
/// code 1.
class FailureError : public std::exception {
 public:
  explicit FailureError(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

}  // namespace tessera
