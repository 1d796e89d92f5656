#include "app/sweep/sweep_progress.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "app/numbers.hpp"
#include "app/progress.hpp"

namespace tessera {

std::string duration_text(double seconds) {
  if (seconds < 100) {
    return fmt::format("{:.0f} s", seconds);
  }
  if (seconds < 6000) {
    return fmt::format("{:.0f} min", seconds / 60);
  }
  return fmt::format("{:.1f} h", seconds / 3600);
}

SweepProgress::SweepProgress(const OptionValues& values, std::uint64_t points, std::uint64_t done)
    : quiet_(values.flag("quiet") || values.flag("no-progress")),
      terminal_(ProgressLine::possible()),
      points_(points),
      before_(done),
      done_(done),
      start_(Clock::now()),
      shown_(start_) {}

SweepProgress::~SweepProgress() {
  if (visible_) {
    fmt::print(stderr, "\r\x1b[K");
  }
}

void SweepProgress::finished(std::size_t front, bool skipped) {
  ++done_;
  skipped_ += skipped ? 1 : 0;
  front_ = front;
  show();
}

void SweepProgress::show() {
  constexpr auto kOnTerminal = std::chrono::milliseconds(200);
  constexpr auto kInLog = std::chrono::minutes(1);
  const auto now = Clock::now();
  const bool due = terminal_ ? !visible_ || now - shown_ >= kOnTerminal : now - shown_ >= kInLog;
  if (quiet_ || !due) {
    return;
  }
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const std::uint64_t fresh = done_ - before_;
  std::string text =
      fmt::format("{} of {} points{}, {} rows on the front", grouped(done_), grouped(points_),
                  skipped_ > 0 ? fmt::format(" ({} skipped)", grouped(skipped_)) : "",
                  grouped(std::uint64_t{front_}));
  if (fresh > 0) {
    const double each = seconds / static_cast<double>(fresh);
    text += fmt::format(", {:.2g} points/s, {} left", 1 / each,
                        duration_text(each * static_cast<double>(points_ - done_)));
  }
  if (terminal_) {
    fmt::print(stderr, "\r{}\x1b[K", text);
    visible_ = true;
  } else {
    fmt::print(stderr, "tessera: {}\n", text);
  }
}

}  // namespace tessera
