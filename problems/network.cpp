#include "problems/network.hpp"

#include "spec/error.hpp"

namespace tessera {

namespace {

std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) {
    throw OverflowError();
  }
  return result;
}

/// A problem's own parser sees to it that no tensor has more words than 63 bits count; so must what
/// a batch makes of it. The batch dimension stands alone in its rank, so words grow with it.
void check_words(const Problem& problem) {
  for (const Tensor& tensor : problem.tensors) {
    std::int64_t words = 1;
    for (const Rank& rank : tensor.projection.ranks) {
      std::int64_t extent = 1;
      for (const Term& term : rank) {
        const std::int64_t step = term.coefficient < 0 ? -term.coefficient : term.coefficient;
        const std::int64_t reach = product(step, problem.at(term.dimension).bound - 1);
        if (__builtin_add_overflow(extent, reach, &extent)) {
          throw OverflowError();
        }
      }
      words = product(words, extent);
    }
  }
}

}  // namespace

std::vector<TensorWord> Network::words() const {
  std::vector<TensorWord> words;
  for (const Layer& layer : layers) {
    const std::vector<TensorWord> more = layer.problem.words();
    words.insert(words.end(), more.begin(), more.end());
  }
  return words;
}

std::optional<std::size_t> Network::first_without_batch() const {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!layers[i].batch) {
      return i;
    }
  }
  return std::nullopt;
}

std::int64_t Network::operations(std::int64_t items) const {
  std::int64_t sum = 0;
  for (const Layer& layer : layers) {
    const std::int64_t all = product(at_batch(layer, items).operations(), layer.repeat);
    if (__builtin_add_overflow(sum, all, &sum)) {
      throw OverflowError();
    }
  }
  return sum;
}

Problem at_batch(const Layer& layer, std::int64_t items) {
  Problem problem = layer.problem;
  if (layer.batch && items > 1) {
    std::int64_t& bound = problem.dimensions[layer.batch->index()].bound;
    bound = product(bound, items);
    std::int64_t operations = 1;
    for (const Dimension& dimension : problem.dimensions) {
      operations = product(operations, dimension.bound);
    }
    check_words(problem);
  }
  return problem;
}

}  // namespace tessera
