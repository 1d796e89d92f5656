// Sliding windows with remainders: exact counts where some digits make indices that do not exist.
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
// Distinct words are found by listing what each server's instances hold over all steps, overlapping
// intervals joined; this one does grow with the bounds, and only outputs with a sliding rank need
// it.

#include "model/window_clipped.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <tuple>

#include "model/checked.hpp"
#include "model/evaluate.hpp"
#include "model/radix.hpp"

namespace tessera {
namespace {

enum class Direction { entering, leaving };

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
    } else if (!digit.temporal() && digit.level >= boundary.server) {
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

/// Adds the phases of all steps of one kind.
void add_phases(const StepKind& kind, const Roles& roles, std::int64_t bound,
                WindowScratch& scratch) {
  const std::int64_t total = kind.digits.total();
  const std::int64_t sharers = roles.sharing.total();
  for (std::int64_t n = 0; n < total;) {
    const std::int64_t base = kind.shift + kind.digits.value(n);
    if (base >= bound) {
      break;
    }
    WindowPhase phase{.count = 0, .begin = scratch.pieces.size(), .end = 0};
    std::int64_t change = bound;  // the first base at which some piece looks different
    for (std::int64_t s = 0; s < sharers; ++s) {
      const std::int64_t offset = roles.sharing.value(s);
      const std::int64_t left = bound - base - offset;
      if (left <= 0) {
        break;
      }
      const std::int64_t reach = roles.tile.largest_below(left);
      WindowPiece piece{.held = {offset, offset + reach}, .other = {}};
      change = std::min(change, bound - offset - reach);
      const std::int64_t left_there = left - kind.distance;
      if (kind.compares && left_there > 0) {
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

/// The phases of one term go to the end of `scratch.phases`.
void term_phases(const WindowTerm& term, const Nest& nest, const Boundary& boundary,
                 Direction direction, WindowScratch& scratch, bool& compares) {
  Roles roles;
  split(nest.digits(term.dimension), boundary, roles);
  add_phases(end_steps(roles, direction), roles, term.bound, scratch);
  compares = roles.base.size() != roles.ordered_size;
  for (std::size_t j = 0; compares && j < roles.ordered_size; ++j) {
    if (roles.sweeps[j]) {
      add_phases(counting_steps(roles, j, direction), roles, term.bound, scratch);
    }
  }
}

Interval add_scaled(const Interval& sum, const Interval& piece, std::int64_t k) {
  return k > 0 ? Interval{sum.first + k * piece.first, sum.last + k * piece.last}
               : Interval{sum.first + k * piece.last, sum.last + k * piece.first};
}

/// Sums words over all combinations of the terms' phases.
class Combiner {
 public:
  Combiner(const std::vector<WindowTerm>& terms, Sharing sharing, WindowScratch& scratch)
      : terms_(terms), sharing_(sharing), scratch_(scratch) {}

  /// Marks where the phases of term `t` end, and whether they are compared with another step.
  void close(std::size_t t, bool compares) {
    ends_[t] = scratch_.phases.size();
    if (compares) {
      swept_ = t;
    }
  }

  std::int64_t words() { return over_phases(0, 1); }

  /// What `words()` adds up, most words first.
  std::vector<WindowSteps> steps() {
    std::map<std::int64_t, std::int64_t, std::greater<>> times;
    times_ = &times;
    over_phases(0, 1);
    times_ = nullptr;
    std::vector<WindowSteps> steps;
    for (const auto& [words, count] : times) {
      steps.push_back({.words = words, .times = count});
    }
    return steps;
  }

 private:
  std::int64_t over_phases(std::size_t t, std::int64_t count) {
    if (t == terms_.size()) {
      const std::int64_t words = at_step();
      if (times_ != nullptr && words > 0) {
        std::int64_t& times = (*times_)[words];
        times = checked_add(times, count);
      }
      return checked_mul(count, words);
    }
    std::int64_t sum = 0;
    for (std::size_t p = t == 0 ? 0 : ends_[t - 1]; p < ends_[t]; ++p) {
      chosen_[t] = p;
      sum = checked_add(sum, over_phases(t + 1, checked_mul(count, scratch_.phases[p].count)));
    }
    return sum;
  }

  std::int64_t at_step() {
    scratch_.sets.clear();
    over_pieces(0, Interval{0, 0}, Interval{0, 0}, false);
    if (sharing_ == Sharing::word) {
      scratch_.intervals.clear();
      for (const auto& set : scratch_.sets) {
        scratch_.intervals.push_back(set[0]);
        scratch_.intervals.push_back(set[1]);
      }
      return union_size(scratch_.intervals);
    }
    if (sharing_ == Sharing::tile) {
      std::sort(scratch_.sets.begin(), scratch_.sets.end(), [](const auto& a, const auto& b) {
        return std::tie(a[0].first, a[0].last, a[1].first, a[1].last) <
               std::tie(b[0].first, b[0].last, b[1].first, b[1].last);
      });
      scratch_.sets.erase(std::unique(scratch_.sets.begin(), scratch_.sets.end()),
                          scratch_.sets.end());
    }
    std::int64_t sum = 0;
    for (const auto& set : scratch_.sets) {
      sum += set[0].size() + set[1].size();
    }
    return sum;
  }

  void over_pieces(std::size_t t, Interval held, Interval other, bool compared) {
    if (t == terms_.size()) {
      scratch_.sets.push_back(compared ? difference(held, other)
                                       : std::array<Interval, 2>{held, Interval{}});
      return;
    }
    const WindowPhase& phase = scratch_.phases[chosen_[t]];
    for (std::size_t i = phase.begin; i < phase.end; ++i) {
      const WindowPiece& piece = scratch_.pieces[i];
      const bool moves = t == swept_ && !piece.other.empty();
      over_pieces(t + 1, add_scaled(held, piece.held, terms_[t].coefficient),
                  add_scaled(other, moves ? piece.other : piece.held, terms_[t].coefficient),
                  compared || moves);
    }
  }

  /// held \ other, empty parts normalised so that equal sets compare equal.
  static std::array<Interval, 2> difference(const Interval& held, const Interval& other) {
    const Interval low{held.first, std::min(held.last, other.first - 1)};
    const Interval high{std::max(held.first, other.last + 1), held.last};
    if (low.empty()) {
      return {high.empty() ? Interval{} : high, Interval{}};
    }
    return {low, high.empty() ? Interval{} : high};
  }

  const std::vector<WindowTerm>& terms_;
  Sharing sharing_;
  WindowScratch& scratch_;
  std::array<std::size_t, kMaxDimensions> ends_{};
  std::array<std::size_t, kMaxDimensions> chosen_{};
  std::size_t swept_ = kMaxDimensions;
  std::map<std::int64_t, std::int64_t, std::greater<>>* times_ = nullptr;  ///< while listing
};

/// Finds the phases of all terms, to be summed or listed.
Combiner clipped(const std::vector<WindowTerm>& terms, const Nest& nest, Boundary boundary,
                 Sharing sharing, Direction direction, WindowScratch& scratch) {
  if (sharing == Sharing::none) {
    boundary.server = boundary.level;  // every instance for itself
  }
  scratch.pieces.clear();
  scratch.phases.clear();
  Combiner combiner(terms, sharing, scratch);
  for (std::size_t t = 0; t < terms.size(); ++t) {
    bool compares = false;
    term_phases(terms[t], nest, boundary, direction, scratch, compares);
    combiner.close(t, compares);
  }
  return combiner;
}

constexpr std::size_t kMostListed = 1u << 24;

/// What the instances below one server hold of one dimension over all steps.
struct ServerUnion {
  std::vector<Interval> held;
};

std::vector<ServerUnion> held_by_servers(const WindowTerm& term, const Nest& nest,
                                         const Boundary& boundary) {
  Radix servers;
  Radix others;
  Radix tile;
  for (const Digit& digit : nest.digits(term.dimension)) {
    if (boundary.inside(digit)) {
      tile.push(digit.bound, digit.weight);
    } else if (!digit.temporal() && digit.level < boundary.server) {
      servers.push(digit.bound, digit.weight);
    } else {
      others.push(digit.bound, digit.weight);
    }
  }
  const std::int64_t joined_gap = std::abs(term.coefficient) == 1 ? 1 : 0;
  std::vector<ServerUnion> result;
  for (std::int64_t s = 0; s < servers.count_below(term.bound); ++s) {
    ServerUnion server;
    const std::int64_t start = servers.value(s);
    const std::int64_t steps = others.count_below(term.bound - start);
    for (std::int64_t n = 0; n < steps; ++n) {
      const std::int64_t first = start + others.value(n);
      const std::int64_t last = first + tile.largest_below(term.bound - first);
      // Firsts increase with n, so joining with the latest one is enough to keep the list short;
      // whatever is left apart is still listed.
      if (!server.held.empty() && first <= server.held.back().last + joined_gap) {
        server.held.back().last = std::max(server.held.back().last, last);
      } else {
        server.held.push_back({first, last});
      }
    }
    result.push_back(std::move(server));
  }
  return result;
}

}  // namespace

std::int64_t clipped_entering(const std::vector<WindowTerm>& terms, const Nest& nest,
                              const Boundary& boundary, Sharing sharing, WindowScratch& scratch) {
  return clipped(terms, nest, boundary, sharing, Direction::entering, scratch).words();
}

std::int64_t clipped_leaving(const std::vector<WindowTerm>& terms, const Nest& nest,
                             const Boundary& boundary, Sharing sharing, WindowScratch& scratch) {
  return clipped(terms, nest, boundary, sharing, Direction::leaving, scratch).words();
}

std::vector<WindowSteps> clipped_entering_steps(const std::vector<WindowTerm>& terms,
                                                const Nest& nest, const Boundary& boundary,
                                                Sharing sharing, WindowScratch& scratch) {
  return clipped(terms, nest, boundary, sharing, Direction::entering, scratch).steps();
}

std::vector<WindowSteps> clipped_leaving_steps(const std::vector<WindowTerm>& terms,
                                               const Nest& nest, const Boundary& boundary,
                                               Sharing sharing, WindowScratch& scratch) {
  return clipped(terms, nest, boundary, sharing, Direction::leaving, scratch).steps();
}

std::int64_t clipped_distinct(const std::vector<WindowTerm>& terms, const Nest& nest,
                              const Boundary& boundary, WindowScratch& scratch) {
  std::vector<std::vector<ServerUnion>> servers;
  std::vector<std::size_t> chosen(terms.size(), 0);
  for (const WindowTerm& term : terms) {
    servers.push_back(held_by_servers(term, nest, boundary));
  }
  std::int64_t total = 0;
  for (bool more = true; more;) {
    scratch.intervals.assign(1, Interval{0, 0});
    for (std::size_t t = 0; t < terms.size(); ++t) {
      const std::vector<Interval>& held = servers[t][chosen[t]].held;
      const std::size_t base = scratch.intervals.size();
      if (held.size() > kMostListed / base) {
        throw ModelError("a sliding output in this many separate pieces is not supported");
      }
      std::vector<Interval> sums;
      sums.reserve(base * held.size());
      for (const Interval& sum : scratch.intervals) {
        for (const Interval& piece : held) {
          sums.push_back(add_scaled(sum, piece, terms[t].coefficient));
        }
      }
      scratch.intervals.swap(sums);
    }
    total = checked_add(total, union_size(scratch.intervals));
    more = false;
    for (std::size_t t = terms.size(); t-- > 0;) {
      if (++chosen[t] < servers[t].size()) {
        more = true;
        break;
      }
      chosen[t] = 0;
    }
  }
  return total;
}

}  // namespace tessera
