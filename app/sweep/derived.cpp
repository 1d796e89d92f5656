#include "app/sweep/derived.hpp"

#include <cmath>

#include <fmt/format.h>

#include "app/numbers.hpp"

namespace tessera {

namespace {

/// How a value of a type is written: the number of base units that the unit has, and its name.
struct Written {
  UnitType type;
  double scale;
  const char* unit;
};

constexpr Written kWritten[] = {
    {{{0, 0, 0, 0, 0}}, 1, ""},        {{{1, 0, 0, 0, 0}}, 1, " bit"},
    {{{0, 1, 0, 0, 0}}, 1, " pJ"},     {{{0, 0, 1, 0, 0}}, 1, " nm"},
    {{{0, 0, 2, 0, 0}}, 1e12, " mm2"}, {{{0, 0, 0, 1, 0}}, 1, " s"},
    {{{0, 1, 0, -1, 0}}, 1e12, " W"},  {{{0, 0, 0, 0, 1}}, 1, " V"},
    {{{0, 0, 0, -1, 0}}, 1, " Hz"},    {{{1, 0, 0, -1, 0}}, 1, " bit/s"}};

const Written* find_written(const UnitType& type) {
  for (const Written& written : kWritten) {
    if (written.type == type) {
      return &written;
    }
  }
  return nullptr;
}

}  // namespace

Derived Derived::parse(std::string name, const SpecNode& node, const Where::TextOf& first_point) {
  Derived derived(std::move(name), Expression::parse(node));
  const UnitType type = checked(derived.expression_, node, first_point);
  if (find_written(type) == nullptr) {
    node.fail(fmt::format("{} comes out as {}, which no value of an architecture is", derived.name_,
                          describe(type)));
  }
  return derived;
}

std::string Derived::text(const Where::TextOf& text_of) const {
  const Written* written = find_written(checked(expression_, node(), text_of));
  const double value = evaluated(expression_, text_of);
  if (written == nullptr || !std::isfinite(value)) {
    node().fail(fmt::format("{} has no value at some point", name_));
  }
  constexpr int kDigits = 12;
  constexpr double kMostWhole = 1e15;
  constexpr double kBitsOfKib = 8192;
  if (written->type == type_of(Measure::data) && value > 0 && std::fmod(value, 8) == 0) {
    const bool kib = std::fmod(value, kBitsOfKib) == 0;
    return fmt::format("{:.0f} {}", value / (kib ? kBitsOfKib : 8), kib ? "KiB" : "B");
  }
  const double amount = value / written->scale;
  const double near = std::round(amount);
  const bool whole =
      std::abs(amount - near) <= std::abs(near) * 1e-12 && std::abs(near) < kMostWhole;
  return (whole ? fmt::format("{:.0f}", near) : rounded(amount, kDigits)) + written->unit;
}

}  // namespace tessera
