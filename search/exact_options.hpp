#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mapper/normal_form.hpp"
#include "model/traffic.hpp"
#include "search/exact_terms.hpp"

namespace tessera {

/// Dimensions that share a rank of some tensor, directly or through others: what happens to one
/// changes the factors of the others. All other dimensions are groups of their own.
std::vector<DimensionSet> dimension_groups(const Problem& problem);

/// All ways to give the loops of one group in a normal form, and the vector of components of each:
/// as a trie by stage (spatial loops first, then block by block from the outside, then the places
/// of the spatial loops). Options with equal vectors are merged; so are those that another beats in
/// every component.
struct OptionTrie {
  struct Node {
    std::uint32_t first_child = 0;  ///< children are consecutive; leaves have none
    std::uint32_t children = 0;
    std::uint32_t option = 0;  ///< of a leaf: which of `keys`
  };

  std::size_t width = 0;        ///< components
  std::size_t depth = 0;        ///< levels below the root: stages
  std::size_t stage_width = 0;  ///< numbers of a key in a stage
  std::vector<Node> nodes;      ///< nodes[0] is the root; none if there is no option
  std::vector<double>
      least;  ///< width numbers a node: the least of its leaves, component by component
  std::vector<std::int64_t> keys;  ///< depth * stage_width numbers an option

  const double* least_of(std::uint32_t node) const { return least.data() + node * width; }
};

/// Makes tries. Groups of different forms that look alike share one.
class OptionMaker {
 public:
  /// Keeps a reference.
  explicit OptionMaker(const Mapspace& space);
  ~OptionMaker();

  const std::vector<DimensionSet>& groups() const { return groups_; }
  const std::vector<SpatialSlot>& axes() const { return space_.spatial_slots(); }
  /// The group's dimensions by name, for messages: `P and R`.
  std::string group_text(std::size_t group) const;
  /// At least the number of options of a group, before any are merged; saturates.
  std::int64_t options_at_most(const NormalForm& form, std::size_t group) const;

  /// The trie of one group; empty (no nodes) if nothing fits the axes.
  const OptionTrie& trie(const NormalForm& form, const TermTable& terms, std::size_t group);
  /// Blocks of the form in which the group may have a loop: the trie's middle stages.
  std::vector<std::size_t> active_blocks(const NormalForm& form, std::size_t group) const;
  /// Writes the loops of one option of a group into `bounds`.
  void expand(const OptionTrie& trie, std::uint32_t option, const NormalForm& form,
              std::size_t group, NormalBounds& bounds) const;
  /// Bounds with no loop at all.
  NormalBounds no_loops(const NormalForm& form) const;

 private:
  class Counter;
  using Signature = std::vector<std::int64_t>;

  Signature signature(const NormalForm& form, const TermTable& terms, std::size_t group) const;
  OptionTrie make(const NormalForm& form, const TermTable& terms, std::size_t group) const;

  const Mapspace& space_;
  std::vector<DimensionSet> groups_;
  std::vector<bool> placed_;  ///< by dimension: it matters where its spatial loops stand
  std::vector<const Factorizations*> factorizations_;  ///< by dimension; null for bound 1
  std::map<Signature, std::unique_ptr<OptionTrie>> tries_;
};

}  // namespace tessera
