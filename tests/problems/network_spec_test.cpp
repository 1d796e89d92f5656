#include "problems/network_spec.hpp"

#include "spec/error.hpp"
#include "tests/catch_compat.hpp"
#include "tests/spec_text.hpp"

using namespace tessera;

TEST_CASE("a network takes problems by name and in place, with repeats and the batch's dimension") {
  const Network network = test::read_network(R"(network:
  name: two
  batch: 4
  layers:
    - {problem: known, repeat: 3, batch: M}
    - problem: {name: mine, dimensions: {B: 1, I: 3, J: 4}, operation: 'C[B,I] += A[B,J] * W[J,I]'}
      batch: B
)");
  CHECK(network.name == "two");
  CHECK(network.batch == 4);
  REQUIRE(network.layers.size() == 2);
  CHECK(network.layers[0].problem.name == "known");
  CHECK(network.layers[0].repeat == 3);
  CHECK(network.layers[0].batch == DimensionId(0));
  CHECK(network.layers[1].repeat == 1);
  CHECK(network.operations(1) == 3 * 30 + 12);
  CHECK(network.operations(4) == 4 * (3 * 30 + 12));
}

TEST_CASE("a layer without a name is called by its place") {
  const Network network = test::read_network(R"(network:
  layers:
    - {problem: known}
    - problem: {dimensions: {I: 3}, operation: 'C[I] += A[I]'}
)");
  CHECK(network.name == "network");
  CHECK(network.batch == 1);
  CHECK(network.layers[1].problem.name == "layer2");
  CHECK(network.first_without_batch() == std::size_t{0});
}

TEST_CASE("a batch multiplies the bound of its dimension and nothing else") {
  Layer layer = test::read_network("network: {layers: [{problem: known, batch: M}]}").layers[0];
  const Problem problem = at_batch(layer, 6);
  CHECK(problem.dimensions[0].bound == 12);
  CHECK(problem.dimensions[1].bound == 3);
  CHECK(problem.tensors == layer.problem.tensors);
  CHECK(at_batch(layer, 1) == layer.problem);
  CHECK_THROWS_AS(at_batch(layer, std::int64_t{1} << 62), OverflowError);
}
