#pragma once

#include <string>
#include <vector>

#include "problems/problem.hpp"
#include "tests/random_source.hpp"

namespace tessera::test {

/// Any problem that the parser's rules allow, with names that YAML readers are known to trip over.
inline Problem random_problem(RandomSource& random) {
  std::vector<std::string> names = {"N", "K",  "C",    "P",   "Q",  "R",  "S",   "y",
                                    "n", "on", "true", "_x1", "e5", "No", "NaN", "a_long_name"};
  random.shuffle(names);
  Problem problem;
  problem.name = random.pick<std::string>({"problem", "resnet50.conv3_x.3x3", "gemm-1", "yes"});
  const std::int64_t dimensions = random.integer(1, 7);
  for (std::int64_t i = 0; i < dimensions; ++i) {
    const std::int64_t bound =
        random.chance(20) ? 1 : random.integer(2, random.chance(10) ? 200 : 9);
    problem.dimensions.push_back({names[static_cast<std::size_t>(i)], bound});
  }
  const std::vector<std::string> tensors = {"Outputs", "Inputs", "Weights", "A",
                                            "b",       "Null_",  "x0"};
  const std::int64_t operands = random.integer(1, 4);
  DimensionSet used;
  for (std::int64_t t = 0; t <= operands; ++t) {
    Tensor tensor;
    tensor.name = tensors[static_cast<std::size_t>(t)];
    tensor.role = t == 0 ? TensorRole::output : TensorRole::input;
    tensor.kind = t == 0              ? TensorKind::outputs
                  : random.chance(50) ? TensorKind::weights
                                      : TensorKind::inputs;
    for (std::size_t d = 0; d < problem.dimensions.size(); ++d) {
      const bool needed = t == operands && !used.contains(DimensionId(d));
      if (!needed && random.chance(45)) {
        continue;
      }
      used.insert(DimensionId(d));
      const std::int64_t coefficient =
          random.chance(60) ? 1 : random.integer(1, 5) * (random.chance(40) ? -1 : 1);
      std::vector<Rank>& ranks = tensor.projection.ranks;
      if (ranks.empty() || random.chance(70)) {
        ranks.emplace_back();
      }
      ranks.back().push_back({DimensionId(d), coefficient});
    }
    random.shuffle(tensor.projection.ranks);
    tensor.bits = random.chance(50) ? 16 : static_cast<int>(random.integer(1, 64));
    tensor.final_bits = t == 0 && random.chance(50)
                            ? static_cast<int>(random.integer(1, tensor.bits))
                            : tensor.bits;
    tensor.density = random.chance(50) ? 1.0 : static_cast<double>(random.integer(1, 999)) / 1000;
    problem.tensors.push_back(tensor);
  }
  return problem;
}

}  // namespace tessera::test
