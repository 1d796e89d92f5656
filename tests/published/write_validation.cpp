// Makes the tables of docs/validation.md anew. What changed is for the author of the change to
// explain.

#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "tests/published/page.hpp"
#include "tests/published/tables.hpp"

int main() {
  using namespace tessera::published;
  try {
    const std::string page = with_tables(read_page(), all_tables());
    std::ofstream stream(page_path());
    stream << page;
    stream.close();
    if (!stream) {
      fmt::print(stderr, "write_validation: cannot write {}\n", page_path());
      return 1;
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "write_validation: {}\n", error.what());
    return 1;
  }
  return 0;
}
