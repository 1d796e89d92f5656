#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mapper/constraints.hpp"
#include "mapper/mapping.hpp"
#include "mapper/mapspace.hpp"
#include "search/distribution.hpp"
#include "search/objective.hpp"
#include "search/pareto_front.hpp"
#include "search/search_error.hpp"
#include "search/tree_statistics.hpp"

namespace tessera {

class SearchState;

enum class Algorithm { automatic, exhaustive, random, genetic };

/// What is asked of a search. Everything that can change its result is here, and nothing else is.
struct SearchOptions {
  Algorithm algorithm = Algorithm::automatic;
  Space space = Space::free;
  Factors factors = Factors::imperfect;
  std::vector<Objective> objectives = {Objective::energy, Objective::latency};
  std::vector<Limit> limits;  ///< no result breaks one
  /// Of the front only its first point, that of the least first objective, of the least second one
  /// among equals, and so on.
  bool lexicographic = false;
  /// Draws of the random search; most mappings that the genetic search scores.
  std::uint64_t samples = 1'000'000;
  std::uint64_t population = 128;      ///< of the genetic search
  std::uint64_t generations = 10'000;  ///< most, of the genetic search
  std::uint64_t seed = 0;
};

/// How far a search is; passed to `SearchControl::on_progress` now and then, from any thread but
/// never from two at a time.
struct SearchProgress {
  std::uint64_t evaluated = 0;  ///< mappings scored
  std::uint64_t feasible = 0;
  double share_done = 0;     ///< 0 to 1
  std::vector<double> best;  ///< least value so far of each objective; empty if none
  /// Share by which the optimum of some objective may be better than the best so far, as far as is
  /// proven.
  std::optional<double> gap = {};
};

/// The caller's hand on a running search. Time and signals live here, above the search: it polls
/// `stop` at least every few milliseconds and returns what it has.
struct SearchControl {
  int threads = 1;
  const std::atomic<bool>* stop = nullptr;
  std::function<void(const SearchProgress&)> on_progress;
  /// Where the search keeps what it needs to go on (search_state.hpp), if anywhere. What is there
  /// must come from a search with the same arguments.
  SearchState* state = nullptr;
};

/// What is proven about a front.
struct Certificate {
  enum class Kind { none, bound, exact } kind = Kind::none;
  double gap = 0;  ///< for `bound`: share by which the optimum may be better
  /// By objective: no legal mapping of the space has less. Empty where nothing is known.
  std::vector<double> least = {};
};

/// How many mappings were refused, by reason.
struct Rejections {
  std::vector<std::uint64_t> capacity;  ///< by LevelId
  std::uint64_t axis = 0;
  std::uint64_t constraint = 0;
  std::uint64_t utilization = 0;
  std::vector<std::uint64_t> limits;  ///< by index in `SearchOptions::limits`
  std::uint64_t no_value = 0;         ///< some objective's formula has no finite value
};

struct SearchResult {
  ParetoFront front;
  Certificate certificate;
  Algorithm algorithm = Algorithm::automatic;  ///< the one that ran
  std::string why;                             ///< for `automatic`: why that one, in a sentence
  bool stopped = false;                        ///< ended by `SearchControl::stop`
  std::uint64_t evaluated = 0;
  std::uint64_t feasible = 0;
  Rejections rejections;
  /// Of a random search, by objective: the values of its feasible draws, those of all legal
  /// mappings but for chance. Empty if there are none.
  std::vector<Distribution> distributions;
  std::optional<TreeStatistics> tree;  ///< of a branch and bound
  /// Count of canonical mappings in the space before capacities and filters, in decimal, exact;
  /// with a leading `>` where exact counting would take too long.
  std::string space_size;
};

/// Finds the Pareto front of `problem` on `architecture`. The result depends on the first four
/// arguments only, not on the number of threads, unless it was stopped.
/// Throws `SearchError` (a sentence for the user) where the options cannot be followed.
SearchResult search(const Problem& problem, const Architecture& architecture,
                    const Constraints& constraints, const SearchOptions& options,
                    const SearchControl& control);

}  // namespace tessera
