#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tessera {

/// What a number with a unit measures, with its base unit and the units that are read. Prefixes are
/// SI (k 1000) or binary (Ki 1024) for data; a space before the unit is optional.
enum class Measure {
  data,       ///< bit:        bit, b?, B, KiB, MiB, GiB, kB, MB, GB, Kibit ...; or words
  bits,       ///< bit:        as `data`, without words; a bare number is bits
  frequency,  ///< Hz:         Hz, kHz, MHz, GHz
  bandwidth,  ///< per second: B/s (x8 bit), bit/s, words/s with prefixes; or words/cycle,
              ///< bit/cycle, B/cycle
  port,       ///< per second: as `bandwidth`, and accesses/s or accesses/cycle
  energy,     ///< pJ:         fJ, pJ, nJ, uJ, mJ, J; with /word, /bit, /access, /operation
  power,      ///< W:          uW, mW, W, kW
  time,       ///< s:          ns, us, ms, s, min, h
  area,       ///< mm2:        um2, mm2, cm2
  length,     ///< nm:         nm, um, mm
  voltage,    ///< V:          mV, V
};

/// A number in the base unit of its measure, and what it is per (`word`, `bit`, `access`,
/// `operation`, `second`, `cycle`; empty for none). `in_words` or `in_accesses` where the number
/// counts those instead of bits.
struct Quantity {
  double value = 0;
  bool in_words = false;
  bool in_accesses = false;
  std::string_view per;
};

/// Reads `text` such as `108 KiB` or `16e9 words/s`; empty if it is not a finite, non-negative
/// number with a unit of `measure`.
std::optional<Quantity> parse_quantity(std::string_view text, Measure measure);

/// The units of `measure`, for messages: "a size such as `108 KiB`, `224 words`".
std::string_view describe(Measure measure);

}  // namespace tessera
