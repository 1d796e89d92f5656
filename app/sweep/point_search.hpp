#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "app/results/results_file.hpp"
#include "app/sweep/known_front.hpp"
#include "app/sweep/sweep_spec.hpp"
#include "search/network_front.hpp"
#include "search/search.hpp"

namespace tessera {

/// What the search of a point may use of points that were finished before.
struct Before {
  KnownFront known;
  /// By layer, by how much its search raised the bound on the network's energy: where that is most,
  /// a point that can be skipped shows it soonest. Empty if nothing is known.
  std::vector<double> raised = {};
};

/// What a search of a point came to.
struct PointFindings {
  std::optional<PointResult> result;  ///< empty if it was stopped before its end
  std::vector<double> raised = {};    ///< as in Before; empty unless all layers were searched
};

/// What has to be searched of a point's network. `keep`: the memory in which tensors may stay
/// between layers, if any; on a machine that cannot keep anything there, nothing stays.
NetworkTasks tasks_of_point(const SweepPoint& point, const std::optional<std::string>& keep);

/// Searches single points of a sweep, from several threads at a time.
class PointSearch {
 public:
  /// Keeps a reference to the spec. `skip`: points that cannot reach the front are left. `keep`
  /// as in tasks_of_point(). Throws SearchError where networks cannot be searched for the
  /// objectives.
  PointSearch(const SweepSpec& spec, SearchOptions options, bool skip,
              std::optional<std::string> keep);

  bool skips() const { return skip_; }
  /// The product of what the objectives come to at least: less is more promising. 0 where it is not
  /// known.
  double rank(std::uint64_t point) const;
  /// What is found depends on the point alone, that it is skipped also on what is known before.
  /// Throws SpecError and SearchError.
  PointFindings search(std::uint64_t point, const Before& before,
                       const SearchControl& control) const;

 private:
  SweepPoint read(std::uint64_t point) const;
  bool search_layers(const SweepPoint& point, const Before& before, const SearchControl& control,
                     PointFindings& findings) const;

  const SweepSpec& spec_;
  SearchOptions options_;
  bool skip_;
  std::optional<std::string> keep_;
  mutable std::mutex reading_;  ///< nodes of a spec remember that they were read
};

}  // namespace tessera
