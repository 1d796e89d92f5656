#pragma once

#include <string>
#include <vector>

namespace tessera {

/// The lines of a text, without their newlines.
std::vector<std::string> lines_of(const std::string& text);

/// The lines in which two different texts differ, the first few of each: `  - ` before those that
/// only `before` has, `  + ` before those that only `now` has.
std::string line_difference(const std::string& before, const std::string& now);

}  // namespace tessera
