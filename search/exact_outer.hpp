#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "search/exact_options.hpp"
#include "search/exact_terms.hpp"

namespace tessera {

/// The least energy that a form's traffic with the outermost memories takes, over all mappings of
/// the form whose tiles fit: exact, since everything else is left out. That traffic is the dearest
/// and hardly depends on how the rest is spread over lanes, so one figure a form adds to the bound
/// of everything else wherever less is known.
///
/// Options of a group are reduced to the components that count here; few are left that no other
/// beats. Their combinations are searched by branch and bound, one group after the other.
class OuterMinimum {
 public:
  /// `most`: combinations of options that are looked at; where more would be, nothing is known.
  explicit OuterMinimum(std::uint64_t most = std::numeric_limits<std::uint64_t>::max())
      : most_(most) {}

  /// In pJ; `tries` by group. Infinity if nothing fits, 0 if nothing is known. Forms that look
  /// alike are searched once.
  double of(const TermTable& terms, const std::vector<const OptionTrie*>& tries);

 private:
  /// Options of one group: rows of numbers, one a column.
  using Rows = std::vector<double>;
  using Columns = std::vector<std::uint16_t>;

  std::size_t reduced(const OptionTrie& trie, const Columns& components);

  std::uint64_t most_;
  std::map<Rows, std::size_t> numbers_;
  std::vector<const Rows*> rows_;
  std::map<std::pair<const OptionTrie*, Columns>, std::size_t> reduced_;
  std::map<std::pair<std::vector<std::size_t>, std::vector<double>>, double> found_;
};

}  // namespace tessera
