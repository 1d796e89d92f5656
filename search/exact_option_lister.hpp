#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/exact_columns.hpp"
#include "search/exact_combination.hpp"
#include "search/exact_cut.hpp"
#include "search/exact_trie.hpp"
#include "search/proof_effort.hpp"

namespace tessera {

/// A group of dimensions in a form. `active`: the blocks in which it may have a loop.
struct GroupInForm {
  const GroupColumns& columns;
  std::vector<std::size_t> active;
  const OptionCut* cut = nullptr;  ///< drops options that cannot be of use; null: none is dropped
  std::size_t number = 0;          ///< the group's, for the cut
  bool drop_beaten = true;         ///< leave out options that others beat
  bool keep_slower = false;        ///< but not for those that may take less time
  std::uint64_t most = ProofEffort::kUnlimited;  ///< combinations; beyond, none is looked at
  CountMemo& memo;
  OptionPool::Buffers& buffers;
  const std::atomic<bool>* stop = nullptr;  ///< once set, what is listed is of no use
};

/// All options of a group; empty (no nodes) if nothing fits.
OptionTrie list_options(const GroupInForm& where);

}  // namespace tessera
