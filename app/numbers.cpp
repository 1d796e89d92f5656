#include "app/numbers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace tessera {

namespace {

struct Prefix {
  double factor;
  std::string_view name;
};

// Least first. `u` for micro, as in spec files.
constexpr std::array<Prefix, 12> kPrefixes = {{{1e-18, "a"},
                                               {1e-15, "f"},
                                               {1e-12, "p"},
                                               {1e-9, "n"},
                                               {1e-6, "u"},
                                               {1e-3, "m"},
                                               {1, ""},
                                               {1e3, "k"},
                                               {1e6, "M"},
                                               {1e9, "G"},
                                               {1e12, "T"},
                                               {1e15, "P"}}};

}  // namespace

std::string exact(double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end.ptr};
}

std::string grouped(std::string_view digits) {
  const bool all_digits =
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!all_digits) {
    return std::string(digits);
  }
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) {
      text += ',';
    }
    text += digits[i];
  }
  return text;
}

std::string grouped(std::uint64_t value) {
  return grouped(std::to_string(value));
}

std::string grouped(std::int64_t value) {
  const std::string digits = std::to_string(value);
  return value < 0 ? fmt::format("-{}", grouped(std::string_view(digits).substr(1)))
                   : grouped(std::string_view(digits));
}

std::string rounded(double value, int digits) {
  return fmt::format("{:.{}g}", value, digits);
}

std::string with_si_prefix(double value, std::string_view unit, int digits) {
  if (value == 0 || !std::isfinite(value)) {
    return fmt::format("{} {}", value, unit);
  }
  // Rounding may carry 999.96 to 1000, so the prefix is chosen by what will be printed.
  for (const Prefix& prefix : kPrefixes) {
    const double scaled = value / prefix.factor;
    if (std::stod(rounded(std::abs(scaled), digits)) < 1000) {
      return fmt::format("{} {}{}", rounded(scaled, digits), prefix.name, unit);
    }
  }
  return fmt::format("{} {}", rounded(value, digits), unit);
}

std::string percent(double share) {
  // A share that is not the whole must not be printed as if it were.
  std::string text = rounded(share * 100, 4);
  if (share < 1 && text == "100") {
    text = "99.99";
  }
  return text + " %";
}

}  // namespace tessera
