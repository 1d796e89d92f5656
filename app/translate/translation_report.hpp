#pragma once

#include <string>
#include <vector>

#include "app/translate/translation.hpp"

namespace tessera {

/// Points in the terms of a use, and trainings beside them; refers to its inputs.
struct TranslationReport {
  const std::vector<ResultPoint>& points;  ///< may be empty where there are trainings
  const Terms& terms;
  const std::vector<Training>& trainings;  ///< with every correction behind what it corrects
};

/// The terms, a row a point, one point in detail, trainings, and the sources of every figure used.
std::string translation_text(const TranslationReport& report);
/// One row a point and region.
std::string translation_csv(const TranslationReport& report);
std::string translation_json(const TranslationReport& report);

/// All regions, batteries, budgets and trainings that are known, with their sources.
std::string known_figures_text();

}  // namespace tessera
