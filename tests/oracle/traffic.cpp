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
      const std::vector<std::uint32_t> above = lift(nest.outside[child_level], nest.inside[level]);
      between_.push_back({.level = level,
                          .above = above,
                          .groups_inside = groups_below(level, above),
                          .groups_outside = groups_below(
                              level - 1, lift(nest.outside[child_level], nest.outside[level])),
                          .by_tile_inside = by_tile(level),
                          .by_tile_outside = by_tile(level - 1),
                          .places = std::move(places),
                          .ways = MeshWays(fanout),
                          .words = 0,
                          .network = {}});
    }
  }
  groups_ = groups_below(parent.level, parents_);
  by_tile_ = by_tile(parent.level);
  if (linked() != nullptr) {
    find_neighbours();
  }
}

void Traffic::step(const std::vector<Transfer>& transfers, const Words* before) {
  std::vector<Words> lacks;
  std::vector<Transfer> needed = transfers;
  if (links_ != 0 && before != nullptr) {
    lacks = lacking(transfers, before);
    for (std::size_t i = 0; i < needed.size(); ++i) {
      needed[i].words = &lacks[i];
    }
  }
  const std::vector<Placed> moved = shared(needed, parents_, groups_, by_tile_);
  total_ += static_cast<std::int64_t>(moved.size());
  if (is_output_) {
    updated_.insert(updated_.end(), moved.begin(), moved.end());
    for (const Transfer& transfer : transfers) {
      for (const Word word : *transfer.words) {
        delivered_.emplace_back(groups_[transfer.instance], word);
      }
    }
    compact(updated_);
    compact(delivered_);
  }
  for (Between& fanout : between_) {
    // What is passed on arrives, but crosses nothing further out.
    const auto& crossing = fanout.level == links_ ? transfers : needed;
    fanout.words += static_cast<std::int64_t>(
        shared(crossing, fanout.above, fanout.groups_inside, fanout.by_tile_inside).size());
    walk(needed, fanout);
  }
}

const Fanout* Traffic::linked() const {
  if (between_.empty() || architecture_.memory(LevelId(child_level_)) == nullptr) {
    return nullptr;
  }
  const Fanout* fanout = architecture_.fanout(LevelId(between_.back().level));
  return fanout->links.contains(problem_.tensors[tensor_].kind) ? fanout : nullptr;
}

/// Two instances of the child are neighbours where their places along one axis of the fanout next
/// outside differ by one, as far as its innermost loops of one dimension make them, and all other
/// loops have equal values.
void Traffic::find_neighbours() {
  links_ = between_.back().level;
  neighbours_.resize(groups_.size());
  std::map<std::size_t, std::size_t> dimensions;  // by axis: of its innermost loop
  for (const Digit& digit : nest_.digits) {
    if (digit.fanout == links_) {
      dimensions[digit.axis] = digit.dimension;
    }
  }
  for (const auto& [axis, dimension] : dimensions) {
    std::size_t first = 0;  // the innermost loops are those from here on
    for (std::size_t d = 0; d < nest_.digits.size(); ++d) {
      const Digit& digit = nest_.digits[d];
      if (digit.fanout == links_ && digit.axis == axis && digit.dimension != dimension) {
        first = d + 1;
      }
    }
    std::map<std::pair<std::vector<std::int64_t>, std::int64_t>, std::uint32_t> by_place;
    for (std::size_t i = 0; i < nest_.instance_values.size(); ++i) {
      std::vector<std::int64_t> others;
      std::int64_t along = 0;
      for (std::size_t d = 0; d < nest_.digits.size(); ++d) {
        const Digit& digit = nest_.digits[d];
        if (!digit.fanout || *digit.fanout >= child_level_) {
          continue;
        }
        if (digit.fanout == links_ && digit.axis == axis && d >= first) {
          along = along * digit.bound + nest_.instance_values[i][d];
        } else {
          others.push_back(nest_.instance_values[i][d]);
        }
      }
      by_place[{others, along}] = nest_.outside[child_level_][i];
    }
    for (const auto& [place, instance] : by_place) {
      for (const std::int64_t away : {-1, 1}) {
        const auto next = by_place.find({place.first, place.second + away});
        if (next != by_place.end()) {
          neighbours_[instance].push_back(next->second);
        }
      }
    }
  }
}

/// What must be sent, by transfer: of the words that instances below one place outside the links
/// share, those that some of them have from no neighbour. With `tile` a neighbour has to have all.
std::vector<Words> Traffic::lacking(const std::vector<Transfer>& transfers, const Words* before) {
  const Between& links = between_.back();
  const auto next_door = [&](std::uint32_t instance, const Words& words) {
    return std::any_of(neighbours_[instance].begin(), neighbours_[instance].end(),
                       [&](std::uint32_t other) {
                         return std::includes(before[other].begin(), before[other].end(),
                                              words.begin(), words.end());
                       });
  };
  std::map<std::uint32_t, Words> lacks;  // by instance
  for (const Group& group : sent_together(transfers, links.groups_outside, links.by_tile_outside)) {
    const bool all =
        std::all_of(group.members.begin(), group.members.end(),
                    [&](std::uint32_t member) { return next_door(member, group.words); });
    if (all) {
      passed_ += static_cast<std::int64_t>(group.words.size() * group.members.size());
      continue;
    }
    for (const std::uint32_t member : group.members) {
      lacks[member].insert(lacks[member].end(), group.words.begin(), group.words.end());
    }
  }
  std::vector<Words> result;
  for (const Transfer& transfer : transfers) {
    Words& words = lacks[transfer.instance];
    std::sort(words.begin(), words.end());
    result.push_back(words);
  }
  return result;
}

void Traffic::finish(Counts& counts) {
  for (const Between& fanout : between_) {
    LevelCounts& level = counts.levels[fanout.level];
    level.words[tensor_] += fanout.words;
    level.network[tensor_].sent += fanout.network.sent;
    level.network[tensor_].half_hops += fanout.network.half_hops;
    if (fanout.level == links_) {
      level.network[tensor_].passed += passed_;
      level.network[tensor_].half_hops += 2 * passed_;
    }
  }
  if (links_ != 0) {
    counts.levels[child_level_].tensors[tensor_].passed += passed_;
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
  // Nothing is left to be added up: each word is one instance's, and one group delivers it there.
  if (words == distinct && delivered_.size() == updated_.size()) {
    parent.final_updates = words;
  }
}

/// Whether instances at different places along a spatial loop share what they need, or have what
/// they deliver added up.
bool Traffic::shares(const Digit& digit) const {
  const Fanout& fanout = *architecture_.fanout(LevelId(*digit.fanout));
  if (is_output_) {
    return fanout.reduce && fanout.axes[digit.axis].reduce;
  }
  const auto kind = static_cast<std::size_t>(problem_.tensors[tensor_].kind);
  return fanout.multicast[kind] != Multicast::none;
}

/// Whether, of the fanouts inside `level` over which the mapping spreads instances, some share
/// equal tiles only.
bool Traffic::by_tile(std::size_t level) const {
  const auto kind = static_cast<std::size_t>(problem_.tensors[tensor_].kind);
  return !is_output_ && std::any_of(nest_.digits.begin(), nest_.digits.end(), [&](const Digit& d) {
    return d.fanout && *d.fanout > level && *d.fanout < child_level_ &&
           architecture_.fanout(LevelId(*d.fanout))->multicast[kind] == Multicast::tile;
  });
}

/// For each instance of the child a number, the same for those below one instance `above` that have
/// the same place along every spatial loop inside `level` that does not share.
std::vector<std::uint32_t> Traffic::groups_below(std::size_t level,
                                                 const std::vector<std::uint32_t>& above) const {
  std::map<std::vector<std::int64_t>, std::uint32_t> numbers;
  std::vector<std::uint32_t> groups(above.size(), 0);
  for (std::size_t i = 0; i < nest_.instance_values.size(); ++i) {
    const std::uint32_t child = nest_.outside[child_level_][i];
    std::vector<std::int64_t> key{above[child]};
    for (std::size_t d = 0; d < nest_.digits.size(); ++d) {
      const Digit& digit = nest_.digits[d];
      if (digit.fanout && *digit.fanout > level && *digit.fanout < child_level_ && !shares(digit)) {
        key.push_back(nest_.instance_values[i][d]);
      }
    }
    const auto number = static_cast<std::uint32_t>(numbers.size());
    groups[child] = numbers.emplace(std::move(key), number).first->second;
  }
  return groups;
}

/// What crosses at the instances `above` (those of the element at some level, or just inside it)
/// when what a group has in common is shared: each word (or set, `by_tile`) of a group once.
std::vector<Placed> Traffic::shared(const std::vector<Transfer>& transfers,
                                    const std::vector<std::uint32_t>& above,
                                    const std::vector<std::uint32_t>& groups, bool by_tile) const {
  std::vector<Placed> crossing;
  if (!by_tile) {
    std::vector<std::uint32_t> above_group(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
      above_group[groups[i]] = above[i];
    }
    for (const Transfer& transfer : transfers) {
      for (const Word word : *transfer.words) {
        crossing.emplace_back(groups[transfer.instance], word);
      }
    }
    sort_unique(crossing);
    for (Placed& placed : crossing) {
      placed.first = above_group[placed.first];
    }
    return crossing;
  }
  for (const Group& group : sent_together(transfers, groups, by_tile)) {
    for (const Word word : group.words) {
      crossing.emplace_back(above[group.members.front()], word);
    }
  }
  return crossing;
}

std::vector<Traffic::Group> Traffic::sent_together(const std::vector<Transfer>& transfers,
                                                   const std::vector<std::uint32_t>& groups,
                                                   bool by_tile) {
  std::map<std::pair<std::uint32_t, Words>, Group> by_words;
  for (const Transfer& transfer : transfers) {
    const auto add = [&](const Words& words) {
      Group& group = by_words[{groups[transfer.instance], words}];
      group.words = words;
      group.members.push_back(transfer.instance);
    };
    if (by_tile && !transfer.words->empty()) {
      add(*transfer.words);
    }
    for (const Word word : *transfer.words) {
      if (!by_tile) {
        add({word});
      }
    }
  }
  std::vector<Group> result;
  for (auto& [key, group] : by_words) {
    result.push_back(std::move(group));
  }
  return result;
}

/// One step's words on their ways over the mesh.
void Traffic::walk(const std::vector<Transfer>& transfers, Between& fanout) const {
  for (const Group& group :
       sent_together(transfers, fanout.groups_outside, fanout.by_tile_outside)) {
    std::vector<Place> places;
    for (const std::uint32_t member : group.members) {
      places.push_back(fanout.places[member]);
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    const auto words = static_cast<std::int64_t>(group.words.size());
    fanout.network.sent += words;
    fanout.network.half_hops += words * fanout.ways.half_hops(places);
  }
}

}  // namespace tessera::oracle
