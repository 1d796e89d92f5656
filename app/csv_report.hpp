#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/evaluation_report.hpp"

namespace tessera {

/// Where a row comes from; empty for a mapping that was given by hand.
struct RowOrigin {
  std::string algorithm;
  std::string certificate = "none";  ///< exact, bound or none
  std::optional<double> gap;         ///< for exact (0) and bound
  std::optional<std::uint64_t> seed;
};

/// The columns of front.csv and of `evaluate --format csv` (DESIGN section 8), with a newline.
std::string csv_heading();
/// One row, with a newline. Fields are quoted where RFC 4180 asks for it; numbers read back
/// exactly.
std::string csv_row(const Scored& scored, const RowOrigin& origin);
/// One field, quoted where needed.
std::string csv_field(std::string_view text);

}  // namespace tessera
