#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/options.hpp"
#include "app/translate/translation.hpp"
#include "spec/units.hpp"

namespace tessera {

/// The options that say in what circumstances a design is used, with their defaults.
std::vector<Option> term_options();
/// What their values ask for; all have to be set. Throws UsageError.
Terms terms_from(const OptionValues& values);
Terms default_terms();

/// The trainings that `training`, `parameters` and `tokens` ask for, each estimate that was
/// corrected followed by its correction. Throws UsageError.
std::vector<Training> trainings_from(const OptionValues& values);

/// The argument of an option as a quantity in its base unit. Throws UsageError.
double read_quantity(std::string_view option, const std::string& text, Measure measure,
                     bool over_0);

}  // namespace tessera
