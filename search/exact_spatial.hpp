#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "mapper/mapspace.hpp"
#include "search/exact_options.hpp"

namespace tessera {

/// Which spatial loops of all groups together fit the axes: the same for every normal form, so it
/// is found once.
///
/// A choice is what the loops of one group put on each spatial slot; choices of a group are
/// numbered. What the groups before have left of each axis, rounded down, is a state: it decides
/// which choices still fit and how many lanes the groups from here on can reach at most.
class SpatialTable {
 public:
  struct Step {
    std::uint32_t choice = 0;
    std::uint32_t next = 0;  ///< state of the next group
  };
  struct State {
    std::vector<Step> steps;  ///< choices that fit, in their order
    double most_lanes = 0;    ///< of this and all further groups together; 0 if nothing fits
  };

  /// `tries` holds, by group, every trie of any form.
  SpatialTable(std::span<const SpatialSlot> slots,
               const std::vector<std::vector<const OptionTrie*>>& tries);

  /// The state of the first group, and all others by the index that steps name.
  static constexpr std::uint32_t kStart = 0;
  const State& state(std::uint32_t index) const { return states_[index]; }
  std::span<const State> states() const { return states_; }
  std::size_t choices(std::size_t group) const { return lanes_[group].size(); }
  /// Product of what the choice puts on all slots.
  double lanes(std::size_t group, std::uint32_t choice) const { return lanes_[group][choice]; }

  /// One of the steps of a state that `children` has: the first from number `first` on, cyclically.
  std::optional<Step> pick(std::uint32_t state, std::span<const std::int32_t> children,
                           std::size_t first) const;

  /// By choice: the child of the trie's root that makes it, counted from the first; -1 if none.
  std::vector<std::int32_t> children_of(std::size_t group, const OptionTrie& trie) const;

 private:
  using Key = std::vector<std::int64_t>;

  std::uint32_t add_state(std::size_t group, const std::vector<std::int64_t>& room);

  std::vector<std::vector<Key>> keys_;      ///< by group and choice: by dimension and slot
  std::vector<std::vector<Key>> used_;      ///< by group and choice: by slot
  std::vector<std::vector<double>> lanes_;  ///< by group and choice
  std::vector<State> states_;
  std::map<std::pair<std::size_t, Key>, std::uint32_t> index_;
};

}  // namespace tessera
