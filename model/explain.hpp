#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mapper/mapping.hpp"
#include "model/window.hpp"

namespace tessera {

/// The counts of an evaluation as formulas whose terms have a meaning each: docs/counting.md with
/// the numbers of one mapping. The evaluator computes the same counts in fewer steps (traffic.hpp);
/// here each is taken apart until every factor is a loop, an extent of a tile, or a dimension.

/// What a number in a formula stands for. t is the tensor that moves, h the hold (or the compute
/// units) that it moves to or from.
enum class Meaning : std::uint8_t {
  tile,           ///< words of one tile of h
  extent,         ///< places of one rank that a tile spans
  indices,        ///< all indices of a dimension: the tiles of h in it are of unequal size
  places,         ///< distinct places of one rank of several dimensions
  shared_places,  ///< places of one rank that all instances below one server need together
  first,          ///< places of one rank that move at the first (leaving: last) step of a sweep
  fresh,          ///< places of one rank that move at another step of a sweep
  sized,       ///< places of one rank that move at steps of one sort, where remainders make several
  times,       ///< steps at which `fresh` or `sized` move
  loop,        ///< temporal loop over a dimension that t depends on: each step moves other words
  again,       ///< temporal loops that t does not depend on: each step moves the same words again
  spread,      ///< spatial loop over a dimension that t depends on: instances with other words
  copies,      ///< spatial loops that t does not depend on: instances with the same words
  operations,  ///< all operations of the problem
  updates,     ///< words that arrive from below
  drains,      ///< words that leave upwards
  steps,       ///< temporal loops over one dimension, as far as an index exists
  used,        ///< spatial loops over one dimension, as far as an index exists
  composed,    ///< what its parts say
};

/// A number and how it comes about. `arithmetic()` of it is its value.
struct Formula {
  enum class Form : std::uint8_t { number, product, sum, difference };

  Form form = Form::number;
  Meaning meaning = Meaning::composed;
  std::int64_t value = 0;
  DimensionId dimension;        ///< of indices, loop, again, spread, copies, steps, used
  std::optional<AxisRef> axis;  ///< of spread and copies
  std::size_t rank = 0;         ///< of extent, places, shared_places, first, fresh, sized
  std::vector<Formula> parts;   ///< of product, sum and difference
};

/// What the numbers at the leaves amount to. Throws OverflowError.
std::int64_t arithmetic(const Formula& formula);

/// The tile of one tensor at one hold.
struct TileExplanation {
  std::size_t node = 0;  ///< index of the hold in the mapping
  LevelId memory;
  TensorId tensor;
  Formula words;
};

/// Words of one tensor over one fanout between two memories.
struct FanoutExplanation {
  LevelId fanout;
  Formula words;
};

/// What moves of one tensor between a hold and the next one inward, or the compute units.
struct TransferExplanation {
  TensorId tensor;
  LevelId parent;
  LevelId child;
  std::size_t parent_node = 0;
  std::optional<std::size_t> child_node;  ///< absent: the child is compute
  /// Temporal loops outside the child's hold, by what they do (node indices, outermost first).
  /// Empty for compute, where every loop moves words.
  std::vector<std::size_t> again;  ///< outside the sweep, of dimensions that t does not depend on
  std::vector<std::size_t> sweep;
  std::vector<std::size_t> free;
  /// Spatial loops between parent and child by which words are needed in several instances or
  /// results added up: of dimensions that t does not depend on, or of sliding ranks.
  std::vector<std::size_t> sharers;
  Sharing sharing = Sharing::word;  ///< word or tile
  std::vector<std::size_t> apart;   ///< such loops on axes along which nothing is shared or added

  /// Inputs: fills of the child and reads of the parent. `taken` is empty for compute.
  std::optional<Formula> fills;
  std::optional<Formula> reads;
  /// Inputs: words that the child's instances pass on to one another, where there are links.
  std::optional<Formula> passed;
  /// Outputs: drains of the child and updates of the parent, and what they need of old values.
  std::optional<Formula> drains;
  std::optional<Formula> updates;
  std::vector<FanoutExplanation> fanouts;  ///< outermost first
};

struct Explanation {
  std::vector<TileExplanation> tiles;          ///< in the order of the nodes
  std::vector<TransferExplanation> transfers;  ///< by tensor, outermost first
  Formula compute_cycles;
  std::vector<Formula> instances_used;  ///< by LevelId
};

/// Explains a valid mapping, whether it fits the machine or not. Throws as `Evaluator::evaluate`.
Explanation explain(const Problem& problem, const Architecture& architecture,
                    const Mapping& mapping);

}  // namespace tessera
