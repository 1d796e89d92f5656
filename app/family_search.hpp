#pragma once

#include <functional>
#include <vector>

#include "app/front_report.hpp"

namespace tessera {

/// The front over all members of a family and all mappings of each: the union of the members'
/// fronts without what is dominated in it, which is exact, since each member is searched. Of points
/// of equal objectives the one of the smaller sizes stays.
struct FamilyResult {
  SearchResult result;
  std::vector<Evaluation> evaluations;  ///< by point; each checked by verify_front
  std::vector<std::size_t> members;     ///< by point
};

/// `before` is called before each member's search, with its place and how many are left; false ends
/// it there. The certificate is exact if all members' are, a bound if none has less (the largest of
/// the gaps).
FamilyResult search_family(const Problem& problem, const ArchitectureFamily& family,
                           const Constraints& constraints, const SearchOptions& options,
                           const SearchControl& control,
                           const std::function<bool(std::size_t member, std::size_t left)>& before);

}  // namespace tessera
