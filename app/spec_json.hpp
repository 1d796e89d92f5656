#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace tessera {

/// The same tree as the spec `yaml`: integers, numbers and booleans as such, other scalars as text.
nlohmann::ordered_json spec_json(const std::string& yaml);

}  // namespace tessera
