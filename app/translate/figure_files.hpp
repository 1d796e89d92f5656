#pragma once

#include <span>
#include <string_view>

namespace tessera {

/// A file of app/translate/data inside the program.
struct FigureFile {
  std::string_view kind;  ///< its one top-level key: regions, batteries, budgets or trainings
  std::string_view name;
  std::string_view text;
};

std::span<const FigureFile> figure_files();

}  // namespace tessera
