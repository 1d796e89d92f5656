#include "app/numbers.hpp"

#include <cstdlib>
#include <limits>

#include "tests/catch_compat.hpp"

using namespace tessera;

TEST_CASE("integers are grouped by threes") {
  CHECK(grouped(std::int64_t{0}) == "0");
  CHECK(grouped(std::int64_t{999}) == "999");
  CHECK(grouped(std::int64_t{1000}) == "1,000");
  CHECK(grouped(std::int64_t{-1234567}) == "-1,234,567");
  CHECK(grouped(std::numeric_limits<std::int64_t>::min()) == "-9,223,372,036,854,775,808");
  CHECK(grouped(std::string_view("123456789012345678901234567890")) ==
        "123,456,789,012,345,678,901,234,567,890");
  CHECK(grouped(std::string_view("about 3e14")) == "about 3e14");
}

TEST_CASE("exact numbers read back to the same double") {
  for (const double value : {0.1, 1.0 / 3, 6.5536e-05, 125698048.0, 1e300, 5e-324}) {
    CHECK(std::strtod(exact(value).c_str(), nullptr) == value);
  }
  CHECK(exact(0.1) == "0.1");
}

TEST_CASE("SI prefixes keep the number between 1 and 1000") {
  CHECK(with_si_prefix(125698048e-12, "J", 9) == "125.698048 uJ");
  CHECK(with_si_prefix(6.5536e-5, "s", 9) == "65.536 us");
  CHECK(with_si_prefix(1, "s", 6) == "1 s");
  CHECK(with_si_prefix(0, "J", 6) == "0 J");
  CHECK(with_si_prefix(999.9999, "W", 3) == "1 kW");
  CHECK(with_si_prefix(2e9, "Hz", 6) == "2 GHz");
  CHECK(with_si_prefix(3e-16, "J", 3) == "300 aJ");
}

TEST_CASE("a share that is not the whole is not printed as the whole") {
  CHECK(percent(1) == "100 %");
  CHECK(percent(0.99999999) == "99.99 %");
  CHECK(percent(0.5) == "50 %");
  CHECK(percent(0) == "0 %");
}
