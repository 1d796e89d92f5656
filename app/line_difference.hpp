#pragma once

#include <string>

namespace tessera {

/// The lines in which two different texts differ, the first few of each: `  - ` before those that
/// only `before` has, `  + ` before those that only `now` has.
std::string line_difference(const std::string& before, const std::string& now);

}  // namespace tessera
