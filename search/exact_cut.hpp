#pragma once

#include <optional>
#include <span>
#include <vector>

#include "mapper/mapspace.hpp"
#include "search/exact_objectives.hpp"
#include "search/exact_steps.hpp"
#include "search/exact_terms.hpp"
#include "search/exact_trie.hpp"

namespace tessera {

/// Drops options of a group that no mapping can have which a known point does not dominate or
/// equal: with them, costs are too high even if all other groups come at the least that any form
/// allows, and take the fewest steps for which there is room beside them. Those least components
/// are of the problem and the machine alone, so a form's options may still be shared with other
/// forms.
class OptionCut {
 public:
  /// Keeps references; `groups` as in OptionMaker, `known` as it is now. `most_cycles` may be
  /// infinite.
  OptionCut(const Mapspace& space, const std::vector<DimensionSet>& groups,
            const ExactObjectives& objectives, const ParetoFront& known, double most_cycles);

  /// What is known of all other groups, by component: the whole is at least `times` the group's own
  /// component, plus `known`.
  struct Rest {
    double times = 0;
    double known = 0;
  };
  std::vector<Rest> rest(const TermTable& terms, std::size_t group) const;
  /// A lower bound on the costs of every mapping of a form.
  TermCost least(const TermTable& terms) const;
  /// The same where some groups' options are known, by group; null: not yet.
  TermCost least(const TermTable& terms, std::span<const OptionTrie* const> tries) const;
  /// Steps of any mapping, at least.
  double least_steps() const { return least_steps_; }
  /// Steps of all dimensions but those of a group.
  const LeastSteps& steps_without(std::size_t group) const { return without_[group]; }
  /// Steps of all dimensions but one of a group of several.
  const LeastSteps& steps_without(DimensionId dimension) const {
    return *without_one_[dimension.index()];
  }
  /// Whether no mapping that costs as much is of use.
  bool hopeless(const TermCost& cost) const;
  /// The same of a batch: clears `open` where it is so.
  void hopeless(const BatchCosts& costs, std::size_t count, std::array<bool, kBatch>& open) const;

 private:
  bool unshared(const Component& component) const;

  const Mapspace& space_;
  const ExactObjectives& objectives_;
  Incumbents known_;
  double most_cycles_;
  double operations_;
  double lanes_;
  double least_steps_;
  std::vector<LeastSteps> without_;                     ///< by group
  std::vector<std::optional<LeastSteps>> without_one_;  ///< by dimension
  std::vector<std::vector<double>> words_;  ///< by group and tensor: distinct ones, at least
  std::vector<double> most_words_;          ///< by tensor: distinct ones of all groups, at most
};

}  // namespace tessera
