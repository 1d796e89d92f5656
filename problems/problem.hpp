#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "problems/tensor_kind.hpp"
#include "spec/id.hpp"

namespace tessera {

using DimensionId = Id<struct DimensionTag>;
using DimensionSet = IdSet<DimensionId>;
using TensorId = Id<struct TensorTag>;
using TensorSet = IdSet<TensorId>;

/// Most dimensions and tensors a problem may have; parsers enforce both, so the model and the
/// search may use fixed-size arrays.
inline constexpr std::size_t kMaxDimensions = 32;
inline constexpr std::size_t kMaxTensors = 8;

/// One loop variable of the operation: it runs over 0 .. bound-1. (AccelForge: rank variable.)
struct Dimension {
  std::string name;
  std::int64_t bound = 1;

  bool operator==(const Dimension&) const = default;
};

/// One summand of a rank: coefficient * dimension. The coefficient is never 0 and a dimension
/// stands at most once in a rank.
struct Term {
  DimensionId dimension;
  std::int64_t coefficient = 1;

  bool operator==(const Term&) const = default;
};

/// One index of a tensor, an affine sum of dimensions: `P*2 + R` has two terms.
using Rank = std::vector<Term>;

/// How a tensor is indexed: one `Rank` per index, in the order written. May be empty (a scalar).
struct Projection {
  std::vector<Rank> ranks;

  bool operator==(const Projection&) const = default;
};

enum class TensorRole { input, output };

/// One tensor of a problem. (Timeloop: data space; ZigZag: operand.)
struct Tensor {
  std::string name;
  Projection projection;
  TensorRole role = TensorRole::input;
  TensorKind kind = TensorKind::inputs;
  /// Bits of a value: of a partial sum if the tensor is the output.
  int bits = 16;
  /// Bits of a finished output value: what a word's last drain moves. Equals `bits` for inputs.
  int final_bits = 16;
  /// Share of values that are not zero, in (0, 1]. Carried, not used by the dense model.
  double density = 1.0;

  bool operator==(const Tensor&) const = default;

  TensorWord word() const { return {.kind = kind, .bits = bits, .final_bits = final_bits}; }
};

/// One kernel: every point of the iteration space does one operation (a multiply-accumulate with
/// two operands, an accumulation with one) `output += operand * operand ...`.
///
/// Invariants that parsers establish: 1 to kMaxDimensions dimensions of bound >= 1 whose product
/// fits in 63 bits; 2 to kMaxTensors tensors; tensor 0 is the output, the operands follow in the
/// order written; names are unique identifiers.
struct Problem {
  std::string name;
  std::vector<Dimension> dimensions;
  std::vector<Tensor> tensors;

  bool operator==(const Problem&) const = default;

  /// Product of all bounds: how often the operation is executed.
  std::int64_t operations() const;
  /// By tensor.
  std::vector<TensorWord> words() const;

  std::optional<DimensionId> find_dimension(std::string_view dimension_name) const;
  std::optional<TensorId> find_tensor(std::string_view tensor_name) const;
  const Dimension& at(DimensionId id) const { return dimensions[id.index()]; }
  const Tensor& at(TensorId id) const { return tensors[id.index()]; }
};

/// The output of every problem.
inline constexpr TensorId kOutput{0};

/// Dimensions with a bound over 1 that `tensor` depends on. A dimension of bound 1 never moves
/// anything, so it counts as absent (DESIGN section 4).
DimensionSet relevant_dimensions(const Problem& problem, TensorId tensor);

/// Those of them that share a rank of the tensor with another: it slides along them.
DimensionSet sliding_dimensions(const Problem& problem, TensorId tensor);

/// How many tensors slide along some dimension.
std::size_t count_sliding_tensors(const Problem& problem);

}  // namespace tessera
