// A square convolution looks the same if its rows and columns change places: P with Q, and R with
// S. More generally, let a renaming of dimensions keep all bounds, and turn the ranks of every
// tensor into the ranks of the same tensor, in whatever order. Every count is a sum or a product
// over ranks and dimensions, so a mapping and the renamed mapping cost the same. If axes and
// skeletons allow the same after renaming, the renamed mapping is in the space too. So of two
// normal forms that are each other's image, one is enough: the best of either is the best of both,
// at equal values.

#include "mapper/symmetry.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

namespace tessera {
namespace {

std::vector<std::size_t> members(DimensionSet set) {
  std::vector<std::size_t> dimensions;
  for_each_number(set.bits, [&](std::size_t d) { dimensions.push_back(d); });
  return dimensions;
}

DimensionSet renamed(const Symmetry& symmetry, DimensionSet set) {
  DimensionSet result;
  for_each_number(set.bits, [&](std::size_t d) { result.insert(symmetry[d]); });
  return result;
}

/// The ranks of a tensor as comparable values, whatever their order.
std::multiset<std::set<std::pair<std::uint8_t, std::int64_t>>> ranks_of(const Tensor& tensor,
                                                                        const Symmetry& symmetry) {
  std::multiset<std::set<std::pair<std::uint8_t, std::int64_t>>> ranks;
  for (const Rank& rank : tensor.projection.ranks) {
    std::set<std::pair<std::uint8_t, std::int64_t>> terms;
    for (const Term& term : rank) {
      terms.emplace(symmetry[term.dimension.index()].value, term.coefficient);
    }
    ranks.insert(std::move(terms));
  }
  return ranks;
}

bool keeps(const Symmetry& symmetry, const Symmetry& identity, const Mapspace& space) {
  const Problem& problem = space.problem();
  for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
    if (problem.dimensions[d].bound != problem.at(symmetry[d]).bound) {
      return false;
    }
  }
  const auto same = [&](DimensionSet set) { return renamed(symmetry, set).bits == set.bits; };
  return std::all_of(problem.tensors.begin(), problem.tensors.end(),
                     [&](const Tensor& tensor) {
                       return ranks_of(tensor, symmetry) == ranks_of(tensor, identity);
                     }) &&
         std::all_of(space.spatial_slots().begin(), space.spatial_slots().end(),
                     [&](const SpatialSlot& slot) { return same(slot.allowed); }) &&
         std::all_of(space.skeletons().begin(), space.skeletons().end(),
                     [&](const Skeleton& skeleton) {
                       return skeleton.fixed.empty() &&
                              std::all_of(skeleton.allowed.begin(), skeleton.allowed.end(), same);
                     });
}

bool speaks_of_dimensions(const Constraints& constraints) {
  return !constraints.factors.empty() || !constraints.orders.empty() ||
         std::any_of(constraints.memories.begin(), constraints.memories.end(),
                     [](const MemoryConstraint& rule) {
                       return !rule.loops.empty() || !rule.innermost.empty();
                     });
}

/// Appends a number so that keys are in the order of their numbers.
void put(std::uint32_t number, std::string& key) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    key.push_back(static_cast<char>(number >> static_cast<unsigned>(shift)));
  }
}

/// A form as numbers, its dimensions renamed.
void write_key(const NormalForm& form, const Symmetry& symmetry, std::string& key) {
  key.clear();
  for (const NormalHold& hold : form.holds) {
    key.push_back(static_cast<char>(hold.tensor.value));
    key.push_back(static_cast<char>(hold.memory.value));
    key.push_back(hold.sweep ? static_cast<char>(1 + symmetry[hold.sweep->index()].value) : '\0');
    key.push_back(static_cast<char>(hold.joined));
  }
  for (const DimensionSet& block : form.blocks) {
    put(renamed(symmetry, block).bits, key);
  }
  for (const PlacedHold& placed : form.written) {
    key.push_back(static_cast<char>(placed.hold.memory.value));
    put(placed.hold.tensors.bits, key);
    put(static_cast<std::uint32_t>(placed.blocks), key);
  }
}

}  // namespace

std::vector<Symmetry> find_symmetries(const Mapspace& space, const Constraints& constraints,
                                      const std::vector<DimensionSet>& groups) {
  std::vector<Symmetry> symmetries;
  if (speaks_of_dimensions(constraints)) {
    return symmetries;
  }
  Symmetry identity;
  for (std::size_t d = 0; d < space.problem().dimensions.size(); ++d) {
    identity.emplace_back(d);
  }
  for (std::size_t a = 0; a < groups.size(); ++a) {
    for (std::size_t b = a + 1; b < groups.size(); ++b) {
      const std::vector<std::size_t> first = members(groups[a]);
      std::vector<std::size_t> second = members(groups[b]);
      if (first.size() != second.size()) {
        continue;
      }
      do {
        Symmetry symmetry = identity;
        for (std::size_t i = 0; i < first.size(); ++i) {
          symmetry[first[i]] = DimensionId(second[i]);
          symmetry[second[i]] = DimensionId(first[i]);
        }
        if (keeps(symmetry, identity, space)) {
          symmetries.push_back(std::move(symmetry));
        }
      } while (first.size() <= 4 && std::next_permutation(second.begin(), second.end()));
    }
  }
  return symmetries;
}

std::vector<bool> mirror_images(const std::vector<Symmetry>& symmetries,
                                const std::vector<NormalForm>& forms) {
  std::vector<bool> mirrored(forms.size(), false);
  if (symmetries.empty()) {
    return mirrored;
  }
  Symmetry identity;
  for (std::size_t d = 0; d < symmetries.front().size(); ++d) {
    identity.emplace_back(d);
  }
  std::vector<std::string> keys(forms.size());
  std::unordered_set<std::string_view> all;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    write_key(forms[i], identity, keys[i]);
    all.insert(keys[i]);
  }
  std::string image;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    mirrored[i] = std::any_of(symmetries.begin(), symmetries.end(), [&](const Symmetry& symmetry) {
      write_key(forms[i], symmetry, image);
      // Keys only fall from image to image, so the last image of all stays.
      return image < keys[i] && all.count(image) > 0;
    });
  }
  return mirrored;
}

}  // namespace tessera
