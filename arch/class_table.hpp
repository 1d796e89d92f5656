#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "arch/unit_type.hpp"
#include "spec/node.hpp"

namespace tessera {

/// The value of an attribute: a number in base units, or a word where the attribute is a choice.
struct AttributeValue {
  double number = 0;
  std::string word;
};

/// What a name stands for: a number of a type, or one of several words.
struct AttributeType {
  UnitType type;
  std::vector<std::string> choices;  ///< not empty: a choice
};

/// A table of a class file:
///
///   cacti:
///     axes: {node: nm, capacity: B, width: bit}     # attributes and the unit of the rows' numbers
///     columns: {read: pJ, write: pJ}                # `1` is the unit of a plain number
///     values: log                                   # or linear; how values are interpolated
///     rows:
///       - [45, 512, 32, 0.846, 1.757]               # axes first
///
/// Between rows it interpolates, each numeric axis in log space and values in log space too unless
/// they are `linear`; on an axis of words only rows with that word count. The rows need not fill
/// the grid: where one of the corners around a point is missing, the table has no value there.
class ClassTable {
 public:
  /// Throws SpecError; `types` are the attributes that axes may name.
  static ClassTable parse(const SpecNode& node, const std::map<std::string, AttributeType>& types);

  struct Column {
    std::string name;
    UnitType type;
  };
  const std::vector<Column>& columns() const { return columns_; }
  std::vector<std::string> axis_names() const;

  /// The value of a column in base units; NaN where the table has none.
  double value(std::size_t column, const std::map<std::string, AttributeValue>& at) const;

 private:
  struct Axis {
    std::string name;
    bool words = false;
    double scale = 1;
    std::vector<double> ticks;  ///< in base units, ascending
  };
  struct Corner {
    double key = 0;
    double weight = 1;
  };
  using Key = std::vector<double>;

  void parse_axes(const SpecNode& node, const std::map<std::string, AttributeType>& types);
  void parse_columns(const SpecNode& node);
  void parse_row(const SpecNode& row, const std::map<std::string, AttributeType>& types);
  std::vector<Corner> corners(const Axis& axis, const AttributeValue& at) const;

  std::vector<Axis> axes_;
  std::vector<Column> columns_;
  std::vector<double> scales_;
  bool log_values_ = true;
  std::vector<std::string> words_;           ///< a word's key is its index
  std::map<Key, std::vector<double>> rows_;  ///< values in base units
};

}  // namespace tessera
