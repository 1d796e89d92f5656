#pragma once

#include <functional>
#include <string>

#include "tests/oracle/execute.hpp"

namespace tessera::oracle {

/// Makes a failing case as small and as plain as it goes while it stays valid and `fails` stays
/// true. Greedy: tries one simplification after the other until none is left that still fails.
Case shrink(Case c, const std::function<bool(const Case&)>& fails);

/// The case as one YAML document with the keys problem, architecture and mapping, as `tessera
/// evaluate` reads it, under `comment` in comment lines.
std::string to_document(const Case& c, const std::string& comment);

}  // namespace tessera::oracle
