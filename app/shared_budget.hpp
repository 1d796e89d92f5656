#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

#include "app/options.hpp"

namespace tessera {

/// A budget for many searches, one after the other: each may use an equal share of what is left, so
/// that what a quick one leaves goes to those after it.
class SharedBudget {
 public:
  /// Starts the clock of the option `budget`, if it is given.
  explicit SharedBudget(const OptionValues& values)
      : start_(Clock::now()),
        seconds_(values.given("budget") ? std::optional(values.seconds("budget")) : std::nullopt) {}

  /// Seconds for the next of `searches_left` searches, always some; empty without a budget.
  std::optional<double> share(std::size_t searches_left) const {
    if (!seconds_) {
      return std::nullopt;
    }
    const std::chrono::duration<double> used = Clock::now() - start_;
    constexpr double kLeast = 1e-3;
    return std::max(kLeast, (*seconds_ - used.count()) / static_cast<double>(searches_left));
  }

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point start_;
  std::optional<double> seconds_;
};

}  // namespace tessera
