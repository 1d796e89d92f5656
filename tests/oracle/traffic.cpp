#include "tests/oracle/traffic.hpp"

#include <algorithm>
#include <map>

namespace tessera::oracle {

namespace {

/// Lists of pairs grow with the steps, what is distinct in them does not.
constexpr std::size_t kCompactAbove = 1u << 16;

void compact(std::vector<Placed>& list) {
  if (list.size() > kCompactAbove) {
    sort_unique(list);
  }
}

/// For each instance of the child the number of the one above it, both given by compute instance.
std::vector<std::uint32_t> lift(const std::vector<std::uint32_t>& children,
                                const std::vector<std::uint32_t>& parents) {
  std::vector<std::uint32_t> above(children.size(), 0);
  for (std::size_t i = 0; i < children.size(); ++i) {
    above[children[i]] = parents[i];
  }
  return above;
}

}  // namespace

void sort_unique(std::vector<Placed>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

std::int64_t count_distinct_words(const std::vector<Placed>& list) {
  Words words;
  for (const Placed& placed : list) {
    words.push_back(placed.second);
  }
  std::sort(words.begin(), words.end());
  return std::unique(words.begin(), words.end()) - words.begin();
}

Traffic::Traffic(const Problem& problem, const Architecture& architecture, const Nest& nest,
                 std::size_t tensor, const HoldPlace& parent, std::size_t child_level)
    : problem_(problem),
      architecture_(architecture),
      nest_(nest),
      tensor_(tensor),
      parent_(parent),
      child_level_(child_level),
      is_output_(problem.tensors[tensor].role == TensorRole::output),
      parents_(lift(nest.outside[child_level], nest.outside[parent.level])) {
  for (std::size_t level = parent.level + 1; level < child_level; ++level) {
    if (architecture.fanout(LevelId(level)) != nullptr) {
      const Fanout& fanout = *architecture.fanout(LevelId(level));
      const auto by_instance = places_of(nest, fanout, level);
      std::vector<Place> places(by_instance.size());
      for (std::size_t i = 0; i < by_instance.size(); ++i) {
        places[nest.outside[child_level][i]] = by_instance[i];
      }
      between_.push_back({.level = level,
                          .above = lift(nest.outside[child_level], nest.inside[level]),
                          .outside = lift(nest.outside[child_level], nest.outside[level]),
                          .places = std::move(places),
                          .ways = MeshWays(fanout),
                          .words = 0,
                          .network = {}});
    }
  }
}

void Traffic::step(const std::vector<Transfer>& transfers) {
  const std::vector<Placed> moved = shared(transfers, parents_, parent_.level);
  total_ += static_cast<std::int64_t>(moved.size());
  if (is_output_) {
    updated_.insert(updated_.end(), moved.begin(), moved.end());
    for (const Transfer& transfer : transfers) {
      for (const Word word : *transfer.words) {
        delivered_.emplace_back(transfer.instance, word);
      }
    }
    compact(updated_);
    compact(delivered_);
  }
  for (Between& fanout : between_) {
    fanout.words += static_cast<std::int64_t>(shared(transfers, fanout.above, fanout.level).size());
    walk(transfers, fanout);
  }
}

void Traffic::finish(Counts& counts) {
  for (const Between& fanout : between_) {
    LevelCounts& level = counts.levels[fanout.level];
    level.words[tensor_] += fanout.words;
    level.network[tensor_].sent += fanout.network.sent;
    level.network[tensor_].half_hops += fanout.network.half_hops;
  }
  TensorCounts& parent = counts.levels[parent_.level].tensors[tensor_];
  if (!is_output_) {
    parent.reads = total_;
    return;
  }
  sort_unique(updated_);
  sort_unique(delivered_);
  const auto distinct = static_cast<std::int64_t>(updated_.size());
  const std::int64_t words = count_distinct_words(updated_);
  parent.updates = total_;
  parent.reads = total_ - distinct;
  const bool one_instance_a_word = words == distinct;
  const bool one_child_a_word = delivered_.size() == updated_.size();
  if (one_instance_a_word && (all_reduce(parent_.level) || one_child_a_word)) {
    parent.final_updates = words;
  }
}

/// Fanouts inside `level` and outside the child over which the mapping spreads instances.
std::vector<const Fanout*> Traffic::spreading(std::size_t level) const {
  std::vector<const Fanout*> list;
  for (const Digit& digit : nest_.digits) {
    if (digit.fanout && *digit.fanout > level && *digit.fanout < child_level_) {
      list.push_back(architecture_.fanout(LevelId(*digit.fanout)));
    }
  }
  return list;
}

bool Traffic::all_reduce(std::size_t level) const {
  const auto fanouts = spreading(level);
  return std::all_of(fanouts.begin(), fanouts.end(),
                     [](const Fanout* fanout) { return fanout->reduce; });
}

Multicast Traffic::sharing(std::size_t level) const {
  if (is_output_) {
    return all_reduce(level) ? Multicast::word : Multicast::none;
  }
  const auto kind = static_cast<std::size_t>(problem_.tensors[tensor_].kind);
  Multicast weakest = Multicast::word;
  for (const Fanout* fanout : spreading(level)) {
    weakest = std::min(weakest, fanout->multicast[kind]);
  }
  return weakest;
}

/// What crosses at the instances `above` (those of the element at `level`, or just inside it) when
/// what they have in common below them is shared.
std::vector<Placed> Traffic::shared(const std::vector<Transfer>& transfers,
                                    const std::vector<std::uint32_t>& above,
                                    std::size_t level) const {
  const Multicast how = sharing(level);
  std::vector<Placed> crossing;
  std::vector<std::pair<std::uint32_t, const Words*>> seen;
  for (const Transfer& transfer : transfers) {
    const std::uint32_t instance = above[transfer.instance];
    if (transfer.words->empty()) {
      continue;
    }
    if (how == Multicast::tile) {
      const bool again = std::any_of(seen.begin(), seen.end(), [&](const auto& other) {
        return other.first == instance && *other.second == *transfer.words;
      });
      if (again) {
        continue;
      }
      seen.emplace_back(instance, transfer.words);
    }
    for (const Word word : *transfer.words) {
      crossing.emplace_back(instance, word);
    }
  }
  if (how == Multicast::word) {
    sort_unique(crossing);
  }
  return crossing;
}

/// As `how` says, the words of one instance, or those that several instances share.
std::vector<Traffic::Group> Traffic::groups(const std::vector<Transfer>& transfers,
                                            const std::vector<std::uint32_t>& above,
                                            Multicast how) const {
  std::vector<Group> result;
  if (how == Multicast::word) {
    std::map<Placed, Group> by_word;
    for (const Transfer& transfer : transfers) {
      for (const Word word : *transfer.words) {
        Group& group = by_word[{above[transfer.instance], word}];
        group.words = 1;
        group.members.push_back(transfer.instance);
      }
    }
    for (auto& [word, group] : by_word) {
      result.push_back(std::move(group));
    }
    return result;
  }
  std::vector<std::pair<std::uint32_t, const Words*>> sets;
  for (const Transfer& transfer : transfers) {
    if (transfer.words->empty()) {
      continue;
    }
    std::size_t at = 0;
    while (at < sets.size() &&
           (how == Multicast::none || sets[at].first != above[transfer.instance] ||
            *sets[at].second != *transfer.words)) {
      ++at;
    }
    if (at == sets.size()) {
      sets.emplace_back(above[transfer.instance], transfer.words);
      result.push_back({static_cast<std::int64_t>(transfer.words->size()), {}});
    }
    result[at].members.push_back(transfer.instance);
  }
  return result;
}

/// One step's words on their ways over the mesh.
void Traffic::walk(const std::vector<Transfer>& transfers, Between& fanout) const {
  for (const Group& group : groups(transfers, fanout.outside, sharing(fanout.level - 1))) {
    std::vector<Place> places;
    for (const std::uint32_t member : group.members) {
      places.push_back(fanout.places[member]);
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    fanout.network.sent += group.words;
    fanout.network.half_hops += group.words * fanout.ways.half_hops(places);
  }
}

}  // namespace tessera::oracle
