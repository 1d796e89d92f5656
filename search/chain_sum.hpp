#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/pareto_sum.hpp"

namespace tessera {

/// The Pareto sum of a chain of layers whose boundaries can be passed in two ways: the tensor
/// between two layers is kept, or it is not, and both layers have to agree. Of all ways to choose
/// for each boundary and, among the fronts that fit the choice, one point of each layer, those
/// whose sums are not dominated: exact, since of the ways up to a layer only those with the same
/// choice at its end compete. Thinned as a ParetoSum is.
class ChainSum {
 public:
  using Values = ParetoSum::Values;
  /// The points of a layer by whether its input is kept and whether its output is; no points where
  /// that cannot be.
  using LayerFronts = std::array<std::array<std::vector<Values>, 2>, 2>;
  struct Choice {
    bool input_kept = false;
    bool output_kept = false;
    std::uint32_t point = 0;
  };

  ChainSum(std::size_t values, std::size_t most);

  /// Adds the next layer; the input of the first one cannot be kept. False, and nothing is done,
  /// where there would be more than `most` points of three values.
  bool add(const LayerFronts& fronts);

  /// The ways that do not keep the last output; none where there are no ways at all.
  const std::vector<Values>& values() const { return states_[0]; }
  /// By layer.
  std::vector<Choice> choices(std::size_t point) const;
  double slack() const { return slack_; }

 private:
  struct Origin {
    std::uint32_t parent = 0;
    Choice choice;
  };
  std::size_t count_;
  std::size_t most_;
  double slack_ = 0;
  std::array<std::vector<Values>, 2> states_;  ///< sorted, by whether the last output is kept
  std::vector<std::array<std::vector<Origin>, 2>> stages_;  ///< of all layers, by state and point
};

}  // namespace tessera
