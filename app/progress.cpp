#include "app/progress.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/numbers.hpp"

namespace tessera {

namespace {

constexpr auto kBetweenDrawings = std::chrono::milliseconds(100);

std::size_t terminal_width() {
  winsize size = {};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col : 80;
}

}  // namespace

bool ProgressLine::possible() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && terminal != nullptr && *terminal != '\0' &&
         std::string_view(terminal) != "dumb";
}

ProgressLine::ProgressLine(std::vector<Objective> objectives)
    : objectives_(std::move(objectives)), start_(Clock::now()), drawn_(start_) {}

ProgressLine::~ProgressLine() {
  clear();
}

void ProgressLine::show(const SearchProgress& progress) {
  const auto now = Clock::now();
  if (now - drawn_ < kBetweenDrawings) {
    return;
  }
  drawn_ = now;
  const std::chrono::duration<double> elapsed = now - start_;
  std::string text = what_ + progress_text(progress, objectives_, elapsed.count());
  // A line that wraps could not be redrawn.
  text.resize(std::min(text.size(), terminal_width() - 1));
  fmt::print(stderr, "\r{}\x1b[K", text);
  std::fflush(stderr);
  visible_ = true;
}

void ProgressLine::begin(std::string what) {
  what_ = std::move(what);
  start_ = Clock::now();
}

void ProgressLine::clear() {
  if (visible_) {
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    visible_ = false;
  }
}

std::string objective_text(const Objective& objective, double value, int digits) {
  switch (objective) {
    case Objective::energy:
      return with_si_prefix(value * 1e-12, "J", digits);
    case Objective::latency:
      return grouped(static_cast<std::int64_t>(value)) + " cycles";
    case Objective::area:
      return rounded(value, digits) + " mm2";
    case Objective::edp:
      return rounded(value, digits) + " J*s";
    case Objective::power:
      return with_si_prefix(value, "W", digits);
    case Objective::dram_words:
      return grouped(static_cast<std::int64_t>(value)) + " words";
    case Objective::formula:
      return rounded(value, digits);
  }
  return "";
}

std::string progress_text(const SearchProgress& progress, const std::vector<Objective>& objectives,
                          double seconds) {
  const double rate = seconds > 0 ? static_cast<double>(progress.evaluated) / seconds : 0;
  std::string text = fmt::format("{:5.1f} %  {} mappings, {}", progress.share_done * 100,
                                 grouped(progress.evaluated), with_si_prefix(rate, "/s", 3));
  if (progress.gap) {
    text += fmt::format("  gap {:.2f} %", *progress.gap * 100);
  }
  for (std::size_t i = 0; i < objectives.size() && i < progress.best.size(); ++i) {
    text += fmt::format("  {} {}", to_string(objectives[i]),
                        objective_text(objectives[i], progress.best[i], 6));
  }
  return text;
}

}  // namespace tessera
