#pragma once

#include <string>

#include "app/sweep/where.hpp"
#include "arch/expression.hpp"

namespace tessera {

/// A value of a sweep that follows from others by an expression, such as `PEs.Y: PEs.X / 2` or
/// `GlobalBuffer.capacity: 512 B * PEs.X * PEs.Y`.
class Derived {
 public:
  /// Throws SpecError where the text is no expression, where names have no value at the first
  /// point, or where the result has a unit that no value is written in.
  static Derived parse(std::string name, const SpecNode& node, const Where::TextOf& first_point);

  const std::string& name() const { return name_; }
  const SpecNode& node() const { return expression_.node(); }
  /// As it stands in a spec, with its unit. Throws SpecError where it has no value.
  std::string text(const Where::TextOf& text_of) const;

 private:
  Derived(std::string name, Expression expression)
      : name_(std::move(name)), expression_(std::move(expression)) {}

  std::string name_;
  Expression expression_;
};

}  // namespace tessera
