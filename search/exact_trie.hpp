#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "search/exact_choices.hpp"

namespace tessera {

/// All ways to give the loops of one group in a normal form, and the vector of components of each:
/// as a trie by stage (spatial loops first, then block by block from the outside, then the places
/// of the spatial loops). Options with equal vectors are merged; so are those that another beats in
/// every component.
struct OptionTrie {
  struct Node {
    std::uint32_t first_child = 0;  ///< children are consecutive; leaves have none
    std::uint32_t children = 0;
    std::uint32_t option = 0;  ///< of a leaf: which of `choices`
    std::uint32_t row = 0;     ///< of `least`: of the root and of leaves
  };

  std::size_t width = 0;      ///< components
  std::size_t depth = 0;      ///< levels below the root: stages
  std::vector<Node> nodes;    ///< nodes[0] is the root; none if there is no option
  std::vector<double> least;  ///< width numbers a row: components of a leaf, or the least of all
  std::vector<const ChoiceList*> lists;  ///< by dimension of the group
  std::vector<std::uint32_t> choices;    ///< an option is one row of each list

  /// Of the root or of a leaf.
  const double* least_of(std::uint32_t node) const {
    return least.data() + nodes[node].row * width;
  }
};

/// Collects options and keeps those that no other beats.
class OptionPool {
 public:
  /// `lists` by dimension of the group; an option is beaten only by one of equal components `axes`
  /// (what an axis holds, and where it matters what takes time). Without `drop_beaten` all are kept.
  OptionPool(std::size_t width, std::vector<std::size_t> axes,
             std::vector<const ChoiceList*> lists, bool drop_beaten);

  /// Room for the next option's values; `keep` takes it in.
  double* next();
  void keep(std::span<const std::uint32_t> choices);

  /// The trie of what is left. `active` is the number of blocks in which the group may have a
  /// loop; `places` says which of them the blocks of each list are.
  OptionTrie build(std::size_t active, const std::vector<std::vector<std::size_t>>& places);

 private:
  std::size_t size() const { return choices_.size() / lists_.size(); }
  const double* values_of(std::uint32_t i) const { return values_.data() + i * width_; }
  void prune();

  std::size_t width_;
  std::vector<std::size_t> axes_;
  std::vector<const ChoiceList*> lists_;
  std::vector<double> values_;
  std::vector<std::uint32_t> choices_;
  bool drop_beaten_;
  std::size_t prune_at_;
};

}  // namespace tessera
