#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera {

// How arguments of options are taken apart.

/// What stands between separators: one part more than there are of them.
std::vector<std::string> split(std::string_view text, char separator);
/// `metric` and `bound` of `metric=bound`; the bound is empty where there is no `=`.
std::pair<std::string, std::string> split_limit(const std::string& part);

}  // namespace tessera
