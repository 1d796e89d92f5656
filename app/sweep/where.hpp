#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "arch/expression.hpp"

namespace tessera {

/// A condition on the points of a sweep: a comparison of two expressions (see Expression), such as
/// `PEs.X * PEs.Y <= 256` or `GlobalBuffer.capacity >= 2 KiB * PEs.X`.
class Where {
 public:
  /// The text of the value of a name at a point; empty if there is no such value.
  using TextOf = std::function<std::optional<std::string>(const std::string& name)>;

  /// Throws SpecError where the text is none, or where names have no value at the first point.
  static Where parse(const SpecNode& node, const TextOf& first_point);

  /// Whether the condition holds at a point. Throws SpecError where it has no value, or another
  /// type than at the first point.
  bool holds(const TextOf& text_of) const;

 private:
  enum class Relation { less, at_most, more, at_least, equal, unequal };

  Where(Expression left, Expression right, Relation relation)
      : left_(std::move(left)), right_(std::move(right)), relation_(relation) {}

  Expression left_;
  Expression right_;
  Relation relation_;
};

/// The type of an expression over values of a sweep. Throws SpecError at a name that has none, or
/// whose value is no amount.
UnitType checked(const Expression& expression, const SpecNode& node, const Where::TextOf& text_of);
/// Its value in base units, after `checked` has let it pass.
double evaluated(const Expression& expression, const Where::TextOf& text_of);

}  // namespace tessera
