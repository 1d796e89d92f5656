#include "spec/units.hpp"

#include "tests/catch_compat.hpp"

namespace tessera {
namespace {

void check(std::string_view text, Measure measure, double value, std::string_view per = "",
           bool in_words = false) {
  INFO(text);
  const std::optional<Quantity> quantity = parse_quantity(text, measure);
  REQUIRE(quantity.has_value());
  CHECK(quantity->value == value);  // exactly: what a user writes is what is computed with
  CHECK(quantity->per == per);
  CHECK(quantity->in_words == in_words);
}

void refuse(std::initializer_list<std::string_view> texts, Measure measure) {
  for (const std::string_view text : texts) {
    INFO(text);
    CHECK_FALSE(parse_quantity(text, measure).has_value());
  }
}

TEST_CASE("sizes are bits or words") {
  check("108 KiB", Measure::data, 108.0 * 8192);
  check("108KiB", Measure::data, 108.0 * 8192);
  check("512 B", Measure::data, 4096);
  check("1 kB", Measure::data, 8000);
  check("1.5 MiB", Measure::data, 1.5 * 8388608);
  check("2 GiB", Measure::data, 2.0 * 8589934592);
  check("16 bit", Measure::data, 16);
  check("3 Kibit", Measure::data, 3072);
  check("3 Mbit", Measure::data, 3e6);
  check("224 words", Measure::data, 224, "", true);
  check("1 word", Measure::data, 1, "", true);
  check("4 kwords", Measure::data, 4000, "", true);
  refuse({"108",   "108 KB", "108 Kib", "108 kb",    "1 b",    "-1 B", "B",
          "",      " ",      "1 B/s",   "1 B B",     "0x10 B", "1e B", "1 KiKiB",
          "nan B", "inf B",  "1e400 B", "1e308 TiB", "010 B",  "+1 B", "1 B,"},
         Measure::data);
}

TEST_CASE("widths are bits, also without a unit, and never words") {
  check("16", Measure::bits, 16);
  check("16 bit", Measure::bits, 16);
  check("16 bits", Measure::bits, 16);
  check("2 B", Measure::bits, 16);
  refuse({"2 words", "word", "16 /s"}, Measure::bits);
}

TEST_CASE("frequencies are hertz") {
  check("200 MHz", Measure::frequency, 200e6);
  check("1 GHz", Measure::frequency, 1e9);
  check("32.768 kHz", Measure::frequency, 32768);
  check("5 Hz", Measure::frequency, 5);
  refuse({"200", "200 mhz", "1 s", "1 GHz/s"}, Measure::frequency);
}

TEST_CASE("bandwidths are bits or words, per second or cycle") {
  check("480 MB/s", Measure::bandwidth, 480e6 * 8, "second");
  check("34 GB/s", Measure::bandwidth, 34e9 * 8, "second");
  check("34GB / s", Measure::bandwidth, 34e9 * 8, "second");
  check("1 GiB/s", Measure::bandwidth, 8589934592.0, "second");
  check("16e9 words/s", Measure::bandwidth, 16e9, "second", true);
  check("16 Gwords/s", Measure::bandwidth, 16e9, "second", true);
  check("8 words/cycle", Measure::bandwidth, 8, "cycle", true);
  check("64 bit/cycle", Measure::bandwidth, 64, "cycle");
  check("8 B/cycle", Measure::bandwidth, 64, "cycle");
  refuse({"34 GB", "34", "34 GB/", "34 GB/min", "34 /s", "1 GHz", "8 words/cycle/s"},
         Measure::bandwidth);
}

TEST_CASE("energies are picojoules, alone or per something") {
  check("6.2 pJ", Measure::energy, 6.2);
  check("200 pJ/word", Measure::energy, 200, "word");
  check("1 pJ/operation", Measure::energy, 1, "operation");
  check("3.9 pJ/bit", Measure::energy, 3.9, "bit");
  check("50 fJ/access", Measure::energy, 0.05, "access");
  check("0.1 nJ", Measure::energy, 100);
  check("2 uJ", Measure::energy, 2e6);
  check("2 \xC2\xB5J", Measure::energy, 2e6);
  check("2 \xCE\xBCJ", Measure::energy, 2e6);
  check("1 mJ", Measure::energy, 1e9);
  check("1 J", Measure::energy, 1e12);
  check("0 pJ", Measure::energy, 0);
  refuse({"6.2", "6.2 PJ", "6.2 pj", "6.2 pJ/s", "6.2 pJ/words", "-1 pJ", "-0 pJ"},
         Measure::energy);
}

TEST_CASE("powers, times, areas and lengths have their base units") {
  check("300 mW", Measure::power, 0.3);
  check("1 W", Measure::power, 1);
  check("250 uW", Measure::power, 250e-6);
  check("2 kW", Measure::power, 2000);
  check("60 s", Measure::time, 60);
  check("60s", Measure::time, 60);
  check("33 ms", Measure::time, 0.033);
  check("5 ns", Measure::time, 5e-9);
  check("1.5 min", Measure::time, 90);
  check("2 h", Measure::time, 7200);
  check("0.43 mm2", Measure::area, 0.43);
  check("2500 um2", Measure::area, 0.0025);
  check("1 cm2", Measure::area, 100);
  check("65 nm", Measure::length, 65);
  check("0.18 um", Measure::length, 180);
  refuse({"1 MW", "1 mw", "1"}, Measure::power);
  refuse({"60", "60 S", "1 d", "1 m"}, Measure::time);
  refuse({"1 mm", "1 mm^2", "1"}, Measure::area);
  refuse({"65", "65 mm2", "65nm2"}, Measure::length);
}

}  // namespace
}  // namespace tessera
