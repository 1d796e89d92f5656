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

constexpr std::size_t kPruneAt = 32768;
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
    // By stage and dimension: which stage of the dimension's table, if any.
    std::vector<std::size_t> from(trie.depth * dimensions_, kNone);
    for (std::size_t d = 0; d < dimensions_; ++d) {
      from[d] = 0;
      for (std::size_t b = 0; b < places[d].size(); ++b) {
        from[(places[d][b] + 1) * dimensions_ + d] = b + 1;
      }
      from[(active + 1) * dimensions_ + d] = tables[d]->stages() - 1;
    }
    lay_out(tables, from);
    keys_.assign(options * words_, 0);
    for (const Field& field : fields_) {
      const std::span<const std::uint32_t> numbers = tables[field.dimension]->stage(field.from);
      for (std::size_t i = 0; i < options; ++i) {
        keys_[i * words_ + field.word] |=
            std::uint64_t{numbers[trie_.choices[i * dimensions_ + field.dimension]]} << field.shift;
      }
    }
    order_.resize(options);
    std::iota(order_.begin(), order_.end(), 0u);
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      const std::uint64_t* of_a = key_of(a);
      const std::uint64_t* of_b = key_of(b);
      std::size_t w = 0;
      while (w + 1 < words_ && of_a[w] == of_b[w]) {
        ++w;
      }
      return of_a[w] < of_b[w];
    });
    differs_.assign(options, 0);
    for (std::size_t i = 1; i < options; ++i) {
      differs_[i] = differing(key_of(order_[i]), key_of(order_[i - 1]));
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
  /// One stage of one dimension's table as one stage of the trie, in some bits of a key's word.
  struct Field {
    std::size_t dimension = 0;
    std::size_t from = 0;
    std::size_t stage = 0;
    std::size_t word = 0;
    unsigned shift = 0;
  };
  static constexpr std::size_t kNone = ~std::size_t{0};

  const std::uint64_t* key_of(std::uint32_t i) const { return keys_.data() + i * words_; }

  /// Finds room for the stages of all dimensions, in their order.
  void lay_out(const std::vector<const ChoiceTable*>& tables,
               const std::vector<std::size_t>& from) {
    unsigned free = 0;  // bits of the last word
    for (std::size_t i = 0; i < from.size(); ++i) {
      const std::size_t d = i % dimensions_;
      const unsigned bits = from[i] == kNone ? 0 : tables[d]->stage_bits(from[i]);
      if (bits == 0) {
        continue;
      }
      if (bits > free) {
        ++words_;
        free = 64;
      }
      free -= bits;
      fields_.push_back({d, from[i], i / dimensions_, words_ - 1, free});
    }
    words_ = std::max<std::size_t>(words_, 1);
  }

  /// The first stage where two keys differ, or the one after the last.
  std::uint32_t differing(const std::uint64_t* a, const std::uint64_t* b) const {
    for (const Field& field : fields_) {
      if ((a[field.word] ^ b[field.word]) >> field.shift != 0) {
        return static_cast<std::uint32_t>(field.stage);
      }
    }
    return static_cast<std::uint32_t>(trie_.depth);
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
  std::size_t words_ = 0;      ///< of a key
  std::vector<Field> fields_;  ///< first the most significant
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
