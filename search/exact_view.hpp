#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "search/exact_options.hpp"
#include "search/exact_terms.hpp"

namespace tessera {

/// A trie of options as the branch and bound reads it: by columns (components, then lifts), the
/// children of a node side by side, and only what is read and differs between options.
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
  /// Only the root has such for a single child, which has the least values of its parent.
  Block block(std::uint32_t node) const {
    return {.components = blocks_.data() + begin_[node] * component_rows_,
            .lifts = lift_blocks_.data() + begin_[node] * lift_rows_,
            .width = width_of(node),
            .component_rows = component_rows_};
  }

  /// The least value of one column below one child of `node`.
  double least_below(std::uint32_t node, std::uint32_t child, std::size_t column) const {
    const Column& of = columns_[column];
    return of.row < 0 ? of.value : block(node).row(of.row)[child];
  }

  /// The least of every lift of `terms` below each child of the root: one after the other, lift by
  /// lift.
  std::vector<double> first_lifts(const TermTable& terms) const;
  /// Gives rows to some lifts, by their index in the terms; once.
  void add_lifts(const TermTable& terms, std::span<const std::uint16_t> lifts);

 private:
  /// Numbers of one row of a node's block: an even number; none where there is no choice.
  std::size_t width_of(std::size_t node) const {
    const std::size_t children = trie_->nodes[node].children;
    return children == 1 && node != 0 ? 0 : (children + 1) / 2 * 2;
  }
  std::vector<double> leaves_of(std::size_t column) const;
  std::vector<double> leaves_of(const Lift& lift) const;
  void fill(std::span<const double> of_leaves, std::size_t row, std::size_t rows,
            std::vector<double>& blocks) const;

  const OptionTrie* trie_;
  std::vector<std::uint32_t> leaves_;
  std::vector<Column> columns_;
  std::vector<std::size_t> begin_;  ///< by node: numbers of one row before its block
  std::size_t size_ = 0;            ///< numbers of one row
  std::size_t component_rows_ = 0;
  std::size_t lift_rows_ = 0;
  std::vector<double> blocks_;
  std::vector<double> lift_blocks_;
};

}  // namespace tessera
