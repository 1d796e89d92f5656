#include "arch/unit_type.hpp"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tessera {
namespace {

struct Typed {
  Measure measure;
  UnitType type;
  double scale;  ///< base units here in the base unit of the measure
};

constexpr UnitType type(int data, int energy, int length, int time, int voltage = 0) {
  const auto power = [](int x) { return static_cast<std::int8_t>(x); };
  return {{power(data), power(energy), power(length), power(time), power(voltage)}};
}

constexpr Typed kMeasures[] = {
    {Measure::data, type(1, 0, 0, 0), 1},
    {Measure::bits, type(1, 0, 0, 0), 1},
    {Measure::frequency, type(0, 0, 0, -1), 1},
    {Measure::energy, type(0, 1, 0, 0), 1},
    {Measure::power, type(0, 1, 0, -1), 1e12},  // W in pJ/s
    {Measure::time, type(0, 0, 0, 1), 1},
    {Measure::area, type(0, 0, 2, 0), 1e12},  // mm2 in nm2
    {Measure::length, type(0, 0, 1, 0), 1},
    {Measure::voltage, type(0, 0, 0, 0, 1), 1},
};

const Typed& entry_of(Measure measure) {
  for (const Typed& entry : kMeasures) {
    if (entry.measure == measure) {
      return entry;
    }
  }
  return kMeasures[0];
}

}  // namespace

UnitType type_of(Measure measure) {
  return entry_of(measure).type;
}

std::optional<Measure> measure_of(const UnitType& wanted) {
  for (const Typed& entry : kMeasures) {
    if (entry.type == wanted) {
      return entry.measure;
    }
  }
  return std::nullopt;
}

std::string describe(const UnitType& wanted) {
  if (wanted.plain()) {
    return "a plain number";
  }
  if (const auto measure = measure_of(wanted)) {
    switch (*measure) {
      case Measure::data:
      case Measure::bits:
        return "a size in bits";
      case Measure::frequency:
        return "a frequency";
      case Measure::bandwidth:
      case Measure::port:
        return "a bandwidth";
      case Measure::energy:
        return "an energy";
      case Measure::power:
        return "a power";
      case Measure::time:
        return "a time";
      case Measure::area:
        return "an area";
      case Measure::length:
        return "a length";
      case Measure::voltage:
        return "a voltage";
    }
  }
  constexpr std::array kNames = {"bit", "pJ", "nm", "s", "V"};
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (wanted.powers[i] != 0) {
      parts.push_back(wanted.powers[i] == 1 ? kNames[i]
                                            : fmt::format("{}^{}", kNames[i], wanted.powers[i]));
    }
  }
  return fmt::format("a number in {}", fmt::join(parts, " "));
}

std::optional<UnitValue> find_unit_value(std::string_view name) {
  if (name == "bits") {  // which is what attributes are called
    return std::nullopt;
  }
  const std::string one = fmt::format("1 {}", name);
  for (const Typed& entry : kMeasures) {
    const auto quantity = parse_quantity(one, entry.measure);
    if (quantity && quantity->per.empty() && !quantity->in_words) {
      return UnitValue{quantity->value * entry.scale, entry.type};
    }
  }
  return std::nullopt;
}

double to_base(double value, Measure measure) {
  return value * entry_of(measure).scale;
}

}  // namespace tessera
