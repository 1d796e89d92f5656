// What is kept of a group's options, and how they are laid out for the search.
//
// An option beats another if it is at most as large in every component. With perfect factors, an
// option that uses less of some axis needs more steps, so only options that use the axes alike are
// compared. They are compared in the order of the sums of their components: nothing is beaten by
// what has a larger sum, and rounding keeps the order, since all sums add up in the same order.
// Beaten options are thrown out whenever their number has doubled, which bounds memory.

#include "search/exact_trie.hpp"

#include <algorithm>
#include <numeric>

namespace tessera {
namespace {

constexpr std::size_t kPruneAt = 4096;
/// Each option is compared with so many at most: keeping a beaten one costs time only.
constexpr std::size_t kMostCompared = 2048;

/// Lays out options as a trie.
class Builder {
 public:
  Builder(OptionTrie& trie, std::span<const double> values,
          const std::vector<const ChoiceTable*>& tables, std::size_t active,
          const std::vector<std::vector<std::size_t>>& places)
      : trie_(trie), values_(values), dimensions_(tables.size()) {
    trie.depth = active + 2;
    const std::size_t options = trie.choices.size() / dimensions_;
    keys_.assign(options * key_width(), 0);
    for (std::size_t d = 0; d < dimensions_; ++d) {
      write_key(*tables[d], d, 0, 0);
      for (std::size_t b = 0; b < places[d].size(); ++b) {
        write_key(*tables[d], d, b + 1, places[d][b] + 1);
      }
      write_key(*tables[d], d, tables[d]->stages() - 1, active + 1);
    }
    order_.resize(options);
    std::iota(order_.begin(), order_.end(), 0u);
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::lexicographical_compare(key_of(a), key_of(a) + key_width(), key_of(b),
                                          key_of(b) + key_width());
    });
    differs_.assign(options, 0);
    for (std::size_t i = 1; i < options; ++i) {
      const std::uint64_t* key = key_of(order_[i]);
      const auto at = std::mismatch(key, key + key_width(), key_of(order_[i - 1])).first;
      differs_[i] = static_cast<std::uint32_t>(static_cast<std::size_t>(at - key) / dimensions_);
    }
  }

  void run() {
    const std::size_t width = trie_.width;
    trie_.least.reserve((order_.size() + 1) * width);
    trie_.least.assign(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(width));
    for (std::size_t i = width; i < values_.size(); i += width) {
      for (std::size_t c = 0; c < width; ++c) {
        trie_.least[c] = std::min(trie_.least[c], values_[i + c]);
      }
    }
    trie_.nodes.emplace_back();
    fill(0, 0, order_.size(), 0);
  }

 private:
  std::size_t key_width() const { return trie_.depth * dimensions_; }
  const std::uint64_t* key_of(std::uint32_t i) const { return keys_.data() + i * key_width(); }

  /// One stage of one dimension's table as one stage of the trie.
  void write_key(const ChoiceTable& table, std::size_t dimension, std::size_t from,
                 std::size_t stage) {
    const std::span<const std::uint64_t> numbers = table.stage(from);
    const std::size_t options = trie_.choices.size() / dimensions_;
    for (std::size_t i = 0; i < options; ++i) {
      keys_[i * key_width() + stage * dimensions_ + dimension] =
          numbers[trie_.choices[i * dimensions_ + dimension]];
    }
  }

  void fill(std::uint32_t node, std::size_t begin, std::size_t end, std::size_t stage) {
    const std::size_t width = trie_.width;
    if (stage == trie_.depth) {
      trie_.nodes[node].option = order_[begin];
      trie_.nodes[node].row = static_cast<std::uint32_t>(trie_.least.size() / width);
      const double* values = values_.data() + order_[begin] * width;
      trie_.least.insert(trie_.least.end(), values, values + width);
      return;
    }
    std::uint32_t children = 1;
    for (std::size_t at = begin + 1; at < end; ++at) {
      children += differs_[at] <= stage ? 1 : 0;
    }
    auto child = static_cast<std::uint32_t>(trie_.nodes.size());
    trie_.nodes[node].first_child = child;
    trie_.nodes[node].children = children;
    trie_.nodes.resize(trie_.nodes.size() + children);
    std::size_t first = begin;
    for (std::size_t at = begin + 1; at <= end; ++at) {
      if (at == end || differs_[at] <= stage) {
        fill(child, first, at, stage + 1);
        ++child;
        first = at;
      }
    }
  }

  OptionTrie& trie_;
  std::span<const double> values_;
  std::size_t dimensions_;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t>
      differs_;  ///< in order: the stage where an option leaves the one before
};

}  // namespace

OptionPool::OptionPool(std::size_t width, std::size_t compared, std::vector<std::uint16_t> columns,
                       std::vector<const ChoiceTable*> tables, bool drop_beaten, Buffers& buffers)
    : width_(width),
      compared_(compared),
      columns_(std::move(columns)),
      tables_(std::move(tables)),
      values_(buffers.values),
      order_(buffers.order),
      unbeaten_(buffers.unbeaten),
      drop_beaten_(drop_beaten),
      prune_at_(kPruneAt) {}

double* OptionPool::next() {
  if (size() >= prune_at_) {
    prune();
    prune_at_ = 2 * size() + kPruneAt;
  }
  if (values_.size() < (size() + 1) * width_) {
    values_.resize(2 * values_.size() + 64 * width_);
  }
  return values_.data() + size() * width_;
}

void OptionPool::keep(std::span<const std::uint32_t> choices, std::uint32_t axes) {
  choices_.insert(choices_.end(), choices.begin(), choices.end());
  axes_.push_back(axes);
  ++taken_;
}

void OptionPool::prune() {
  if (!drop_beaten_ || axes_.empty()) {
    return;
  }
  // By use of the axes, and each such part by sum.
  std::vector<std::size_t> ends(*std::max_element(axes_.begin(), axes_.end()) + 2, 0);
  for (const std::uint32_t axes : axes_) {
    ++ends[axes + 1];
  }
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  order_.resize(size());
  for (std::uint32_t i = 0; i < size(); ++i) {
    const double* values = values_of(i);
    order_[ends[axes_[i]]++] = {std::accumulate(values, values + compared_, 0.0), i};
  }
  std::vector<std::uint32_t> kept;
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    prune(std::span(order_).subspan(begin, end - begin), kept);
    begin = end;
  }
  std::sort(kept.begin(), kept.end());
  const std::size_t each = tables_.size();
  for (std::size_t to = 0; to < kept.size(); ++to) {
    std::copy_n(values_.data() + kept[to] * width_, width_, values_.data() + to * width_);
    std::copy_n(choices_.data() + kept[to] * each, each, choices_.data() + to * each);
    axes_[to] = axes_[kept[to]];
  }
  choices_.resize(kept.size() * each);
  axes_.resize(kept.size());
}

/// Adds those of some options, which use the axes alike, that no other of them beats.
void OptionPool::prune(std::span<Entry> alike, std::vector<std::uint32_t>& kept) {
  std::sort(alike.begin(), alike.end(), [](const Entry& a, const Entry& b) {
    return a.sum != b.sum ? a.sum < b.sum : a.option < b.option;  // of equal ones the first stays
  });
  // That columns are equal is written as at most, in both directions.
  unbeaten_.reset(compared_ + alike_.size());
  std::vector<double> vector(compared_ + alike_.size());
  for (const Entry& entry : alike) {
    const double* values = values_of(entry.option);
    std::copy_n(values, compared_, vector.begin());
    for (std::size_t i = 0; i < alike_.size(); ++i) {
      vector[compared_ + i] = -values[alike_[i]];
    }
    const std::size_t by = unbeaten_.find_at_most(vector.data(), [](std::size_t) { return true; });
    if (by < unbeaten_.size()) {  // it is likely to beat others, too
      unbeaten_.exchange(by, by / 2);
      continue;
    }
    kept.push_back(entry.option);
    if (unbeaten_.size() < kMostCompared) {
      unbeaten_.add(vector.data());
    }
  }
}

OptionTrie OptionPool::build(std::size_t active,
                             const std::vector<std::vector<std::size_t>>& places) {
  prune();
  OptionTrie trie;
  trie.width = width_;
  trie.columns = columns_;
  for (const ChoiceTable* table : tables_) {
    trie.lists.push_back(&table->list());
  }
  trie.choices = choices_;
  trie.of_use = taken_;
  if (!choices_.empty()) {
    Builder(trie, std::span(values_).first(size() * width_), tables_, active, places).run();
    trie.nodes.shrink_to_fit();
  }
  return trie;
}

}  // namespace tessera
