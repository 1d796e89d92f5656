#pragma once

// Private to explain.cpp.

#include <cstdint>
#include <optional>
#include <vector>

#include "mapper/mapping.hpp"
#include "model/explain.hpp"
#include "model/nest.hpp"
#include "model/traffic.hpp"

namespace tessera {

/// Which way words go.
enum class Direction : std::uint8_t { entering, leaving };

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
  /// `words` less `TrafficCounter::distinct` for `server`.
  Formula less_first_visits(std::size_t tensor, Formula words, Boundary boundary,
                            std::int16_t server) const;
  /// `TrafficCounter::combinations` of all dimensions, one factor each.
  Formula steps_of(std::int16_t time, std::int16_t level, Meaning meaning) const;

 private:
  struct RankShape;
  struct RankFactors;

  std::vector<RankShape> ranks_of(std::size_t tensor) const;
  bool has_outside(std::size_t dimension, const Boundary& boundary) const;
  std::int64_t extent(std::size_t dimension, const Boundary& boundary) const;
  bool perfect(const Window& window) const;
  void add_plain(const RankShape& rank, const Boundary& boundary, RankFactors& factors) const;
  void add_window(const RankShape& rank, const Boundary& boundary, Sharing sharing,
                  Direction direction, RankFactors& factors) const;
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

/// A formula of one number.
Formula number(Meaning meaning, std::int64_t value);

}  // namespace tessera
