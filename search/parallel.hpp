#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace tessera {

/// The work of `run_chunks`: chunks 0 .. chunks-1, proposed in parallel and committed in order.
struct ChunkedWork {
  std::uint64_t chunks = 0;
  /// Does one chunk. `worker` (0 .. threads-1) is never used by two calls at a time: what a worker
  /// reuses is found by it. `slot` (0 .. slots-1) is where to leave the result; nobody else touches
  /// the slot until the chunk has been committed. Should poll `stop` and return early. May call
  /// `run_chunks` itself.
  std::function<void(std::uint64_t chunk, std::size_t slot, std::size_t worker)> propose;
  /// Takes the result of one chunk from its slot: in the order of chunks, one at a time.
  std::function<void(std::uint64_t chunk, std::size_t slot)> commit;
  /// How far proposing may run ahead: chunk c is proposed after c - slots has been committed, and
  /// has its slot, c modulo slots. 0: slots_for(threads).
  std::size_t slots = 0;
  /// Threads that it may use together with the work inside it. 0: those it is run on.
  int threads = 0;
};

/// Result slots that `run_chunks` uses unless it is told how many.
std::size_t slots_for(int threads);

/// Runs `work` on `threads` threads. The one place of the program that knows of threads: on oneTBB,
/// or on std::thread with -DTESSERA_PARALLEL=std (the thread sanitizer is blind under a
/// distribution's oneTBB).
///
/// What is committed, and in which order, does not depend on the number of threads, unless `stop`
/// becomes true: then no further chunk is begun, those begun are committed (in order), and false
/// is returned if any chunk was left out. An exception of `propose` or `commit` ends the run like
/// `stop` and is thrown on.
bool run_chunks(const ChunkedWork& work, int threads, const std::atomic<bool>* stop);

}  // namespace tessera
