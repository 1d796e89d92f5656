#pragma once

#include <cstddef>
#include <string>

namespace tessera {

/// How a program that was started ended.
struct ChildResult {
  enum class End { exited, signalled, not_started, too_slow, too_much_output } end = End::exited;
  int code = 0;  ///< exit code, signal, or errno of what was not started
  std::string output;
  std::string errors;  ///< the start of what it wrote to standard error
};

/// What a program may use.
struct ChildLimits {
  double seconds = 10;
  std::size_t output_bytes = std::size_t{1} << 20;
};

/// Starts `program` (a path; no shell, no arguments) with `input` on its standard input and waits
/// for its end. Beyond the limits it is killed, with every process of its group. Throws
/// FailureError where the system has no process or pipe left.
ChildResult run_child(const std::string& program, const std::string& input,
                      const ChildLimits& limits);

}  // namespace tessera
