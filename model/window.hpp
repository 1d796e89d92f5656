#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/intervals.hpp"
#include "model/nest.hpp"

namespace tessera {

/// The traffic of one sliding rank of a tensor (a sum of several dimensions, such as P + R) between
/// a hold's tiles and what serves them. Other ranks and dimensions multiply (docs/counting.md).

/// What is counted of the sets that move at one step to or from the instances below one server.
enum class Sharing : std::uint8_t {
  none,  ///< sum of the sizes
  tile,  ///< sum of the sizes, equal sets once
  word,  ///< size of the union
};

/// Which loops mean what, seen from one hold (or from the compute units, where every temporal loop
/// is outside and every spatial one makes instances).
struct Boundary {
  std::int16_t outside = 0;  ///< temporal loops before this are outside the sweep
  std::int16_t sweep = 0;    ///< from `outside` to this: the sweep
  std::int16_t time = 0;     ///< from this on: inside the tile (between: free)
  std::int16_t level = 0;    ///< spatial loops on fanouts beyond this are inside the tile
  std::int16_t server = 0;   ///< those before this make instances of what serves; the others share
  std::int16_t links = -1;   ///< neighbours on this fanout pass on what enters; -1: on none
  Sharing linked = Sharing::word;  ///< how instances below one place outside it share
  AxisSet apart = {};              ///< of the others, those that keep the instances on them apart

  /// Whether a digit lies inside the tile.
  bool inside(const Digit& digit) const {
    return digit.temporal() ? digit.time >= time : digit.level > level;
  }
  bool sweeps(const Digit& digit) const {
    return digit.temporal() && digit.time >= outside && digit.time < sweep;
  }
  /// Whether a digit makes instances of the child that share.
  bool shares(const Digit& digit) const {
    return !digit.temporal() && digit.level >= server && digit.level < level &&
           !apart.contains(digit);
  }
  /// Whether a digit makes instances of what serves, or of the child that share nothing.
  bool separates(const Digit& digit) const {
    return !digit.temporal() &&
           (digit.level < server || (digit.level < level && apart.contains(digit)));
  }
};

/// One term of a sliding rank: a dimension's bound and coefficient.
struct WindowTerm {
  std::uint8_t dimension = 0;
  std::int64_t coefficient = 1;
  std::int64_t bound = 1;
};

/// What an instance holds at a step, and at the step that it is compared with (empty: with
/// nothing), in units of one dimension's index.
struct WindowPiece {
  Interval held;
  Interval other;
};

/// Steps of one dimension that all look alike: the pieces of the instances below a server.
struct WindowPhase {
  std::int64_t count = 0;
  std::size_t begin = 0;  ///< of its pieces
  std::size_t end = 0;
};

/// Buffers that are reused, so that counting allocates nothing in the long run.
struct WindowScratch {
  std::vector<Interval> intervals;
  std::vector<std::array<Interval, 2>> sets;
  std::vector<WindowPiece> pieces;
  std::vector<WindowPhase> phases;
};

class Window {
 public:
  explicit Window(std::vector<WindowTerm> terms) : terms_(std::move(terms)) {}

  const std::vector<WindowTerm>& terms() const { return terms_; }

  /// Extent of the largest tile in this rank.
  std::int64_t extent(const Nest& nest, const Boundary& boundary) const;

  /// Whether neighbours pass on words of this rank: the sweep moves along it, below one server.
  bool passes(const Nest& nest, const Boundary& boundary) const;

  /// Words of this rank that enter, summed over servers and the steps of the loops of its own
  /// dimensions, less those that neighbours pass on. `sharing` none takes every instance for
  /// itself.
  std::int64_t entering(const Nest& nest, const Boundary& boundary, Sharing sharing,
                        WindowScratch& scratch) const;

  /// The same of words that leave.
  std::int64_t leaving(const Nest& nest, const Boundary& boundary, Sharing sharing,
                       WindowScratch& scratch) const;

  /// Where the rank `passes`: the words that neighbours pass on, summed over instances.
  std::int64_t passed(const Nest& nest, const Boundary& boundary, WindowScratch& scratch) const;

  /// Distinct (server, word): the size of the union, over all steps and the instances below a
  /// server that share, of their tiles, summed over servers and the places apart.
  std::int64_t distinct(const Nest& nest, const Boundary& boundary, WindowScratch& scratch) const;

 private:
  bool perfect(const Nest& nest) const;

  std::vector<WindowTerm> terms_;
};

}  // namespace tessera
