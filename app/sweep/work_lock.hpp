#pragma once

#include <atomic>
#include <string>

namespace tessera {

/// Keeps two runs from working on one file. A run that was killed may hold its lock for a while
/// yet, until the system has ended all of it, so the second one waits a little before it gives up.
class WorkLock {
 public:
  /// Throws FailureError where another run has the lock, or where there can be none.
  WorkLock(const std::string& file, const std::atomic<bool>& stop);
  ~WorkLock();
  WorkLock(const WorkLock&) = delete;
  WorkLock& operator=(const WorkLock&) = delete;

  /// Whether some run has the lock just now.
  static bool held(const std::string& file);

 private:
  bool taken();

  std::string path_;
  int descriptor_ = -1;
};

}  // namespace tessera
