#include "mapper/constraints.hpp"

#include "tests/catch_compat.hpp"
#include "tests/mapper/small_machine.hpp"

namespace tessera {
namespace {

/// What the constraints, written in YAML, find wrong with the mapping of the design; "" for
/// nothing.
std::string violation(const std::string& constraints) {
  const Problem problem = test::resnet_layer();
  const Architecture architecture = test::eyeriss();
  return find_violation(
             problem, architecture,
             test::read_constraints("constraints: " + constraints, problem, architecture),
             test::read_mapping(test::kDesignMapping, problem, architecture))
      .value_or("");
}

TEST_CASE("The mapping of the design keeps the rules that it was made for", "[mapper]") {
  CHECK(violation("{}") == "");
  CHECK(violation("{PEs: {X: [P, Q, K], Y: [R, C]}, GlobalBuffer: {bypass: [Weights]}}") == "");
  CHECK(violation("{DRAM: {keep: all}, InputSpad: {loops: {C: 4, S: 3, K: 16}}}") == "");
}

TEST_CASE("Constraints on axes are re-checked", "[mapper]") {
  CHECK(violation("{PEs: {X: [P, K]}}") ==
        "Q lies on PEs.X, where the constraints allow K, P only");
  CHECK(violation("{PEs: {Y: []}}") == "R lies on PEs.Y, where the constraints allow nothing");
  CHECK(violation("{PEs: {Y: {reuse: outputs}}}") == "");
}

TEST_CASE("Keep and bypass are re-checked", "[mapper]") {
  CHECK(violation("{GlobalBuffer: {keep: weights}}") ==
        "GlobalBuffer does not hold Weights, and the constraints make it keep Weights");
  CHECK(violation("{DRAM: {bypass: [Weights]}}") ==
        "DRAM holds Weights, and the constraints make it bypass Weights");
}

TEST_CASE("Loops are those from a hold to its tensor's next hold inward", "[mapper]") {
  // Outputs go from GlobalBuffer to PsumSpad past the loops P, C and S; Inputs to InputSpad past P.
  CHECK(violation("{GlobalBuffer: {loops: {P: 28, R: 1}}}") == "");
  CHECK(violation("{GlobalBuffer: {loops: {S: 1}}}") ==
        "the loops over S below the hold of Outputs in GlobalBuffer multiply to 3, and the "
        "constraints demand 1");
  CHECK(violation("{DRAM: {innermost: [Q]}}") ==
        "the innermost loop below the hold of Weights in DRAM is over P, and the constraints "
        "demand Q");
  CHECK(violation("{WeightSpad: {innermost: [C, S, K]}}") == "");
  CHECK(violation("{WeightSpad: {innermost: [S, C, K]}}") ==
        "loop 2 from the inside below the hold of Weights in WeightSpad is over S, and the "
        "constraints demand C");
  // More places than loops: only the innermost ones are compared.
  CHECK(violation("{PsumSpad: {innermost: [C, K]}}") == "");
}

TEST_CASE("The architecture's own rules are re-checked", "[mapper]") {
  const Problem problem = test::resnet_layer();
  const Architecture architecture = test::eyeriss();
  Mapping mapping = test::read_mapping(test::kDesignMapping, problem, architecture);
  const auto found = [&](const Mapping& candidate, const Architecture& machine) {
    return find_violation(problem, machine, {}, candidate).value_or("");
  };
  Mapping without = mapping;
  std::get<Hold>(without.nodes[4]).tensors.erase(TensorId(1));
  CHECK(found(without, architecture) ==
        "GlobalBuffer does not hold Inputs, and the architecture makes it keep inputs");
  Mapping with = mapping;
  std::get<Hold>(with.nodes[9]).tensors.insert(TensorId(1));
  CHECK(found(with, architecture) ==
        "WeightSpad holds Inputs, and the architecture makes it bypass inputs");
  Architecture reusing = architecture;
  std::get<Fanout>(reusing.hierarchy[2]).axes[0].reuse.insert(TensorKind::weights);
  CHECK(found(mapping, reusing) == "");
  std::get<Fanout>(reusing.hierarchy[2]).axes[1].reuse.insert(TensorKind::inputs);
  CHECK(found(mapping, reusing) ==
        "R lies on PEs.Y, which the architecture keeps for the reuse of inputs, and Inputs depends "
        "on R");
}

}  // namespace
}  // namespace tessera
