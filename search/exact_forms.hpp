#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "mapper/constraints.hpp"
#include "mapper/mapspace.hpp"
#include "mapper/normal_form.hpp"
#include "search/exact_cut.hpp"
#include "search/exact_jobs.hpp"
#include "search/exact_objectives.hpp"
#include "search/exact_options.hpp"
#include "search/exact_rules.hpp"
#include "search/pareto_front.hpp"
#include "search/search.hpp"

namespace tessera {

/// All normal forms of a space, one of each two that are each other's mirror image, each with a
/// bound: first some that known mappings are of, then the others, best bound first. There may be
/// hundreds of thousands, so of each only a few numbers are kept; what its search needs is made
/// when its turn comes.
class FormList {
 public:
  /// Keeps references. Not `complete()` if told to stop.
  FormList(const Mapspace& space, const Constraints& constraints, const ExactObjectives& objectives,
           const ExactRules& rules, const ParetoFront& known, const SearchControl& control);

  bool complete() const { return complete_; }
  std::size_t size() const { return entries_.size(); }
  /// Further forms, each the mirror image of one listed.
  std::size_t mirror_images() const { return mirror_images_; }
  /// How many forms come first because known mappings are of them.
  std::size_t known() const { return known_; }
  /// Those forms number `begin` to `end` - 1 of which a mapping may be better than `front`.
  std::vector<ExactJob> jobs(std::size_t begin, std::size_t end, const ParetoFront& front) const;
  /// A lower bound on all forms from number `begin` on; infinite if there are none.
  ObjectiveBounds least(std::size_t begin) const;

 private:
  /// What bounds a form: which memories hold what, and in which order each.
  struct Kind {
    ObjectiveBounds bound{};
    double rank = 0;
    bool beyond_limits = false;
    std::vector<double> fillings;  ///< by filling: the least
  };
  struct Entry {
    std::uint32_t skeleton = 0;
    std::uint32_t nth = 0;  ///< of the skeleton's forms, mirror images among them
    std::uint32_t kind = 0;
  };

  TermTable terms_of(const NormalForm& form, const Kind& kind) const;
  void add(const NormalForm& form, Entry entry, const ParetoFront& known);
  void bound_kinds(const Constraints& constraints, const std::atomic<bool>* stop);

  const Mapspace& space_;
  const ExactObjectives& objectives_;
  const ExactRules& rules_;
  OptionMaker maker_;
  OptionCut cut_;
  std::map<std::vector<std::int64_t>, std::uint32_t> numbers_;  ///< of kinds
  std::vector<NormalForm> examples_;                            ///< by kind
  std::vector<Kind> kinds_;
  std::vector<Entry> entries_;
  std::vector<Entry> first_;  ///< those that known mappings are of
  std::size_t known_ = 0;
  std::size_t mirror_images_ = 0;
  bool complete_ = true;
};

}  // namespace tessera
