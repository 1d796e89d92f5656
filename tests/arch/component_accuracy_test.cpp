// How far the component models are from the tables they rest on. docs/validation.md has the
// figures.

#include "tests/arch/sram_errors.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

void say(const char* what, Errors& errors) {
  WARN(what << ": " << errors.all.size() << " points, mean " << errors.mean() * 100 << " %, p95 "
            << errors.percentile95() * 100 << " %, max " << errors.most() * 100 << " %");
}

}  // namespace

TEST_CASE("interpolated SRAM is within 8 % on average at table points that were left out") {
  REQUIRE(sram_rows(std::string(find_class_file("class", "sram")->text)).size() == 480);
  SramErrors errors = errors_left_out();
  say("SRAM read, left out", errors.read);
  say("SRAM write, left out", errors.write);
  say("SRAM area, left out", errors.area);
  CHECK(errors.read.all.size() > 180);
  CHECK(errors.read.mean() < 0.08);
  CHECK(errors.write.mean() < 0.08);
  CHECK(errors.area.mean() < 0.08);
}

TEST_CASE("at the points of its table SRAM is the table") {
  const std::string text(find_class_file("class", "sram")->text);
  const std::vector<Row> rows = sram_rows(text);
  SramErrors errors = sram_errors(text, rows, "interpolated in the table");
  CHECK(errors.read.all.size() == 480);
  CHECK(errors.read.most() < 1e-5);
  CHECK(errors.area.most() < 1e-5);
}

TEST_CASE("the closed form for SRAM has the error band that it claims") {
  SramErrors errors = errors_of_closed_form();
  say("SRAM read, closed form", errors.read);
  say("SRAM write, closed form", errors.write);
  say("SRAM area, closed form", errors.area);
  CHECK(errors.read.mean() < 0.115);
  CHECK(errors.read.percentile95() < 0.33);
  CHECK(errors.write.mean() < 0.09);
  CHECK(errors.area.mean() < 0.085);
}
