#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "search/exact_options.hpp"
#include "search/exact_terms.hpp"

namespace tessera {

/// A trie of options as the branch and bound reads it: by columns (components, then lifts), the
/// children of a node side by side, and only what is read and differs between options. What is
/// below the root's children is written when it is known that some form will be searched.
class TrieView {
 public:
  /// Keeps a reference to the trie, which must have options, of the components of `terms`.
  TrieView(const OptionTrie& trie, const TermTable& terms);

  struct Column {
    std::int32_t row = -1;  ///< of a node's block; -1: `value` for all options, or not read
    double value = 0;       ///< least of all options
  };

  const OptionTrie& trie() const { return *trie_; }
  /// Components, then lifts; nothing is known of lifts that were not added.
  const std::vector<Column>& columns() const { return columns_; }
  /// The least values below the children of one node.
  struct Block {
    const double* components = nullptr;
    const double* lifts = nullptr;
    std::size_t width = 0;
    std::size_t component_rows = 0;

    /// Those of one row, first child first; filled up with infinities to an even number.
    const double* row(std::int32_t number) const {
      const auto at = static_cast<std::size_t>(number);
      return at < component_rows ? components + at * width : lifts + (at - component_rows) * width;
    }
  };
  /// Only the root has such for a single child, which has the least values of its parent. Blocks of
  /// other nodes are there after `fill_below`.
  Block block(std::uint32_t node) const {
    if (node == 0) {
      return {.components = root_.data(),
              .lifts = lift_root_.data(),
              .width = width_of(0),
              .component_rows = components_.size()};
    }
    return {.components = blocks_.data() + begin_[node] * components_.size(),
            .lifts = lift_blocks_.data() + begin_[node] * lifts_.size(),
            .width = width_of(node),
            .component_rows = components_.size()};
  }

  /// The least value of one column below one child of `node`.
  double least_below(std::uint32_t node, std::uint32_t child, std::size_t column) const {
    const Column& of = columns_[column];
    return of.row < 0 ? of.value : block(node).row(of.row)[child];
  }

  /// The least of every lift of `terms` below one child of the root.
  std::vector<double> lifts_below(std::uint32_t child, const TermTable& terms) const;
  /// Gives rows to some lifts, by their index in the terms; once.
  void add_lifts(const TermTable& terms, std::span<const std::uint16_t> lifts);
  /// Writes the blocks of all nodes below the root; once.
  void fill_below();

 private:
  class Leaves;

  /// Numbers of one row of a node's block: an even number; none where there is no choice.
  std::size_t width_of(std::size_t node) const {
    const std::size_t children = trie_->nodes[node].children;
    return children == 1 && node != 0 ? 0 : (children + 1) / 2 * 2;
  }
  void write_root(std::span<const double> of_leaves, double* row) const;
  void fill(std::span<const double> of_leaves, std::size_t row, std::size_t rows,
            std::vector<double>& least, std::vector<double>& blocks) const;

  const OptionTrie* trie_;
  std::vector<std::size_t> first_leaf_;  ///< by child of the root, and how many leaves there are
  std::vector<Column> columns_;
  std::vector<std::uint16_t> components_;  ///< by row: a column of the trie
  std::vector<Lift> lifts_;                ///< by row after these
  std::vector<double> root_;               ///< the root's block
  std::vector<double> lift_root_;
  std::vector<std::size_t> begin_;  ///< by node: numbers of one row before its block
  std::vector<double> blocks_;      ///< of all other nodes
  std::vector<double> lift_blocks_;
};

}  // namespace tessera
