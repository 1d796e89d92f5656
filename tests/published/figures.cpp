#include "tests/published/figures.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

namespace tessera::published {
namespace {

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char letter : line) {
    if (letter == ',') {
      cells.emplace_back();
    } else {
      cells.back() += letter;
    }
  }
  return cells;
}

}  // namespace

const std::string& Figures::text(const std::string& column) const {
  const auto found = cells_.find(column);
  if (found == cells_.end()) {
    throw std::runtime_error(fmt::format("the figures have no column '{}'", column));
  }
  return found->second;
}

double Figures::number(const std::string& column) const {
  return std::stod(text(column));
}

std::int64_t Figures::count(const std::string& column) const {
  return std::stoll(text(column));
}

std::vector<Figures> read_figures(const std::string& name) {
  const std::filesystem::path path =
      std::filesystem::path(TESSERA_TEST_DATA) / "published" / "figures" / (name + ".csv");
  std::ifstream stream(path);
  std::vector<std::string> heading;
  std::vector<Figures> rows;
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    const std::vector<std::string> cells = split(line);
    if (heading.empty()) {
      heading = cells;
      continue;
    }
    if (cells.size() != heading.size()) {
      throw std::runtime_error(fmt::format("{}: {} cells instead of {}: {}", path.string(),
                                           cells.size(), heading.size(), line));
    }
    std::map<std::string, std::string> row;
    for (std::size_t column = 0; column < cells.size(); ++column) {
      row[heading[column]] = cells[column];
    }
    rows.emplace_back(std::move(row));
  }
  if (rows.empty()) {
    throw std::runtime_error(fmt::format("{}: no figures", path.string()));
  }
  return rows;
}

}  // namespace tessera::published
