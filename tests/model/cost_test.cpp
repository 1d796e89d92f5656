// Accesses, ports, ramps and passes on mappings small enough to count by hand.

#include "model/evaluate.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

Rank rank(std::size_t dimension) {
  return {Term{.dimension = DimensionId(dimension)}};
}

/// C[M,N] += A[M,K] * B[K,N] with operands of 8 bits, partial sums of 24 and results of 8.
Problem gemm(std::int64_t m, std::int64_t n, std::int64_t k) {
  Problem problem;
  problem.name = "gemm";
  problem.dimensions = {{"M", m}, {"N", n}, {"K", k}};
  const auto tensor = [](const char* name, std::size_t a, std::size_t b, TensorKind kind) {
    Tensor result;
    result.name = name;
    result.projection.ranks = {rank(a), rank(b)};
    result.role = kind == TensorKind::outputs ? TensorRole::output : TensorRole::input;
    result.kind = kind;
    result.bits = kind == TensorKind::outputs ? 24 : 8;
    result.final_bits = 8;
    return result;
  };
  problem.tensors = {tensor("C", 0, 1, TensorKind::outputs), tensor("A", 0, 2, TensorKind::inputs),
                     tensor("B", 2, 1, TensorKind::weights)};
  return problem;
}

enum : std::size_t { kDram, kBuffer, kArray, kRegister };
enum : std::uint32_t { kC = 1, kA = 2, kB = 4, kAll = 7 };

/// DRAM, a buffer, an array of 4 by 4, registers.
Architecture machine() {
  Architecture architecture;
  Memory dram, buffer, registers;
  dram.name = "DRAM";
  buffer.name = "Buffer";
  registers.name = "Register";
  Fanout array;
  array.name = "Array";
  array.axes = {{.name = "X", .size = 4, .reuse = {}}, {.name = "Y", .size = 4, .reuse = {}}};
  Compute compute;
  compute.name = "MAC";
  architecture.hierarchy = {dram, buffer, array, registers, compute};
  return architecture;
}

Memory& memory(Architecture& architecture, std::size_t level) {
  return std::get<Memory>(architecture.hierarchy[level]);
}

Bandwidth per_cycle(double amount, BandwidthUnit unit) {
  return {.amount = amount, .unit = unit};
}

Node hold(std::size_t level, std::uint32_t tensors) {
  return Hold{.memory = LevelId(level), .tensors = TensorSet{tensors}};
}

Node loop(std::size_t dimension, std::int64_t bound) {
  return Loop{.dimension = DimensionId(dimension), .bound = bound, .axis = {}};
}

Node spread(std::size_t dimension, std::int64_t bound, std::uint8_t axis) {
  return Loop{.dimension = DimensionId(dimension),
              .bound = bound,
              .axis = AxisRef{.fanout = LevelId(kArray), .axis = axis}};
}

const TensorTraffic& traffic(const Evaluation& evaluation, std::size_t level, std::size_t tensor) {
  return evaluation.levels[level].tensors[tensor];
}

}  // namespace

TEST_CASE("an access holds whole words, of finished values more than of partial sums") {
  Architecture architecture = machine();
  memory(architecture, kBuffer).width = 64;
  memory(architecture, kBuffer).energy =
      MemoryEnergy{.read_pj = 10, .write_pj = 20, .basis = EnergyBasis::access};
  // The buffer holds all: of C 12 updates, the last 4 final; 8 reads; 4 drains, all final.
  const Mapping mapping{{hold(kDram, kAll), hold(kBuffer, kAll), loop(0, 4), loop(2, 3)}};
  const Evaluation evaluation = evaluate(gemm(4, 1, 3), architecture, mapping);
  const TensorTraffic& c = traffic(evaluation, kBuffer, 0);
  REQUIRE(c.final_updates == 4);
  CHECK(c.read_accesses == 4 + 1);  // 8 of 24 bits, two an access; 4 of 8 bits, eight an access
  CHECK(c.write_accesses == 5);     // 8 / 2 + 4 / 8
  CHECK(c.energy_pj == 5 * 10 + 5 * 20);
  const TensorTraffic& a = traffic(evaluation, kBuffer, 1);
  CHECK(a.read_accesses == 2);  // 12 words, eight an access
  CHECK(a.write_accesses == 2);
}

TEST_CASE("a word wider than an access takes several") {
  Architecture architecture = machine();
  memory(architecture, kBuffer).width = 16;
  memory(architecture, kBuffer).energy =
      MemoryEnergy{.read_pj = 1, .write_pj = 1, .basis = EnergyBasis::access};
  const Mapping mapping{{hold(kDram, kAll), hold(kBuffer, kAll), loop(0, 4), loop(2, 3)}};
  const Evaluation evaluation = evaluate(gemm(4, 1, 3), architecture, mapping);
  const TensorTraffic& c = traffic(evaluation, kBuffer, 0);
  CHECK(c.read_accesses == 8 * 2 + 2);
  CHECK(c.write_accesses == 8 * 2 + 2);
  CHECK(traffic(evaluation, kBuffer, 1).read_accesses == 6);
}

TEST_CASE("a block is so many words of whatever bits, and each instance rounds up for itself") {
  Architecture architecture = machine();
  memory(architecture, kRegister).block = 4;
  memory(architecture, kRegister).energy =
      MemoryEnergy{.read_pj = 1, .write_pj = 100, .basis = EnergyBasis::access};
  // Each of four instances: a row of A of 5 words, of C one word updated 5 times.
  const Mapping mapping{{hold(kDram, kAll), spread(0, 4, 0), hold(kRegister, kA | kC), loop(2, 5)}};
  const Evaluation evaluation = evaluate(gemm(4, 1, 5), architecture, mapping);
  const TensorTraffic& a = traffic(evaluation, kRegister, 1);
  REQUIRE(a.fills == 20);
  CHECK(a.write_accesses == 4 * 2);
  CHECK(a.read_accesses == 4 * 2);
  const TensorTraffic& c = traffic(evaluation, kRegister, 0);
  CHECK(c.write_accesses == 4 * 2);
  CHECK(c.read_accesses == 4 * (1 + 1));  // four reads of old sums, one drain
}

TEST_CASE("a port may be as fast as so many accesses a cycle") {
  Architecture architecture = machine();
  memory(architecture, kBuffer).width = 64;
  memory(architecture, kBuffer).ports.read = per_cycle(0.5, BandwidthUnit::accesses_per_cycle);
  const Mapping mapping{{hold(kDram, kAll), hold(kBuffer, kAll), loop(0, 4), loop(2, 3)}};
  const Evaluation evaluation = evaluate(gemm(4, 1, 3), architecture, mapping);
  CHECK(evaluation.levels[kBuffer].ports.read == 2 * (5 + 2 + 2));  // C, A and B
  CHECK(evaluation.levels[kBuffer].ports.write == PortCycles::kUnbounded);
  CHECK(evaluation.levels[kBuffer].ports.shared == PortCycles::kUnbounded);
  CHECK(evaluation.cycles == 18);
  CHECK(evaluation.bottleneck == LevelId(kBuffer));
}

TEST_CASE("a ramp is as long as the slowest port that the first and the last tile pass") {
  Architecture architecture = machine();
  Memory& dram = memory(architecture, kDram);
  Memory& buffer = memory(architecture, kBuffer);
  dram.ports.read = per_cycle(2, BandwidthUnit::words_per_cycle);
  dram.ports.write = per_cycle(8, BandwidthUnit::bits_per_cycle);
  buffer.ports.shared = per_cycle(4, BandwidthUnit::words_per_cycle);
  const Mapping mapping{
      {hold(kDram, kAll), loop(0, 10), hold(kBuffer, kAll), loop(0, 4), loop(2, 3)}};
  const Evaluation ideal = evaluate(gemm(40, 1, 3), architecture, mapping);
  buffer.ramp = true;
  const Evaluation evaluation = evaluate(gemm(40, 1, 3), architecture, mapping);
  // In: 12 words of A and 3 of B, 8 cycles at DRAM (4 at the buffer). Out: 4 finished words of 8
  // bits, 4 cycles at DRAM.
  CHECK(evaluation.levels[kBuffer].exposed_cycles == 8 + 4);
  CHECK(evaluation.exposed_cycles == 12);
  CHECK(evaluation.cycles == ideal.cycles + 12);
  CHECK(ideal.exposed_cycles == 0);
  buffer.ports.shared = per_cycle(1, BandwidthUnit::words_per_cycle);
  CHECK(evaluate(gemm(40, 1, 3), architecture, mapping).exposed_cycles == 15 + 4);
  dram.ramp = true;  // nothing fills it
  CHECK(evaluate(gemm(40, 1, 3), architecture, mapping).exposed_cycles == 15 + 4);
}

TEST_CASE("all instances leak, or with power gating those that work") {
  Architecture architecture = machine();
  memory(architecture, kRegister).leakage_mw = 2;
  // 4 of the 16 registers are used for 16 cycles of 1 ns.
  const Mapping mapping{
      {hold(kDram, kAll), spread(0, 4, 0), hold(kRegister, kAll), loop(1, 4), loop(2, 4)}};
  CHECK(evaluate(gemm(4, 4, 4), architecture, mapping).levels[kRegister].leakage_pj ==
        Approx(16 * 2 * 16));
  architecture.power_gating = true;
  CHECK(evaluate(gemm(4, 4, 4), architecture, mapping).levels[kRegister].leakage_pj ==
        Approx(4 * 2 * 16));
}

TEST_CASE("a systolic array fills and drains each time that its stationary tile changes") {
  Architecture architecture = machine();
  auto& array = std::get<Fanout>(architecture.hierarchy[kArray]);
  const auto cycles = [&](const Mapping& mapping) {
    return evaluate(gemm(8, 8, 8), architecture, mapping);
  };
  // 2 x 2 tiles of weights, 4 by 4 each, stay while the 8 rows of A stream past.
  const Mapping weights{{hold(kDram, kAll), loop(1, 2), loop(2, 2), spread(2, 4, 0),
                         spread(1, 4, 1), hold(kRegister, kB), loop(0, 8)}};
  CHECK(cycles(weights).cycles == 32);
  array.systolic = true;
  CHECK(array.skew() == 6);
  CHECK(cycles(weights).levels[kArray].passes == 4);
  CHECK(cycles(weights).compute_cycles == 32);
  CHECK(cycles(weights).cycles == 32 + 4 * 6);
  CHECK(cycles(weights).bottleneck == LevelId(4));
  // The registers hold A and C too: what changes least is the weights.
  const Mapping both{{hold(kDram, kAll), loop(1, 2), loop(2, 2), spread(2, 4, 0), spread(1, 4, 1),
                      hold(kRegister, kB), loop(0, 8), hold(kRegister, kA | kC)}};
  CHECK(cycles(both).levels[kArray].passes == 4);
  // Both tiles along K at once: half the passes.
  const Mapping larger{{hold(kDram, kAll), loop(1, 2), spread(2, 4, 0), spread(1, 4, 1),
                        hold(kRegister, kB), loop(0, 8), loop(2, 2)}};
  CHECK(cycles(larger).levels[kArray].passes == 2);
  // Nothing stays inside: the pipeline fills once.
  const Mapping streaming{
      {hold(kDram, kAll), loop(1, 2), loop(2, 2), spread(2, 4, 0), spread(1, 4, 1), loop(0, 8)}};
  CHECK(cycles(streaming).levels[kArray].passes == 1);
  CHECK(cycles(streaming).cycles == 32 + 6);
  // Transfers overlap with the array, skew and all.
  memory(architecture, kDram).ports.write = per_cycle(1, BandwidthUnit::words_per_cycle);
  const Evaluation bound = cycles(weights);
  CHECK(bound.levels[kDram].cycles == 128);
  CHECK(bound.cycles == 128);
}
