// What is kept of a group's options, and how they are laid out for the search.
//
// An option beats another if it is at most as large in every component. With perfect factors, an
// option that uses less of some axis needs more steps, so only options that use the axes alike are
// compared. Options are compared in lexicographic order, where nothing is beaten by what comes
// after it. Beaten options are thrown out whenever their number has doubled, which bounds memory.

#include "search/exact_trie.hpp"

#include <algorithm>
#include <numeric>

namespace tessera {
namespace {

constexpr std::size_t kPruneAt = 4096;
/// Each option is compared with so many at most: keeping a beaten one costs time only.
constexpr std::size_t kMostCompared = 2048;

bool at_most(const double* a, const double* b, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    if (a[i] > b[i]) {
      return false;
    }
  }
  return true;
}

/// Lays out sorted options as a trie.
class Builder {
 public:
  Builder(OptionTrie& trie, const std::vector<double>& values, std::size_t active,
          const std::vector<std::vector<std::size_t>>& places)
      : trie_(trie), values_(values), active_(active) {
    trie.depth = active + 2;
    const std::size_t options = trie.choices.size() / trie.lists.size();
    for (std::size_t d = 0; d < trie.lists.size(); ++d) {
      stage_width_ += std::max(kLoopParts, trie.lists[d]->slots);
    }
    keys_.assign(options * key_width(), 1);
    for (std::size_t i = 0; i < options; ++i) {
      std::size_t at = 0;
      for (std::size_t d = 0; d < trie.lists.size(); ++d) {
        const ChoiceList& list = *trie.lists[d];
        const std::uint32_t row = trie.choices[i * trie.lists.size() + d];
        std::int64_t* key = keys_.data() + i * key_width() + at;
        std::copy_n(list.spatial(row).data(), list.slots, key);
        std::copy_n(list.gaps(row).data(), list.slots, key + (active + 1) * stage_width_);
        for (std::size_t b = 0; b < list.blocks; ++b) {
          std::copy_n(list.temporal(row).data() + b * kLoopParts, kLoopParts,
                      key + (places[d][b] + 1) * stage_width_);
        }
        at += std::max(kLoopParts, list.slots);
      }
    }
    order_.resize(options);
    std::iota(order_.begin(), order_.end(), 0u);
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::lexicographical_compare(key_of(a), key_of(a) + key_width(), key_of(b),
                                          key_of(b) + key_width());
    });
  }

  void run() {
    const std::size_t width = trie_.width;
    trie_.least.reserve((order_.size() + 1) * width);
    trie_.least.assign(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(width));
    for (std::size_t i = width; i < values_.size(); ++i) {
      trie_.least[i % width] = std::min(trie_.least[i % width], values_[i]);
    }
    trie_.nodes.emplace_back();
    fill(0, 0, order_.size(), 0);
  }

 private:
  std::size_t key_width() const { return (active_ + 2) * stage_width_; }
  const std::int64_t* key_of(std::uint32_t i) const { return keys_.data() + i * key_width(); }

  bool same_stage(std::uint32_t a, std::uint32_t b, std::size_t stage) const {
    const std::int64_t* begin = key_of(a) + stage * stage_width_;
    return std::equal(begin, begin + stage_width_, key_of(b) + stage * stage_width_);
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
    std::vector<std::size_t> starts;
    for (std::size_t at = begin; at < end; ++at) {
      if (at == begin || !same_stage(order_[at - 1], order_[at], stage)) {
        starts.push_back(at);
      }
    }
    const auto first = static_cast<std::uint32_t>(trie_.nodes.size());
    trie_.nodes[node].first_child = first;
    trie_.nodes[node].children = static_cast<std::uint32_t>(starts.size());
    trie_.nodes.resize(trie_.nodes.size() + starts.size());
    starts.push_back(end);
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
      fill(first + static_cast<std::uint32_t>(i), starts[i], starts[i + 1], stage + 1);
    }
  }

  OptionTrie& trie_;
  const std::vector<double>& values_;
  std::size_t active_;
  std::size_t stage_width_ = 0;
  std::vector<std::int64_t> keys_;
  std::vector<std::uint32_t> order_;
};

}  // namespace

OptionPool::OptionPool(std::size_t width, std::vector<std::size_t> axes,
                       std::vector<const ChoiceList*> lists, bool drop_beaten)
    : width_(width),
      axes_(std::move(axes)),
      lists_(std::move(lists)),
      drop_beaten_(drop_beaten),
      prune_at_(kPruneAt) {}

double* OptionPool::next() {
  if (size() >= prune_at_) {
    prune();
    prune_at_ = 2 * size() + kPruneAt;
  }
  values_.resize((size() + 1) * width_);
  return values_.data() + size() * width_;
}

void OptionPool::keep(std::span<const std::uint32_t> choices) {
  choices_.insert(choices_.end(), choices.begin(), choices.end());
}

void OptionPool::prune() {
  if (!drop_beaten_) {
    return;
  }
  std::vector<std::uint32_t> order(size());
  std::iota(order.begin(), order.end(), 0u);
  const auto less_axes = [&](std::uint32_t a, std::uint32_t b) {
    for (const std::size_t axis : axes_) {
      if (values_of(a)[axis] != values_of(b)[axis]) {
        return values_of(a)[axis] < values_of(b)[axis] ? -1 : 1;
      }
    }
    return 0;
  };
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (const int by_axes = less_axes(a, b)) {
      return by_axes < 0;
    }
    const auto [at_a, at_b] = std::mismatch(values_of(a), values_of(a) + width_, values_of(b));
    // Of equal ones the first to come stays.
    return at_a == values_of(a) + width_ ? a < b : *at_a < *at_b;
  });
  std::vector<std::uint32_t> kept;
  std::size_t begin = 0;  // of the kept ones that use the axes like the one at hand
  for (const std::uint32_t i : order) {
    if (!kept.empty() && less_axes(kept.back(), i) != 0) {
      begin = kept.size();
    }
    const std::size_t from =
        kept.size() - begin > kMostCompared ? kept.size() - kMostCompared : begin;
    const bool beaten = std::any_of(
        kept.rbegin(), kept.rend() - static_cast<std::ptrdiff_t>(from),
        [&](std::uint32_t other) { return at_most(values_of(other), values_of(i), width_); });
    if (!beaten) {
      kept.push_back(i);
    }
  }
  std::sort(kept.begin(), kept.end());
  const std::size_t each = lists_.size();
  for (std::size_t to = 0; to < kept.size(); ++to) {
    std::copy_n(values_.data() + kept[to] * width_, width_, values_.data() + to * width_);
    std::copy_n(choices_.data() + kept[to] * each, each, choices_.data() + to * each);
  }
  values_.resize(kept.size() * width_);
  choices_.resize(kept.size() * each);
}

OptionTrie OptionPool::build(std::size_t active,
                             const std::vector<std::vector<std::size_t>>& places) {
  prune();
  OptionTrie trie;
  trie.width = width_;
  trie.lists = lists_;
  trie.choices = choices_;
  if (!choices_.empty()) {
    Builder(trie, values_, active, places).run();
    trie.nodes.shrink_to_fit();
  }
  return trie;
}

}  // namespace tessera
