#pragma once

// How far the class sram is from the table it rests on: for its test and for docs/validation.md.

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "arch/class_files.hpp"
#include "arch/component_class.hpp"

namespace tessera::test {

struct Errors {
  std::vector<double> all;
  void add(double ours, double theirs) { all.push_back(std::abs(ours / theirs - 1)); }
  double mean() const {
    double sum = 0;
    for (const double error : all) {
      sum += error;
    }
    return sum / static_cast<double>(all.size());
  }
  double percentile95() {
    std::sort(all.begin(), all.end());
    return all[all.size() * 95 / 100];
  }
  double most() const { return *std::max_element(all.begin(), all.end()); }
};

/// A row of the SRAM table: node, capacity, width, then read, write, leakage, area.
using Row = std::vector<double>;

/// The class's own rows, as text lines `- [...]` of seven numbers.
inline std::vector<Row> sram_rows(const std::string& text) {
  std::vector<Row> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t open = line.find("- [");
    if (open == std::string::npos) {
      continue;
    }
    std::istringstream numbers(line.substr(open + 3));
    Row row;
    for (double number = 0; numbers >> number;) {
      row.push_back(number);
      numbers.ignore(1);
    }
    if (row.size() == 7) {
      rows.push_back(row);
    }
  }
  return rows;
}

/// The class without the rows of every second capacity.
inline std::string thinned(const std::string& text, const std::set<double>& dropped) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    const std::vector<Row> row = sram_rows(line);
    if (row.empty() || !dropped.contains(row[0][1])) {
      out += line + "\n";
    }
  }
  return out;
}

struct SramErrors {
  Errors read, write, area;
};

/// Errors of the class in `text` at `points`; `rule` is the one that must have given each.
inline SramErrors sram_errors(const std::string& text, const std::vector<Row>& points,
                              const std::string& rule) {
  const SpecDocument document = SpecDocument::parse("sram", text);
  const ComponentClass sram = ComponentClass::parse(document.root().at("class"));
  const SpecDocument none =
      SpecDocument::parse("none", std::string(find_class_file("scaling", "none")->text));
  const Scaling scaling = Scaling::parse(none.root().at("scaling"));
  SramErrors errors;
  for (const Row& row : points) {
    Technology technology;
    technology.node_nm = row[0];
    Formulas::Values values = {{"capacity", {row[1] * 8, {}}}, {"width", {row[2], {}}}};
    sram.fill_defaults(values);
    const ComponentClass::Result result = sram.estimate(values, technology, scaling);
    for (const ComponentClass::Estimate& estimate : result.estimates) {
      if (estimate.rule != rule) {
        continue;
      }
      if (estimate.item == "read") {
        errors.read.add(estimate.value, row[3]);
      } else if (estimate.item == "write") {
        errors.write.add(estimate.value, row[4]);
      } else if (estimate.item == "area") {
        errors.area.add(estimate.value / 1e12, row[6]);
      }
    }
  }
  return errors;
}

/// Errors at every second capacity of the table, left out of it.
inline SramErrors errors_left_out() {
  const std::string text(find_class_file("class", "sram")->text);
  const std::vector<Row> rows = sram_rows(text);
  std::set<double> capacities;
  for (const Row& row : rows) {
    capacities.insert(row[1]);
  }
  std::set<double> dropped;
  bool odd = false;
  for (const double capacity : capacities) {
    if (odd) {
      dropped.insert(capacity);
    }
    odd = !odd;
  }
  std::vector<Row> left_out;
  for (const Row& row : rows) {
    if (dropped.contains(row[1])) {
      left_out.push_back(row);
    }
  }
  return sram_errors(thinned(text, dropped), left_out, "interpolated in the table");
}

/// Errors of the closed form at the points of the table that it was fitted to.
inline SramErrors errors_of_closed_form() {
  const std::string text(find_class_file("class", "sram")->text);
  constexpr double kLast = 33554432;  // a table needs a row; its points answer for themselves
  std::set<double> all;
  std::vector<Row> points;
  for (const Row& row : sram_rows(text)) {
    if (row[1] != kLast) {
      all.insert(row[1]);
      points.push_back(row);
    }
  }
  return sram_errors(thinned(text, all), points, "closed form");
}

}  // namespace tessera::test
