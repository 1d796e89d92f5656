#include "search/search.hpp"

#include "search/algorithms.hpp"

namespace tessera {
namespace {

/// Up to so many mappings `automatic` enumerates: some seconds on one core.
constexpr std::uint64_t kMostAutomatic = 3'000'000;

bool at_most(const MapspaceSize& size, std::uint64_t most) {
  return size.exact && size.count <= WideCount(most);
}

Algorithm choose(const SearchOptions& options, const MapspaceSize& size, std::string& why) {
  if (options.algorithm != Algorithm::automatic) {
    return options.algorithm;
  }
  const std::string count = size.to_string();
  if (at_most(size, kMostAutomatic)) {
    why = std::string("all ") + count + " mappings can be tried";
    return Algorithm::exhaustive;
  }
  why = std::string("the space has ") + count + " mappings, more than the " +
        std::to_string(kMostAutomatic) + " that are tried one by one";
  return Algorithm::random;
}

}  // namespace

SearchResult search(const Problem& problem, const Architecture& architecture,
                    const Constraints& constraints, const SearchOptions& options,
                    const SearchControl& control) {
  if (options.objectives.empty()) {
    throw SearchError("no objective is given: name at least one, such as energy");
  }
  if (options.algorithm == Algorithm::genetic) {
    throw SearchError("the genetic search is not in this version: use random or exhaustive");
  }
  try {
    const Mapspace space(problem, architecture, constraints, options.space, options.factors);
    const MapspaceSize size = space.size();
    std::string why;
    const Algorithm algorithm = choose(options, size, why);
    if (algorithm == Algorithm::exhaustive && !at_most(size, kMostEnumerated)) {
      throw SearchError(std::string("the space has ") + size.to_string() +
                        " mappings, more than the " + std::to_string(kMostEnumerated) +
                        " that the exhaustive search enumerates: use random, a smaller space "
                        "(hierarchical, even), perfect factors, or constraints");
    }
    SearchResult result =
        algorithm == Algorithm::exhaustive
            ? search_exhaustive(space, constraints, options, control, size.count.low())
            : search_random(space, constraints, options, control);
    result.algorithm = algorithm;
    result.why = why;
    result.space_size = size.to_string();
    return result;
  } catch (const MapspaceError& error) {
    throw SearchError(error.what());
  }
}

}  // namespace tessera
