// How little energy can fill one memory.
//
// What fills the holds in a memory m, and what they give back, depends on where these holds stand
// and on the loops, and on no other hold. So take any mapping, forget where all other holds stand,
// and move those in m outward and inward as mapper/normal_form.cpp does: the mapping is one of a
// form of the holds in m alone, in the order that they had, and neither what fills m nor a tile in
// m has become larger. So the least over all forms of that order, sweeps included, is a lower bound
// for every form of all holds in which those in m have that order. There it is found by the search
// of exact_outer.hpp: the tiles of m and all axes are rooms, and nothing else is counted.
//
// What m's holds are filled from decides what a word costs, so the least is one for each order and
// set of parents. Of several sliding tensors those in one sweep may change their order
// (mapper/normal_form.cpp, 4), and in the spaces other than `free` a form's holds are not where the
// mapping has them: there nothing is said. Nor of sliding tensors with imperfect factors, whose
// options take too long to make.

#include "search/exact_fillings.hpp"

#include <algorithm>
#include <limits>

#include "search/proof_effort.hpp"

namespace tessera {
namespace {

/// Groups with more options than this are not looked at: it would take longer than it saves.
constexpr std::int64_t kMostOptions = 50'000;
constexpr std::uint64_t kMostCombinations = 2'000'000;

/// A form of the holds in one memory, with all others as far out or in as they can stand.
NormalForm with_others(const NormalForm& of_memory, const NormalForm& form, LevelId memory) {
  NormalForm all;
  all.top = form.top;
  for (const NormalHold& hold : form.holds) {
    if (hold.memory < memory) {
      all.holds.push_back({.tensor = hold.tensor, .memory = hold.memory, .sweep = {}});
      all.blocks.emplace_back();
    }
  }
  all.holds.insert(all.holds.end(), of_memory.holds.begin(), of_memory.holds.end());
  all.blocks.insert(all.blocks.end(), of_memory.blocks.begin(), of_memory.blocks.end());
  for (const NormalHold& hold : form.holds) {
    if (memory < hold.memory) {
      all.holds.push_back({.tensor = hold.tensor, .memory = hold.memory, .sweep = {}});
      all.blocks.emplace_back();
    }
  }
  return all;
}

}  // namespace

FillingMinima::FillingMinima(const Mapspace& space, const Constraints& constraints,
                             const std::atomic<bool>* stop)
    : space_(space), maker_(space, constraints), outer_(kMostCombinations), stop_(stop) {
  const std::size_t sliding = count_sliding_tensors(space.problem());
  known_ = space.kind() == Space::free &&
           (sliding == 0 || (sliding == 1 && space.factors() == Factors::perfect));
}

void FillingMinima::set(const NormalForm& form, TermTable& terms) {
  for (std::size_t i = 0; known_ && i < terms.fillings().size(); ++i) {
    terms.set_least_filling(i, minimum_of(form, terms.fillings()[i].memory));
  }
}

double FillingMinima::minimum_of(const NormalForm& form, LevelId memory) {
  std::vector<LevelId> parents(space_.problem().tensors.size());
  for (const Hold& hold : form.top) {
    for (std::size_t t = 0; t < parents.size(); ++t) {
      if (hold.tensors.contains(TensorId(t))) {
        parents[t] = hold.memory;
      }
    }
  }
  std::vector<std::int64_t> key = {memory.value};
  Skeleton skeleton;
  skeleton.top = form.top;
  for (const NormalHold& hold : form.holds) {
    if (hold.memory == memory) {
      key.insert(key.end(), {hold.tensor.value, parents[hold.tensor.index()].value});
      skeleton.holds.push_back({memory, {}});
      skeleton.holds.back().tensors.insert(hold.tensor);
    }
    if (hold.memory < memory) {
      parents[hold.tensor.index()] = std::max(parents[hold.tensor.index()], hold.memory);
    }
  }
  const auto [at, is_new] = minima_.try_emplace(key, 0.0);
  if (is_new) {
    at->second = least_over(normal_forms(space_, skeleton), form, memory);
  }
  return at->second;
}

double FillingMinima::least_over(const std::vector<NormalForm>& forms, const NormalForm& form,
                                 LevelId memory) {
  double least = std::numeric_limits<double>::infinity();
  for (const NormalForm& of_memory : forms) {
    const NormalForm all = with_others(of_memory, form, memory);
    const TermTable whole(space_.problem(), space_.architecture(), all, maker_.axes());
    const auto filling =
        std::find_if(whole.fillings().begin(), whole.fillings().end(),
                     [&](const TermTable::Filling& one) { return one.memory == memory; });
    const TermTable terms =
        whole.of_filling(static_cast<std::size_t>(filling - whole.fillings().begin()));
    std::vector<std::size_t> numbers;
    for (std::size_t g = 0; g < maker_.groups().size(); ++g) {
      if (maker_.options_at_most(all, g) > kMostOptions) {
        return 0;
      }
      numbers.push_back(maker_.ask(all, terms, g));
    }
    if (!maker_.make(1, stop_, ProofEffort::kUnlimited)) {
      return 0;
    }
    std::vector<const OptionTrie*> tries;
    for (const std::size_t number : numbers) {
      tries.push_back(&maker_.trie(number));
    }
    if (std::none_of(tries.begin(), tries.end(),
                     [](const OptionTrie* trie) { return trie->nodes.empty(); })) {
      least = std::min(least, outer_.of(terms, tries));
    }
  }
  return least;
}

}  // namespace tessera
