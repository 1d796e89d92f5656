#include "search/lower_bounds.hpp"

#include <algorithm>
#include <limits>

#include "mapper/normal_form.hpp"
#include "search/exact.hpp"
#include "search/exact_cut.hpp"
#include "search/exact_objectives.hpp"
#include "search/exact_options.hpp"
#include "search/exact_terms.hpp"

namespace tessera {

std::optional<std::vector<double>> lower_bounds(const Problem& problem,
                                                const Architecture& architecture,
                                                const Constraints& constraints,
                                                const SearchOptions& options) {
  const Mapspace space(problem, architecture, constraints, options.space, options.factors);
  if (exact_obstacle(space, constraints, options)) {
    return std::nullopt;
  }
  const ExactObjectives objectives(problem, architecture, options);
  const OptionMaker maker(space, constraints);
  const OptionCut cut(space, maker.groups(), objectives, {},
                      std::numeric_limits<double>::infinity());
  std::vector<double> least(objectives.size(), std::numeric_limits<double>::infinity());
  bool any = false;
  for (const Skeleton& skeleton : space.skeletons()) {
    for (const NormalForm& form : normal_forms(problem, skeleton, space.kind())) {
      const TermTable terms(problem, architecture, form, maker.axes());
      ObjectiveBounds bounds{};
      objectives.bounds(cut.least(terms), bounds);
      for (std::size_t o = 0; o < least.size(); ++o) {
        least[o] = std::min(least[o], bounds[o]);
      }
      any = true;
    }
  }
  if (!any) {
    return std::nullopt;
  }
  for (double& value : least) {
    value *= 1 - kExactRounding;  // sums are rounded
  }
  return least;
}

}  // namespace tessera
