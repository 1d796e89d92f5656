#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "mapper/constraints.hpp"
#include "model/evaluate.hpp"
#include "search/exact_check.hpp"
#include "search/exact_jobs.hpp"
#include "search/exact_least_rows.hpp"
#include "search/exact_objectives.hpp"
#include "search/proof_effort.hpp"
#include "search/scorer.hpp"
#include "search/search.hpp"

namespace tessera {

/// What the search of one form, or of several, came to.
struct ExactFindings {
  Tally tally;
  TreeStatistics tree;

  /// Adds what `other` found, and leaves it empty.
  void take(ExactFindings& other);
};

/// Branch and bound over one normal form at a time; one for each worker.
///
/// Stages are taken for all groups in turn: first the spatial loops of each, which fixes the steps,
/// then the blocks from the outside, where traffic is dearest. At each stage of a group its current
/// trie node is replaced by a child, so that
///
///   the costs of (product over groups of the least components at the group's current node)
///
/// are at most those of any mapping below. Children are bounded side by side, those that fit and
/// are not dominated are searched best bound first.
class Brancher {
 public:
  /// Keeps references.
  Brancher(const Mapspace& space, const ExactJobs& jobs, const Constraints& constraints,
           const SearchOptions& options, const ExactObjectives& objectives, double most_cycles,
           const std::atomic<bool>* stop);

  /// Searches `job` below `front`; what is found goes to `found`, which must be empty. False if
  /// stopped, or after more than `most` nodes.
  bool run(const ExactJob& job, const ParetoFront& front, ExactFindings& found,
           std::uint64_t most = ProofEffort::kUnlimited);
  /// Looks at the first stages only, at least the spatial ones, and leaves all else open; finds
  /// nothing. False if stopped.
  bool probe(const ExactJob& job, const ParetoFront& front, ExactFindings& found);
  /// Searches a form that stands for several. Whether some of its mappings may be of use that were
  /// not found; if unsure, or after more than `most` nodes, yes. `found` must be empty.
  bool promises(const ExactJob& job, const ParetoFront& front, ExactFindings& found,
                std::uint64_t most = ProofEffort::kUnlimited);
  /// After a run that was stopped, or a probe: a lower bound on all of the form that it had not
  /// looked at.
  const ObjectiveBounds& open() const { return open_; }

 private:
  struct Child {
    double rank = 0;
    ObjectiveBounds bound{};
    std::uint32_t child = 0;  ///< of the group's current node, counted from the first
    std::uint32_t next = 0;   ///< state of the next group, in a spatial stage
  };
  /// One stage of one group: what is left to choose at it.
  struct Depth {
    std::size_t group = 0;
    std::vector<Child> children;
  };

  bool search(const ExactJob& job, const ParetoFront& front, ExactFindings& found);
  void prepare();
  void branch(std::size_t depth, std::uint32_t state);
  void descend(std::size_t depth, std::uint32_t state);
  void bound_spatial(Depth& depth, std::size_t group, std::uint32_t state);
  void bound_block(Depth& depth);
  void bound_batch(Depth& depth, std::size_t count);
  double more_steps(std::size_t chosen) const;
  void leave_open(const ObjectiveBounds& bound);
  void leaf();
  void leaf_of_several(const NormalBounds& bounds);
  bool evaluate(const NormalForm& form, const NormalBounds& bounds);
  void score();
  void find_components();
  void check_terms(const NormalBounds& bounds);

  const Problem& problem_;
  const ExactJobs& jobs_;
  const SearchOptions& options_;
  const ExactObjectives& objectives_;
  Evaluator evaluator_;
  Evaluation evaluation_;
  TermCheck check_;
  std::vector<double> components_;  ///< of a leaf
  bool perfect_;
  const std::atomic<bool>* stop_;
  double most_cycles_;
  double min_utilization_;

  const ExactJob* job_ = nullptr;
  ExactFindings* found_ = nullptr;
  Incumbents incumbents_;
  bool stopped_ = false;
  std::size_t deepest_ = 0;    ///< stages that are looked at
  bool entered_ = true;        ///< false: stopped before the node at hand was looked at
  bool several_ = false;       ///< the form stands for several
  std::size_t unsettled_ = 0;  ///< leaves of such a form that are not fully searched
  ObjectiveBounds open_{};
  double more_steps_ = 0;  ///< see more_steps()
  std::uint64_t visited_ = 0;
  std::uint64_t most_nodes_ = ProofEffort::kUnlimited;

  std::vector<Depth> depths_;
  std::vector<std::uint32_t> nodes_;  ///< by group: the current node
  LeastRows rows_;                    ///< and what it counts at least
  BatchCosts costs_;
  std::array<Child, kBatch> candidates_;
  std::array<std::uint32_t, kBatch> children_;  ///< the candidates', in a spatial stage
  Mapping mapping_;
};

}  // namespace tessera
