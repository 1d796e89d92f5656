#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "arch/architecture.hpp"
#include "mapper/constraints.hpp"
#include "mapper/factors.hpp"
#include "mapper/mapping.hpp"
#include "mapper/mapspace_error.hpp"
#include "mapper/wide_count.hpp"
#include "problems/problem.hpp"

namespace tessera {

/// Where the holds of a mapping may stand (DESIGN 5.1). Each contains the one after it.
enum class Space {
  free,          ///< any order in which each tensor's outer memory stands before its inner one
  hierarchical,  ///< memories in the order of the hierarchy, the tensors of one in any order
  even,          ///< all tensors of a memory at one place, memories in the order of the hierarchy
};

/// A rule `loops: {D: n}` of a memory with n > 1, as it falls on a skeleton: the loops of D between
/// each hold in the memory and its tensor's next one must have the product n.
struct FixedLoops {
  DimensionId dimension;
  std::int64_t product = 1;
  std::vector<std::size_t> ruled;    ///< temporal slots that the rule speaks of for some tensor
  std::vector<std::size_t> choices;  ///< those it speaks of for every tensor held in the memory
};

/// What holds what, and in which order: everything of a mapping but its loops. `top` precedes all
/// loops: the outermost hold of every tensor. Temporal slot 0 follows it, slot i + 1 follows
/// `holds[i]`.
struct Skeleton {
  std::vector<Hold> top;
  std::vector<Hold> holds;
  /// By temporal slot. Set where the holds on either side stand against the order of (memory,
  /// tensor): with no loop between them they could as well stand the other way round, which is
  /// another skeleton's.
  std::vector<bool> needs_loop;
  /// By temporal slot: the dimensions that constraints allow in it.
  std::vector<DimensionSet> allowed;
  std::vector<FixedLoops> fixed;

  std::size_t slots() const { return holds.size() + 1; }
};

/// One axis that can spread something: of size over 1, with the dimensions that may lie on it.
struct SpatialSlot {
  AxisRef axis;
  std::int64_t size = 1;
  DimensionSet allowed;
};

/// One dimension of bound over 1. `sliding` if it shares a rank with another such.
struct MapspaceDimension {
  DimensionId id;
  std::int64_t bound = 1;
  bool sliding = false;
  Factorizations factorizations;
};

/// The coordinates of one canonical mapping. Made once for a mapspace and reused.
struct MapspacePoint {
  std::size_t skeleton = 0;
  /// By dimension (of `Mapspace::dimensions()`), then by slot: temporal ones outermost first, then
  /// the spatial ones. 1 where there is no loop.
  std::vector<std::vector<std::int64_t>> bounds;
  /// By temporal slot: indices of the dimensions with a loop there, outermost first.
  std::vector<std::vector<std::uint8_t>> order;
  /// By dimension and spatial slot: how many temporal loops of a sliding dimension stand outside
  /// its spatial loop there.
  std::vector<std::vector<std::uint8_t>> gaps;
};

/// What a visitor of `Mapspace::for_each` sees, and answers.
struct MapspaceVisit {
  const Mapping& mapping;
  /// Mappings from this one on, itself included, that differ from it only in the order of loops
  /// within slots: their tiles are the same, so they fit or do not fit together.
  std::uint64_t same_tiles = 1;
};
enum class VisitAnswer { next, skip_same_tiles, stop };

/// How many mappings a mapspace has. Not `exact`: at least so many (counting would take too long,
/// or needs over 256 bits).
struct MapspaceSize {
  WideCount count;
  bool exact = true;

  /// Decimal; `>` before it where not exact.
  std::string to_string() const {
    std::string text(exact ? 0 : 1, '>');
    return text.append(count.to_string());
  }
};

/// All canonical mappings of a problem on an architecture under constraints; immutable.
///
/// A mapping is: a skeleton; for each dimension an ordered factorization over the temporal slots
/// and the axes; an order of the loops of each temporal slot; and for each spatial loop of a
/// sliding dimension its place among that dimension's temporal loops. A spatial loop of a plain
/// dimension changes nothing by its place; it stands directly before the first hold of a memory
/// inside its fanout. (Several spatial loops of one dimension at one place stand in the order of
/// the hierarchy.) Canonical: there are no loops of bound 1, and holds with no loop between them
/// stand in the order of (memory, tensor), those of one memory as one node. Different points are
/// different mappings, as nodes. Equal axes are not interchanged: a mapping and its mirror image
/// are two.
///
/// By construction no mapping breaks `keep`, `bypass`, what an axis allows, an axis' size, or
/// `loops: {D: 1}`. Other `loops` and `innermost` are left to a filter: see `needs_filter()`.
class Mapspace {
 public:
  /// Keeps references to the problem and the architecture. Throws MapspaceError where there are
  /// more than kMaxSkeletons skeletons or a dimension has too many factorizations.
  Mapspace(const Problem& problem, const Architecture& architecture, const Constraints& constraints,
           Space space, Factors factors);

  static constexpr std::size_t kMaxSkeletons = 200'000;

  const Problem& problem() const { return problem_; }
  const Architecture& architecture() const { return architecture_; }
  const std::vector<Skeleton>& skeletons() const { return skeletons_; }
  const std::vector<SpatialSlot>& spatial_slots() const { return spatial_; }
  const std::vector<MapspaceDimension>& dimensions() const { return dimensions_; }
  Space kind() const { return kind_; }
  Factors factors() const { return factors_; }

  /// True if some constraint is not kept by construction, so that every mapping must still pass
  /// `find_violation`. `size()` and `for_each` count mappings before that filter.
  bool needs_filter() const { return needs_filter_; }

  /// Counts without enumerating (mapper/mapspace_count.cpp).
  MapspaceSize size() const;

  /// Parts that `for_each` can be asked for: each skeleton has one for every ordered
  /// factorization of the first dimension. Some are empty. Throws OverflowError beyond 63 bits,
  /// which no space has that can be enumerated.
  std::uint64_t shards() const;
  /// Visits all mappings of the shards first .. last-1, in a fixed order; false if it was stopped.
  /// The reference seen by the visitor is good until it returns.
  bool for_each(std::uint64_t first, std::uint64_t last,
                const std::function<VisitAnswer(const MapspaceVisit&)>& visit) const;

  /// A point with room for any mapping of the space.
  MapspacePoint make_point() const;
  /// Writes the mapping at `point` in canonical form, also where a slot that needs a loop has none.
  void build(const MapspacePoint& point, Mapping& mapping) const;

 private:
  void find_dimensions();
  void find_axes(const Constraints& constraints);
  std::uint64_t shards_of(const Skeleton& skeleton) const;

  const Problem& problem_;
  const Architecture& architecture_;
  Space kind_;
  Factors factors_;
  bool needs_filter_ = false;
  std::vector<Skeleton> skeletons_;
  std::vector<SpatialSlot> spatial_;
  std::vector<MapspaceDimension> dimensions_;
};

/// All skeletons (mapper/skeletons.cpp). Throws MapspaceError beyond `most`.
std::vector<Skeleton> list_skeletons(const Problem& problem, const Architecture& architecture,
                                     const Constraints& constraints, Space space, std::size_t most);

}  // namespace tessera
