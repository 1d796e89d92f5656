#include "mapper/constraints_spec.hpp"

#include "tests/arch/random_architecture.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/random_mapping.hpp"
#include "tests/mapper/small_machine.hpp"
#include "tests/problems/random_problem.hpp"

namespace tessera {
namespace {

using test::error_of;
using test::read_constraints;

TEST_CASE("The constraints of the design read as written", "[mapper]") {
  const Problem problem = test::resnet_layer();
  const Architecture architecture = test::eyeriss();
  const Constraints constraints = read_constraints(R"(
constraints:
  PEs: {X: [P, Q, K], Y: [R, C]}   # dimensions allowed on an axis
  GlobalBuffer: {bypass: [Weights], loops: {R: 1, S: 1}, innermost: [C]}
  min_utilization: 0.5
)",
                                                   problem, architecture);
  CHECK(constraints.min_utilization == 0.5);
  REQUIRE(constraints.memories.size() == 1);
  const MemoryConstraint& rules = constraints.memories[0];
  CHECK(rules.memory == *architecture.find("GlobalBuffer"));
  CHECK(rules.bypass == TensorSet{4});
  CHECK(rules.keep.empty());
  REQUIRE(rules.loops.size() == 2);
  CHECK(rules.loops[1] == std::pair(*problem.find_dimension("S"), std::int64_t{1}));
  CHECK(rules.innermost == std::vector{*problem.find_dimension("C")});
  REQUIRE(constraints.axes.size() == 2);
  CHECK(constraints.axes[1].axis == AxisRef{*architecture.find("PEs"), 1});
  CHECK(constraints.axes[1].allowed.contains(*problem.find_dimension("R")));
  CHECK(!constraints.axes[1].allowed.contains(*problem.find_dimension("S")));
}

TEST_CASE("Reuse allows the dimensions that the tensors do not depend on", "[mapper]") {
  const Problem problem = test::resnet_layer();
  const Architecture architecture = test::eyeriss();
  const auto allowed = [&](const std::string& what) {
    return to_yaml(
        read_constraints("constraints: {PEs: {X: {reuse: " + what + "}}}", problem, architecture),
        problem, architecture);
  };
  CHECK(allowed("weights") == "constraints:\n  PEs: {X: [N, P, Q]}\n");
  CHECK(allowed("[Inputs]") == "constraints:\n  PEs: {X: [N, K]}\n");
  CHECK(allowed("[weights, outputs]") == "constraints:\n  PEs: {X: [N]}\n");
}

TEST_CASE("Kinds become the tensors of the problem", "[mapper]") {
  const Constraints constraints =
      read_constraints("constraints: {Buffer: {keep: [inputs, C], bypass: weights}}", test::gemm(),
                       test::two_levels());
  CHECK(constraints.memories[0].keep == TensorSet{3});
  CHECK(constraints.memories[0].bypass == TensorSet{4});
}

TEST_CASE("Any constraints read back as they were written", "[mapper]") {
  test::RandomSource random(5);
  for (int i = 0; i < 2000; ++i) {
    const Problem problem = test::random_problem(random);
    const Architecture architecture = test::random_architecture(random);
    const Constraints constraints = test::random_constraints(random, problem, architecture);
    const std::string text = to_yaml(constraints, problem, architecture);
    INFO(text);
    const Constraints again = read_constraints(text, problem, architecture);
    REQUIRE(again == constraints);
    REQUIRE(to_yaml(again, problem, architecture) == text);
  }
}

}  // namespace
}  // namespace tessera
