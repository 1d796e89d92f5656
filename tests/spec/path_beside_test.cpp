#include "spec/path_beside.hpp"

#include "tests/catch_compat.hpp"

namespace tessera {

TEST_CASE("a file that a spec names is looked for from the spec's folder") {
  CHECK(path_beside("m.yaml", "./c.yaml") == "./c.yaml");
  CHECK(path_beside("m.yaml", "c.yaml") == "./c.yaml");
  CHECK(path_beside("./m.yaml", "./c.yaml") == "./c.yaml");
  CHECK(path_beside("a/m.yaml", "./c.yaml") == "a/c.yaml");
  CHECK(path_beside("a/./m.yaml", "b//c.yaml") == "a/b/c.yaml");
  CHECK(path_beside("/a/m.yaml", "c.yaml") == "/a/c.yaml");
  CHECK(path_beside("/m.yaml", "c.yaml") == "/c.yaml");
}

TEST_CASE("a path from the root stays, and so does a step upwards") {
  CHECK(path_beside("a/m.yaml", "/b/./c.yaml") == "/b/c.yaml");
  CHECK(path_beside("a/m.yaml", "../c.yaml") == "a/../c.yaml");
  CHECK(path_beside("../m.yaml", "c.yaml") == "../c.yaml");
}

}  // namespace tessera
