#include "app/library.hpp"

#include <set>

#include "app/options.hpp"
#include "app/workspace.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

TEST_CASE("no two entries of the library share a name, whatever they are") {
  std::set<std::string_view> names;
  for (const LibraryEntry& entry : library()) {
    INFO(entry.name);
    CHECK(names.insert(entry.name).second);
  }
}

TEST_CASE("every problem and architecture of the library is read and bears its file's name") {
  for (const LibraryEntry& entry : library()) {
    INFO(entry.name);
    const Workspace workspace = Workspace::load({std::string(entry.name)}, {});
    if (entry.kind == "problem") {
      REQUIRE(workspace.problem.has_value());
      CHECK(workspace.problem->name == entry.name);
    } else {
      REQUIRE(workspace.architecture.has_value());
      CHECK(workspace.architecture->name == entry.name);
    }
  }
}
