#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "app/results/sqlite.hpp"
#include "search/search_state.hpp"

namespace tessera {

/// The state of a search in a file of SQLite, one transaction each time it is saved: the program
/// may be killed at any moment. The file is made when there is first something worth keeping, and
/// removed when the results have been written.
///
/// A file that cannot be written (a full disk) does not end a search: it is said once, and the
/// search goes on without.
class SearchStateFile : public SearchState {
 public:
  /// `identity` is all that decides the result, in lines. With `resume` goes on from the file if
  /// there is one, else removes it. `warn` tells the user a sentence. Throws UsageError where the
  /// file is of another search, FailureError where it cannot be read.
  SearchStateFile(std::string path, std::string identity, bool resume,
                  std::function<void(const std::string&)> warn);

  const std::string& path() const { return path_; }
  /// Whether the file is there: made by this run or, resuming, by an earlier one.
  bool exists() const { return database_ != nullptr; }

  /// The searches of a network have names; each has steps of its own.
  void begin_part(std::string name);
  /// The results have been written: there is nothing left to go on with.
  void remove();

  std::optional<Saved> load(std::size_t step) override;
  bool due() override;
  void save(std::size_t step, Saved state) override;

 private:
  using Clock = std::chrono::steady_clock;

  void open();
  void create();
  void write();

  std::string path_;
  std::string identity_;
  std::function<void(const std::string&)> warn_;
  std::unique_ptr<Database> database_;
  std::string part_;
  std::map<std::pair<std::string, std::size_t>, Saved> unwritten_;
  Clock::time_point next_;  ///< when to save again
  bool failed_ = false;
};

}  // namespace tessera
