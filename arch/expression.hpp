#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/unit_type.hpp"
#include "spec/node.hpp"

namespace tessera {

/// A formula over names, such as `0.2 pJ * (bits / 8 bit)^1.98`: numbers with or without a unit,
/// `+ - * / ^`, brackets, and sqrt, log2, exp, ceil, floor, min, max. A unit binds to the number
/// before it (`1 / 8 bit` divides by eight bits); names may have dots. What is added or compared
/// must be of one type; an exponent is a plain number, and so is its base unless the exponent is a
/// whole number written out.
class Expression {
 public:
  /// Parses the text of a scalar. Throws SpecError at the fault within it.
  static Expression parse(const SpecNode& node);
  /// The same for the part of the text from one character to before another: a side of a
  /// comparison.
  static Expression parse(const SpecNode& node, std::size_t from, std::size_t to);

  /// A name's type; called with the place of its use for errors, which it throws.
  using TypeOf = std::function<UnitType(const std::string& name, std::size_t offset)>;
  /// A name's value in base units; NaN where it has none here.
  using ValueOf = std::function<double(const std::string& name)>;

  /// The type of the result. Throws SpecError where types do not fit.
  UnitType check(const TypeOf& type_of) const;
  /// The result in base units; NaN where a name has no value or the operation none (the root of a
  /// negative number). To be called on what `check` has let pass.
  double evaluate(const ValueOf& value_of) const;

  const SpecNode& node() const { return node_; }

 private:
  enum class Operation : std::uint8_t {
    number,
    name,
    negate,
    add,
    subtract,
    multiply,
    divide,
    power,
    sqrt,
    log2,
    exp,
    ceil,
    floor,
    min,
    max
  };
  struct Term {
    Operation operation = Operation::number;
    double value = 0;
    UnitType type;
    std::string name;
    std::size_t offset = 0;
    std::vector<std::uint32_t> arguments;
  };
  class Parser;

  explicit Expression(const SpecNode& node) : node_(node) {}
  UnitType check(std::uint32_t index, const TypeOf& type_of) const;
  std::int8_t checked_power(int power, std::size_t offset) const;
  UnitType check_power(const Term& term, const TypeOf& type_of) const;
  double evaluate(std::uint32_t index, const ValueOf& value_of) const;

  SpecNode node_;
  std::vector<Term> terms_;
  std::uint32_t root_ = 0;
};

}  // namespace tessera
