#pragma once

#include <string>
#include <string_view>

namespace tessera {

/// The path of a file that the spec `file` names: from the folder of that spec, unless `named`
/// starts with `/`. Without `.` as a part (`..` stays: what it leads to depends on links), and with
/// a `/` in any case, so that no program is looked for elsewhere: `./cost.yaml`.
std::string path_beside(std::string_view file, std::string_view named);

}  // namespace tessera
