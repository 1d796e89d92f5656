#include "problems/problem.hpp"

#include <bit>

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

namespace {

/// Those of a bound over 1 in a rank.
DimensionSet moving_in(const Problem& problem, const Rank& rank) {
  DimensionSet set;
  for (const Term& term : rank) {
    if (problem.at(term.dimension).bound > 1) {
      set.insert(term.dimension);
    }
  }
  return set;
}

}  // namespace

DimensionSet relevant_dimensions(const Problem& problem, TensorId tensor) {
  DimensionSet set;
  for (const Rank& rank : problem.at(tensor).projection.ranks) {
    set.bits |= moving_in(problem, rank).bits;
  }
  return set;
}

DimensionSet sliding_dimensions(const Problem& problem, TensorId tensor) {
  DimensionSet set;
  for (const Rank& rank : problem.at(tensor).projection.ranks) {
    const DimensionSet moving = moving_in(problem, rank);
    set.bits |= std::popcount(moving.bits) > 1 ? moving.bits : 0;
  }
  return set;
}

std::size_t count_sliding_tensors(const Problem& problem) {
  std::size_t count = 0;
  for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
    count += sliding_dimensions(problem, TensorId(t)).empty() ? 0 : 1;
  }
  return count;
}

}  // namespace tessera
