#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "search/exact_columns.hpp"
#include "search/exact_distinct.hpp"
#include "search/exact_pair_words.hpp"

namespace tessera {

/// Finds the choices of one dimension of a group that no other beats. Not for groups of which some
/// options are counted by the model each.
class UnbeatenChoices {
 public:
  /// Keeps references. `keep_slower`: a choice is beaten only by one that takes as much time.
  UnbeatenChoices(const GroupColumns& columns, const DistinctColumns& distinct, bool keep_slower);

  /// The positions of those of some rows of dimension number `nth`, ascending.
  std::vector<std::uint32_t> of(std::size_t nth, std::span<const std::uint32_t> rows) const;
  /// The same where `pairs` has what windows count with these rows and those of the other.
  std::vector<std::uint32_t> of(std::size_t nth, std::span<const std::uint32_t> rows,
                                const PairWords& pairs) const;

 private:
  struct Burdens;

  void add_factors(std::size_t nth, std::span<const std::uint32_t> rows, Burdens& burdens) const;
  std::vector<std::uint32_t> use_of_axes(std::size_t nth,
                                         std::span<const std::uint32_t> rows) const;

  const GroupColumns& columns_;
  const DistinctColumns& distinct_;
  std::vector<char> timing_;  ///< by column: must be equal
};

}  // namespace tessera
