#include "mapper/dataflow.hpp"

#include "mapper/constraints_spec.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/small_machine.hpp"

namespace tessera {
namespace {

/// The rules that a dataflow is, as YAML; or why there are none.
std::string bundle(Dataflow dataflow, const Problem& problem, const Architecture& architecture,
                   Constraints constraints = {}) {
  const auto fault = add_dataflow(dataflow, problem, architecture, constraints);
  return fault ? *fault : to_yaml(constraints, problem, architecture);
}

TEST_CASE("A dataflow of a convolution on Eyeriss is these rules", "[mapper]") {
  const Problem layer = test::resnet_layer();
  const Architecture machine = test::eyeriss();
  CHECK(bundle(Dataflow::weight_stationary, layer, machine) ==
        "constraints:\n"
        "  PEs: {X: [K, C, R, S], Y: [K, C, R, S]}\n"
        "  WeightSpad: {keep: [Weights], loops: {K: 1, C: 1, R: 1, S: 1}}\n");
  CHECK(bundle(Dataflow::output_stationary, layer, machine) ==
        "constraints:\n"
        "  PEs: {X: [K, P, Q], Y: [K, P, Q]}\n"
        "  PsumSpad: {keep: [Outputs], loops: {K: 1, P: 1, Q: 1}}\n");
  CHECK(bundle(Dataflow::input_stationary, layer, machine) ==
        "constraints:\n"
        "  PEs: {X: [C, P, Q, R, S], Y: [C, P, Q, R, S]}\n"
        "  InputSpad: {keep: [Inputs], loops: {C: 1, P: 1, Q: 1, R: 1, S: 1}}\n");
  CHECK(bundle(Dataflow::row_stationary, layer, machine) ==
        "constraints:\n"
        "  PEs: {X: [K, P], Y: [K, C, R]}\n"
        "  WeightSpad: {keep: [Weights], loops: {P: 1, R: 1}}\n"
        "  InputSpad: {keep: [Inputs], loops: {P: 1, R: 1}}\n"
        "  PsumSpad: {keep: [Outputs], loops: {P: 1, R: 1}}\n");
  CHECK(bundle(Dataflow::no_local_reuse, layer, machine) ==
        "no-local-reuse means that processing elements hold nothing; the architecture makes "
        "WeightSpad keep Weights");
}

TEST_CASE("A dataflow of a matrix product takes the operands by their kind", "[mapper]") {
  const Problem gemm = test::gemm();
  const Architecture machine = test::read_architecture(
      "architecture:\n  hierarchy:\n    - memory: DRAM\n    - {fanout: PEs, axes: {X: 4}}\n"
      "    - memory: RF\n    - compute: MAC\n");
  CHECK(bundle(Dataflow::output_stationary, gemm, machine) ==
        "constraints:\n  PEs: {X: [M, N]}\n  RF: {keep: [C], loops: {M: 1, N: 1}}\n");
  CHECK(bundle(Dataflow::no_local_reuse, gemm, machine) ==
        "constraints:\n  PEs: {X: [N, K]}\n  RF: {bypass: [A, B, C]}\n");
  CHECK(bundle(Dataflow::row_stationary, gemm, machine)
            .find("has no rank that is a sum of two dimensions") != std::string::npos);
}

TEST_CASE("A dataflow that a machine or a problem has no place for is refused", "[mapper]") {
  const Problem gemm = test::gemm();
  CHECK(bundle(Dataflow::weight_stationary, gemm, test::two_levels()) ==
        "weight-stationary needs a memory inside PEs that may hold B; architecture has none");
  const Problem sum = test::read_problem(
      "problem:\n  name: sum\n  dimensions: {M: 13, K: 6}\n  operation: C[M] += A[M,K]\n");
  CHECK(bundle(Dataflow::weight_stationary, sum, test::two_levels()) ==
        "weight-stationary needs weights; sum has none");
  CHECK(bundle(Dataflow::no_local_reuse, sum, test::two_levels()) ==
        "no-local-reuse spreads the channels of weights over an array; sum has no weights");
}

TEST_CASE("Rules that are written out win over those of the dataflow", "[mapper]") {
  const Problem layer = test::resnet_layer();
  const Architecture machine = test::eyeriss();
  CHECK(to_yaml(test::read_constraints("constraints:\n"
                                       "  WeightSpad: {loops: {S: 3}}\n"
                                       "  PEs: {X: [K]}\n"
                                       "  dataflow: weight-stationary\n",
                                       layer, machine),
                layer, machine) ==
        "constraints:\n"
        "  PEs: {X: [K], Y: [K, C, R, S]}\n"
        "  WeightSpad: {keep: [Weights], loops: {S: 3, K: 1, C: 1, R: 1}}\n");
  const std::string error = test::error_of(
      [&] { test::read_constraints("constraints: {dataflow: weight-stationry}", layer, machine); });
  CHECK(error.find("(did you mean 'weight-stationary'?)") != std::string::npos);
  Constraints against;
  against.memories.emplace_back();
  against.memories[0].memory = *machine.find("PsumSpad");
  against.memories[0].bypass.insert(*layer.find_tensor("Outputs"));
  CHECK(bundle(Dataflow::output_stationary, layer, machine, against) ==
        "output-stationary and the rules for PsumSpad contradict each other: one makes it keep "
        "Outputs, the other bypass it");
}

TEST_CASE("The published mapping of the row-stationary chip obeys its dataflow", "[mapper]") {
  const Problem layer = test::resnet_layer();
  const Architecture machine = test::eyeriss();
  Constraints constraints;
  REQUIRE(!add_dataflow(Dataflow::row_stationary, layer, machine, constraints));
  // As in examples/eyeriss-row-stationary.yaml.
  const std::string chip =
      "mapping:\n"
      "  - DRAM: [Inputs, Weights, Outputs]\n"
      "  - for: {P: 2, K: 2}\n"
      "  - GlobalBuffer: [Outputs]\n"
      "  - for: {C: 8}\n"
      "  - GlobalBuffer: [Inputs]\n"
      "  - spatial: {PEs.X: {P: 14}, PEs.Y: {R: 3, C: 4}}\n"
      "  - for: {K: 4}\n"
      "  - WeightSpad: [Weights]\n"
      "  - for: {Q: 28}\n"
      "  - InputSpad: [Inputs]\n"
      "  - PsumSpad: [Outputs]\n"
      "  - for: {C: 4, S: 3, K: 16}\n";
  CHECK(!find_violation(layer, machine, constraints, test::read_mapping(chip, layer, machine)));
  const auto broken = find_violation(layer, machine, constraints,
                                     test::read_mapping(test::kDesignMapping, layer, machine));
  REQUIRE(broken);  // it spreads columns (Q) over the array
  CHECK(broken->find("PEs.X") != std::string::npos);
}

}  // namespace
}  // namespace tessera
