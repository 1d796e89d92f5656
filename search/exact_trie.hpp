#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "search/exact_choice_table.hpp"
#include "search/exact_dominance.hpp"

namespace tessera {

/// All ways to give the loops of one group in a normal form, and the vector of components of each:
/// as a trie by stage (spatial loops first, then block by block from the outside, then the places
/// of the spatial loops). Options with equal vectors are merged; so are those that another beats in
/// every component. Components that are equal in all options share a column.
struct OptionTrie {
  struct Node {
    std::uint32_t first_child = 0;  ///< children are consecutive; leaves have none
    std::uint32_t children = 0;
    std::uint32_t option = 0;  ///< of a leaf: which of `choices`
    std::uint32_t row = 0;     ///< of `least`: of the root and of leaves
  };

  std::size_t width = 0;                 ///< columns
  std::vector<std::uint16_t> columns;    ///< by component: its column
  std::size_t depth = 0;                 ///< levels below the root: stages
  std::vector<Node> nodes;               ///< nodes[0] is the root; none if there is no option
  std::vector<double> least;             ///< width numbers a row: least of all; then leaves
  std::vector<const ChoiceList*> lists;  ///< by dimension of the group
  std::vector<std::uint32_t> choices;    ///< an option is one row of each list
  std::uint64_t combinations = 0;        ///< of choices, that were to be looked at
  std::uint64_t of_use = 0;              ///< of these, neither too large nor too dear

  /// Options that are left.
  std::uint64_t options() const { return lists.empty() ? 0 : choices.size() / lists.size(); }

  /// Of the root or of a leaf, by column.
  const double* row_of(std::uint32_t node) const { return least.data() + nodes[node].row * width; }
  /// Of the root or of a leaf, one component.
  double least_of(std::uint32_t node, std::size_t component) const {
    return row_of(node)[columns[component]];
  }
};

/// Collects options and keeps those that no other beats.
class OptionPool {
 public:
  /// An option and the sum of what is compared of it.
  struct Entry {
    double sum = 0;
    std::uint32_t option = 0;
  };
  /// What pools one after the other may use again.
  struct Buffers {
    std::vector<double> values;
    std::vector<Entry> order;
    VectorList unbeaten;
  };

  /// `columns` by component; of the `width` columns, only the first `compared` differ between
  /// options. `tables` by dimension of the group. Without `drop_beaten` all are kept. The buffers
  /// are for this pool alone.
  OptionPool(std::size_t width, std::size_t compared, std::vector<std::uint16_t> columns,
             std::vector<const ChoiceTable*> tables, bool drop_beaten, Buffers& buffers);

  /// From now on, only options of equal values in these columns are compared.
  void compare_alike(std::vector<std::size_t> columns) { alike_ = std::move(columns); }

  /// Room for the next option's values, by column; `keep` takes it in. Only options that use the
  /// axes alike are compared: those of one `axes` number.
  double* next();
  void keep(std::span<const std::uint32_t> choices, std::uint32_t axes);

  /// The trie of what is left. `active` is the number of blocks in which the group may have a
  /// loop; `places` says which of them the blocks of each list are.
  OptionTrie build(std::size_t active, const std::vector<std::vector<std::size_t>>& places);

 private:
  std::size_t size() const { return axes_.size(); }
  const double* values_of(std::uint32_t i) const { return values_.data() + i * width_; }
  void prune();
  void prune(std::span<Entry> alike, std::vector<std::uint32_t>& kept);

  std::size_t width_;
  std::size_t compared_;
  std::vector<std::uint16_t> columns_;
  std::vector<const ChoiceTable*> tables_;
  std::vector<double>& values_;
  std::vector<Entry>& order_;
  VectorList& unbeaten_;
  std::vector<std::uint32_t> choices_;
  std::vector<std::uint32_t> axes_;
  std::vector<std::size_t> alike_;  ///< columns
  bool drop_beaten_;
  std::size_t prune_at_;
  std::uint64_t taken_ = 0;  ///< in all
};

}  // namespace tessera
