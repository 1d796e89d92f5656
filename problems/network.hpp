#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "problems/problem.hpp"

namespace tessera {

/// One problem of a network and how often it is executed.
struct Layer {
  Problem problem;          ///< for one item of the batch
  std::int64_t repeat = 1;  ///< executions, one after the other
  /// The dimension that counts the items of a batch: N of a convolution, M of a matrix product.
  /// Absent: the layer can only be executed for one item.
  std::optional<DimensionId> batch;
  /// The operand of kind `inputs` is the output of the layer before, execution by execution, up to
  /// what is not counted (pooling, padding, activation functions), and nothing else reads it.
  bool from_previous = false;

  bool operator==(const Layer&) const = default;
};

/// An ordered list of problems, executed one after the other. What its layers need together is the
/// sum of what each needs: nothing stays on chip from one layer to the next unless the user asks
/// for it.
///
/// Invariants that parsers establish: at least one layer; batch and repeats are 1 or more; where
/// the batch is over 1 every layer has its dimension; the operations of a batch fit in 63 bits; a
/// layer `from_previous` is not the first, has one operand of kind `inputs`, and as many executions
/// as the one before.
struct Network {
  std::string name;
  std::int64_t batch = 1;  ///< items (images, sequences) that are computed together
  std::vector<Layer> layers;

  bool operator==(const Network&) const = default;

  /// Those of the tensors of all layers.
  std::vector<TensorWord> words() const;
  /// The first layer without a dimension for the batch.
  std::optional<std::size_t> first_without_batch() const;
  /// Operations of all executions for `items` items. Throws OverflowError.
  std::int64_t operations(std::int64_t items) const;
};

/// The problem that `layer` is for a batch of `items`: the bound of its batch dimension times
/// `items`. Needs that dimension where `items` is over 1. Throws OverflowError where a count leaves
/// 63 bits.
Problem at_batch(const Layer& layer, std::int64_t items);

}  // namespace tessera
