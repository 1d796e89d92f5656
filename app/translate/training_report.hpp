#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "app/translate/translation_report.hpp"

namespace tessera {

/// Trainings as a table: what is published beside what comes out of operations, chips and hours,
/// and what they would take on `point` (none: null) by its energy an operation.
std::string trainings_text(const TranslationReport& report, const ResultPoint* point);
nlohmann::ordered_json trainings_json(const TranslationReport& report, const ResultPoint* point);

}  // namespace tessera
