#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/window_clipped.hpp"
#include "model/window_phases.hpp"

namespace tessera {

/// Links between neighbours (docs/counting.md, "Links"): what enters an instance at a step of the
/// sweep may be what its neighbour held at the step before. The swept rank decides that alone,
/// since neighbours that differ in one of its loops hold the same of all other ranks.

/// An instance below the server that works at a step.
struct LinkedInstance {
  static constexpr std::size_t kMostLacks = 2 + 2 * kMaxAxes;

  std::array<Interval, 2> enters;
  std::array<Interval, kMostLacks> lacks;  ///< of that, what no neighbour held before
  std::size_t lack_count = 0;
  bool whole = false;       ///< one neighbour held all of it
  std::int64_t linked = 0;  ///< equal for instances that share below one place outside the links
  std::int64_t group = 0;   ///< equal for instances that share below one server
  std::size_t number = 0;   ///< of its combination of digits, the first term's slowest
  std::vector<Interval> needs;  ///< of `enters`, what has to be sent: sorted, joined
};

/// Walks the steps of a swept rank with its links.
class LinkedWalk {
 public:
  /// As `WindowWalk`; there must be a sweep over one of the terms' dimensions, and
  /// `boundary.links` must be below the server.
  LinkedWalk(const std::vector<WindowTerm>& terms, const Nest& nest, const Boundary& boundary,
             WindowScratch& scratch);

  /// Calls visit(count, instances) for each run of alike (server, step)s.
  template <class Visit>
  void for_each(Visit&& visit) {
    walk_.for_each([&](std::int64_t count) {
      list_instances();
      visit(count, instances_);
    });
  }

 private:
  /// Digits of one dimension that are the innermost of an axis of the links' fanout, innermost
  /// first: along them stand neighbours.
  struct Chain {
    struct Link {
      std::size_t stride = 1;  ///< in the numbers of the term's combinations
      std::size_t bound = 1;
    };
    std::size_t term = 0;
    std::vector<Link> links;

    /// Moves the number of a combination to that of the next or previous one; false at an end.
    bool step(std::size_t& number, bool next) const;
  };

  void find_chains(const Nest& nest, const Boundary& boundary);
  void list_instances();
  void find_needs(LinkedInstance* first, LinkedInstance* last);
  bool held_before(const std::array<std::size_t, kMaxDimensions>& at, Interval& before) const;
  void add_instance(const std::array<std::size_t, kMaxDimensions>& at);

  const std::vector<WindowTerm>& terms_;
  WindowWalk walk_;
  std::vector<Chain> chains_;
  std::array<std::size_t, kMaxDimensions> sizes_{};  ///< by term: combinations
  /// By term and combination: which one it is of the digits that make `group` and `linked`.
  struct Keys {
    std::vector<std::int64_t> group, linked;
  };
  std::array<Keys, kMaxDimensions> keys_;
  bool by_tile_ = false;  ///< instances that `linked` share equal sets only
  std::vector<Interval> joined_;
  std::vector<LinkedInstance> instances_;
};

/// What enters of a swept rank, summed over servers and steps.
struct LinkedWords {
  std::int64_t served = 0;  ///< what is needed, once for those that share
  std::int64_t passed = 0;  ///< (instance, word): what enters and is not needed
};
LinkedWords linked_entering(const std::vector<WindowTerm>& terms, const Nest& nest,
                            const Boundary& boundary, Sharing sharing, WindowScratch& scratch);

/// The terms of either sum, most words first; for explanations.
std::vector<WindowSteps> linked_steps(const std::vector<WindowTerm>& terms, const Nest& nest,
                                      const Boundary& boundary, Sharing sharing,
                                      std::int64_t LinkedWords::*which, WindowScratch& scratch);

}  // namespace tessera
