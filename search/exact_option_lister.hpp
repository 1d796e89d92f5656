#pragma once

#include <cstddef>
#include <vector>

#include "mapper/normal_form.hpp"
#include "search/exact_terms.hpp"
#include "search/exact_trie.hpp"

namespace tessera {

/// A group of dimensions in a form. `active`: the blocks in which it may have a loop.
struct GroupInForm {
  const Mapspace& space;
  const NormalForm& form;
  const TermTable& terms;
  DimensionSet group;
  std::vector<std::size_t> active;
};

/// All options of a group, by `lists` of choices for each of its dimensions; empty (no nodes) if
/// nothing fits.
OptionTrie list_options(const GroupInForm& where, std::vector<const ChoiceList*> lists);

}  // namespace tessera
