#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arch/formulas.hpp"
#include "arch/technology.hpp"
#include "problems/tensor_kind.hpp"
#include "spec/node.hpp"

namespace tessera {

/// The sorts of elements that a class may be for.
enum class ElementSort { memory, fanout, compute };

std::string_view to_string(ElementSort sort);

/// Rounded to six significant digits: more than any class knows, and the same on all machines.
double six_digits(double value);

/// A component class: what a kind of memory, network or arithmetic unit costs, as formulas and
/// tables over its attributes. One YAML file is one class; docs/components.md says how it is
/// written. Nodes stay valid as long as the file's document.
class ComponentClass {
 public:
  /// Reads the value of the top-level key `class` and checks names and types of all that it says.
  /// Throws SpecError.
  static ComponentClass parse(const SpecNode& node);

  struct Attribute {
    std::string name;
    AttributeType type;
    Measure measure = Measure::data;  ///< how its value is read, unless plain or a choice
    bool whole = false;
    std::optional<Expression> fallback;  ///< over attributes before this one; a choice's is a word
    std::string fallback_word;
    std::optional<Expression> least;
    std::optional<Expression> most;
    /// In bits: as wide as the widest of the problem's tensors of these kinds, if the element
    /// leaves all attributes in bits open.
    KindSet follows;
  };

  /// What one action costs, or the whole element: `read`, `write`, `energy`, `leakage`, `area`. In
  /// base units of UnitType, rounded to six digits, so that all machines agree on it.
  struct Estimate {
    std::string item;
    double value = 0;
    UnitType type;
    std::string rule;  ///< which of the class's rules gave it; may be empty
    std::string source;
    std::string error;  ///< the error band, as the file words it
  };

  const std::string& name() const { return name_; }
  const std::string& about() const { return about_; }
  ElementSort sort() const { return sort_; }
  const std::vector<Attribute>& attributes() const { return attributes_; }
  /// Whether its costs hang on the technology node.
  bool needs_node() const { return node_range_.has_value(); }
  /// Every rule says where its numbers come from and how far they may be off.
  bool fully_sourced() const;

  /// A value outside what every rule for an item knows: `attribute` is the culprit where there is
  /// one.
  struct Outside {
    std::string item;
    std::string attribute;
    std::string range;  ///< what the last rule knows of it, as text
  };
  /// The first attribute that is below its `least` or above its `most`; the item is empty.
  std::optional<Outside> find_beyond_bounds(const Formulas::Values& values) const;

  struct Result {
    std::vector<Estimate> estimates;
    std::optional<Outside> outside;
  };

  /// The costs for attribute values in base units (all attributes, by name), on a technology, which
  /// has a node if `needs_node`. Throws SpecError at the technology where the scaling does not
  /// reach.
  Result estimate(Formulas::Values values, const Technology& technology,
                  const Scaling& scaling) const;

  /// Adds the defaults of the attributes that `values` lacks to it. Returns the name of the first
  /// that has none, if there is one.
  std::optional<std::string> fill_defaults(Formulas::Values& values) const;

 private:
  struct Range {
    std::string attribute;
    Expression least;
    Expression most;
  };
  struct Rule {
    Expression value;
    UnitType type;
    std::string name;
    std::string source;
    std::string error;
    std::vector<Range> valid;
  };
  struct Cost {
    std::string item;
    std::vector<Rule> rules;
  };

  void parse_nodes(const SpecNode& node);
  void parse_attribute(const SpecNode::Entry& entry);
  void parse_costs(const SpecNode& costs, const std::string& source, const std::string& error);
  Rule parse_rule(const SpecNode& node, const std::string& item, const std::string& source,
                  const std::string& error) const;
  Range parse_range(const SpecNode::Entry& entry) const;
  Formulas::Types types() const;
  std::optional<Outside> find_outside(const Rule& rule, const std::string& item,
                                      Formulas::Scope& scope, const Formulas::Values& values) const;

  std::string name_;
  std::string about_;
  ElementSort sort_ = ElementSort::memory;
  std::vector<Attribute> attributes_;
  std::optional<std::pair<double, double>> node_range_;
  std::optional<Expression> voltage_;
  Formulas formulas_;
  std::vector<Cost> costs_;
};

}  // namespace tessera
