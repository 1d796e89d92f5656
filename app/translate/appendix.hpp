#pragma once

#include <string>
#include <string_view>

#include "arch/architecture.hpp"

namespace tessera {

/// What `tessera translate` says by its defaults of the result `csv`, for the end of a report. What
/// the machine leaks is what it takes while idle.
std::string translation_appendix(std::string_view csv, const Architecture& architecture);

}  // namespace tessera
