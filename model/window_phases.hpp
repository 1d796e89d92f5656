#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "model/checked.hpp"
#include "model/window.hpp"

namespace tessera {

// The steps of a sliding rank, in runs of steps that look alike; exact also where some digits make
// indices that do not exist (imperfect factors).
//
// Take one dimension of the rank, of bound N. Its base digits (outside the sweep, in it, or making
// servers) give a base B; the instances below a server stand at B + s, s over their spatial digits;
// what an instance holds is the hull of B + s + i, i over the digits inside the tile, as far as
// that is below N. Everything at a step depends on B only through N - B, and changes only where the
// last existing i of some instance falls away: the hull of s at B reaches to i(s) = max {i : B + s
// + i < N}, and keeps that shape until B reaches N - s - i(s). So the bases are walked in runs of
// equal shape (`WindowPhase`), each counted in closed form (Radix::count_below): few runs, however
// large the bounds, since only the last tiles are clipped. The step of the sweep before (entering)
// or after (leaving) is compared with the same way; it lies d_j away, j the sweep digit that counts
// (window.cpp), so the runs are taken for each j apart, and for the first (last) step of a sweep.
//
// A rank of several dimensions adds up their intervals; the phases of its dimensions combine
// freely, since whether an index exists is a matter of each dimension alone. What moves is held
// \ other, at most two runs of words.
//

enum class Direction { entering, leaving };

/// held \ other: at most two runs, empty parts normalised so that equal sets compare equal.
inline std::array<Interval, 2> difference(const Interval& held, const Interval& other) {
  const Interval low{held.first, std::min(held.last, other.first - 1)};
  const Interval high{std::max(held.first, other.last + 1), held.last};
  if (low.empty()) {
    return {high.empty() ? Interval{} : high, Interval{}};
  }
  return {low, high.empty() ? Interval{} : high};
}

/// sum + k * piece, place by place.
inline Interval add_scaled(const Interval& sum, const Interval& piece, std::int64_t k) {
  return k > 0 ? Interval{sum.first + k * piece.first, sum.last + k * piece.last}
               : Interval{sum.first + k * piece.last, sum.last + k * piece.first};
}

/// Walks the steps of one sliding rank.
class WindowWalk {
 public:
  /// Lists the phases of each term in `scratch`, whose contents must not change while the steps
  /// are walked (`sets` and `intervals` may).
  WindowWalk(const std::vector<WindowTerm>& terms, const Nest& nest, const Boundary& boundary,
             Direction direction, WindowScratch& scratch);

  /// The same of what enters, for links: pieces also stand for instances that have no work any
  /// more (`held` empty), as neighbours may get what they held before, and instances apart are
  /// below one server all the same.
  struct Neighbours {};
  WindowWalk(const std::vector<WindowTerm>& terms, const Nest& nest, const Boundary& boundary,
             Neighbours, WindowScratch& scratch);

  /// Calls visit(count) for each combination of the terms' phases: `count` (server, step)s look
  /// like this one.
  template <class Visit>
  void for_each(Visit&& visit) {
    over_phases(0, 1, visit);
  }

  /// At the step visited: the pieces of one term, by the number of the combination of its digits.
  std::span<const WindowPiece> pieces(std::size_t t) const {
    const WindowPhase& phase = scratch_.phases[chosen_[t]];
    return {scratch_.pieces.data() + phase.begin, phase.end - phase.begin};
  }
  /// The term whose dimension the sweep moves along; kMaxDimensions: none.
  std::size_t swept() const { return swept_; }

  /// At the step visited: calls visit(piece, compared, at) for each instance below the server that
  /// has work: what it holds and, if `compared`, what it held (or will hold) at the neighbouring
  /// step of the sweep. `at` has for each term the number of the combination of its digits on the
  /// fanouts between, in lexicographic order.
  template <class Visit>
  void for_each_piece(Visit&& visit) {
    over_pieces(0, WindowPiece{.held = {0, 0}, .other = {0, 0}}, false, visit);
  }

 private:
  void list_phases(const Nest& nest, const Boundary& boundary, Direction direction,
                   bool neighbours);

  template <class Visit>
  void over_phases(std::size_t t, std::int64_t count, Visit& visit) {
    if (t == terms_.size()) {
      visit(count);
      return;
    }
    for (std::size_t p = t == 0 ? 0 : ends_[t - 1]; p < ends_[t]; ++p) {
      chosen_[t] = p;
      over_phases(t + 1, checked_mul(count, scratch_.phases[p].count), visit);
    }
  }

  template <class Visit>
  void over_pieces(std::size_t t, const WindowPiece& sum, bool compared, Visit& visit) {
    if (t == terms_.size()) {
      visit(sum, compared, std::span<const std::size_t>(at_.data(), terms_.size()));
      return;
    }
    const WindowPhase& phase = scratch_.phases[chosen_[t]];
    const std::int64_t k = terms_[t].coefficient;
    for (std::size_t i = phase.begin; i < phase.end; ++i) {
      const WindowPiece& piece = scratch_.pieces[i];
      const bool moves = t == swept_ && !piece.other.empty();
      at_[t] = i - phase.begin;
      over_pieces(t + 1,
                  WindowPiece{.held = add_scaled(sum.held, piece.held, k),
                              .other = add_scaled(sum.other, moves ? piece.other : piece.held, k)},
                  compared || moves, visit);
    }
  }

  const std::vector<WindowTerm>& terms_;
  WindowScratch& scratch_;
  std::array<std::size_t, kMaxDimensions> ends_{};
  std::array<std::size_t, kMaxDimensions> chosen_{};
  std::array<std::size_t, kMaxDimensions> at_{};
  std::size_t swept_ = kMaxDimensions;
};

}  // namespace tessera
