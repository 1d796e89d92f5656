#pragma once

#include <string>
#include <vector>

#include "arch/architecture.hpp"
#include "mapper/mapping.hpp"
#include "model/evaluation.hpp"
#include "problems/problem.hpp"

namespace tessera {

/// A mapping with what it costs; refers to its parts.
struct Scored {
  const Problem& problem;
  const Architecture& architecture;
  const Mapping& mapping;
  const Evaluation& evaluation;
};

/// Why a mapping is no legal one, as a word for programs and a sentence for people.
struct Refusal {
  std::string why;  ///< capacity, axis, constraint or utilization
  std::string sentence;
  /// For capacity and axis: where, and how much.
  std::string level;
  std::string unit;
  std::int64_t needed = 0;
  std::int64_t available = 0;
};

/// The tensors in the order that mappings are written in: the operands, then the output.
std::vector<TensorId> as_written(const Problem& problem);

/// What `evaluation.infeasible` says. Only for evaluations that are not feasible.
Refusal describe(const Architecture& architecture, const Infeasible& infeasible);

/// The problem in one line: `C[M,N] += A[M,K] * B[K,N]  (M 256, N 256, K 256)`.
std::string problem_text(const Problem& problem);

/// What the numbers leave out: one sentence each, empty if nothing.
std::vector<std::string> not_modelled(const Architecture& architecture);

/// The loop nest as text, a line a node, each indented by `indent` and by the loops around it.
std::string nest_text(const Scored& scored, std::size_t indent);

/// The report for reading: headline numbers, loop nest, words and energy by memory and tensor.
std::string evaluation_text(const Scored& scored);

}  // namespace tessera
