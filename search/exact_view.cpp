#include "search/exact_view.hpp"

#include <algorithm>
#include <limits>

namespace tessera {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

TrieView::TrieView(const OptionTrie& trie, const TermTable& terms) : trie_(&trie) {
  const OptionTrie::Node& root = trie.nodes.front();
  for (std::uint32_t child = 0; child < root.children; ++child) {
    std::uint32_t node = root.first_child + child;
    while (trie.nodes[node].children > 0) {
      node = trie.nodes[node].first_child;
    }
    first_leaf_.push_back(trie.nodes[node].row - 1);
  }
  first_leaf_.push_back(leaves());
  const std::size_t width = width_of(0);
  std::vector<std::int32_t> row_of(trie.width, -1);  // by column of the trie
  std::vector<char> known(trie.width, 0);
  for (std::size_t c = 0; c < trie.columns.size(); ++c) {
    const std::uint16_t from = trie.columns[c];
    if (terms.read(static_cast<std::uint16_t>(c)) && known[from] == 0) {
      known[from] = 1;
      const std::vector<double> values = leaves_of(from);
      if (*std::max_element(values.begin(), values.end()) > trie.row_of(0)[from]) {
        row_of[from] = static_cast<std::int32_t>(components_.size());
        components_.push_back(from);
        root_.resize(root_.size() + width, kInfinity);
        write_root(values, root_.data() + root_.size() - width);
      }
    }
    columns_.push_back({.row = row_of[from], .value = trie.row_of(0)[from]});
  }
  columns_.resize(trie.columns.size() + terms.lifts().size());
}

/// One column of the trie. Rows of leaves are in the order of these, behind the root's.
std::vector<double> TrieView::leaves_of(std::size_t column) const {
  std::vector<double> values(leaves());
  const double* from = trie_->least.data() + column;
  for (double& value : values) {
    value = *(from += trie_->width);
  }
  return values;
}

std::vector<double> TrieView::leaves_of(const Lift& lift) const {
  std::vector<double> values = leaves_of(trie_->columns[lift.target]);
  const auto multiply = [&](std::uint16_t column) {
    const double* from = trie_->least.data() + column;
    for (double& value : values) {
      value *= *(from += trie_->width);
    }
  };
  multiply(trie_->columns[lift.tile]);
  if (!lift.single()) {
    multiply(trie_->columns[static_cast<std::size_t>(lift.second)]);
  }
  return values;
}

/// One row of the root's block: the least of each child's leaves.
void TrieView::write_root(std::span<const double> of_leaves, double* row) const {
  for (std::size_t child = 0; child + 1 < first_leaf_.size(); ++child) {
    const auto begin = of_leaves.begin() + static_cast<std::ptrdiff_t>(first_leaf_[child]);
    const auto end = of_leaves.begin() + static_cast<std::ptrdiff_t>(first_leaf_[child + 1]);
    row[child] = *std::min_element(begin, end);
  }
}

std::vector<double> TrieView::first_lifts(const TermTable& terms) const {
  const std::size_t children = trie_->nodes.front().children;
  std::vector<double> least(terms.lifts().size() * children);
  for (std::size_t l = 0; l < terms.lifts().size(); ++l) {
    write_root(leaves_of(terms.lifts()[l]), least.data() + l * children);
  }
  return least;
}

void TrieView::add_lifts(const TermTable& terms, std::span<const std::uint16_t> lifts) {
  const std::size_t width = width_of(0);
  for (const std::uint16_t l : lifts) {
    const std::vector<double> values = leaves_of(terms.lifts()[l]);
    Column& column = columns_[trie_->columns.size() + l];
    column.value = *std::min_element(values.begin(), values.end());
    if (*std::max_element(values.begin(), values.end()) > column.value) {
      column.row = static_cast<std::int32_t>(components_.size() + lifts_.size());
      lifts_.push_back(terms.lifts()[l]);
      lift_root_.resize(lift_root_.size() + width, kInfinity);
      write_root(values, lift_root_.data() + lift_root_.size() - width);
    }
  }
}

void TrieView::fill_below() {
  std::size_t size = 0;
  begin_.assign(trie_->nodes.size(), 0);
  for (std::uint32_t node = 1; node < trie_->nodes.size(); ++node) {
    begin_[node] = size;
    size += width_of(node);
  }
  std::vector<double> least(trie_->nodes.size());
  blocks_.assign(size * components_.size(), kInfinity);
  for (std::size_t row = 0; row < components_.size(); ++row) {
    fill(leaves_of(components_[row]), row, components_.size(), least, blocks_);
  }
  lift_blocks_.assign(size * lifts_.size(), kInfinity);
  for (std::size_t row = 0; row < lifts_.size(); ++row) {
    fill(leaves_of(lifts_[row]), row, lifts_.size(), least, lift_blocks_);
  }
}

/// Writes one row of all blocks below the root: the least below every node, children before
/// parents. `least` is scratch space, a number a node.
void TrieView::fill(std::span<const double> of_leaves, std::size_t row, std::size_t rows,
                    std::vector<double>& least, std::vector<double>& blocks) const {
  const std::vector<OptionTrie::Node>& nodes = trie_->nodes;
  std::size_t leaf = of_leaves.size();
  for (std::size_t node = nodes.size(); node-- > 1;) {
    const std::uint32_t children = nodes[node].children;
    if (children == 0) {
      least[node] = of_leaves[--leaf];
      continue;
    }
    const double* below = least.data() + nodes[node].first_child;
    double least_below = below[0];
    if (children > 1) {
      double* block = blocks.data() + begin_[node] * rows + row * width_of(node);
      for (std::uint32_t i = 0; i < children; ++i) {
        block[i] = below[i];
        least_below = std::min(least_below, below[i]);
      }
    }
    least[node] = least_below;
  }
}

}  // namespace tessera
