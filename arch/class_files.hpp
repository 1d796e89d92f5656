#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

/// One file of arch/technology, as it was when the program was built.
struct ClassFile {
  std::string_view kind;  ///< its top-level key: "class" or "scaling"
  std::string_view name;  ///< the file's name without .yaml
  std::string_view text;  ///< the whole file
};

/// All files of arch/technology, by kind, then name; made by cmake/EmbedLibrary.cmake.
std::span<const ClassFile> class_files();

/// The names of all files of a kind.
std::vector<std::string> class_file_names(std::string_view kind);

/// Null where there is none of that kind and name.
const ClassFile* find_class_file(std::string_view kind, std::string_view name);

}  // namespace tessera
