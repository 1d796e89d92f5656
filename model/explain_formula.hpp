#pragma once

// Private to explain.cpp.

#include <cstdint>
#include <optional>
#include <vector>

#include "mapper/mapping.hpp"
#include "model/explain.hpp"
#include "model/nest.hpp"
#include "model/traffic.hpp"
#include "model/window_links.hpp"

namespace tessera {

/// Writes the counts of traffic.hpp as formulas, for the mapping of one nest.
class FormulaMaker {
 public:
  /// A loop of the mapping with its digit.
  struct Placed {
    std::size_t node;
    Digit digit;
  };

  /// Keeps a reference to the problem. The mapping must be valid.
  FormulaMaker(const Problem& problem, const Architecture& architecture, const Mapping& mapping);
  FormulaMaker(const FormulaMaker&) = delete;
  FormulaMaker& operator=(const FormulaMaker&) = delete;

  const Nest& nest() const { return nest_; }
  const TrafficCounter& counter() const { return counter_; }
  const TensorShape& shape(std::size_t tensor) const { return shapes_[tensor]; }
  /// In the order of the nodes.
  const std::vector<Placed>& loops() const { return loops_; }

  /// `TrafficCounter::tile_words`.
  Formula tile(std::size_t tensor, const Boundary& boundary) const;
  /// `TrafficCounter::entering` and `leaving`.
  Formula moves(std::size_t tensor, const Boundary& child, Sharing sharing,
                Direction direction) const;
  /// `TrafficCounter::passed`.
  Formula passed(std::size_t tensor, const Boundary& child) const;
  /// `words` less `TrafficCounter::distinct` for `server`.
  Formula less_first_visits(std::size_t tensor, Formula words, Boundary boundary,
                            std::int16_t server) const;
  /// `TrafficCounter::combinations` of all dimensions, one factor each.
  Formula steps_of(std::int16_t time, std::int16_t level, Meaning meaning) const;

 private:
  /// A tensor's ranks with what matters of each: the dimension alone in it, or its window.
  struct RankShape {
    std::size_t rank = 0;
    std::optional<std::size_t> dimension;
    const Window* window = nullptr;
  };

  /// The ranks' share of what moves.
  struct RankFactors {
    std::vector<Formula> extents;  ///< of ranks in which all tiles are whole and equal
    std::vector<Formula> others;
    std::uint32_t digitwise = 0;  ///< dimensions whose loops are factors of their own
    std::uint32_t shared = 0;     ///< of those, the ones whose sharing instances are in a union
    std::uint32_t swept = 0;      ///< of those, the ones whose sweep is in a sum
  };

  std::vector<RankShape> ranks_of(std::size_t tensor) const;
  bool has_outside(std::size_t dimension, const Boundary& boundary) const;
  std::int64_t extent(std::size_t dimension, const Boundary& boundary) const;
  bool perfect(const Window& window) const;
  void add_plain(const RankShape& rank, const Boundary& boundary, RankFactors& factors) const;
  void add_window(const RankShape& rank, const Boundary& boundary, Sharing sharing,
                  Direction direction, RankFactors& factors) const;
  Formula linked(const RankShape& rank, const Boundary& boundary, Sharing sharing,
                 std::int64_t LinkedWords::*which) const;
  Formula whole(const TensorShape& shape, const Boundary& boundary, RankFactors ranks) const;
  Formula clipped_steps(const RankShape& rank, const Boundary& boundary, Sharing sharing,
                        Direction direction) const;
  std::optional<Formula> moved_by(const Placed& loop, const Boundary& boundary,
                                  const RankFactors& ranks) const;
  void add_repeats(const TensorShape& shape, const Placed& loop, std::int16_t time,
                   const Boundary& boundary, std::uint32_t& done,
                   std::vector<Formula>& factors) const;

  Formula distinct(std::size_t tensor, const Boundary& boundary) const;

  const Problem& problem_;
  std::vector<std::int64_t> bounds_;
  std::vector<TensorShape> shapes_;
  std::vector<Placed> loops_;
  Nest nest_;
  mutable WindowScratch scratch_;
  TrafficCounter counter_;
};

}  // namespace tessera
