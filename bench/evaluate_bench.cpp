// How fast the model scores mappings: a full evaluation (counts, cycles, energy, area) of a 3-level
// mapping of a ResNet-50 3x3 convolution on one thread; and that neither larger bounds nor
// remainders cost more. Counts allocations, of which there must be none.

#include <benchmark/benchmark.h>

#include "bench/count_allocations.hpp"
#include "model/evaluate.hpp"

namespace tessera {
namespace {

enum : std::size_t { kN, kK, kC, kP, kQ, kR, kS };

Problem convolution(std::int64_t scale) {
  Problem problem;
  problem.name = "conv3_x";
  problem.dimensions = {{"N", 1},          {"K", 128 * scale}, {"C", 128 * scale},
                        {"P", 28 * scale}, {"Q", 28 * scale},  {"R", 3},
                        {"S", 3}};
  const auto rank = [](std::initializer_list<std::size_t> dimensions) {
    Rank result;
    for (const std::size_t d : dimensions) {
      result.push_back(Term{.dimension = DimensionId(d)});
    }
    return result;
  };
  Tensor outputs;
  outputs.name = "Outputs";
  outputs.projection.ranks = {rank({kN}), rank({kK}), rank({kP}), rank({kQ})};
  outputs.role = TensorRole::output;
  outputs.kind = TensorKind::outputs;
  Tensor inputs;
  inputs.name = "Inputs";
  inputs.projection.ranks = {rank({kN}), rank({kC}), rank({kP, kR}), rank({kQ, kS})};
  Tensor weights;
  weights.name = "Weights";
  weights.projection.ranks = {rank({kK}), rank({kC}), rank({kR}), rank({kS})};
  weights.kind = TensorKind::weights;
  problem.tensors = {outputs, inputs, weights};
  return problem;
}

Architecture machine() {
  Architecture architecture;
  architecture.name = "three levels";
  architecture.clock_hz = 2e8;
  const auto memory = [](const char* name, double pj) {
    Memory result;
    result.name = name;
    result.energy = MemoryEnergy{.read_pj = pj, .write_pj = pj};
    return result;
  };
  Memory dram = memory("DRAM", 460);
  dram.ports.shared = Bandwidth{.amount = 480e6 * 8, .unit = BandwidthUnit::bits_per_second};
  Fanout fanout;
  fanout.name = "PEs";
  fanout.axes = {{.name = "X", .size = 14, .reuse = {}}, {.name = "Y", .size = 12, .reuse = {}}};
  fanout.energy_pj = 4;
  Compute compute;
  compute.name = "MAC";
  compute.energy_pj = 2;
  architecture.hierarchy = {dram, memory("Buffer", 15), fanout, memory("Spad", 1), compute};
  return architecture;
}

/// Row-stationary; every bound but the kernel's grows with `scale`. With remainders, the 28 columns
/// are spread as 10 + 10 + 8.
Mapping row_stationary(std::int64_t scale, bool remainders) {
  const auto hold = [](std::size_t level) {
    return Node{Hold{.memory = LevelId(level), .tensors = TensorSet{7}}};
  };
  const auto loop = [](std::size_t d, std::int64_t bound) {
    return Node{Loop{.dimension = DimensionId(d), .bound = bound, .axis = {}}};
  };
  const auto spread = [](std::size_t d, std::int64_t bound, std::uint8_t axis) {
    return Node{Loop{.dimension = DimensionId(d),
                     .bound = bound,
                     .axis = AxisRef{.fanout = LevelId(2), .axis = axis}}};
  };
  return {{hold(0), loop(kK, 8 * scale), loop(kC, 8 * scale), loop(kQ, remainders ? 3 : 2 * scale),
           hold(1), loop(kP, 28 * scale), spread(kQ, remainders ? 10 : 14, 0), spread(kR, 3, 1),
           spread(kC, 4, 1), hold(3), loop(kC, 4), loop(kS, 3), loop(kK, 16)}};
}

void score(benchmark::State& state, std::int64_t scale, bool remainders) {
  const Problem problem = convolution(scale);
  const Architecture architecture = machine();
  const Mapping mapping = row_stationary(scale, remainders);
  if (const auto fault = validate(problem, architecture, mapping)) {
    state.SkipWithError(fault->message.c_str());
    return;
  }
  Evaluator evaluator(problem, architecture);
  Evaluation result;
  evaluator.evaluate(mapping, result);
  std::int64_t rounds = 0;
  const std::size_t before = allocation_count();
  for ([[maybe_unused]] auto iteration : state) {
    evaluator.evaluate(mapping, result);
    benchmark::DoNotOptimize(result.energy_pj);
    ++rounds;
  }
  state.counters["allocations"] = static_cast<double>(allocation_count() - before);
  state.SetItemsProcessed(rounds);
}

BENCHMARK_CAPTURE(score, bounds_as_published, 1, false);
BENCHMARK_CAPTURE(score, bounds_64_times_larger, 64, false);
BENCHMARK_CAPTURE(score, with_remainders, 1, true);

}  // namespace
}  // namespace tessera

BENCHMARK_MAIN();
