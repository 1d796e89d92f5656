#pragma once
// What crosses the fanouts between a hold and what is next inward, with sharing on the way.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "tests/oracle/execute.hpp"
#include "tests/oracle/nest.hpp"
#include "tests/oracle/network.hpp"

namespace tessera::oracle {

/// The coordinates of a word, one rank after the other, packed.
using Word = std::uint64_t;
/// A set of words: sorted, without repetitions.
using Words = std::vector<Word>;
/// A word in a certain instance.
using Placed = std::pair<std::uint32_t, Word>;

void sort_unique(std::vector<Placed>& list);

/// Distinct words in a list without repetitions.
std::int64_t count_distinct_words(const std::vector<Placed>& list);

/// What one instance of the child takes or gives at a step.
struct Transfer {
  std::uint32_t instance = 0;
  const Words* words = nullptr;
};

/// A hold of one tensor: its node and its memory.
struct HoldPlace {
  std::size_t node = 0;
  std::size_t level = 0;
};

/// Counts the reads or updates of a hold (`parent`) and the words at the fanouts between it and the
/// child, which is a memory or compute.
class Traffic {
 public:
  Traffic(const Problem& problem, const Architecture& architecture, const Nest& nest,
          std::size_t tensor, const HoldPlace& parent, std::size_t child_level);

  /// One step of the child: the transfers of all its instances. `before`: what each instance held
  /// at the value of the sweep before, if there is one.
  void step(const std::vector<Transfer>& transfers, const Words* before = nullptr);
  /// Adds what was counted to `counts`.
  void finish(Counts& counts);

 private:
  bool shares(const Digit& digit) const;
  bool by_tile(std::size_t level) const;
  std::vector<std::uint32_t> groups_below(std::size_t level,
                                          const std::vector<std::uint32_t>& above) const;
  /// The child's fanout, if its neighbours pass words of the tensor on.
  const Fanout* linked() const;
  void find_neighbours();
  std::vector<Words> lacking(const std::vector<Transfer>& transfers, const Words* before);
  std::vector<Placed> shared(const std::vector<Transfer>& transfers,
                             const std::vector<std::uint32_t>& above,
                             const std::vector<std::uint32_t>& groups, bool by_tile) const;

  /// A fanout between: its level, and for each instance of the child the one just inside the
  /// fanout, those with which it shares as if a memory stood there, those with which it shares as
  /// if one stood just outside, and its place on the mesh.
  struct Between {
    std::size_t level = 0;
    std::vector<std::uint32_t> above;
    std::vector<std::uint32_t> groups_inside;
    std::vector<std::uint32_t> groups_outside;
    bool by_tile_inside = false;
    bool by_tile_outside = false;
    std::vector<Place> places;
    MeshWays ways;
    std::int64_t words = 0;
    NetworkCounts network;
  };

  /// What is sent or received at once: these words, of these instances of the child.
  struct Group {
    Words words;
    std::vector<std::uint32_t> members;
  };
  static std::vector<Group> sent_together(const std::vector<Transfer>& transfers,
                                          const std::vector<std::uint32_t>& groups, bool by_tile);
  void walk(const std::vector<Transfer>& transfers, Between& fanout) const;

  const Problem& problem_;
  const Architecture& architecture_;
  const Nest& nest_;
  std::size_t tensor_;
  HoldPlace parent_;
  std::size_t child_level_;
  bool is_output_;
  std::vector<std::uint32_t> parents_;  // the parent's instance above each of the child
  std::vector<std::uint32_t> groups_;   // equal for those below one that share
  bool by_tile_ = false;
  std::size_t links_ = 0;  // level of the fanout whose neighbours pass words on; 0: of none
  std::vector<std::vector<std::uint32_t>> neighbours_;  // by instance of the child
  std::int64_t passed_ = 0;
  std::vector<Between> between_;
  std::int64_t total_ = 0;
  std::vector<Placed> updated_;    // instance of the parent, word
  std::vector<Placed> delivered_;  // group, word
};

}  // namespace tessera::oracle
