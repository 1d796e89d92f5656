#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "search/chunk_runner.hpp"
#include "search/state_bytes.hpp"

namespace tessera {

/// Where a search keeps what it needs to go on after the program has ended, and finds it again. A
/// search is a sequence of steps (a genetic search, a branch and bound, ...), which one after the
/// other depends on specs, options and seed only; so a step is known by its number. What is saved
/// of a step is its state at some moment; a finished one's is its result.
class SearchState {
 public:
  struct Saved {
    std::string bytes;
    bool finished = false;
  };

  virtual ~SearchState() = default;

  /// What an earlier run saved of a step, if anything.
  virtual std::optional<Saved> load(std::size_t step) = 0;
  /// Whether it is worth the time to save again.
  virtual bool due() = 0;
  /// Keeps the state of a step. One that is not finished is kept only when `due()`, a finished one
  /// may be kept in memory until then. From any thread, never from two at a time.
  virtual void save(std::size_t step, Saved state) = 0;

 protected:
  /// What comes next is another search: its steps are numbered from 0.
  void restart() { begun_ = finished_ = 0; }

 private:
  friend class Checkpoint;
  std::size_t begun_ = 0;
  std::size_t finished_ = 0;
};

/// What a step does, in a few words: its kind, and what of the options may differ among the steps
/// of one search.
std::string step_key(std::string_view kind, const SearchOptions& options);

/// The state of one step; does nothing where the caller keeps no state. Steps do not overlap. After
/// a step that was not finished nothing is saved: what follows it is not what would follow it in a
/// run that is not stopped.
class Checkpoint {
 public:
  /// Begins the next step. `key` says what it does (see `step_key`): a run that is stopped leaves
  /// steps out, and then what is saved under the number of this one may be another's. Throws
  /// SearchError if what was saved cannot be read.
  Checkpoint(const SearchControl& control, std::string key);

  /// The result that an earlier run came to, if it finished the step.
  std::optional<SearchResult> result();
  /// What to go on from, if an earlier run saved the step and did not finish it.
  StateReader* saved() { return reader_ && !finished_ ? &*reader_ : nullptr; }

  /// Saves the state that `write` puts into a StateWriter, if it is time to. The state must be
  /// one that a run that is not stopped comes to as well: nothing is saved once a stop is asked
  /// for.
  template <class Write>
  void offer(Write write) {
    if (state_ != nullptr && !stopped(control_) && state_->due()) {
      StateWriter writer;
      writer.put(std::string_view(key_));
      write(writer);
      state_->save(step_, {writer.take(), false});
    }
  }

  /// The step has come to its end, unless it was stopped.
  void finish(const SearchResult& result);

 private:
  const SearchControl& control_;
  std::string key_;
  SearchState* state_ = nullptr;
  std::size_t step_ = 0;
  bool finished_ = false;
  std::optional<StateReader> reader_;
};

}  // namespace tessera
