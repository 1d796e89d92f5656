#include "model/window_phases.hpp"

#include <algorithm>

#include "model/radix.hpp"

namespace tessera {
namespace {

/// The digits of one dimension by what they do, outer to inner each.
struct Roles {
  Radix base;                            ///< outside the sweep, and making servers
  Radix sharing;                         ///< making the instances below one server
  Radix tile;                            ///< inside the tile
  std::array<Digit, kMaxLoops> ordered;  ///< base and sweep digits together, in order
  std::size_t ordered_size = 0;
  std::array<bool, kMaxLoops> sweeps;  ///< whether ordered[i] is in the sweep
};

void split(std::span<const Digit> digits, const Boundary& boundary, Roles& roles) {
  for (const Digit& digit : digits) {
    if (boundary.inside(digit)) {
      roles.tile.push(digit.bound, digit.weight);
    } else if (boundary.shares(digit)) {
      roles.sharing.push(digit.bound, digit.weight);
    } else {
      const bool sweeps =
          digit.temporal() && digit.time >= boundary.outside && digit.time < boundary.sweep;
      if (!sweeps) {
        roles.base.push(digit.bound, digit.weight);
      }
      roles.sweeps[roles.ordered_size] = sweeps;
      roles.ordered[roles.ordered_size++] = digit;
    }
  }
}

/// Steps of one kind: bases are `shift` + the values of `digits`; the other step lies `distance`
/// further.
struct StepKind {
  Radix digits;
  std::int64_t shift = 0;
  std::int64_t distance = 0;
  bool compares = false;
};

/// Adds the phases of all steps of one kind; with `neighbours`, also as far as instances had work
/// at the other step only.
void add_phases(const StepKind& kind, const Roles& roles, std::int64_t bound, bool neighbours,
                WindowScratch& scratch) {
  const std::int64_t total = kind.digits.total();
  const std::int64_t sharers = roles.sharing.total();
  for (std::int64_t n = 0; n < total;) {
    const std::int64_t base = kind.shift + kind.digits.value(n);
    if (base >= bound) {
      break;  // nobody works
    }
    WindowPhase phase{.count = 0, .begin = scratch.pieces.size(), .end = 0};
    std::int64_t change = bound;  // the first base at which some piece looks different
    for (std::int64_t s = 0; s < sharers; ++s) {
      const std::int64_t offset = roles.sharing.value(s);
      const std::int64_t left = bound - base - offset;
      const std::int64_t left_there = left - kind.distance;
      const bool there = kind.compares && left_there > 0;
      if (left <= 0 && !(neighbours && there)) {
        break;
      }
      WindowPiece piece;
      if (left > 0) {
        const std::int64_t reach = roles.tile.largest_below(left);
        piece.held = {offset, offset + reach};
        change = std::min(change, bound - offset - reach);
      }
      if (there) {
        const std::int64_t reach_there = roles.tile.largest_below(left_there);
        const std::int64_t first = offset + kind.distance;
        piece.other = {first, first + reach_there};
        change = std::min(change, bound - first - reach_there);
      }
      scratch.pieces.push_back(piece);
    }
    phase.end = scratch.pieces.size();
    const std::int64_t next =
        std::clamp(kind.digits.count_below(change - kind.shift), n + 1, total);
    phase.count = next - n;
    scratch.phases.push_back(phase);
    n = next;
  }
}

/// Steps at which the sweep begins (entering) or ends (leaving): nothing to compare with.
StepKind end_steps(const Roles& roles, Direction direction) {
  StepKind kind;
  for (std::size_t i = 0; i < roles.ordered_size; ++i) {
    const Digit& digit = roles.ordered[i];
    if (!roles.sweeps[i]) {
      kind.digits.push(digit.bound, digit.weight);
    } else if (direction == Direction::leaving) {
      kind.shift += digit.weight * (digit.bound - 1);
    }
  }
  return kind;
}

/// Steps between which the sweep digit ordered[j] is the innermost that counts up.
StepKind counting_steps(const Roles& roles, std::size_t j, Direction direction) {
  StepKind kind;
  kind.compares = true;
  std::int64_t back = 0;
  for (std::size_t i = 0; i < roles.ordered_size; ++i) {
    const Digit& digit = roles.ordered[i];
    if (!roles.sweeps[i] || i < j) {
      kind.digits.push(digit.bound, digit.weight);
    } else if (i == j) {
      kind.digits.push(digit.bound - 1, digit.weight);
    } else {
      back += digit.weight * (digit.bound - 1);
    }
  }
  const std::int64_t distance = roles.ordered[j].weight - back;
  if (direction == Direction::entering) {
    kind.shift = roles.ordered[j].weight;
    kind.distance = -distance;
  } else {
    kind.shift = back;
    kind.distance = distance;
  }
  return kind;
}

}  // namespace

WindowWalk::WindowWalk(const std::vector<WindowTerm>& terms, const Nest& nest,
                       const Boundary& boundary, Direction direction, WindowScratch& scratch)
    : terms_(terms), scratch_(scratch) {
  list_phases(nest, boundary, direction, false);
}

WindowWalk::WindowWalk(const std::vector<WindowTerm>& terms, const Nest& nest,
                       const Boundary& boundary, Neighbours, WindowScratch& scratch)
    : terms_(terms), scratch_(scratch) {
  Boundary together = boundary;
  together.apart = {};
  list_phases(nest, together, Direction::entering, true);
}

void WindowWalk::list_phases(const Nest& nest, const Boundary& boundary, Direction direction,
                             bool neighbours) {
  scratch_.pieces.clear();
  scratch_.phases.clear();
  for (std::size_t t = 0; t < terms_.size(); ++t) {
    Roles roles;
    split(nest.digits(terms_[t].dimension), boundary, roles);
    add_phases(end_steps(roles, direction), roles, terms_[t].bound, neighbours, scratch_);
    const bool compares = roles.base.size() != roles.ordered_size;
    for (std::size_t j = 0; compares && j < roles.ordered_size; ++j) {
      if (roles.sweeps[j]) {
        add_phases(counting_steps(roles, j, direction), roles, terms_[t].bound, neighbours,
                   scratch_);
      }
    }
    ends_[t] = scratch_.phases.size();
    if (compares) {
      swept_ = t;
    }
  }
}

}  // namespace tessera
