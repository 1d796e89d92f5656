#include "arch/class_files.hpp"

namespace tessera {

std::vector<std::string> class_file_names(std::string_view kind) {
  std::vector<std::string> names;
  for (const ClassFile& file : class_files()) {
    if (file.kind == kind) {
      names.emplace_back(file.name);
    }
  }
  return names;
}

const ClassFile* find_class_file(std::string_view kind, std::string_view name) {
  for (const ClassFile& file : class_files()) {
    if (file.kind == kind && file.name == name) {
      return &file;
    }
  }
  return nullptr;
}

}  // namespace tessera
