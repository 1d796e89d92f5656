#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/csv_report.hpp"
#include "app/evaluation_report.hpp"
#include "arch/architecture_spec.hpp"
#include "search/diagnosis.hpp"
#include "search/search.hpp"

namespace tessera {

/// A finished search with the evaluation of every point of its front; refers to its inputs.
struct FrontReport {
  const Problem& problem;
  const Architecture& architecture;
  const Constraints& constraints;
  const SearchOptions& options;
  const SearchResult& result;
  std::vector<Evaluation> evaluations;  ///< by place in `result.front.points()`
  /// Why there is no legal mapping, where a search that was not stopped found none.
  std::optional<Diagnosis> diagnosis;

  /// Where some capacity is `auto`: all machines, and by point which one it is of. `architecture`
  /// is then the one with the largest sizes.
  const ArchitectureFamily* family = nullptr;
  std::vector<std::size_t> members = {};

  const Architecture& architecture_of(std::size_t point) const {
    return family == nullptr ? architecture : family->members[members[point]].architecture;
  }
  Scored scored(std::size_t point) const {
    return {problem, architecture_of(point), result.front.points()[point].mapping,
            evaluations[point]};
  }
};

/// Evaluates every point of the front anew and checks it against the constraints with code that the
/// search does not use. Throws FailureError where a point does not stand that: a bug.
FrontReport verify_front(const Problem& problem, const Architecture& architecture,
                         const Constraints& constraints, const SearchOptions& options,
                         const SearchResult& result);

/// What a row of the front says of the search.
RowOrigin origin_of(const FrontReport& report);
/// `power (at most 300 mW)`.
std::string limit_text(const Limit& limit);

std::string front_csv(const FrontReport& report);
std::string front_json(const FrontReport& report);
/// The summary and the front as a table.
std::string front_text(const FrontReport& report);

/// The point whose mapping goes to best.mapping.yaml: the least energy-delay product of the front,
/// the first of equal ones. The front must not be empty.
std::size_t best_point(const FrontReport& report);
std::string best_mapping_yaml(const FrontReport& report);

/// How many mappings were refused by what, the most frequent first: `1,234 by the capacity of GLB`.
std::vector<std::string> rejection_texts(const FrontReport& report);

/// A count of mappings, as in `SearchResult::space_size`, for reading: exact while it can be taken
/// in, else its order of magnitude (JSON has all digits).
std::string space_size_text(std::string_view size);

std::string_view to_string(Algorithm algorithm);
std::string_view to_string(Space space);
std::string_view to_string(Factors factors);
std::string_view to_string(Certificate::Kind kind);

}  // namespace tessera
