// How far the component models are from the tables they rest on. Figures of docs/components.md.

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "arch/class_files.hpp"
#include "arch/component_class.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

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
std::vector<Row> sram_rows(const std::string& text) {
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
std::string thinned(const std::string& text, const std::set<double>& dropped) {
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
SramErrors sram_errors(const std::string& text, const std::vector<Row>& points,
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

void say(const char* what, Errors& errors) {
  WARN(what << ": " << errors.all.size() << " points, mean " << errors.mean() * 100 << " %, p95 "
            << errors.percentile95() * 100 << " %, max " << errors.most() * 100 << " %");
}

}  // namespace

TEST_CASE("interpolated SRAM is within 8 % on average at table points that were left out") {
  const std::string text(find_class_file("class", "sram")->text);
  const std::vector<Row> rows = sram_rows(text);
  REQUIRE(rows.size() == 480);
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
  SramErrors errors = sram_errors(thinned(text, dropped), left_out, "interpolated in the table");
  say("SRAM read, left out", errors.read);
  say("SRAM write, left out", errors.write);
  say("SRAM area, left out", errors.area);
  CHECK(errors.read.all.size() > 180);
  CHECK(errors.read.mean() < 0.08);
  CHECK(errors.write.mean() < 0.08);
  CHECK(errors.area.mean() < 0.08);
}

TEST_CASE("at the points of its table SRAM is the table") {
  const std::string text(find_class_file("class", "sram")->text);
  const std::vector<Row> rows = sram_rows(text);
  SramErrors errors = sram_errors(text, rows, "interpolated in the table");
  CHECK(errors.read.all.size() == 480);
  CHECK(errors.read.most() < 1e-5);
  CHECK(errors.area.most() < 1e-5);
}

TEST_CASE("the closed form for SRAM has the error band that it claims") {
  std::string text(find_class_file("class", "sram")->text);
  const std::vector<Row> rows = sram_rows(text);
  std::set<double> all;
  for (const Row& row : rows) {
    all.insert(row[1]);
  }
  all.erase(33554432);  // a table needs a row; its points answer for themselves
  std::vector<Row> points;
  for (const Row& row : rows) {
    if (row[1] != 33554432) {
      points.push_back(row);
    }
  }
  SramErrors errors = sram_errors(thinned(text, all), points, "closed form");
  say("SRAM read, closed form", errors.read);
  say("SRAM write, closed form", errors.write);
  say("SRAM area, closed form", errors.area);
  CHECK(errors.read.mean() < 0.115);
  CHECK(errors.read.percentile95() < 0.33);
  CHECK(errors.write.mean() < 0.09);
  CHECK(errors.area.mean() < 0.085);
}
