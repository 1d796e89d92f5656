// Which groups look alike, in one form or in several: they share one trie of options.

#include <algorithm>
#include <string>
#include <vector>

#include "search/exact_options.hpp"

namespace tessera {
namespace {

/// The numbers in as few bytes as they need: there may be a hundred thousand signatures.
std::string packed(const std::vector<std::int64_t>& numbers) {
  std::string bytes;
  for (const std::int64_t number : numbers) {
    // The sign goes into the lowest bit, 7 bits a byte, the highest says that more follow.
    auto rest = static_cast<std::uint64_t>(number < 0 ? -2 * (number + 1) + 1 : 2 * number);
    for (; rest > 127; rest >>= 7u) {
      bytes.push_back(static_cast<char>(128 | (rest & 127)));
    }
    bytes.push_back(static_cast<char>(rest));
  }
  bytes.shrink_to_fit();
  return bytes;
}

}  // namespace

/// Everything of the problem and the rules that a group's options and vectors depend on, with its
/// dimensions numbered: groups that look alike share their tries.
std::vector<std::int64_t> OptionMaker::pattern(std::size_t group) const {
  const Problem& problem = space_.problem();
  std::vector<std::int64_t> number(problem.dimensions.size(), -1);
  std::vector<std::int64_t> pattern;
  std::int64_t count = 0;
  for_each_number(groups_[group].bits, [&](std::size_t d) {
    number[d] = count++;
    pattern.push_back(problem.dimensions[d].bound);
    pattern.push_back(rules_[d].placed);
    pattern.push_back(rules_[d].split);
    for (const SpatialRule& rule : rules_[d].spatial) {
      pattern.insert(pattern.end(), rule.slots.begin(), rule.slots.end());
      pattern.insert(pattern.end(), {-1, static_cast<std::int64_t>(rule.relation), rule.factor});
    }
    pattern.push_back(-2);
    for (const SpatialSlot& axis : axes()) {
      pattern.push_back(axis.allowed.contains(DimensionId(d)) ? 1 : 0);
    }
  });
  for (const Tensor& tensor : problem.tensors) {
    for (const Rank& rank : tensor.projection.ranks) {
      std::vector<std::int64_t> terms;
      for (const Term& term : rank) {
        if (number[term.dimension.index()] >= 0) {
          terms.push_back(number[term.dimension.index()]);
          terms.push_back(std::abs(static_cast<std::int64_t>(term.coefficient)));
          terms.push_back(term.coefficient < 0);
        }
      }
      if (!terms.empty()) {
        pattern.insert(pattern.end(), terms.begin(), terms.end());
        pattern.push_back(-1);
      }
    }
    pattern.push_back(-2);
  }
  return pattern;
}

/// Everything of the form besides. Blocks where the group has no loop vanish: holds between the
/// same two blocks with loops of the group look alike to it.
std::string OptionMaker::signature(const NormalForm& form, const TermTable& terms,
                                   std::size_t group) const {
  const DimensionSet set = groups_[group];
  std::vector<std::int64_t> signature = {static_cast<std::int64_t>(
      std::find(patterns_.begin(), patterns_.end(), patterns_[group]) - patterns_.begin())};
  std::vector<std::int64_t> number(space_.problem().dimensions.size(), -1);
  std::int64_t dimensions = 0;
  for_each_number(set.bits, [&](std::size_t d) { number[d] = dimensions++; });
  std::vector<std::int64_t> place(form.holds.size(), 0);
  std::int64_t active = 0;
  for (std::size_t b = 0; b < form.blocks.size(); ++b) {
    const std::uint32_t here = form.blocks[b].bits & set.bits;
    if (here != 0) {
      ++active;
      std::int64_t bits = 0;
      for_each_number(here, [&](std::size_t d) { bits |= std::int64_t{1} << number[d]; });
      signature.push_back(bits);
      std::int64_t swept = 0;
      for_each_number(b < form.holds.size() ? form.holds[b].sweeps().bits & here : 0,
                      [&](std::size_t d) { swept |= std::int64_t{1} << number[d]; });
      signature.push_back(swept);
    }
    if (b < form.holds.size()) {
      place[b] = active;
    }
  }
  signature.push_back(-2);
  for (const Component& component : terms.components()) {
    signature.push_back(static_cast<std::int64_t>(component.kind));
    signature.push_back(component.tensor);
    signature.push_back(component.server);
    signature.push_back(static_cast<std::int64_t>(component.sharing));
    signature.push_back(component.per_instance);
    if (component.child < 0) {
      signature.push_back(component.child);
      continue;
    }
    const auto hold = static_cast<std::size_t>(component.child);
    const std::size_t sweeper = sweeper_of(form, hold);
    const bool swept = (form.holds[sweeper].sweeps().bits & set.bits) != 0;
    signature.push_back(place[hold]);
    signature.push_back(place[sweeper]);
    signature.push_back(form.holds[hold].memory.value);
    signature.push_back(swept ? 1 : 0);
  }
  return packed(signature);
}

}  // namespace tessera
