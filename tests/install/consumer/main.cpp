// A program outside the project: describes a machine, a matrix product and a mapping as values, has
// the installed library score it, and compares with the counts worked out by hand.
//
// C[M,N] += A[M,K] * B[K,N] with M = N = K = 8; a buffer holds all of A, B and C. So the main
// memory reads A and B once (128 words) and takes in C once (64 words): at 100 pJ a word 19200 pJ.
// The buffer takes in A and B (128), gives two operands to each of 512 operations (1024), takes in
// 512 results, reads the old value for all but the first of each of 64 words (448), and reads out C
// (64): 2176 words at 1 pJ. 512 operations at 0.5 pJ: 256 pJ. One operation a cycle: 512 cycles.
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string>

#include "model/evaluate.hpp"

namespace {

constexpr tessera::TensorSet kAllTensors{0b111};

/// One index of a tensor: a dimension alone.
tessera::Rank rank(std::size_t dimension) {
  return {{.dimension = tessera::DimensionId{dimension}}};
}

tessera::Tensor tensor(const std::string& name, std::size_t row, std::size_t column,
                       tessera::TensorRole role, tessera::TensorKind kind) {
  tessera::Tensor result;
  result.name = name;
  result.projection.ranks = {rank(row), rank(column)};
  result.role = role;
  result.kind = kind;
  return result;
}

tessera::Problem make_problem() {
  using tessera::TensorKind;
  using tessera::TensorRole;
  tessera::Problem problem;
  problem.name = "gemm";
  problem.dimensions = {{"M", 8}, {"N", 8}, {"K", 8}};
  problem.tensors = {tensor("C", 0, 1, TensorRole::output, TensorKind::outputs),
                     tensor("A", 0, 2, TensorRole::input, TensorKind::inputs),
                     tensor("B", 2, 1, TensorRole::input, TensorKind::weights)};
  return problem;
}

tessera::Memory memory(const std::string& name, double energy_pj) {
  tessera::Memory result;
  result.name = name;
  result.energy = tessera::MemoryEnergy{.read_pj = energy_pj, .write_pj = energy_pj};
  return result;
}

tessera::Architecture make_architecture() {
  tessera::Compute compute;
  compute.name = "MAC";
  compute.energy_pj = 0.5;
  tessera::Architecture architecture;
  architecture.name = "consumer";
  architecture.clock_hz = 1e9;
  architecture.hierarchy = {memory("DRAM", 100), memory("Buffer", 1), compute};
  return architecture;
}

tessera::Mapping make_mapping() {
  tessera::Mapping mapping;
  for (const std::size_t level : {0, 1}) {
    mapping.nodes.push_back(
        tessera::Hold{.memory = tessera::LevelId{level}, .tensors = kAllTensors});
  }
  for (const std::size_t dimension : {0, 1, 2}) {
    mapping.nodes.push_back(
        tessera::Loop{.dimension = tessera::DimensionId{dimension}, .bound = 8, .axis = {}});
  }
  return mapping;
}

}  // namespace

int main() {
  const tessera::Problem problem = make_problem();
  const tessera::Architecture architecture = make_architecture();
  const tessera::Mapping mapping = make_mapping();
  if (const auto fault = tessera::validate(problem, architecture, mapping)) {
    std::cerr << "refused a good mapping: " << fault->message << "\n";
    return EXIT_FAILURE;
  }
  const tessera::Evaluation result = tessera::evaluate(problem, architecture, mapping);
  const double expected_pj = 19200 + 2176 + 256;
  std::cout << result.energy_pj << " pJ, expected " << expected_pj << "; " << result.cycles
            << " cycles, expected 512; " << result.dram_words << " words, expected 192\n";
  const bool right = result.feasible() && std::abs(result.energy_pj - expected_pj) < 1e-6 &&
                     result.cycles == 512 && result.dram_words == 192;
  return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
