#pragma once

#include <map>
#include <string>
#include <vector>

#include "arch/class_table.hpp"
#include "arch/expression.hpp"

namespace tessera {

/// The tables (`tables:`) and named formulas (`let:`) of a file, over given attributes. A formula
/// may use attributes, the columns of tables as `table.column`, and other named formulas, but not
/// itself in the end.
class Formulas {
 public:
  using Types = std::map<std::string, AttributeType>;
  using Values = std::map<std::string, AttributeValue>;

  Formulas() = default;
  explicit Formulas(Types types) : types_(std::move(types)) {}
  /// Reads `tables` and `let` of `file`, where they are, and checks all types. Throws SpecError.
  static Formulas parse(const SpecNode& file, Types types);

  const Types& types() const { return types_; }

  /// The type of an expression of this file. Throws SpecError: a name that there is not, a name of
  /// a choice, types that do not fit.
  UnitType check(const Expression& expression) const;

  /// Evaluates expressions for one set of attribute values, each named formula once.
  class Scope {
   public:
    Scope(const Formulas& formulas, const Values& values) : formulas_(formulas), values_(values) {}
    /// In base units; NaN where a table it needs has no value there.
    double value(const Expression& expression);
    /// The tables that had no value so far.
    const std::vector<std::string>& missed() const { return missed_; }

   private:
    double value_of(const std::string& name);
    const Formulas& formulas_;
    const Values& values_;
    std::map<std::string, double> known_;
    std::vector<std::string> missed_;
  };

 private:
  struct Let {
    Expression expression;
    UnitType type;
    enum class State { unread, reading, read } state = State::unread;
  };
  UnitType type_of(const std::string& name, const SpecNode& use, std::size_t offset);
  UnitType check_let(const std::string& name, const SpecNode& use, std::size_t offset);
  std::vector<std::string> names() const;

  Types types_;
  std::map<std::string, ClassTable> tables_;
  std::map<std::string, Let> lets_;
  std::vector<std::string> way_;  ///< named formulas being checked, outermost first
};

}  // namespace tessera
