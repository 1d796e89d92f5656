#include "arch/formulas.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tessera {
namespace {

constexpr std::size_t kMaxLets = 64;

/// A name that formulas may use: no unit, which would hide it.
std::string parse_new_name(const SpecNode& key) {
  const std::string name = key.as_name();
  if (name.find('.') != std::string::npos || name.find('-') != std::string::npos) {
    key.fail(fmt::format("expected a name without dots and dashes, got '{}'", name));
  }
  if (find_unit_value(name)) {
    key.fail(fmt::format("'{}' is a unit; choose another name", name));
  }
  return name;
}

}  // namespace

std::vector<std::string> Formulas::names() const {
  std::vector<std::string> names;
  for (const auto& [name, type] : types_) {
    names.push_back(name);
  }
  for (const auto& [name, let] : lets_) {
    names.push_back(name);
  }
  for (const auto& [table, data] : tables_) {
    for (const ClassTable::Column& column : data.columns()) {
      names.push_back(table + "." + column.name);
    }
  }
  return names;
}

Formulas Formulas::parse(const SpecNode& file, Types types) {
  Formulas formulas;
  formulas.types_ = std::move(types);
  if (const auto tables = file.find("tables")) {
    for (const SpecNode::Entry& entry : tables->entries()) {
      formulas.tables_.emplace(parse_new_name(entry.key),
                               ClassTable::parse(entry.value, formulas.types_));
    }
  }
  if (const auto lets = file.find("let")) {
    for (const SpecNode::Entry& entry : lets->entries()) {
      const std::string name = parse_new_name(entry.key);
      if (formulas.types_.contains(name)) {
        entry.key.fail(fmt::format("'{}' is an attribute already", name));
      }
      formulas.lets_.emplace(name, Let{.expression = Expression::parse(entry.value), .type = {}});
      if (formulas.lets_.size() > kMaxLets) {
        entry.key.fail(fmt::format("more than {} named formulas are not supported", kMaxLets));
      }
    }
    for (const auto& [name, let] : formulas.lets_) {
      formulas.check_let(name, let.expression.node(), 0);
    }
  }
  return formulas;
}

UnitType Formulas::check_let(const std::string& name, const SpecNode& use, std::size_t offset) {
  Let& let = lets_.at(name);
  if (let.state == Let::State::reading) {
    const auto start = std::find(way_.begin(), way_.end(), name);
    use.fail(fmt::format("cyclic expression: {} -> {}",
                         fmt::join(std::vector<std::string>(start, way_.end()), " -> "), name),
             offset);
  }
  if (let.state == Let::State::unread) {
    let.state = Let::State::reading;
    way_.push_back(name);
    let.type = let.expression.check([&](const std::string& inner, std::size_t place) {
      return type_of(inner, let.expression.node(), place);
    });
    way_.pop_back();
    let.state = Let::State::read;
  }
  return let.type;
}

UnitType Formulas::type_of(const std::string& name, const SpecNode& use, std::size_t offset) {
  if (const auto attribute = types_.find(name); attribute != types_.end()) {
    if (!attribute->second.choices.empty()) {
      use.fail(fmt::format("'{}' is one of several words, not a number; look numbers up with a "
                           "table that has it as an axis",
                           name),
               offset);
    }
    return attribute->second.type;
  }
  if (lets_.contains(name)) {
    return check_let(name, use, offset);
  }
  if (const auto dot = name.find('.'); dot != std::string::npos) {
    const auto table = tables_.find(name.substr(0, dot));
    if (table != tables_.end()) {
      for (const ClassTable::Column& column : table->second.columns()) {
        if (column.name == name.substr(dot + 1)) {
          return column.type;
        }
      }
    }
  }
  use.fail_unknown("name", name, names(), offset);
}

UnitType Formulas::check(const Expression& expression) const {
  Formulas reader(*this);  // the walk through named formulas keeps notes in it
  return expression.check([&](const std::string& name, std::size_t offset) {
    return reader.type_of(name, expression.node(), offset);
  });
}

double Formulas::Scope::value(const Expression& expression) {
  return expression.evaluate([this](const std::string& name) { return value_of(name); });
}

double Formulas::Scope::value_of(const std::string& name) {
  if (const auto known = known_.find(name); known != known_.end()) {
    return known->second;
  }
  double value = std::numeric_limits<double>::quiet_NaN();
  if (const auto attribute = values_.find(name); attribute != values_.end()) {
    value = attribute->second.number;
  } else if (const auto let = formulas_.lets_.find(name); let != formulas_.lets_.end()) {
    value = this->value(let->second.expression);
  } else if (const auto dot = name.find('.'); dot != std::string::npos) {
    const ClassTable& table = formulas_.tables_.at(name.substr(0, dot));
    for (std::size_t c = 0; c < table.columns().size(); ++c) {
      if (table.columns()[c].name == name.substr(dot + 1)) {
        value = table.value(c, values_);
      }
    }
    const std::string missed = name.substr(0, dot);
    if (value != value && std::find(missed_.begin(), missed_.end(), missed) == missed_.end()) {
      missed_.push_back(missed);
    }
  }
  known_.emplace(name, value);
  return value;
}

}  // namespace tessera
