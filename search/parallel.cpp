#include "search/parallel.hpp"

#include <algorithm>

#if defined(TESSERA_PARALLEL_STD)
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>
#else
#include <optional>

#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>
#endif

namespace tessera {

std::size_t slots_for(int threads) {
  return 4 * static_cast<std::size_t>(std::max(threads, 1));
}

namespace {

std::size_t slots_of(const ChunkedWork& work, int threads) {
  return work.slots > 0 ? work.slots : slots_for(threads);
}

/// On the calling thread alone.
bool run_in_order(const ChunkedWork& work, const std::atomic<bool>* stop) {
  const std::size_t slots = slots_of(work, 1);
  std::uint64_t next = 0;
  for (; next < work.chunks && (stop == nullptr || !stop->load()); ++next) {
    work.propose(next, next % slots, 0);
    work.commit(next, next % slots);
  }
  return next == work.chunks;
}

}  // namespace

#if defined(TESSERA_PARALLEL_STD)

namespace {

/// Workers take chunks in order. A chunk's slot must have been committed before it is used
/// again, so a worker may have to wait for an earlier chunk; that one is always in some other
/// worker's hands.
class Pool {
 public:
  Pool(const ChunkedWork& work, int threads, const std::atomic<bool>* stop)
      : work_(work), stop_(stop), done_(slots_of(work, threads), false) {}

  void run(std::size_t worker) {
    std::unique_lock lock(mutex_);
    while (true) {
      ready_.wait(lock, [&] { return next_ < committed_ + done_.size() || failure_; });
      if (next_ == work_.chunks || failure_ || (stop_ != nullptr && stop_->load())) {
        return;
      }
      const std::uint64_t chunk = next_++;
      lock.unlock();
      try {
        work_.propose(chunk, chunk % done_.size(), worker);
        lock.lock();
        done_[chunk % done_.size()] = true;
        commit_ready(lock);
      } catch (...) {
        if (!lock.owns_lock()) {
          lock.lock();
        }
        if (!failure_) {
          failure_ = std::current_exception();
        }
        committing_ = false;
        ready_.notify_all();
      }
    }
  }

  bool finish() {
    if (failure_) {
      std::rethrow_exception(failure_);
    }
    return committed_ == work_.chunks;
  }

 private:
  /// Commits what is next in order, by one worker at a time and without holding up the others.
  void commit_ready(std::unique_lock<std::mutex>& lock) {
    if (committing_) {
      return;
    }
    committing_ = true;
    while (done_[committed_ % done_.size()] && !failure_) {
      const std::uint64_t chunk = committed_;
      lock.unlock();
      work_.commit(chunk, chunk % done_.size());
      lock.lock();
      done_[chunk % done_.size()] = false;
      ++committed_;
      ready_.notify_all();
    }
    committing_ = false;
  }

  const ChunkedWork& work_;
  const std::atomic<bool>* stop_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<bool> done_;       // by slot: proposed, not committed
  std::uint64_t next_ = 0;       // chunk to begin
  std::uint64_t committed_ = 0;  // chunks committed
  bool committing_ = false;
  std::exception_ptr failure_;
};

}  // namespace

bool run_chunks(const ChunkedWork& work, int threads, const std::atomic<bool>* stop) {
  if (threads <= 1) {
    return run_in_order(work, stop);
  }
  Pool pool(work, threads, stop);
  {
    std::vector<std::jthread> workers;
    for (std::size_t worker = 1; worker < static_cast<std::size_t>(std::max(threads, 1));
         ++worker) {
      workers.emplace_back([&pool, worker] { pool.run(worker); });
    }
    pool.run(0);
  }
  return pool.finish();
}

#else

bool run_chunks(const ChunkedWork& work, int threads, const std::atomic<bool>* stop) {
  if (threads <= 1) {
    return run_in_order(work, stop);
  }
  const auto workers = static_cast<std::size_t>(threads);
  const std::size_t slots = slots_of(work, threads);
  // Without this, oneTBB never uses more threads than there are cores. The least of all that are in
  // force holds, so work inside other work must not ask for less.
  constexpr auto kParallelism = tbb::global_control::max_allowed_parallelism;
  const auto all = static_cast<std::size_t>(std::max(threads, work.threads));
  std::optional<tbb::global_control> allowed;
  if (tbb::global_control::active_value(kParallelism) < all) {
    allowed.emplace(kParallelism, all);
  }
  tbb::task_arena arena(static_cast<int>(workers));
  std::uint64_t next = 0;
  const auto take = [&](tbb::flow_control& control) -> std::uint64_t {
    if (next == work.chunks || (stop != nullptr && stop->load())) {
      control.stop();
      return 0;
    }
    return next++;
  };
  const auto propose = [&](std::uint64_t chunk) {
    const auto worker = static_cast<std::size_t>(tbb::this_task_arena::current_thread_index());
    work.propose(chunk, chunk % slots, worker);
    return chunk;
  };
  const auto commit = [&](std::uint64_t chunk) { work.commit(chunk, chunk % slots); };
  // At most `slots` chunks are between the first and the last filter, so no slot is used twice at a
  // time.
  arena.execute([&] {
    tbb::parallel_pipeline(
        slots,
        tbb::make_filter<void, std::uint64_t>(tbb::filter_mode::serial_in_order, take) &
            tbb::make_filter<std::uint64_t, std::uint64_t>(tbb::filter_mode::parallel, propose) &
            tbb::make_filter<std::uint64_t, void>(tbb::filter_mode::serial_in_order, commit));
  });
  return next == work.chunks;
}

#endif

}  // namespace tessera
