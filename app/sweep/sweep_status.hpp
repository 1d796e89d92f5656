#pragma once

#include <string>

namespace tessera {

/// How far the sweep is whose files of results are in `directory`, running or not: a table. Throws
/// UsageError where there are none.
std::string status_text(const std::string& directory);

}  // namespace tessera
