#pragma once

#include <cstdint>
#include <vector>

#include "model/nest.hpp"
#include "model/window.hpp"

namespace tessera {

/// What the counts need to know of a tensor: its dimensions by how they index it.
struct TensorShape {
  std::uint32_t relevant = 0;    ///< dimensions of bound over 1 that the tensor depends on, as bits
  std::uint32_t plain = 0;       ///< of those, the ones alone in their rank
  std::int64_t plain_words = 1;  ///< product of the plain dimensions' bounds
  std::vector<Window> windows;   ///< one per rank of several dimensions
  AxisSet apart;                 ///< axes along which instances do not share it, or add it up
};

TensorShape shape_of(const Problem& problem, const Architecture& architecture, TensorId tensor);

/// A boundary whose instances are in the groups that share: each one alone for `none`, else those
/// that no axis keeps apart.
Boundary grouped(const TensorShape& shape, Boundary boundary, Sharing sharing);

/// Counts of one nest. Every count is a product: of the plain dimensions, where every index moves
/// once for each repetition; of the windows (window.hpp); and of the repetitions that the
/// dimensions make which the tensor does not depend on.
class TrafficCounter {
 public:
  TrafficCounter(const std::vector<std::int64_t>& bounds, const Nest& nest, WindowScratch& scratch)
      : bounds_(bounds), nest_(nest), scratch_(scratch) {}

  /// The boundary of a hold of a tensor, with `server` not set: finds the sweep.
  Boundary boundary(const TensorShape& shape, const HoldPlace& hold) const;
  /// The boundary of the compute units, which stand inside level `compute`'s fanouts.
  Boundary compute_boundary(std::int16_t compute) const;

  /// Words in the largest tile.
  std::int64_t tile_words(const TensorShape& shape, const Boundary& boundary) const;
  std::int64_t entering(const TensorShape& shape, const Boundary& boundary, Sharing sharing) const;
  std::int64_t leaving(const TensorShape& shape, const Boundary& boundary, Sharing sharing) const;
  /// Words that neighbours pass on to one another over `boundary.links`, each as often as it is
  /// passed on.
  std::int64_t passed(const TensorShape& shape, const Boundary& boundary) const;
  /// Distinct (server, word).
  std::int64_t distinct(const TensorShape& shape, const Boundary& boundary) const;
  /// Distinct (server, place along the axes apart, word).
  std::int64_t distinct_apart(const TensorShape& shape, const Boundary& boundary) const;

  /// Values that the temporal loops before `time` and the spatial loops on fanouts before `level`
  /// take of the dimensions in `dimensions`, as far as an index exists there.
  std::int64_t combinations(std::uint32_t dimensions, std::int16_t time, std::int16_t level) const;
  /// The same of the spatial loops that separate.
  std::int64_t combinations(std::uint32_t dimensions, std::int16_t time,
                            const Boundary& boundary) const;

 private:
  /// Moves of everything but the windows: what enters and what leaves.
  std::int64_t plain_moves(const TensorShape& shape, const Boundary& boundary) const;

  const std::vector<std::int64_t>& bounds_;
  const Nest& nest_;
  WindowScratch& scratch_;
};

}  // namespace tessera
