#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "search/diagnosis.hpp"
#include "search/search.hpp"

namespace tessera {

/// What a demand asks, for reading: `the capacity of GLB`, `the rule that GLB keeps Weights
/// (constraints)`.
std::string demand_text(const Problem& problem, const SearchCase& given, const Demand& demand);

/// Why nothing is legal, and what to change: lines that are indented by two spaces, the last one
/// without an end of line.
std::string diagnosis_text(const Problem& problem, const SearchCase& given,
                           const Diagnosis& diagnosis);

/// All that there is to say where nothing legal was found: what is proven of that, and why. `of` is
/// what has no mapping, such as ` of the layer conv1`, or nothing.
std::string no_mapping_text(const Problem& problem, const SearchCase& given,
                            const Diagnosis& diagnosis, const SearchResult& result,
                            std::string_view of);

/// The diagnosis for programs.
nlohmann::ordered_json diagnosis_json(const Problem& problem, const SearchCase& given,
                                      const Diagnosis& diagnosis);

}  // namespace tessera
