// Numbers with units. Values are scaled by a ratio of two whole numbers, so that `6.2 pJ` is
// exactly the double 6.2 and `200 fJ` the double nearest to 0.2.

#include "spec/units.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <span>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "spec/node.hpp"
#include "spec/number.hpp"

namespace tessera {
namespace {

struct Unit {
  std::string_view name;
  double multiply = 1;
  double divide = 1;
  bool in_words = false;
  bool in_accesses = false;  ///< of ports only
};

constexpr Unit kDataUnits[] = {
    {.name = "bit"},
    {.name = "bits"},
    {.name = "B", .multiply = 8},
    {.name = "word", .in_words = true},
    {.name = "words", .in_words = true},
    {.name = "access", .in_accesses = true},
    {.name = "accesses", .in_accesses = true},
};
constexpr Unit kDataPrefixes[] = {
    {.name = ""},
    {.name = "k", .multiply = 1e3},
    {.name = "M", .multiply = 1e6},
    {.name = "G", .multiply = 1e9},
    {.name = "T", .multiply = 1e12},
    {.name = "Ki", .multiply = 1024.0},
    {.name = "Mi", .multiply = 1048576.0},
    {.name = "Gi", .multiply = 1073741824.0},
    {.name = "Ti", .multiply = 1099511627776.0},
};
constexpr Unit kFrequencyUnits[] = {
    {.name = "Hz"},
    {.name = "kHz", .multiply = 1e3},
    {.name = "MHz", .multiply = 1e6},
    {.name = "GHz", .multiply = 1e9},
};
constexpr Unit kEnergyUnits[] = {
    {.name = "fJ", .divide = 1e3},   {.name = "pJ"},
    {.name = "nJ", .multiply = 1e3}, {.name = "uJ", .multiply = 1e6},
    {.name = "mJ", .multiply = 1e9}, {.name = "J", .multiply = 1e12},
};
constexpr Unit kPowerUnits[] = {
    {.name = "uW", .divide = 1e6},
    {.name = "mW", .divide = 1e3},
    {.name = "W"},
    {.name = "kW", .multiply = 1e3},
};
constexpr Unit kTimeUnits[] = {
    {.name = "ns", .divide = 1e9},   {.name = "us", .divide = 1e6},
    {.name = "ms", .divide = 1e3},   {.name = "s"},
    {.name = "min", .multiply = 60}, {.name = "h", .multiply = 3600},
};
constexpr Unit kAreaUnits[] = {
    {.name = "um2", .divide = 1e6},
    {.name = "mm2"},
    {.name = "cm2", .multiply = 100},
};
constexpr Unit kLengthUnits[] = {
    {.name = "nm"},
    {.name = "um", .multiply = 1e3},
    {.name = "mm", .multiply = 1e6},
};
constexpr Unit kVoltageUnits[] = {
    {.name = "mV", .divide = 1e3},
    {.name = "V"},
};

std::span<const Unit> units_of(Measure measure) {
  switch (measure) {
    case Measure::data:
    case Measure::bits:
    case Measure::bandwidth:
    case Measure::port:
      return kDataUnits;
    case Measure::frequency:
      return kFrequencyUnits;
    case Measure::energy:
      return kEnergyUnits;
    case Measure::power:
      return kPowerUnits;
    case Measure::time:
      return kTimeUnits;
    case Measure::area:
      return kAreaUnits;
    case Measure::length:
      return kLengthUnits;
    case Measure::voltage:
      return kVoltageUnits;
  }
  return {};
}

bool is_rate(Measure measure) {
  return measure == Measure::bandwidth || measure == Measure::port;
}

bool has_prefixes(Measure measure) {
  return measure == Measure::data || measure == Measure::bits || is_rate(measure);
}

/// At least the empty prefix.
std::span<const Unit> prefixes_of(Measure measure) {
  return std::span(kDataPrefixes).first(has_prefixes(measure) ? std::size(kDataPrefixes) : 1);
}

/// What may stand after the slash, as it is written and as `Quantity::per` calls it.
struct Per {
  std::string_view written;
  std::string_view meaning;
};

constexpr Per kBandwidthPer[] = {{"s", "second"}, {"cycle", "cycle"}};
constexpr Per kEnergyPer[] = {
    {"word", "word"}, {"bit", "bit"}, {"access", "access"}, {"operation", "operation"}};

std::span<const Per> pers_of(Measure measure) {
  switch (measure) {
    case Measure::bandwidth:
    case Measure::port:
      return kBandwidthPer;
    case Measure::energy:
      return kEnergyPer;
    default:
      return {};
  }
}

bool measures(const Unit& unit, Measure measure) {
  return !(unit.in_words && measure == Measure::bits) &&
         (!unit.in_accesses || measure == Measure::port);
}

std::optional<Unit> find_unit(std::string_view name, Measure measure) {
  for (const Unit& prefix : prefixes_of(measure)) {
    if (!name.starts_with(prefix.name)) {
      continue;
    }
    for (const Unit& unit : units_of(measure)) {
      if (name.substr(prefix.name.size()) == unit.name && measures(unit, measure)) {
        return Unit{.name = unit.name,
                    .multiply = unit.multiply * prefix.multiply,
                    .divide = unit.divide,
                    .in_words = unit.in_words,
                    .in_accesses = unit.in_accesses};
      }
    }
  }
  return std::nullopt;
}

/// The unit's name with a micro sign (either of the two in Unicode) written as `u`.
std::string plain_unit(std::string_view text) {
  for (const std::string_view micro : {"\xC2\xB5", "\xCE\xBC"}) {
    if (text.starts_with(micro)) {
      return fmt::format("u{}", text.substr(micro.size()));
    }
  }
  return std::string(text);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

/// All units of `measure` as they may be written.
std::vector<std::string> unit_names(Measure measure) {
  std::vector<std::string> names;
  for (const Unit& unit : units_of(measure)) {
    if (!measures(unit, measure)) {
      continue;
    }
    for (const Unit& prefix : prefixes_of(measure)) {
      const std::string name = std::string(prefix.name) + std::string(unit.name);
      if (!is_rate(measure)) {
        names.push_back(name);
      }
      for (const Per& per : pers_of(measure)) {
        names.push_back(name + "/" + std::string(per.written));
      }
    }
  }
  return names;
}

}  // namespace

std::optional<LeadingNumber> read_leading_number(std::string_view text) {
  const auto digits = [text](std::size_t from) {
    std::size_t to = from;
    while (to < text.size() && text[to] >= '0' && text[to] <= '9') {
      ++to;
    }
    return to - from;
  };
  const std::size_t start = text.starts_with('-') ? 1 : 0;
  std::size_t end = start + digits(start);
  if (end == start || (text[start] == '0' && end > start + 1)) {
    return std::nullopt;
  }
  if (end < text.size() && text[end] == '.') {
    const std::size_t fraction = digits(end + 1);
    if (fraction == 0) {
      return std::nullopt;
    }
    end += 1 + fraction;
  }
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    const std::size_t sign =
        end + 1 < text.size() && (text[end + 1] == '-' || text[end + 1] == '+') ? 1 : 0;
    const std::size_t exponent = digits(end + 1 + sign);
    end += exponent > 0 ? 1 + sign + exponent : 0;
  }
  LeadingNumber number{.length = end};
  const auto result = std::from_chars(text.data(), text.data() + end, number.value);
  if (result.ec != std::errc() || result.ptr != text.data() + end) {
    return std::nullopt;
  }
  return number;
}

std::optional<Quantity> parse_quantity(std::string_view text, Measure measure) {
  const std::optional<LeadingNumber> number = read_leading_number(text);
  if (!number || std::signbit(number->value)) {
    return std::nullopt;
  }
  std::string_view rest = trimmed(text.substr(number->length));
  Quantity quantity;
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    const std::string_view written = trimmed(rest.substr(slash + 1));
    for (const Per& per : pers_of(measure)) {
      if (per.written == written) {
        quantity.per = per.meaning;
      }
    }
    if (quantity.per.empty()) {
      return std::nullopt;
    }
    rest = trimmed(rest.substr(0, slash));
  } else if (is_rate(measure)) {
    return std::nullopt;
  }
  if (rest.empty() && measure == Measure::bits) {
    rest = "bit";
  }
  const std::optional<Unit> unit = find_unit(plain_unit(rest), measure);
  if (!unit) {
    return std::nullopt;
  }
  quantity.value = number->value * unit->multiply / unit->divide;
  quantity.in_words = unit->in_words;
  quantity.in_accesses = unit->in_accesses;
  if (!std::isfinite(quantity.value)) {
    return std::nullopt;
  }
  return quantity;
}

std::string unit_hint(std::string_view text, Measure measure) {
  const std::optional<LeadingNumber> number = read_leading_number(text);
  if (!number) {
    return {};
  }
  const std::string written = plain_unit(trimmed(text.substr(number->length)));
  if (has_prefixes(measure) && written.starts_with("K") && !written.starts_with("Ki")) {
    const std::string rest = written.substr(1);
    if (parse_quantity(fmt::format("1 k{}", rest), measure)) {
      return fmt::format(" (did you mean 'Ki{0}', x 1024, or 'k{0}', x 1000?)", rest);
    }
  }
  const std::vector<std::string> names = unit_names(measure);
  const auto is_unit = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (is_unit(written)) {  // the number is the fault
    return {};
  }
  const std::optional<std::string> nearest =
      is_unit(written + "/s") ? written + "/s" : nearest_name(written, names);
  return nearest ? fmt::format(" (did you mean '{}'?)", *nearest) : "";
}

std::string_view describe(Measure measure) {
  switch (measure) {
    case Measure::data:
      return "a size such as 108 KiB or 224 words (bit, B or words, with k, M, G, T or Ki, Mi, Gi, "
             "Ti)";
    case Measure::bits:
      return "a width such as 16 bit (bit or B, with k, M, G, T or Ki, Mi, Gi, Ti)";
    case Measure::frequency:
      return "a frequency such as 200 MHz (Hz, kHz, MHz or GHz)";
    case Measure::bandwidth:
      return "a bandwidth such as 34 GB/s or 8 words/cycle (bit, B or words, with k, M, G, T or "
             "Ki, "
             "Mi, Gi, Ti, per s or cycle)";
    case Measure::port:
      return "a bandwidth such as 34 GB/s, 8 words/cycle or 1 access/cycle (bit, B, words or "
             "accesses, with k, M, G, T or Ki, Mi, Gi, Ti, per s or cycle)";
    case Measure::energy:
      return "an energy such as 6.2 pJ or 200 pJ/word (fJ, pJ, nJ, uJ, mJ or J, alone or per word, "
             "bit, access or operation)";
    case Measure::power:
      return "a power such as 300 mW (uW, mW, W or kW)";
    case Measure::time:
      return "a time such as 60 s (ns, us, ms, s, min or h)";
    case Measure::area:
      return "an area such as 0.43 mm2 (um2, mm2 or cm2)";
    case Measure::length:
      return "a length such as 65 nm (nm, um or mm)";
    case Measure::voltage:
      return "a voltage such as 0.9 V (mV or V)";
  }
  return {};
}

}  // namespace tessera
