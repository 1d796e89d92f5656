// Which forms and groups share a trie, and where loops may be cut.
//
// What is cut from a trie must be of no use to any form that has it. What a form knows of the least
// energy of filling its memories differs between forms that look alike to a group: a trie is made
// with the least that any of them knows, and a form that asks for it later and knows less has one
// made anew.
//
// A spatial loop may cut the loop of a block only where several spatial loops may run over a rank
// with coefficients of unequal size (DESIGN 5.1 has a loop stand once in a block). The offsets i k
// w
// + j l v of two spatial loops coincide for certain weights w and v: where |k| = |l|, for the least
// ones, which stand innermost; else for some in between. With one spatial loop, what is shared
// falls or grows steadily with its weight, so the ends of a block are enough. Both were compared
// with all mappings (tests/search/exact_test.cpp).

#include "search/exact_options.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "search/exact_option_lister.hpp"
#include "search/parallel.hpp"
#include "spec/error.hpp"

namespace tessera {
namespace {

/// Counts of options stop here.
constexpr std::int64_t kSaturated = std::int64_t{1} << 40;

/// True if two spatial loops may run over dimensions of one rank.
bool may_spread_twice(const Mapspace& space, const std::vector<SpatialSlot>& axes,
                      const Rank& rank) {
  int loops = 0;
  for (const SpatialSlot& axis : axes) {
    const auto takes = std::count_if(rank.begin(), rank.end(), [&](const Term& term) {
      return space.problem().at(term.dimension).bound > 1 && axis.allowed.contains(term.dimension);
    });
    if (takes > 0 && axis.size > 1) {
      loops += takes > 1 && axis.size > 3 ? 2 : 1;
    }
  }
  return loops > 1;
}

std::int64_t times(std::int64_t product, std::int64_t ways) {
  return ways > kSaturated / std::max<std::int64_t>(product, 1) ? kSaturated : product * ways;
}

}  // namespace

std::vector<DimensionSet> dimension_groups(const Problem& problem) {
  std::vector<DimensionSet> groups;
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    if (problem.dimensions[d].bound > 1) {
      DimensionSet single;
      single.insert(DimensionId(d));
      groups.push_back(single);
    }
  }
  for (const Tensor& tensor : problem.tensors) {
    for (const Rank& rank : tensor.projection.ranks) {
      DimensionSet joined;
      for (const Term& term : rank) {
        if (problem.at(term.dimension).bound > 1) {
          joined.insert(term.dimension);
        }
      }
      for (const DimensionSet& group : groups) {
        if ((group.bits & joined.bits) != 0) {
          joined.bits |= group.bits;
        }
      }
      if (!joined.empty()) {
        std::erase_if(groups, [&](const DimensionSet& g) { return (g.bits & joined.bits) != 0; });
        groups.push_back(joined);
      }
    }
  }
  std::sort(groups.begin(), groups.end(), [](const DimensionSet& a, const DimensionSet& b) {
    return std::countr_zero(a.bits) < std::countr_zero(b.bits);
  });
  return groups;
}

bool needs_split_loops(const Mapspace& space, DimensionId dimension) {
  const Problem& problem = space.problem();
  for (const Tensor& tensor : problem.tensors) {
    for (const Rank& rank : tensor.projection.ranks) {
      std::int64_t least = 0;
      std::int64_t most = 0;
      bool mine = false;
      for (const Term& term : rank) {
        if (problem.at(term.dimension).bound > 1) {
          const std::int64_t size = std::abs(static_cast<std::int64_t>(term.coefficient));
          least = least == 0 ? size : std::min(least, size);
          most = std::max(most, size);
          mine = mine || term.dimension == dimension;
        }
      }
      if (mine && least != most && may_spread_twice(space, space.spatial_slots(), rank)) {
        return true;
      }
    }
  }
  return false;
}

OptionMaker::OptionMaker(const Mapspace& space, const Constraints& constraints)
    : space_(space),
      groups_(dimension_groups(space.problem())),
      rules_(space.problem().dimensions.size()),
      most_choices_(rules_.size()) {
  for (std::size_t d = 0; d < rules_.size(); ++d) {
    rules_[d].dimension = DimensionId(d);
    rules_[d].placed = space.factors() == Factors::imperfect;
    rules_[d].split = needs_split_loops(space, DimensionId(d));
  }
  for (const FactorConstraint& constraint : constraints.factors) {
    SpatialRule rule{.slots = {}, .relation = constraint.relation, .factor = constraint.factor};
    for (std::size_t s = 0; s < axes().size(); ++s) {
      if (axes()[s].axis.fanout == constraint.level) {
        rule.slots.push_back(s);
      }
    }
    rules_[constraint.dimension.index()].spatial.push_back(std::move(rule));
  }
  for (const MapspaceDimension& dimension : space.dimensions()) {
    ChoiceRules& rules = rules_[dimension.id.index()];
    rules.factorizations = &dimension.factorizations;
    if (space.factors() == Factors::imperfect) {
      joined_.push_back(std::make_unique<JoinedBounds>(dimension.factorizations));
      rules.joined = joined_.back().get();
    }
  }
  for (const DimensionSet& group : groups_) {
    if (std::popcount(group.bits) > 1) {
      for_each_number(group.bits, [&](std::size_t d) { rules_[d].placed = true; });
    }
  }
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    patterns_.push_back(pattern(g));
  }
}

OptionMaker::~OptionMaker() = default;

std::string OptionMaker::group_text(std::size_t group) const {
  std::string text;
  for_each_number(groups_[group].bits, [&](std::size_t d) {
    text +=
        (text.empty() ? std::string() : std::string(" and ")) + space_.problem().dimensions[d].name;
  });
  return text;
}

/// Ways to split a dimension over so many blocks and all axes that it may use.
std::int64_t OptionMaker::most_choices(std::size_t dimension, std::size_t blocks) {
  std::vector<std::int64_t>& known = most_choices_[dimension];
  known.resize(std::max(known.size(), blocks + 1), 0);
  if (known[blocks] == 0) {
    const auto spatial = std::count_if(axes().begin(), axes().end(), [&](const SpatialSlot& axis) {
      return axis.allowed.contains(DimensionId(dimension));
    });
    known[blocks] = count_choices(dimension, blocks + static_cast<std::size_t>(spatial));
  }
  return known[blocks];
}

std::int64_t OptionMaker::count_choices(std::size_t dimension, std::size_t slots) const {
  const ChoiceRules& rules = rules_[dimension];
  if (rules.joined != nullptr) {
    return static_cast<std::int64_t>(
        std::min(static_cast<double>(kSaturated), rules.joined->count_at_most(slots)));
  }
  try {
    return std::min(kSaturated, rules.factorizations->count(slots));
  } catch (const OverflowError&) {
    return kSaturated;
  }
}

std::int64_t OptionMaker::options_at_most(const NormalForm& form, std::size_t group) {
  std::int64_t product = 1;
  for_each_number(groups_[group].bits, [&](std::size_t d) {
    const auto blocks =
        std::count_if(form.blocks.begin(), form.blocks.end(),
                      [&](const DimensionSet& block) { return block.contains(DimensionId(d)); });
    product = times(product, most_choices(d, static_cast<std::size_t>(blocks)));
  });
  return product;
}

std::int64_t OptionMaker::options_at_most(std::size_t blocks, std::size_t group) {
  std::int64_t product = 1;
  for_each_number(groups_[group].bits,
                  [&](std::size_t d) { product = times(product, most_choices(d, blocks)); });
  return product;
}

OptionMaker::Request::Request(const Mapspace& space, const NormalForm& form,
                              const TermTable& terms_of, const OptionMaker& maker,
                              std::size_t number, std::vector<ChoiceTable*> tables)
    : terms(terms_of),
      columns(space, form, terms, maker.groups()[number], std::move(tables)),
      group(number) {}

std::size_t OptionMaker::ask(const NormalForm& form, const TermTable& terms, std::size_t group) {
  const std::size_t next = tries_.size() + requests_.size();
  const auto [at, is_new] = numbers_.try_emplace(signature(form, terms, group), next);
  if (!is_new && at->second >= tries_.size()) {
    requests_[at->second - tries_.size()].terms.lower_minima(terms.minima());
    return at->second;
  }
  if (!is_new && terms.minima_at_least(minima_[at->second])) {
    return at->second;
  }
  at->second = next;
  std::vector<ChoiceTable*> tables;
  for_each_number(groups_[group].bits, [&](std::size_t d) {
    const auto blocks =
        std::count_if(form.blocks.begin(), form.blocks.end(),
                      [&](const DimensionSet& block) { return block.contains(DimensionId(d)); });
    tables.push_back(&table(d, static_cast<std::size_t>(blocks)));
  });
  requests_.emplace_back(space_, form, terms, *this, group, std::move(tables));
  return next;
}

bool OptionMaker::make(int threads, const std::atomic<bool>* stop, std::uint64_t most) {
  const std::size_t first = tries_.size();
  tries_.resize(first + requests_.size());
  for (const Request& request : requests_) {
    minima_.push_back(request.terms.minima());
  }
  std::vector<ChoiceTable*> tables;
  for (const auto& [key, table] : tables_) {
    tables.push_back(table.get());
  }
  ChunkedWork filling;
  filling.chunks = tables.size();
  filling.propose = [&](std::uint64_t chunk, std::size_t, std::size_t) { tables[chunk]->fill(); };
  filling.commit = [](std::uint64_t, std::size_t) {};
  if (!run_chunks(filling, threads, stop)) {
    return false;
  }
  for (ChoiceTable* table : tables) {
    table->number_loops(loops_numbers_);
  }
  workers_.resize(std::max(workers_.size(), static_cast<std::size_t>(threads)));
  std::atomic<bool> beyond = false;
  ChunkedWork work;
  work.chunks = requests_.size();
  work.propose = [&](std::uint64_t chunk, std::size_t, std::size_t worker) {
    if (beyond) {
      return;
    }
    const Request& request = requests_[chunk];
    tries_[first + chunk] =
        list_options({.columns = request.columns,
                      .active = active_blocks(request.columns.form(), request.group),
                      .cut = cut_,
                      .number = request.group,
                      .drop_beaten = drop_beaten_,
                      .keep_slower = keep_slower_,
                      .most = most,
                      .memo = workers_[worker].memo,
                      .buffers = workers_[worker].buffers,
                      .stop = stop});
  };
  work.commit = [&](std::uint64_t chunk, std::size_t) {
    const std::uint64_t more = tries_[first + chunk].combinations;
    beyond = beyond || more > most - combinations_;
    if (beyond) {
      return;
    }
    combinations_ += more;
    const OptionTrie& trie = tries_[first + chunk];
    made_.options += more;
    made_.options_cut += more - trie.of_use;
    made_.options_beaten += trie.of_use - trie.options();
  };
  const bool all = run_chunks(work, threads, stop);
  requests_.clear();
  return all && !beyond && (stop == nullptr || !stop->load());
}

ChoiceTable& OptionMaker::table(std::size_t dimension, std::size_t blocks) {
  std::unique_ptr<ChoiceTable>& table = tables_[{dimension, blocks}];
  if (!table) {
    table = std::make_unique<ChoiceTable>(list_choices(rules_[dimension], axes(), blocks),
                                          space_.problem().dimensions[dimension].bound,
                                          space_.factors() == Factors::imperfect);
  }
  return *table;
}

std::vector<std::size_t> OptionMaker::active_blocks(const NormalForm& form,
                                                    std::size_t group) const {
  std::vector<std::size_t> active;
  for (std::size_t b = 0; b < form.blocks.size(); ++b) {
    if ((form.blocks[b].bits & groups_[group].bits) != 0) {
      active.push_back(b);
    }
  }
  return active;
}

NormalBounds OptionMaker::no_loops(const NormalForm& form) const {
  const std::size_t dimensions = space_.problem().dimensions.size();
  NormalBounds bounds;
  bounds.temporal.assign(dimensions, std::vector<std::int64_t>(form.blocks.size() * kLoopParts, 1));
  bounds.spatial.assign(dimensions, std::vector<std::int64_t>(axes().size(), 1));
  bounds.gaps.assign(dimensions, std::vector<std::uint8_t>(axes().size(), 0));
  return bounds;
}

void OptionMaker::expand(const OptionTrie& trie, std::uint32_t option, const NormalForm& form,
                         std::size_t group, NormalBounds& bounds) const {
  std::size_t nth = 0;
  for_each_number(groups_[group].bits, [&](std::size_t d) {
    const ChoiceList& list = *trie.lists[nth];
    const std::uint32_t row = trie.choices[option * trie.lists.size() + nth];
    for (std::size_t s = 0; s < list.slots; ++s) {
      bounds.spatial[d][s] = list.spatial(row)[s];
      bounds.gaps[d][s] = static_cast<std::uint8_t>(list.gaps(row)[s]);
    }
    std::size_t i = 0;
    for (std::size_t b = 0; b < form.blocks.size(); ++b) {
      if (form.blocks[b].contains(DimensionId(d))) {
        std::copy_n(list.temporal(row).data() + i * kLoopParts, kLoopParts,
                    bounds.temporal[d].data() + b * kLoopParts);
        ++i;
      }
    }
    ++nth;
  });
}

}  // namespace tessera
