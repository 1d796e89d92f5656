#include "problems/problem.hpp"

namespace tessera {

std::int64_t Problem::operations() const {
  std::int64_t product = 1;
  for (const Dimension& dimension : dimensions) {
    product *= dimension.bound;
  }
  return product;
}

std::vector<TensorWord> Problem::words() const {
  std::vector<TensorWord> words;
  words.reserve(tensors.size());
  for (const Tensor& tensor : tensors) {
    words.push_back(tensor.word());
  }
  return words;
}

std::optional<DimensionId> Problem::find_dimension(std::string_view dimension_name) const {
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    if (dimensions[i].name == dimension_name) {
      return DimensionId(i);
    }
  }
  return std::nullopt;
}

std::optional<TensorId> Problem::find_tensor(std::string_view tensor_name) const {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].name == tensor_name) {
      return TensorId(i);
    }
  }
  return std::nullopt;
}

DimensionSet relevant_dimensions(const Problem& problem, TensorId tensor) {
  DimensionSet set;
  for (const Rank& rank : problem.at(tensor).projection.ranks) {
    for (const Term& term : rank) {
      if (problem.at(term.dimension).bound > 1) {
        set.insert(term.dimension);
      }
    }
  }
  return set;
}

}  // namespace tessera
