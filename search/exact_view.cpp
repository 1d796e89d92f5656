#include "search/exact_view.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>

namespace tessera {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

/// Some columns of a trie's leaves, each in one piece. Rows of leaves stand in the order of these,
/// behind the root's.
class TrieView::Leaves {
 public:
  explicit Leaves(const OptionTrie& trie)
      : trie_(trie), count_(trie.least.size() / trie.width - 1), place_(trie.width, kNone) {}

  void ask(std::uint16_t column) {
    if (place_[column] == kNone) {
      place_[column] = asked_.size();
      asked_.push_back(column);
    }
  }
  void ask(const Lift& lift) {
    for (const std::uint16_t column : columns_of(lift)) {
      ask(column);
    }
  }
  /// Reads all that was asked for.
  void read() {
    values_.resize(asked_.size() * count_);
    const double* row = trie_.least.data() + trie_.width;
    for (std::size_t leaf = 0; leaf < count_; ++leaf, row += trie_.width) {
      for (std::size_t i = 0; i < asked_.size(); ++i) {
        values_[i * count_ + leaf] = row[asked_[i]];
      }
    }
  }

  std::span<const double> of(std::uint16_t column) const {
    return {values_.data() + place_[column] * count_, count_};
  }
  /// Products of a lift's columns; until the next call.
  std::span<const double> of(const Lift& lift) {
    const std::span<const std::uint16_t> columns = columns_of(lift);
    const std::span<const double> first = of(columns.front());
    product_.assign(first.begin(), first.end());
    for (const std::uint16_t column : columns.subspan(1)) {
      std::transform(product_.begin(), product_.end(), of(column).begin(), product_.begin(),
                     std::multiplies<>());
    }
    return product_;
  }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  std::span<const std::uint16_t> columns_of(const Lift& lift) {
    of_lift_ = {trie_.columns[lift.target], trie_.columns[lift.tile], 0};
    if (lift.single()) {
      return std::span(of_lift_).first(2);
    }
    of_lift_[2] = trie_.columns[static_cast<std::size_t>(lift.second)];
    return of_lift_;
  }

  const OptionTrie& trie_;
  std::size_t count_;
  std::vector<std::size_t> place_;  ///< by column, in `asked_`
  std::vector<std::uint16_t> asked_;
  std::vector<double> values_;  ///< by place and leaf
  std::vector<double> product_;
  std::array<std::uint16_t, 3> of_lift_{};
};

TrieView::TrieView(const OptionTrie& trie, const TermTable& terms) : trie_(&trie) {
  const OptionTrie::Node& root = trie.nodes.front();
  for (std::uint32_t child = 0; child < root.children; ++child) {
    std::uint32_t node = root.first_child + child;
    while (trie.nodes[node].children > 0) {
      node = trie.nodes[node].first_child;
    }
    first_leaf_.push_back(trie.nodes[node].row - 1);
  }
  const std::size_t leaves = trie.least.size() / trie.width - 1;
  first_leaf_.push_back(leaves);
  std::vector<double> most(trie.row_of(0), trie.row_of(0) + trie.width);
  for (std::size_t i = 0; i < trie.least.size(); i += trie.width) {
    for (std::size_t c = 0; c < trie.width; ++c) {
      most[c] = std::max(most[c], trie.least[i + c]);
    }
  }
  std::vector<std::int32_t> row_of(trie.width, -1);  // by column of the trie
  Leaves of_leaves(trie);
  for (std::size_t c = 0; c < trie.columns.size(); ++c) {
    const std::uint16_t from = trie.columns[c];
    if (terms.read(static_cast<std::uint16_t>(c)) && row_of[from] < 0 &&
        most[from] > trie.row_of(0)[from]) {
      row_of[from] = static_cast<std::int32_t>(components_.size());
      components_.push_back(from);
      of_leaves.ask(from);
    }
    columns_.push_back({.row = row_of[from], .value = trie.row_of(0)[from]});
  }
  of_leaves.read();
  const std::size_t width = width_of(0);
  root_.assign(components_.size() * width, kInfinity);
  for (std::size_t row = 0; row < components_.size(); ++row) {
    write_root(of_leaves.of(components_[row]), root_.data() + row * width);
  }
  columns_.resize(trie.columns.size() + terms.lifts().size());
}

/// One row of the root's block: the least of each child's leaves.
void TrieView::write_root(std::span<const double> of_leaves, double* row) const {
  for (std::size_t child = 0; child + 1 < first_leaf_.size(); ++child) {
    const auto begin = of_leaves.begin() + static_cast<std::ptrdiff_t>(first_leaf_[child]);
    const auto end = of_leaves.begin() + static_cast<std::ptrdiff_t>(first_leaf_[child + 1]);
    row[child] = *std::min_element(begin, end);
  }
}

std::vector<double> TrieView::lifts_below(std::uint32_t child, const TermTable& terms) const {
  const std::vector<std::uint16_t>& columns = trie_->columns;
  std::vector<double> least(terms.lifts().size(), kInfinity);
  for (std::size_t leaf = first_leaf_[child]; leaf < first_leaf_[child + 1]; ++leaf) {
    const double* row = trie_->least.data() + (leaf + 1) * trie_->width;
    for (std::size_t l = 0; l < least.size(); ++l) {
      const Lift& lift = terms.lifts()[l];
      const double product = row[columns[lift.target]] * row[columns[lift.tile]];
      const double whole =
          lift.single() ? product : product * row[columns[static_cast<std::size_t>(lift.second)]];
      least[l] = std::min(least[l], whole);
    }
  }
  return least;
}

void TrieView::add_lifts(const TermTable& terms, std::span<const std::uint16_t> lifts) {
  Leaves of_leaves(*trie_);
  for (const std::uint16_t l : lifts) {
    of_leaves.ask(terms.lifts()[l]);
  }
  of_leaves.read();
  const std::size_t width = width_of(0);
  for (const std::uint16_t l : lifts) {
    const std::span<const double> values = of_leaves.of(terms.lifts()[l]);
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
  Leaves of_leaves(*trie_);
  for (const std::uint16_t column : components_) {
    of_leaves.ask(column);
  }
  for (const Lift& lift : lifts_) {
    of_leaves.ask(lift);
  }
  of_leaves.read();
  std::size_t size = 0;
  begin_.assign(trie_->nodes.size(), 0);
  for (std::uint32_t node = 1; node < trie_->nodes.size(); ++node) {
    begin_[node] = size;
    size += width_of(node);
  }
  std::vector<double> least(trie_->nodes.size());
  blocks_.assign(size * components_.size(), kInfinity);
  for (std::size_t row = 0; row < components_.size(); ++row) {
    fill(of_leaves.of(components_[row]), row, components_.size(), least, blocks_);
  }
  lift_blocks_.assign(size * lifts_.size(), kInfinity);
  for (std::size_t row = 0; row < lifts_.size(); ++row) {
    fill(of_leaves.of(lifts_[row]), row, lifts_.size(), least, lift_blocks_);
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
