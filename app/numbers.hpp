#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera {

/// The shortest decimal text that reads back to the same double (for CSV).
std::string exact(double value);

/// An integer with `,` between groups of three digits (for reading, never for CSV or JSON).
std::string grouped(std::int64_t value);
std::string grouped(std::uint64_t value);
/// The same for a decimal integer of any length; other text is returned as it is.
std::string grouped(std::string_view digits);

/// `value` with `digits` significant digits, without trailing zeros.
std::string rounded(double value, int digits);

/// `value` (in the base unit) with an SI prefix from atto to peta: 1.25e-4 J is `125 uJ`.
std::string with_si_prefix(double value, std::string_view unit, int digits);

/// A share as per cent, such as `34.2 %`.
std::string percent(double share);

}  // namespace tessera
