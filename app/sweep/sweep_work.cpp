#include "app/sweep/sweep_work.hpp"

#include <algorithm>

#include "app/sweep/known_front.hpp"
#include "search/parallel.hpp"

namespace tessera {

namespace {

/// How far points run ahead of what they know. A wide window keeps more threads busy, and skips
/// less where there are few points. Where nothing is skipped nothing need be known.
std::size_t window_of(const PointSearch& search, std::size_t points) {
  constexpr std::size_t kWidest = 16;
  constexpr std::size_t kWidestWithoutSkips = 64;
  constexpr std::size_t kPointsAPlace = 12;
  return search.skips() ? std::clamp<std::size_t>(points / kPointsAPlace, 1, kWidest)
                        : kWidestWithoutSkips;
}

}  // namespace

SweepWork::SweepWork(const PointSearch& search, ResultsFile& file, std::vector<std::uint64_t> order,
                     SearchControl control, SweepProgress& progress)
    : search_(search),
      file_(file),
      order_(std::move(order)),
      control_(std::move(control)),
      progress_(progress),
      finished_(file.finished()),
      now_{KnownFront(file.identity()), {}} {}

bool SweepWork::was_finished(std::uint64_t point) const {
  return std::binary_search(finished_.begin(), finished_.end(), point);
}

/// Finds the first place that is open and takes in what is known before its window.
void SweepWork::begin() {
  const auto open = std::find_if(order_.begin(), order_.end(),
                                 [&](std::uint64_t point) { return !was_finished(point); });
  const auto first = static_cast<std::size_t>(open - order_.begin());
  const std::size_t window = window_of(search_, order_.size());
  begin_ = first - std::min(first, window - 1);
  for (std::size_t place = 0; place < begin_; ++place) {
    now_.known.add(file_.read(order_[place]));
  }
  window_.assign(window, Slot{now_, std::nullopt});
}

/// More than one only where fewer points are left than there are threads.
int SweepWork::threads_at(std::size_t place) const {
  const std::size_t together = std::min(window_.size(), order_.size() - place);
  return std::max(1, control_.threads / static_cast<int>(together));
}

void SweepWork::propose(std::size_t place, Slot& slot) {
  slot.findings.reset();
  if (was_finished(order_[place])) {
    return;
  }
  SearchControl control = control_;
  control.threads = threads_at(place);
  slot.findings = search_.search(order_[place], slot.before, control);
  if (slot.findings->result) {
    const std::lock_guard<std::mutex> lock(saving_);
    file_.add(*slot.findings->result);
  }
}

void SweepWork::commit(std::size_t place, Slot& slot) {
  stopped_ = stopped_ || (slot.findings && !slot.findings->result);
  if (stopped_) {
    return;
  }
  if (!slot.findings) {
    const std::lock_guard<std::mutex> lock(saving_);
    now_.known.add(file_.read(order_[place]));
  } else {
    now_.known.add(*slot.findings->result);
    if (!slot.findings->raised.empty()) {
      now_.raised = std::move(slot.findings->raised);
    }
    progress_.finished(now_.known.size(), slot.findings->result->skipped_by.has_value());
  }
  slot.findings.reset();
  slot.before = now_;  // for the point that comes into this place of the window
}

void SweepWork::run(StopWatch& watch) {
  begin();
  ChunkedWork work;
  work.chunks = order_.size() - begin_;
  work.slots = window_.size();
  work.threads = control_.threads;
  work.propose = [&](std::uint64_t chunk, std::size_t slot, std::size_t) {
    try {
      propose(begin_ + chunk, window_[slot]);
    } catch (...) {
      watch.end();
      throw;
    }
  };
  work.commit = [&](std::uint64_t chunk, std::size_t slot) {
    commit(begin_ + chunk, window_[slot]);
  };
  run_chunks(work, std::min(control_.threads, static_cast<int>(window_.size())), &watch.stop());
}

}  // namespace tessera
