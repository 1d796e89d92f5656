#pragma once

#include <cstddef>
#include <vector>

#include "mapper/normal_form.hpp"
#include "search/exact_cut.hpp"
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
  const OptionCut* cut = nullptr;  ///< drops options that cannot be of use; null: none is dropped
  std::size_t number = 0;          ///< the group's, for the cut
  bool drop_beaten = true;         ///< leave out options that others beat
  bool keep_slower = false;        ///< but not for those that may take less time
};

/// All options of a group, by `lists` of choices for each of its dimensions; empty (no nodes) if
/// nothing fits.
OptionTrie list_options(const GroupInForm& where, std::vector<const ChoiceList*> lists);

}  // namespace tessera
