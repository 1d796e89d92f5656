#include "tests/oracle/shrink.hpp"

#include "arch/architecture_spec.hpp"
#include "mapper/mapping_spec.hpp"
#include "problems/problem_spec.hpp"
#include "tests/catch_compat.hpp"
#include "tests/oracle/random_case.hpp"

using tessera::LevelId;
using tessera::oracle::Case;
using tessera::oracle::Flavor;

namespace {

bool has_halo_on_axis(const Case& c) {
  std::map<std::string, std::int64_t> tally;
  tessera::oracle::tally_features(c, tally);
  return tally["spatial sliding dimension"] > 0 && tally["imperfect"] > 0;
}

}  // namespace

TEST_CASE("A shrunk case still fails, is valid, and has lost all that does not matter",
          "[oracle]") {
  int shrunk = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Case c = tessera::oracle::random_case(Flavor::sliding, seed);
    if (!has_halo_on_axis(c)) {
      continue;
    }
    ++shrunk;
    const Case small = tessera::oracle::shrink(c, has_halo_on_axis);
    INFO(tessera::oracle::to_document(small, "seed " + std::to_string(seed)));
    CHECK(has_halo_on_axis(small));
    CHECK_FALSE(tessera::validate(small.problem, small.architecture, small.mapping));
    // A window of two dimensions, perhaps a third one for the imperfect loops; a memory, a fanout
    // and compute; bounds of 2 and 3.
    CHECK(small.problem.dimensions.size() <= 3);
    CHECK(small.problem.tensors.size() <= 3);
    CHECK(small.architecture.hierarchy.size() == 3);
    CHECK(tessera::oracle::execution_size(small.mapping) <= 16);
    CHECK_FALSE(small.architecture.memory(LevelId(std::size_t{0}))->ports.shared);
  }
  CHECK(shrunk >= 10);
}

TEST_CASE("The printed document of a case reads back to the same problem, machine and mapping",
          "[oracle]") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Case c = tessera::oracle::random_case(Flavor::any, seed);
    const std::string text = tessera::oracle::to_document(c, "first\nsecond");
    INFO(text);
    CHECK(text.rfind("# first\n# second\n", 0) == 0);
    const auto document = tessera::SpecDocument::parse("case.yaml", text);
    Case read;
    read.problem = tessera::parse_problem(document.root().at("problem"));
    read.architecture = tessera::parse_architecture(document.root().at("architecture"));
    read.mapping =
        tessera::parse_mapping(document.root().at("mapping"), read.problem, read.architecture);
    CHECK(read.problem == c.problem);
    CHECK(read.architecture == c.architecture);
    CHECK(read.mapping == c.mapping);
  }
}
