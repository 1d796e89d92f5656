#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "spec/units.hpp"

namespace tessera {

/// What a number in an expression of a component class is measured in: powers of bit, pJ, nm,
/// second and volt. All zero: a plain number. An area is nm to the 2, a power pJ per second; how
/// many of the base unit a unit is, is said by `find_unit_value`.
struct UnitType {
  enum Base { data, energy, length, time, voltage, bases };
  std::array<std::int8_t, bases> powers{};

  bool operator==(const UnitType&) const = default;
  bool plain() const { return *this == UnitType{}; }
};

UnitType type_of(Measure measure);

/// The measure whose numbers have this type; empty for a plain number and for products that none
/// has, such as energy per bit. A size is `Measure::data`.
std::optional<Measure> measure_of(const UnitType& type);

/// "an energy", "a plain number", "an energy per size"; for messages.
std::string describe(const UnitType& type);

/// A unit and its type: `KiB` is 8192 of the base unit bit.
struct UnitValue {
  double scale = 1;
  UnitType type;
};

/// The unit of that name (`pJ`, `KiB`, `mm2`, `mW`, `V`, ...); empty if there is none. Words are no
/// unit here.
std::optional<UnitValue> find_unit_value(std::string_view name);

/// `value` in base units of a number that `parse_quantity` gave in the base unit of `measure`.
double to_base(double value, Measure measure);

}  // namespace tessera
