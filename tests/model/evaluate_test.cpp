#include "model/evaluate.hpp"

#include "spec/error.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

Rank rank(std::size_t dimension) {
  return {Term{.dimension = DimensionId(dimension)}};
}

Problem gemm(std::int64_t m, std::int64_t n, std::int64_t k) {
  Problem problem;
  problem.name = "gemm";
  problem.dimensions = {{"M", m}, {"N", n}, {"K", k}};
  const auto tensor = [](const char* name, std::size_t a, std::size_t b, TensorRole role) {
    Tensor result;
    result.name = name;
    result.projection.ranks = {rank(a), rank(b)};
    result.role = role;
    result.kind = role == TensorRole::output ? TensorKind::outputs : TensorKind::inputs;
    result.bits = 8;
    result.final_bits = 8;
    return result;
  };
  problem.tensors = {tensor("C", 0, 1, TensorRole::output), tensor("A", 0, 2, TensorRole::input),
                     tensor("B", 2, 1, TensorRole::input)};
  return problem;
}

Architecture machine(std::int64_t buffer_bits) {
  Architecture architecture;
  architecture.name = "two memories";
  Memory outer;
  outer.name = "DRAM";
  outer.energy = MemoryEnergy{.read_pj = 100, .write_pj = 200};
  Memory inner;
  inner.name = "Buffer";
  inner.capacity = Capacity{.amount = buffer_bits};
  inner.energy = MemoryEnergy{.read_pj = 1, .write_pj = 2};
  Fanout fanout;
  fanout.name = "PEs";
  fanout.axes = {{.name = "X", .size = 4, .reuse = {}}};
  Compute compute;
  compute.name = "MAC";
  compute.energy_pj = 0.5;
  architecture.hierarchy = {outer, inner, fanout, compute};
  return architecture;
}

Node hold(std::size_t level, std::uint32_t tensors) {
  return Hold{.memory = LevelId(level), .tensors = TensorSet{tensors}};
}

Node loop(std::size_t dimension, std::int64_t bound) {
  return Loop{.dimension = DimensionId(dimension), .bound = bound, .axis = {}};
}

Node spread(std::size_t dimension, std::int64_t bound) {
  return Loop{.dimension = DimensionId(dimension),
              .bound = bound,
              .axis = AxisRef{.fanout = LevelId(2), .axis = 0}};
}

}  // namespace

TEST_CASE("two problems evaluated side by side do not disturb each other") {
  const Architecture architecture = machine(1 << 20);
  const Problem small = gemm(4, 4, 4);
  const Problem large = gemm(8, 4, 4);
  const auto mapping = [](std::int64_t m) {
    return Mapping{{hold(0, 7), hold(1, 7), loop(0, m), loop(1, 4), spread(2, 4)}};
  };
  Evaluator first(small, architecture);
  Evaluator second(large, architecture);
  Evaluation a, b, again;
  first.evaluate(mapping(4), a);
  second.evaluate(mapping(8), b);
  first.evaluate(mapping(4), again);
  CHECK(a.energy_pj == again.energy_pj);
  CHECK(a.operations == 64);
  CHECK(b.operations == 128);
}

TEST_CASE("a tile that does not fit is refused with what it needs") {
  const Problem problem = gemm(4, 4, 4);
  const Mapping mapping{{hold(0, 7), hold(1, 7), loop(0, 4), loop(1, 4), loop(2, 4)}};
  const Evaluation evaluation = evaluate(problem, machine(100), mapping);
  REQUIRE_FALSE(evaluation.feasible());
  CHECK(evaluation.infeasible.why == Infeasible::Why::capacity);
  CHECK(evaluation.infeasible.level == LevelId(1));
  CHECK(evaluation.infeasible.needed == 3 * 16 * 8);
  CHECK(evaluation.infeasible.available == 100);
}

TEST_CASE("an axis that is too short is refused with what it needs") {
  const Problem problem = gemm(4, 4, 8);
  const Mapping mapping{{hold(0, 7), hold(1, 7), loop(0, 4), loop(1, 4), spread(2, 8)}};
  const Evaluation evaluation = evaluate(problem, machine(1 << 20), mapping);
  REQUIRE_FALSE(evaluation.feasible());
  CHECK(evaluation.infeasible.why == Infeasible::Why::axis);
  CHECK(evaluation.infeasible.needed == 8);
  CHECK(evaluation.infeasible.available == 4);
}

TEST_CASE("energy is the sum of actions times their energy") {
  const Problem problem = gemm(2, 1, 4);
  const Mapping mapping{{hold(0, 7), hold(1, 7), loop(0, 2), spread(2, 4)}};
  const Evaluation evaluation = evaluate(problem, machine(1 << 20), mapping);
  // DRAM: A 8 and B 4 words read, C 2 written. Buffer: 12 words filled, 16 operands read (B stays
  // 4, but is read again at each step), C 2 updated (reduced over X) and 2 drained.
  const double dram = 12 * 100 + 2 * 200;
  const double buffer = (12 + 2) * 2 + (8 + 8 + 2) * 1;
  CHECK(evaluation.energy_pj == dram + buffer + 8 * 0.5);
  CHECK(evaluation.cycles == 2);
  CHECK(evaluation.utilization == 1.0);
}

TEST_CASE("capacity in words with tensors of unequal bits is refused") {
  Problem problem = gemm(2, 2, 2);
  problem.tensors[0].bits = 24;
  Architecture architecture = machine(1);
  std::get<Memory>(architecture.hierarchy[1]).capacity =
      Capacity{.amount = 64, .unit = Capacity::Unit::words};
  CHECK_THROWS_AS(Evaluator(problem, architecture), ModelError);
}

TEST_CASE("a count beyond 63 bits is an error, not a wrong number") {
  const std::int64_t big = std::int64_t{1} << 20;
  const Problem problem = gemm(big, big, big);
  // Nothing is reused: every operation fetches from DRAM; 2^60 operations of 3 tensors still fit,
  // their bits do not.
  const Mapping mapping{{hold(0, 7), loop(0, big), loop(1, big), loop(2, big)}};
  CHECK_THROWS_AS(evaluate(problem, machine(1), mapping), OverflowError);
}
