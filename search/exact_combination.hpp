#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/traffic.hpp"
#include "search/exact_columns.hpp"

namespace tessera {

/// Numbers for pairs of small numbers, in the order in which they come.
class PairNumbers {
 public:
  static constexpr std::uint32_t kNew = ~std::uint32_t{0};

  /// The number of a pair, to be set where it is kNew.
  std::uint32_t& of(std::uint32_t a, std::uint32_t b) {
    if (a >= rows_ || b >= width_) {
      grow(a, b);
    }
    return numbers_[a * width_ + b];
  }
  /// Room for all pairs of numbers below these; before any is asked for.
  void reserve(std::size_t a, std::size_t b) {
    rows_ = a;
    width_ = b;
    numbers_.assign(a * b, kNew);
  }

 private:
  void grow(std::size_t a, std::size_t b);

  std::size_t rows_ = 0;
  std::size_t width_ = 0;
  std::vector<std::uint32_t> numbers_;
};

/// What the model counted of windows with remainders, for all forms. One for each worker: what it
/// knows changes no result.
class CountMemo {
 public:
  using Key = std::vector<std::uint32_t>;

  /// The words of a whole window, by the numbers of its dimensions' loops; below 0: not known yet.
  double& of(bool tile, Sharing sharing, const Key& key) {
    std::uint64_t number = 0;
    for (const std::uint32_t loops : key) {
      const auto next = static_cast<std::uint32_t>(numbers_.size() + 1);
      number = numbers_.try_emplace(number << 32u | loops, next).first->second;
    }
    return words_.try_emplace(number << 3u | (tile ? 4u : static_cast<unsigned>(sharing)), -1.0)
        .first->second;
  }

  /// The same of two dimensions.
  double& of(bool tile, Sharing sharing, std::uint32_t first, std::uint32_t second) {
    const std::uint64_t pair = std::uint64_t{first} << 32u | second;
    return words_of_two_[tile ? 4u : static_cast<unsigned>(sharing)]
        .try_emplace(pair, -1.0)
        .first->second;
  }

  /// The shapes of two dimensions in a window, by table and number.
  struct PairKey {
    std::array<const ChoiceTable*, 2> tables = {};
    std::array<std::uint32_t, 2> shapes = {};
    bool tile = false;
    Sharing sharing = Sharing::word;

    auto operator<=>(const PairKey&) const = default;
  };
  /// The words of a window of two dimensions by class of the first and of the second, of which
  /// there are `pairs`; below 0: not known yet. Good until `forget_some`.
  std::vector<double>& of(const PairKey& key, std::size_t pairs) {
    std::vector<double>& words = pairs_[key];
    if (words.empty()) {
      words.assign(pairs, -1.0);
      known_ += pairs;
    }
    return words;
  }
  /// Keeps what is known by pairs of classes within bounds.
  void forget_some() {
    if (known_ > kMostKnown) {
      pairs_.clear();
      known_ = 0;
    }
  }

 private:
  /// Pairs of classes: 16 MiB.
  static constexpr std::size_t kMostKnown = std::size_t{1} << 21;

  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
  std::unordered_map<std::uint64_t, double> words_;
  std::array<std::unordered_map<std::uint64_t, double>, 5> words_of_two_;
  std::map<PairKey, std::vector<double>> pairs_;
  std::size_t known_ = 0;  ///< pairs, in all
};

/// The closed form of one sliding rank, for choices of its dimensions taken one after the other.
class WindowCount {
 public:
  WindowCount(const GroupColumns& columns, const GroupColumns::Window& window);

  /// What the choices of some dimensions make together.
  struct Part {
    double extent = 1;
    double repeats = 1;
    std::uint32_t offsets = 0;
    std::uint32_t loops = 0;  ///< what all loops are, with remainders
    const Sweep* sweep = nullptr;
  };

  /// `part` with the choice in `row` of dimension number `nth` as well.
  Part with(const Part& part, std::size_t nth, std::size_t row);
  /// Words, where `part` has all dimensions and no remainders; with fewer dimensions, at most as
  /// many as with all.
  double words(const Part& part);
  /// Words with remainders: only of a whole window, where `part` has all dimensions. The model
  /// counts, through `count`, what is not known yet.
  template <class Count>
  double remainder_words(const Part& part, CountMemo& memo, Count&& count) {
    double& words = remainders_[part.loops];
    if (words < 0) {
      double& known = memo.of(tile_, sharing_, keys_[part.loops]);
      if (known < 0) {
        known = count();
      }
      words = known;
    }
    return words;
  }
  bool whole() const { return whole_; }
  /// See GroupColumns::Window.
  bool alternative() const { return alternative_; }
  std::optional<std::size_t> swept() const { return swept_; }

 private:
  /// Instances that share: how many words of their own they have together.
  struct Union {
    Offsets offsets;
    double instances = 1;
    double places = 1;          ///< distinct offsets
    std::vector<double> moved;  ///< by length; below 0: not known yet
  };

  std::uint32_t joined(std::uint32_t offsets, std::size_t nth, std::uint32_t more);
  std::uint32_t joined_loops(std::uint32_t loops, std::size_t nth, std::uint32_t more);
  double moved(Union& of, double length);

  bool tile_;
  Sharing sharing_;
  std::optional<std::size_t> swept_;
  bool alternative_;
  std::vector<const ShapeColumn*> shapes_;  ///< by dimension; null: not in the rank
  std::vector<Union> unions_;
  std::vector<PairNumbers> numbers_;  ///< by dimension
  std::map<Offsets, std::uint32_t> index_;
  std::vector<Interval> scratch_;
  bool whole_;
  bool remainders_known_ = false;     ///< whether tables tell loops
  std::vector<PairNumbers> loops_;    ///< by dimension
  std::vector<CountMemo::Key> keys_;  ///< by number of loops
  std::vector<double> remainders_;    ///< by number of loops: words; below 0: not known yet
};

/// Asks the model for components that have no closed form, given the loops of the whole group.
class GroupCounter {
 public:
  /// Where a form leaves it open what sweeps, dimension number `swept` of the group does.
  explicit GroupCounter(const GroupColumns& columns, std::optional<std::size_t> swept = {});
  GroupCounter(const GroupCounter&) = delete;
  GroupCounter& operator=(const GroupCounter&) = delete;

  /// Sets the loops: one row a dimension.
  void set(std::span<const std::uint32_t> rows);
  double count(const Component& component) const;

 private:
  const GroupColumns& columns_;
  NormalForm form_;
  std::vector<std::int64_t> bounds_;
  std::vector<std::int16_t> times_;  ///< by hold: the group's temporal loops before it
  std::vector<std::int16_t> swept_;  ///< by hold: how many of them are its sweep
  NormalBounds loops_;
  Mapping mapping_;
  Nest nest_;
  WindowScratch scratch_;
  TrafficCounter traffic_;
};

/// The group's components with one row of each dimension's table, in a form where each sweep is
/// given.
std::vector<double> components_of(const GroupColumns& columns, std::span<const std::uint32_t> rows);

}  // namespace tessera
