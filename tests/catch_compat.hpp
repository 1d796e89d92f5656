#pragma once
// One include for tests, over the two generations of Catch2 that distributions ship: 2.13 (Debian
// 12) and 3 (Ubuntu 24.04, Debian 13). Gives `Approx`, `WithinRel`, `WithinAbs` and `ContainsText`
// under the same names in both.

#if defined(TESSERA_CATCH2_V2)
#include <catch2/catch.hpp>

using Approx = Catch::Detail::Approx;
using Catch::WithinAbs;
using Catch::WithinRel;

/// Matches a string that contains `text`.
inline auto ContainsText(const std::string& text) {
  return Catch::Contains(text);
}
#else
#include <catch2/catch_all.hpp>

using Catch::Approx;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

/// Matches a string that contains `text`.
inline auto ContainsText(const std::string& text) {
  return Catch::Matchers::ContainsSubstring(text);
}
#endif
