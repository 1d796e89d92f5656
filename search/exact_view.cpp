#include "search/exact_view.hpp"

#include <algorithm>
#include <limits>

namespace tessera {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

TrieView::TrieView(const OptionTrie& trie, const TermTable& terms) : trie_(&trie) {
  for (std::uint32_t node = 0; node < trie.nodes.size(); ++node) {
    begin_.push_back(size_);
    size_ += width_of(node);
    if (trie.nodes[node].children == 0) {
      leaves_.push_back(node);
    }
  }
  std::vector<std::vector<double>> rows;
  std::vector<std::int32_t> row_of(trie.width, -1);  // by column of the trie
  std::vector<char> known(trie.width, 0);
  for (std::size_t c = 0; c < trie.columns.size(); ++c) {
    const std::uint16_t from = trie.columns[c];
    if (terms.read(static_cast<std::uint16_t>(c)) && known[from] == 0) {
      known[from] = 1;
      std::vector<double> values = leaves_of(from);
      if (*std::max_element(values.begin(), values.end()) > trie.row_of(0)[from]) {
        row_of[from] = static_cast<std::int32_t>(rows.size());
        rows.push_back(std::move(values));
      }
    }
    columns_.push_back({.row = row_of[from], .value = trie.row_of(0)[from]});
  }
  component_rows_ = rows.size();
  blocks_.assign(size_ * rows.size(), kInfinity);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    fill(rows[row], row, rows.size(), blocks_);
  }
  columns_.resize(trie.columns.size() + terms.lifts().size());
}

/// One column of the trie. Rows of leaves are in the order of these, behind the root's.
std::vector<double> TrieView::leaves_of(std::size_t column) const {
  std::vector<double> values(leaves_.size());
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

/// Writes one row of all blocks: the least below every node, children before parents.
void TrieView::fill(std::span<const double> of_leaves, std::size_t row, std::size_t rows,
                    std::vector<double>& blocks) const {
  const std::vector<OptionTrie::Node>& nodes = trie_->nodes;
  std::vector<double> least(nodes.size(), kInfinity);
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    least[leaves_[i]] = of_leaves[i];
  }
  for (std::size_t node = nodes.size(); node-- > 0;) {
    const std::size_t width = width_of(node);
    if (width == 0) {
      if (nodes[node].children == 1) {
        least[node] = least[nodes[node].first_child];
      }
      continue;
    }
    double* block = blocks.data() + begin_[node] * rows + row * width;
    for (std::uint32_t i = 0; i < nodes[node].children; ++i) {
      block[i] = least[nodes[node].first_child + i];
      least[node] = std::min(least[node], block[i]);
    }
  }
}

std::vector<double> TrieView::first_lifts(const TermTable& terms) const {
  const std::vector<OptionTrie::Node>& nodes = trie_->nodes;
  const std::uint32_t children = nodes.front().children;
  std::vector<std::uint32_t> first(nodes.size(), 0);  // by node: the root's child above it
  for (std::uint32_t node = 0; node < nodes.size(); ++node) {
    for (std::uint32_t i = 0; i < nodes[node].children; ++i) {
      first[nodes[node].first_child + i] = node == 0 ? i : first[node];
    }
  }
  const std::vector<Lift>& lifts = terms.lifts();
  std::vector<double> least(lifts.size() * children, kInfinity);
  for (std::size_t l = 0; l < lifts.size(); ++l) {
    const std::vector<double> values = leaves_of(lifts[l]);
    double* of_lift = least.data() + l * children;
    for (std::size_t i = 0; i < leaves_.size(); ++i) {
      of_lift[first[leaves_[i]]] = std::min(of_lift[first[leaves_[i]]], values[i]);
    }
  }
  return least;
}

void TrieView::add_lifts(const TermTable& terms, std::span<const std::uint16_t> lifts) {
  std::vector<std::vector<double>> rows;
  for (const std::uint16_t l : lifts) {
    std::vector<double> values = leaves_of(terms.lifts()[l]);
    Column& column = columns_[trie_->columns.size() + l];
    column.value = *std::min_element(values.begin(), values.end());
    if (*std::max_element(values.begin(), values.end()) > column.value) {
      column.row = static_cast<std::int32_t>(component_rows_ + rows.size());
      rows.push_back(std::move(values));
    }
  }
  lift_rows_ = rows.size();
  lift_blocks_.assign(size_ * rows.size(), kInfinity);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    fill(rows[row], row, rows.size(), lift_blocks_);
  }
}

}  // namespace tessera
