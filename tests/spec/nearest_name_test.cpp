#include "spec/node.hpp"
#include "tests/catch_compat.hpp"

namespace tessera {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("a likely slip finds its name") {
  const Names known = {"size", "energy", "bandwidth", "GlobalBuffer", "P", "KiB"};
  CHECK(nearest_name("sizee", known) == "size");
  CHECK(nearest_name("siez", known) == "size");
  CHECK(nearest_name("enrgy", known) == "energy");
  CHECK(nearest_name("bandwith", known) == "bandwidth");
  CHECK(nearest_name("globalbuffer", known) == "GlobalBuffer");
  CHECK(nearest_name("Pp", known) == "P");
  CHECK(nearest_name("p", known) == "P");
  CHECK(nearest_name("Kib", known) == "KiB");
}

TEST_CASE("a name that is merely different finds none") {
  const Names known = {"N", "K", "C", "size", "memory"};
  CHECK(nearest_name("X", known) == std::nullopt);
  CHECK(nearest_name("colour", known) == std::nullopt);
  CHECK(nearest_name("", known) == std::nullopt);
  CHECK(nearest_name("si", {"size"}) == std::nullopt);
  CHECK(nearest_name("anything", {}) == std::nullopt);
  CHECK(nearest_name(std::string(1'000'000, 'x'), {std::string(1'000'000, 'y')}) == std::nullopt);
}

TEST_CASE("the nearest of several wins, and the first of equals") {
  CHECK(nearest_name("reads", {"writes", "read", "ready"}) == "read");
  CHECK(nearest_name("rea", {"read", "real"}) == "read");
  CHECK(nearest_name("MAC", {"mAX", "Mac"}) == "Mac");
}

}  // namespace
}  // namespace tessera
