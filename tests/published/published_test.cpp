// What others have measured or computed, against ours. docs/validation.md shows it; its tables are
// made by the same code, and have to be those of this build.

#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/catch_compat.hpp"
#include "tests/published/page.hpp"
#include "tests/published/tables.hpp"

namespace tessera::published {
namespace {

TEST_CASE("Published results come out as docs/validation.md claims and shows") {
  const std::vector<Table> tables = all_tables();
  std::size_t claims = 0;
  for (const Table& table : tables) {
    for (const Claim& claim : table.claims) {
      INFO(table.name << ": " << claim.text);
      CHECK(claim.holds);
      ++claims;
    }
  }
  CHECK(claims >= 110);
  fmt::print("published: {} claims checked\n", claims);

  // To make the tables anew: ninja write_validation, and run it. The commit says why they changed.
  std::istringstream committed(read_page());
  std::istringstream made(with_tables(read_page(), tables));
  std::string line;
  for (std::string expected; std::getline(made, expected);) {
    std::getline(committed, line);
    CHECK(line == expected);  // line by line: a whole page is no message
  }
  CHECK_FALSE(std::getline(committed, line));
}

TEST_CASE("A page with a table too many, too few or not closed is refused") {
  const std::vector<Table> tables = {{.name = "a", .rows = {{"x", "y"}, {"1", "2"}}, .claims = {}}};
  CHECK(with_tables("p\n<!-- table a -->\nold\n<!-- end -->\nq\n", tables) ==
        "p\n<!-- table a -->\n| x | y |\n|---|---:|\n| 1 | 2 |\n<!-- end -->\nq\n");
  CHECK_THROWS(with_tables("no table\n", tables));
  CHECK_THROWS(with_tables("<!-- table a -->\nno end\n", tables));
  CHECK_THROWS(with_tables("<!-- table b -->\n<!-- end -->\n", tables));
}

}  // namespace
}  // namespace tessera::published
