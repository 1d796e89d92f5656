#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "search/search.hpp"

namespace tessera {

/// What a sample says of the space: quantiles and a histogram of each objective over the legal
/// mappings. An array by objective; null for searches that are no sample, or found nothing.
nlohmann::ordered_json distributions_json(const SearchOptions& options, const SearchResult& result);
/// The same for reading; empty where the other is null.
std::string distributions_text(const SearchOptions& options, const SearchResult& result);

}  // namespace tessera
