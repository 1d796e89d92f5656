#include "search/exact_spatial.hpp"

#include <algorithm>

namespace tessera {
namespace {

/// The spatial loops of any option below `node`: by dimension of the group, then by slot.
std::vector<std::int64_t> spatial_of(const OptionTrie& trie, std::uint32_t node) {
  while (trie.nodes[node].children != 0) {
    node = trie.nodes[node].first_child;
  }
  std::vector<std::int64_t> key;
  const std::size_t dimensions = trie.lists.size();
  for (std::size_t d = 0; d < dimensions; ++d) {
    const auto spatial =
        trie.lists[d]->spatial(trie.choices[trie.nodes[node].option * dimensions + d]);
    key.insert(key.end(), spatial.begin(), spatial.end());
  }
  return key;
}

}  // namespace

SpatialTable::SpatialTable(std::span<const SpatialSlot> slots,
                           const std::vector<std::vector<const OptionTrie*>>& tries)
    : keys_(tries.size()), used_(tries.size()), lanes_(tries.size()) {
  for (std::size_t g = 0; g < tries.size(); ++g) {
    for (const OptionTrie* trie : tries[g]) {
      const OptionTrie::Node& root = trie->nodes.front();
      for (std::uint32_t i = 0; i < root.children; ++i) {
        keys_[g].push_back(spatial_of(*trie, root.first_child + i));
      }
    }
    std::sort(keys_[g].begin(), keys_[g].end());
    keys_[g].erase(std::unique(keys_[g].begin(), keys_[g].end()), keys_[g].end());
    for (const Key& key : keys_[g]) {
      Key used(slots.size(), 1);
      double lanes = 1;
      for (std::size_t i = 0; !slots.empty() && i < key.size(); ++i) {
        used[i % slots.size()] *= key[i];
        lanes *= static_cast<double>(key[i]);
      }
      used_[g].push_back(std::move(used));
      lanes_[g].push_back(lanes);
    }
  }
  std::vector<std::int64_t> room;
  for (const SpatialSlot& slot : slots) {
    room.push_back(slot.size);
  }
  add_state(0, room);
}

std::uint32_t SpatialTable::add_state(std::size_t group, const std::vector<std::int64_t>& room) {
  const auto [at, is_new] =
      index_.try_emplace({group, room}, static_cast<std::uint32_t>(states_.size()));
  const std::uint32_t index = at->second;
  if (!is_new) {
    return index;
  }
  states_.emplace_back();
  State state;
  if (group == keys_.size()) {
    state.most_lanes = 1;
    states_[index] = std::move(state);
    return index;
  }
  for (std::uint32_t choice = 0; choice < used_[group].size(); ++choice) {
    const Key& used = used_[group][choice];
    std::vector<std::int64_t> left(room.size());
    bool fits = true;
    for (std::size_t s = 0; s < room.size() && fits; ++s) {
      left[s] = room[s] / used[s];
      fits = left[s] > 0;
    }
    if (!fits) {
      continue;
    }
    const std::uint32_t next = add_state(group + 1, left);
    const double lanes = lanes_[group][choice] * states_[next].most_lanes;
    if (lanes > 0) {
      state.steps.push_back({choice, next});
      state.most_lanes = std::max(state.most_lanes, lanes);
    }
  }
  states_[index] = std::move(state);
  return index;
}

std::optional<SpatialTable::Step> SpatialTable::pick(std::uint32_t state,
                                                     std::span<const std::int32_t> children,
                                                     std::size_t first) const {
  const std::vector<Step>& steps = states_[state].steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[(first + i) % steps.size()];
    if (children[step.choice] >= 0) {
      return step;
    }
  }
  return std::nullopt;
}

std::vector<std::int32_t> SpatialTable::children_of(std::size_t group,
                                                    const OptionTrie& trie) const {
  std::vector<std::int32_t> children(keys_[group].size(), -1);
  const OptionTrie::Node& root = trie.nodes.front();
  for (std::uint32_t i = 0; i < root.children; ++i) {
    const auto at = std::lower_bound(keys_[group].begin(), keys_[group].end(),
                                     spatial_of(trie, root.first_child + i));
    children[static_cast<std::size_t>(at - keys_[group].begin())] = static_cast<std::int32_t>(i);
  }
  return children;
}

}  // namespace tessera
