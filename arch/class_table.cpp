#include "arch/class_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arch/element_spec.hpp"

namespace tessera {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// The unit of an axis or a column; `1` for plain numbers.
UnitValue parse_unit(const SpecNode& node) {
  const std::string name = node.as_string();
  if (name == "1") {
    return {};
  }
  if (const auto slash = name.find('/'); slash != std::string::npos) {
    const auto above = find_unit_value(name.substr(0, slash));
    const auto below = find_unit_value(name.substr(slash + 1));
    if (above && below) {
      UnitValue ratio{above->scale / below->scale, above->type};
      for (std::size_t i = 0; i < ratio.type.powers.size(); ++i) {
        ratio.type.powers[i] =
            static_cast<std::int8_t>(ratio.type.powers[i] - below->type.powers[i]);
      }
      return ratio;
    }
  }
  const auto unit = find_unit_value(name);
  if (!unit) {
    node.fail(
        fmt::format("expected a unit such as nm, KiB, bit, pJ, pJ/bit, mW or mm2, or 1 for "
                    "plain numbers, got '{}'",
                    name));
  }
  return *unit;
}

}  // namespace

std::vector<std::string> ClassTable::axis_names() const {
  std::vector<std::string> names;
  for (const Axis& axis : axes_) {
    names.push_back(axis.name);
  }
  return names;
}

void ClassTable::parse_axes(const SpecNode& node,
                            const std::map<std::string, AttributeType>& types) {
  std::vector<std::string> known;
  for (const auto& [name, type] : types) {
    known.push_back(name);
  }
  for (const SpecNode::Entry& entry : node.entries()) {
    const auto found = types.find(entry.name);
    if (found == types.end()) {
      entry.key.fail_unknown("attribute", entry.name, known);
    }
    Axis axis;
    axis.name = entry.name;
    axis.words = !found->second.choices.empty();
    if (axis.words) {
      entry.value.as_choice({"words"});
    } else {
      const UnitValue unit = parse_unit(entry.value);
      if (unit.type != found->second.type) {
        entry.value.fail(fmt::format("the attribute {} is {}, this unit measures {}", entry.name,
                                     describe(found->second.type), describe(unit.type)));
      }
      axis.scale = unit.scale;
    }
    axes_.push_back(std::move(axis));
  }
  constexpr std::size_t kMaxTableAxes = 5;
  if (axes_.empty() || axes_.size() > kMaxTableAxes) {
    node.fail(fmt::format("expected one to {} axes", kMaxTableAxes));
  }
}

void ClassTable::parse_columns(const SpecNode& node) {
  for (const SpecNode::Entry& entry : node.entries()) {
    const UnitValue unit = parse_unit(entry.value);
    columns_.push_back({entry.key.as_name(), unit.type});
    scales_.push_back(unit.scale);
  }
  if (columns_.empty()) {
    node.fail("expected at least one column and its unit, such as `{read: pJ}`");
  }
}

void ClassTable::parse_row(const SpecNode& row, const std::map<std::string, AttributeType>& types) {
  constexpr double kMost = std::numeric_limits<double>::max();
  const std::vector<SpecNode> cells = row.items();
  if (cells.size() != axes_.size() + columns_.size()) {
    row.fail(fmt::format("expected {} numbers, one for each axis, then for each column; got {}",
                         axes_.size() + columns_.size(), cells.size()));
  }
  Key key;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    Axis& axis = axes_[a];
    if (axis.words) {
      const std::string word = cells[a].as_string();
      const auto& choices = types.at(axis.name).choices;
      if (std::find(choices.begin(), choices.end(), word) == choices.end()) {
        cells[a].fail_unknown(axis.name, word, choices);
      }
      auto found = std::find(words_.begin(), words_.end(), word);
      if (found == words_.end()) {
        found = words_.insert(words_.end(), word);
      }
      key.push_back(static_cast<double>(found - words_.begin()));
      continue;
    }
    const double number = cells[a].as_number(0, kMost) * axis.scale;
    if (number <= 0) {
      cells[a].fail("expected a number above 0: axes are interpolated in log space");
    }
    key.push_back(number);
    const auto place = std::lower_bound(axis.ticks.begin(), axis.ticks.end(), number);
    if (place == axis.ticks.end() || *place != number) {
      axis.ticks.insert(place, number);
    }
  }
  std::vector<double> values;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const SpecNode& cell = cells[axes_.size() + c];
    const double value = cell.as_number(log_values_ ? 0 : -kMost, kMost) * scales_[c];
    if (log_values_ && value <= 0) {
      cell.fail(
          "expected a number above 0: the table's values are interpolated in log space "
          "(`values: linear` allows others)");
    }
    values.push_back(value);
  }
  if (!rows_.emplace(std::move(key), std::move(values)).second) {
    row.fail("this point stands in the table already");
  }
}

ClassTable ClassTable::parse(const SpecNode& node,
                             const std::map<std::string, AttributeType>& types) {
  check_keys(node, {"axes", "columns", "values", "rows"}, {});
  ClassTable table;
  table.parse_axes(node.at("axes"), types);
  table.parse_columns(node.at("columns"));
  if (const auto values = node.find("values")) {
    table.log_values_ = values->as_choice({"log", "linear"}) == 0;
  }
  const SpecNode rows = node.at("rows");
  for (const SpecNode& row : rows.items()) {
    table.parse_row(row, types);
  }
  if (table.rows_.empty()) {
    rows.fail("expected at least one row");
  }
  return table;
}

std::vector<ClassTable::Corner> ClassTable::corners(const Axis& axis,
                                                    const AttributeValue& at) const {
  if (axis.words) {
    const auto found = std::find(words_.begin(), words_.end(), at.word);
    return {{found == words_.end() ? kNone : static_cast<double>(found - words_.begin()), 1}};
  }
  const auto above = std::lower_bound(axis.ticks.begin(), axis.ticks.end(), at.number);
  if (above == axis.ticks.end() || std::isnan(at.number) ||
      (above == axis.ticks.begin() && *above != at.number)) {
    return {};
  }
  if (*above == at.number) {
    return {{*above, 1}};
  }
  const double below = *std::prev(above);
  const double share = std::log(at.number / below) / std::log(*above / below);
  return {{below, 1 - share}, {*above, share}};
}

double ClassTable::value(std::size_t column,
                         const std::map<std::string, AttributeValue>& at) const {
  std::vector<std::pair<Key, double>> points = {{Key{}, 1.0}};
  for (const Axis& axis : axes_) {
    std::vector<std::pair<Key, double>> more;
    for (const Corner& corner : corners(axis, at.at(axis.name))) {
      for (const auto& [key, weight] : points) {
        Key longer = key;
        longer.push_back(corner.key);
        more.emplace_back(std::move(longer), weight * corner.weight);
      }
    }
    points = std::move(more);
  }
  double sum = points.empty() ? kNone : 0;
  for (const auto& [key, weight] : points) {
    const auto row = std::any_of(key.begin(), key.end(), [](double x) { return std::isnan(x); })
                         ? rows_.end()
                         : rows_.find(key);
    if (row == rows_.end()) {
      return kNone;
    }
    sum += weight * (log_values_ ? std::log(row->second[column]) : row->second[column]);
  }
  return log_values_ ? std::exp(sum) : sum;
}

}  // namespace tessera
