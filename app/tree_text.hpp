#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "search/tree_statistics.hpp"

namespace tessera {

/// What a branch and bound did, as lines of a report.
std::vector<std::string> tree_texts(const TreeStatistics& tree);

/// The same for JSON; null for other searches.
nlohmann::ordered_json tree_json(const std::optional<TreeStatistics>& tree);

}  // namespace tessera
