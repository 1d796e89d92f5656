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
  for (std::size_t c = 0; c < trie.width; ++c) {
    Column column{.row = -1, .value = trie.least_of(0)[c]};
    if (terms.read(static_cast<std::uint16_t>(c))) {
      std::vector<double> values = leaves_of(c);
      if (*std::max_element(values.begin(), values.end()) > column.value) {
        const auto same = std::find(rows.begin(), rows.end(), values);
        column.row = static_cast<std::int32_t>(same - rows.begin());
        if (same == rows.end()) {
          rows.push_back(std::move(values));
        }
      }
    }
    columns_.push_back(column);
  }
  component_rows_ = rows.size();
  blocks_.assign(size_ * rows.size(), kInfinity);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    fill(rows[row], row, rows.size(), blocks_);
  }
  columns_.resize(trie.width + terms.lifts().size());
}

std::vector<double> TrieView::leaves_of(std::size_t component) const {
  std::vector<double> values;
  values.reserve(leaves_.size());
  for (const std::uint32_t node : leaves_) {
    values.push_back(trie_->least_of(node)[component]);
  }
  return values;
}

std::vector<double> TrieView::leaves_of(const Lift& lift) const {
  std::vector<double> values;
  values.reserve(leaves_.size());
  for (const std::uint32_t node : leaves_) {
    const double* least = trie_->least_of(node);
    values.push_back(least[lift.target] * least[lift.tile] *
                     (lift.single() ? 1.0 : least[lift.second]));
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
    Column& column = columns_[trie_->width + l];
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
