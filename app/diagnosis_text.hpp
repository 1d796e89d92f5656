#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "search/diagnosis.hpp"

namespace tessera {

/// What a demand asks, for reading: `the capacity of GLB`, `the rule that GLB keeps Weights
/// (constraints)`.
std::string demand_text(const Problem& problem, const SearchCase& given, const Demand& demand);

/// Why nothing is legal, and what to change: lines that are indented by two spaces, the last one
/// without an end of line.
std::string diagnosis_text(const Problem& problem, const SearchCase& given,
                           const Diagnosis& diagnosis);

/// The same for programs.
nlohmann::ordered_json diagnosis_json(const Problem& problem, const SearchCase& given,
                                      const Diagnosis& diagnosis);

}  // namespace tessera
