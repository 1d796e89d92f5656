#include "app/sweep/where.hpp"

#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "spec/number.hpp"

namespace tessera {

namespace {

struct Measured {
  double value = 0;
  UnitType type;
};

/// A number with or without a unit, as it stands in a spec; empty for anything else.
std::optional<Measured> measured(std::string_view text) {
  const auto number = read_leading_number(text);
  if (!number) {
    return std::nullopt;
  }
  std::string_view unit = text.substr(number->length);
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  if (unit.empty()) {
    return Measured{number->value, {}};
  }
  const auto found = find_unit_value(unit);
  return found ? std::optional(Measured{number->value * found->scale, found->type}) : std::nullopt;
}

}  // namespace

UnitType checked(const Expression& expression, const SpecNode& node, const Where::TextOf& text_of) {
  return expression.check([&](const std::string& name, std::size_t offset) -> UnitType {
    const auto text = text_of(name);
    if (!text) {
      node.fail(fmt::format("'{}' is no value of this sweep; expected a name such as `PEs.X` or "
                            "`GlobalBuffer.capacity`, varied or in the architecture",
                            name),
                offset);
    }
    const auto value = measured(*text);
    if (!value) {
      node.fail(fmt::format("{} is '{}', which is no amount: expected a number, or one with a "
                            "unit of size, energy, length, time, area or power",
                            name, *text),
                offset);
    }
    return value->type;
  });
}

double evaluated(const Expression& expression, const Where::TextOf& text_of) {
  return expression.evaluate(
      [&](const std::string& name) { return measured(text_of(name).value()).value().value; });
}

Where Where::parse(const SpecNode& node, const TextOf& first_point) {
  const std::string text = node.as_string();
  constexpr std::string_view kSigns = "<>=!";
  const std::size_t at = text.find_first_of(kSigns);
  if (at == std::string::npos) {
    node.fail("expected a comparison such as `PEs.X * PEs.Y <= 256`");
  }
  const std::size_t end = std::min(text.find_first_not_of(kSigns, at), text.size());
  const std::string sign = text.substr(at, end - at);
  const std::pair<std::string_view, Relation> relations[] = {
      {"<", Relation::less},      {"<=", Relation::at_most}, {">", Relation::more},
      {">=", Relation::at_least}, {"==", Relation::equal},   {"!=", Relation::unequal}};
  for (const auto& [name, relation] : relations) {
    if (sign == name) {
      Where where(Expression::parse(node, 0, at), Expression::parse(node, end, std::string::npos),
                  relation);
      const UnitType left = checked(where.left_, node, first_point);
      const UnitType right = checked(where.right_, node, first_point);
      if (left != right) {
        node.fail(fmt::format("{} cannot be compared with {}", describe(left), describe(right)),
                  at);
      }
      return where;
    }
  }
  node.fail(fmt::format("'{}' is no comparison; expected <, <=, >, >=, == or !=", sign), at);
}

bool Where::holds(const TextOf& text_of) const {
  const SpecNode& node = left_.node();
  if (checked(left_, node, text_of) != checked(right_, node, text_of)) {
    node.fail("the two sides are of different kinds at some point");
  }
  const double left = evaluated(left_, text_of);
  const double right = evaluated(right_, text_of);
  if (std::isnan(left) || std::isnan(right)) {
    node.fail("a side has no value at some point");
  }
  switch (relation_) {
    case Relation::less:
      return left < right;
    case Relation::at_most:
      return left <= right;
    case Relation::more:
      return left > right;
    case Relation::at_least:
      return left >= right;
    case Relation::equal:
      return left == right;
    case Relation::unequal:
      return left != right;
  }
  return false;
}

}  // namespace tessera
