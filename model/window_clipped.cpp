// Sliding windows with remainders: exact counts where some digits make indices that do not exist.
//
// window_phases.hpp walks the steps in runs of equal shape; here each run is counted.
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
#include "model/window_phases.hpp"

namespace tessera {
namespace {

/// Words that move at one step.
std::int64_t words_at_step(WindowWalk& steps, Sharing sharing, WindowScratch& scratch) {
  scratch.sets.clear();
  steps.for_each_piece([&](const WindowPiece& piece, bool compared, std::span<const std::size_t>) {
    scratch.sets.push_back(compared ? difference(piece.held, piece.other)
                                    : std::array<Interval, 2>{piece.held, Interval{}});
  });
  if (sharing == Sharing::word) {
    scratch.intervals.clear();
    for (const auto& set : scratch.sets) {
      scratch.intervals.push_back(set[0]);
      scratch.intervals.push_back(set[1]);
    }
    return union_size(scratch.intervals);
  }
  if (sharing == Sharing::tile) {
    std::sort(scratch.sets.begin(), scratch.sets.end(), [](const auto& a, const auto& b) {
      return std::tie(a[0].first, a[0].last, a[1].first, a[1].last) <
             std::tie(b[0].first, b[0].last, b[1].first, b[1].last);
    });
    scratch.sets.erase(std::unique(scratch.sets.begin(), scratch.sets.end()), scratch.sets.end());
  }
  std::int64_t sum = 0;
  for (const auto& set : scratch.sets) {
    sum += set[0].size() + set[1].size();
  }
  return sum;
}

/// Calls visit(words, times) for each run of alike steps.
template <class Visit>
void clipped(const std::vector<WindowTerm>& terms, const Nest& nest, const Boundary& boundary,
             Sharing sharing, Direction direction, WindowScratch& scratch, Visit visit) {
  WindowWalk walk(terms, nest, boundary, direction, scratch);
  walk.for_each([&](std::int64_t times) { visit(words_at_step(walk, sharing, scratch), times); });
}

std::int64_t clipped_sum(const std::vector<WindowTerm>& terms, const Nest& nest,
                         const Boundary& boundary, Sharing sharing, Direction direction,
                         WindowScratch& scratch) {
  std::int64_t sum = 0;
  clipped(terms, nest, boundary, sharing, direction, scratch,
          [&](std::int64_t words, std::int64_t times) {
            sum = checked_add(sum, checked_mul(words, times));
          });
  return sum;
}

/// What `clipped_sum` adds up, most words first.
std::vector<WindowSteps> clipped_steps(const std::vector<WindowTerm>& terms, const Nest& nest,
                                       const Boundary& boundary, Sharing sharing,
                                       Direction direction, WindowScratch& scratch) {
  std::map<std::int64_t, std::int64_t, std::greater<>> times_by_words;
  clipped(terms, nest, boundary, sharing, direction, scratch,
          [&](std::int64_t words, std::int64_t times) {
            if (words > 0) {
              std::int64_t& total = times_by_words[words];
              total = checked_add(total, times);
            }
          });
  std::vector<WindowSteps> steps;
  for (const auto& [words, times] : times_by_words) {
    steps.push_back({.words = words, .times = times});
  }
  return steps;
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
    } else if (boundary.separates(digit)) {
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
  return clipped_sum(terms, nest, boundary, sharing, Direction::entering, scratch);
}

std::int64_t clipped_leaving(const std::vector<WindowTerm>& terms, const Nest& nest,
                             const Boundary& boundary, Sharing sharing, WindowScratch& scratch) {
  return clipped_sum(terms, nest, boundary, sharing, Direction::leaving, scratch);
}

std::vector<WindowSteps> clipped_entering_steps(const std::vector<WindowTerm>& terms,
                                                const Nest& nest, const Boundary& boundary,
                                                Sharing sharing, WindowScratch& scratch) {
  return clipped_steps(terms, nest, boundary, sharing, Direction::entering, scratch);
}

std::vector<WindowSteps> clipped_leaving_steps(const std::vector<WindowTerm>& terms,
                                               const Nest& nest, const Boundary& boundary,
                                               Sharing sharing, WindowScratch& scratch) {
  return clipped_steps(terms, nest, boundary, sharing, Direction::leaving, scratch);
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
