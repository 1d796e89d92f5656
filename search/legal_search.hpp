#pragma once

#include <optional>

#include "search/diagnosis.hpp"

namespace tessera {

/// What a search for any legal mapping found.
struct Attempt {
  Remedy::Verdict verdict = Remedy::Verdict::unknown;
  Mapping mapping;
  bool least = false;  ///< the objective's least value is proven
};

/// Searches for a legal mapping of a case; with `least` for one of the least value. Nothing is
/// known where the space is too large to be searched, or where it is stopped.
Attempt find_legal(const Problem& problem, const SearchCase& searched,
                   const std::optional<Objective>& least, const SearchControl& control);

}  // namespace tessera
