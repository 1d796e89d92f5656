#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/explain_text.hpp"

namespace tessera {

/// The explanation with the schema tessera.explanation/1. A formula is a number with its meaning,
/// or an operation on parts: `{"value": 64, "op": "product", "of": [...]}`.
nlohmann::ordered_json explanation_json(const Explained& explained);

}  // namespace tessera
