#include "tests/published/page.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace tessera::published {
namespace {

constexpr std::string_view kOpening = "<!-- table ";
constexpr std::string_view kOpened = " -->\n";
constexpr std::string_view kClosing = "<!-- end -->\n";

std::string as_markdown(const Table& table) {
  std::string text;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    text += "|";
    for (const std::string& cell : table.rows[row]) {
      text += fmt::format(" {} |", cell);
    }
    text += "\n";
    if (row == 0) {
      text += "|---|";
      for (std::size_t column = 1; column < table.rows[0].size(); ++column) {
        text += "---:|";
      }
      text += "\n";
    }
  }
  return text;
}

const Table& find(const std::vector<Table>& tables, std::string_view name) {
  for (const Table& table : tables) {
    if (table.name == name) {
      return table;
    }
  }
  throw std::runtime_error(fmt::format("the page wants a table '{}' that nobody makes", name));
}

}  // namespace

std::string page_path() {
  return (std::filesystem::path(TESSERA_TEST_DATA).parent_path() / "docs" / "validation.md")
      .string();
}

std::string read_page() {
  std::ifstream stream(page_path());
  if (!stream) {
    throw std::runtime_error(fmt::format("cannot read {}", page_path()));
  }
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string with_tables(const std::string& page, const std::vector<Table>& tables) {
  std::string text;
  std::size_t place = 0;
  std::size_t placed = 0;
  for (std::size_t mark = page.find(kOpening); mark != std::string::npos;
       mark = page.find(kOpening, place)) {
    const std::size_t name_at = mark + kOpening.size();
    const std::size_t opened = page.find(kOpened, name_at);
    const std::size_t closing = page.find(kClosing, name_at);
    if (opened == std::string::npos || closing == std::string::npos || closing < opened) {
      throw std::runtime_error("a table's mark is not closed");
    }
    text += page.substr(place, opened + kOpened.size() - place);
    text += as_markdown(find(tables, std::string_view(page).substr(name_at, opened - name_at)));
    text += kClosing;
    place = closing + kClosing.size();
    ++placed;
  }
  if (placed != tables.size()) {
    throw std::runtime_error(fmt::format("the page has {} tables of {}", placed, tables.size()));
  }
  return text + page.substr(place);
}

}  // namespace tessera::published
