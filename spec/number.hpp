#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "spec/units.hpp"

namespace tessera {

/// A number at the start of a text, and how many characters it takes.
struct LeadingNumber {
  double value = 0;
  std::size_t length = 0;
};

/// Reads the decimal number that `text` begins with: `-` or nothing, digits without a leading zero,
/// a fraction, an exponent. Empty if there is none, or if it is too large or too small for a
/// double.
std::optional<LeadingNumber> read_leading_number(std::string_view text);

/// " (did you mean 'KiB'?)" for the text of a quantity whose unit is near to one of `measure`; else
/// empty.
std::string unit_hint(std::string_view text, Measure measure);

}  // namespace tessera
