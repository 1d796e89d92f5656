#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "mapper/normal_form.hpp"
#include "search/exact_objectives.hpp"
#include "search/exact_options.hpp"
#include "search/exact_rules.hpp"
#include "search/exact_spatial.hpp"
#include "search/exact_terms.hpp"
#include "search/exact_view.hpp"
#include "search/search.hpp"

namespace tessera {

/// The trie of one group, with the places of the group's spatial choices in it.
struct GroupTrie {
  const TrieView* view = nullptr;
  std::vector<std::int32_t> spatial;  ///< SpatialTable::children_of()

  const OptionTrie& trie() const { return view->trie(); }
};

/// One normal form with all that its search needs.
struct ExactJob {
  NormalForm form;
  TermTable terms;
  std::vector<const GroupTrie*> groups;
  std::vector<std::uint16_t> lifts;                   ///< of the terms': those worth their time
  std::span<const SpatialTable::State> spatial = {};  ///< choices of spatial loops
  ObjectiveBounds bound{};                            ///< of the whole form
  double rank = 0;                                    ///< forms of least rank are searched first
  bool beyond_limits = false;                         ///< no mapping of it keeps the limits
  std::size_t number = 0;  ///< to tell forms apart that are put in another order

  /// Whether it needs no search: what is known reaches its bound, or all its choices of spatial
  /// loops were dropped when they were looked at with others of its kind. If so, also whenever more
  /// is known.
  bool nothing_left(const Incumbents& known, const ExactRules& rules) const;
};

/// Some forms made ready to be searched; best bound first.
class ExactJobs {
 public:
  /// Keeps references. What `known` points dominate or equal is left out, as are mappings of more
  /// than `most_cycles`. Takes the first of the forms that are listed, as many as there is room
  /// for. Stops early, not ready, if it is told to or needs more than `most` combinations of
  /// choices.
  ExactJobs(const Mapspace& space, const Constraints& constraints,
            const ExactObjectives& objectives, std::vector<ExactJob> listed,
            const ParetoFront& known, double most_cycles, const ExactRules& rules,
            const SearchControl& control, std::uint64_t most);

  /// Whether the forms can be searched.
  bool ready() const { return ready_; }
  /// How many of the forms that were listed were taken; some of these may have no mapping.
  std::size_t taken() const { return taken_; }
  const std::vector<ExactJob>& jobs() const { return jobs_; }
  const OptionMaker& maker() const { return maker_; }
  const ExactRules& rules() const { return rules_; }
  const SpatialTable& spatial() const { return *spatial_; }
  /// What was looked at so far: options, and nodes of all forms of a kind together
  /// (exact_spatial_scan.hpp).
  const TreeStatistics& looked_at() const { return looked_at_; }
  /// Operations of one group: the product of its dimensions' bounds.
  const std::vector<double>& operations() const { return operations_; }

 private:
  bool make_options(std::vector<ExactJob> listed, const SearchControl& control, std::uint64_t most);
  bool make_some(std::span<ExactJob> listed, const SearchControl& control, std::uint64_t most);
  /// Forms that count the same, whatever the order of their holds.
  struct Kind {
    std::vector<std::size_t> members;  ///< jobs
    std::vector<std::uint16_t> lifts;  ///< that their views have rows for
  };

  void compile();
  void find_kinds();
  void choose_lifts(Kind& kind) const;
  void add_lifts();
  void scan_spatial(const ExactObjectives& objectives, const ParetoFront& known, double most_cycles,
                    const std::atomic<bool>* stop);
  void fill_views(const ParetoFront& known);
  void bound(ExactJob& job, const ExactObjectives& objectives) const;

  const Mapspace& space_;
  OptionMaker maker_;
  OptionCut cut_;
  std::vector<double> operations_;
  std::vector<ExactJob> jobs_;
  std::vector<std::vector<const OptionTrie*>> tries_;  ///< by job and group
  const ExactRules& rules_;
  int threads_;
  std::map<const OptionTrie*, std::optional<TrieView>>
      views_;  ///< groups that look alike share one
  std::map<std::pair<const OptionTrie*, std::size_t>, GroupTrie> groups_;
  std::unique_ptr<SpatialTable> spatial_;
  std::vector<Kind> kinds_;
  std::deque<std::vector<SpatialTable::State>> scans_;  ///< what is left, by kind
  TreeStatistics looked_at_;
  std::size_t taken_ = 0;
  std::size_t numbered_ = 0;        ///< tries whose size is known
  std::size_t bytes_ = 0;           ///< of these
  std::uint64_t combinations_ = 0;  ///< that were looked at for these
  bool ready_ = false;
};

}  // namespace tessera
