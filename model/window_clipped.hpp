#pragma once

#include <cstdint>
#include <vector>

#include "model/window.hpp"

namespace tessera {

/// The three counts of `Window` for ranks with a dimension whose digits make indices that do not
/// exist (imperfect factors). Same meaning; exact.
std::int64_t clipped_entering(const std::vector<WindowTerm>& terms, const Nest& nest,
                              const Boundary& boundary, Sharing sharing, WindowScratch& scratch);
std::int64_t clipped_leaving(const std::vector<WindowTerm>& terms, const Nest& nest,
                             const Boundary& boundary, Sharing sharing, WindowScratch& scratch);
std::int64_t clipped_distinct(const std::vector<WindowTerm>& terms, const Nest& nest,
                              const Boundary& boundary, WindowScratch& scratch);

/// Steps of servers at which equally many words move.
struct WindowSteps {
  std::int64_t words = 0;
  std::int64_t times = 0;
};

/// The terms of `clipped_entering` and `clipped_leaving`, most words first; for explanations.
std::vector<WindowSteps> clipped_entering_steps(const std::vector<WindowTerm>& terms,
                                                const Nest& nest, const Boundary& boundary,
                                                Sharing sharing, WindowScratch& scratch);
std::vector<WindowSteps> clipped_leaving_steps(const std::vector<WindowTerm>& terms,
                                               const Nest& nest, const Boundary& boundary,
                                               Sharing sharing, WindowScratch& scratch);

}  // namespace tessera
