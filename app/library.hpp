#pragma once

#include <span>
#include <string_view>

namespace tessera {

/// One spec that comes with the program. `text` is the whole YAML file.
struct LibraryEntry {
  std::string_view kind;  ///< its top-level key: "problem", "network" or "architecture"
  std::string_view name;  ///< the file's name without .yaml
  std::string_view text;
};

/// Everything in problems/library and arch/library, sorted by kind, then name; made by
/// cmake/EmbedLibrary.cmake.
std::span<const LibraryEntry> library();

}  // namespace tessera
