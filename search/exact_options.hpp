#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mapper/normal_form.hpp"
#include "search/exact_choice_table.hpp"
#include "search/exact_columns.hpp"
#include "search/exact_combination.hpp"
#include "search/exact_cut.hpp"
#include "search/exact_terms.hpp"
#include "search/exact_trie.hpp"
#include "search/tree_statistics.hpp"

namespace tessera {

/// Dimensions that share a rank of some tensor, directly or through others: what happens to one
/// changes the factors of the others. All other dimensions are groups of their own.
std::vector<DimensionSet> dimension_groups(const Problem& problem);

/// True if a spatial loop over the dimension may have to cut the temporal loop of a block in two:
/// several spatial loops may run over a rank of it, with coefficients of unequal size.
bool needs_split_loops(const Mapspace& space, DimensionId dimension);

/// Makes tries, several at a time. Groups of one form or several that look alike share one.
class OptionMaker {
 public:
  /// Keeps a reference to the space. Of the constraints, those on the factors at fanouts are for
  /// options: the space has all others that are known here.
  OptionMaker(const Mapspace& space, const Constraints& constraints);
  ~OptionMaker();

  /// Keeps a reference: from now on, options that the cut calls hopeless are left out.
  void set_cut(const OptionCut& cut) { cut_ = &cut; }
  /// From now on, options that others beat are kept.
  void keep_beaten() { drop_beaten_ = false; }
  /// From now on, options that others beat are kept where those may take less time.
  void keep_slower() { keep_slower_ = true; }

  const std::vector<DimensionSet>& groups() const { return groups_; }
  const std::vector<SpatialSlot>& axes() const { return space_.spatial_slots(); }
  /// The group's dimensions by name, for messages: `P and R`.
  std::string group_text(std::size_t group) const;
  /// At least the number of options of a group, before any are merged and without the places of
  /// spatial loops; saturates.
  std::int64_t options_at_most(const NormalForm& form, std::size_t group);
  /// The same of all forms of so many blocks.
  std::int64_t options_at_most(std::size_t blocks, std::size_t group);

  /// Asks for the trie of one group, and says its number. Keeps references until `make`.
  std::size_t ask(const NormalForm& form, const TermTable& terms, std::size_t group);
  /// Makes all tries asked for. False if stopped, or if that takes more than `most` combinations of
  /// choices together with what was made before.
  bool make(int threads, const std::atomic<bool>* stop, std::uint64_t most);
  /// A trie that has been made; empty (no nodes) if nothing fits or is of use.
  const OptionTrie& trie(std::size_t number) const { return tries_[number]; }
  /// Blocks of the form in which the group may have a loop: the trie's middle stages.
  std::vector<std::size_t> active_blocks(const NormalForm& form, std::size_t group) const;
  /// Writes the loops of one option of a group into `bounds`.
  void expand(const OptionTrie& trie, std::uint32_t option, const NormalForm& form,
              std::size_t group, NormalBounds& bounds) const;
  /// The options that were looked at for the tries made so far, and what became of them.
  const TreeStatistics& made() const { return made_; }
  /// Bounds with no loop at all.
  NormalBounds no_loops(const NormalForm& form) const;

 private:
  std::vector<std::int64_t> pattern(std::size_t group) const;
  std::string signature(const NormalForm& form, const TermTable& terms, std::size_t group) const;
  std::int64_t most_choices(std::size_t dimension, std::size_t blocks);
  std::int64_t count_choices(std::size_t dimension, std::size_t slots) const;
  ChoiceTable& table(std::size_t dimension, std::size_t blocks);

  /// A trie to be made. Of all forms that ask for it, the terms have what is known in each.
  struct Request {
    Request(const Mapspace& space, const NormalForm& form, const TermTable& terms_of,
            const OptionMaker& maker, std::size_t number, std::vector<ChoiceTable*> tables);

    TermTable terms;
    GroupColumns columns;
    std::size_t group;
  };

  const Mapspace& space_;
  const OptionCut* cut_ = nullptr;
  bool drop_beaten_ = true;
  bool keep_slower_ = false;
  std::vector<DimensionSet> groups_;
  std::vector<std::unique_ptr<JoinedBounds>> joined_;
  std::vector<ChoiceRules> rules_;                       ///< by dimension
  std::vector<std::vector<std::int64_t>> most_choices_;  ///< by dimension and blocks; 0: unknown
  std::vector<std::vector<std::int64_t>> patterns_;      ///< by group
  std::map<std::string, std::size_t> numbers_;           ///< by packed signature
  std::deque<Request> requests_;                         ///< for the tries from `tries_.size()` on
  std::deque<OptionTrie> tries_;
  std::vector<std::vector<double>> minima_;  ///< by trie: TermTable::minima() that it was made with
  std::uint64_t combinations_ = 0;
  TreeStatistics made_;
  std::map<WindowLoops, std::uint32_t> loops_numbers_;
  /// What a worker knows and uses again.
  struct Worker {
    CountMemo memo;
    OptionPool::Buffers buffers;
  };
  std::vector<Worker> workers_;
  /// By dimension and number of blocks.
  std::map<std::pair<std::size_t, std::size_t>, std::unique_ptr<ChoiceTable>> tables_;
};

}  // namespace tessera
