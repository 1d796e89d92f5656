// Rules on factors and orders, which speak of a memory's block of loops instead of a tensor's.

#include "mapper/constraints.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/small_machine.hpp"

namespace tessera {
namespace {

std::string violation(const std::string& constraints) {
  const Problem problem = test::resnet_layer();
  const Architecture architecture = test::eyeriss();
  return find_violation(
             problem, architecture,
             test::read_constraints("constraints: " + constraints, problem, architecture),
             test::read_mapping(test::kDesignMapping, problem, architecture))
      .value_or("");
}

TEST_CASE("Factors are those of a memory's block, up to the next memory's hold", "[mapper]") {
  CHECK(violation("{DRAM: {factors: [K=8, C=8, Q=2, P=1]}}") == "");
  CHECK(violation("{WeightSpad: {factors: [C=1, S=1]}, InputSpad: {factors: [C=4, K=1]}}") == "");
  CHECK(violation("{GlobalBuffer: {factors: [P<=28, P>=2, C<=1]}}") == "");
  CHECK(violation("{GlobalBuffer: {factors: [P<=14]}}") ==
        "the temporal loops over P at GlobalBuffer multiply to 28, and the constraints demand at "
        "most 14");
  CHECK(violation("{PsumSpad: {factors: [K=8]}}") ==
        "the temporal loops over K at PsumSpad multiply to 16, and the constraints demand 8");
  CHECK(violation("{PsumSpad: {factors: [K>=17]}}") ==
        "the temporal loops over K at PsumSpad multiply to 16, and the constraints demand at least "
        "17");
}

TEST_CASE("Factors of a fanout are those of its spatial loops", "[mapper]") {
  CHECK(violation("{PEs: {factors: [Q=14, R=3, C<=4, K=1]}}") == "");
  CHECK(violation("{PEs: {X: [Q], factors: [C=3]}}") ==
        "the spatial loops over C at PEs multiply to 4, and the constraints demand 3");
}

TEST_CASE("An order holds for the loops of a block that it lists, which stand innermost",
          "[mapper]") {
  CHECK(violation("{DRAM: {order: [K, C, Q]}}") == "");
  CHECK(violation("{DRAM: {order: [P, C, Q]}}") == "");
  CHECK(violation("{DRAM: {order: [Q, C]}}") ==
        "at DRAM the loop over Q stands inside the one over C, and the constraints demand the "
        "opposite");
  CHECK(violation("{DRAM: {order: [K]}}") ==
        "at DRAM the loop over C stands inside the one over K, and the constraints demand the "
        "opposite");
}

TEST_CASE("Rules on blocks and on utilization read back from what is written", "[mapper]") {
  const Problem problem = test::resnet_layer();
  const Architecture architecture = test::read_architecture(
      "architecture:\n  hierarchy:\n    - memory: DRAM\n    - {memory: GlobalBuffer, capacity: 64 "
      "KiB}\n"
      "    - {fanout: PEs, axes: {X: 14, Y: 12}}\n    - {memory: RF, capacity: 64 words}\n"
      "    - compute: MAC\n");
  for (const std::string text :
       {"{GlobalBuffer: {min_utilization: 0.5, factors: [R=1, K<=4, C>=2], order: [P, C, R]}}",
        "{RF: {order: [S]}, PEs: {X: [Q], factors: [Q=14, K<=2]}}", "{PEs: {factors: [R=3]}}"}) {
    INFO(text);
    const Constraints constraints =
        test::read_constraints("constraints: " + text, problem, architecture);
    CHECK(test::read_constraints(to_yaml(constraints, problem, architecture), problem,
                                 architecture) == constraints);
  }
  const auto error = [&](const std::string& text) {
    return test::error_of(
        [&] { test::read_constraints("constraints: " + text, problem, architecture); });
  };
  CHECK(error("{RF: {factors: [K~4]}}").find("expected a factor such as `K=4`") !=
        std::string::npos);
  CHECK(error("{DRAM: {min_utilization: 0.5}}").find("DRAM has no capacity") != std::string::npos);
  CHECK(error("{RF: {order: [K, K]}}").find("K stands in the list twice") != std::string::npos);
}

}  // namespace
}  // namespace tessera
