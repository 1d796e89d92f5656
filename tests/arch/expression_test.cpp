#include "arch/expression.hpp"

#include <cmath>

#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

/// One name of a size, 16 bit.
UnitType type_of_name(const std::string& name, std::size_t) {
  return name == "bits" ? type_of(Measure::bits) : UnitType{};
}

double value(const std::string& text) {
  const SpecDocument document = SpecDocument::parse("test", "e: " + text);
  const Expression expression = Expression::parse(document.root().at("e"));
  expression.check(type_of_name);
  return expression.evaluate([](const std::string& name) { return name == "bits" ? 16 : 3; });
}

/// The message without its place.
std::string fault(const std::string& text) {
  try {
    value(text);
  } catch (const SpecError& error) {
    const std::string what = error.what();
    const std::size_t start = what.find(": e: ") + 5;
    return what.substr(start, what.find('\n') - start);
  }
  return "";
}

}  // namespace

TEST_CASE("a formula follows the rules of arithmetic, powers from the right") {
  CHECK(value("1 + 2 * 3 - 4 / 2") == 5);
  CHECK(value("2 ^ 3 ^ 2") == 512);
  CHECK(value("-2 ^ 2") == -4);
  CHECK(value("(1 + 2) * n") == 9);
  CHECK(value("min(2, max(n, 1)) + ceil(1.2) + floor(1.8)") == 5);
  CHECK(value("10 - 2 - 3") == 5);
}

TEST_CASE("a unit binds to the number before it, and a bare unit is one of it") {
  CHECK(value("bits / 8 bit") == 2);
  CHECK(value("1 KiB / 1 B") == 1024);
  CHECK(value("3.9 pJ/bit * bits") == Approx(62.4));
  CHECK(value("0.2 pJ * (bits / 8 bit)^1.98") == Approx(0.2 * std::pow(2, 1.98)));
  CHECK(value("1 mm2 / 1 um2") == Approx(1e6));
}

TEST_CASE("units that do not fit are told apart") {
  CHECK(fault("1 pJ + 1 bit") ==
        "expected two numbers of one kind, got an energy and a size in bits");
  CHECK(fault("bits ^ 1.98") ==
        "a size in bits cannot be raised to this power; divide it by a unit first, as in "
        "`(bits / 8 bit)^1.98`");
  CHECK(fault("sqrt(bits)") ==
        "sqrt takes a plain number, got a size in bits; divide it by a unit first, as in "
        "`sqrt(capacity / 1 KiB)`");
  CHECK(fault("2 ^ bits") == "expected a plain number as exponent, got a size in bits");
}

TEST_CASE("what is no formula is refused") {
  CHECK(fault("1 +") == "expected a number, a name or a bracket, got the end of the formula");
  CHECK(fault("(1 + 2") == "expected a closing bracket `)`");
  CHECK(fault("1 2") == "expected an operator or the end of the formula, got '2'");
  CHECK(fault("3 apples") == "'apples' is no unit; to multiply write `*`");
  CHECK(fault("sqrd(2)") == "unknown function 'sqrd' (did you mean 'sqrt'?)");
  CHECK(fault("max(1)") == "expected a comma: max takes 2 arguments");
  CHECK(fault(std::string(60, '(') + "1" + std::string(60, ')')) ==
        "brackets deeper than 48 are not supported");
  CHECK(fault(std::string(3000, '1')) == "expected a formula of at most 2000 characters");
}

TEST_CASE("a value that is not there spoils what it is part of, also a least or a most") {
  const SpecDocument document = SpecDocument::parse("test", "e: max(n, 1) + min(1, n)");
  const Expression expression = Expression::parse(document.root().at("e"));
  CHECK(std::isnan(expression.evaluate([](const std::string&) { return std::nan(""); })));
}
