// Component classes against the tables that they rest on and against other published numbers.

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "arch/architecture_spec.hpp"
#include "tests/arch/sram_errors.hpp"
#include "tests/published/figures.hpp"
#include "tests/published/tables.hpp"

namespace tessera::published {
namespace {

/// What `check --costs` says of an element's item.
double cost_of(std::string element, const std::string& technology, const std::string& item) {
  std::replace(element.begin(), element.end(), ';', ',');
  const bool compute = element.starts_with("compute");
  const std::string text = fmt::format(
      "architecture:\n  technology: {}\n  hierarchy:\n    - {{memory: Main}}\n    - {{{}}}\n{}",
      technology, element, compute ? "" : "    - {compute: MAC}\n");
  const SpecDocument document = SpecDocument::parse("element", text);
  const CostedArchitecture costed =
      parse_costed_architecture(document.root().at("architecture"), {});
  const Memory* memory = costed.architecture.memory(LevelId(1));
  for (const Cost& cost : costed.costs) {
    if (cost.level == LevelId(1) && cost.item == item) {
      const bool per_bit = cost.unit == "pJ/bit";
      return cost.value * (per_bit ? static_cast<double>(memory->width.value_or(1)) : 1);
    }
  }
  return 0;
}

void add_row(Table& table, const std::string& model, const std::string& against,
             test::Errors errors) {
  const auto percent = [](double share) { return fmt::format("{:.1f}", 100 * share); };
  table.rows.push_back({model, against, std::to_string(errors.all.size()), percent(errors.mean()),
                        percent(errors.percentile95()), percent(errors.most())});
}

}  // namespace

Table component_errors() {
  Table table{.name = "component-errors",
              .rows = {{"model", "against", "points", "mean %", "95th percentile %", "largest %"}},
              .claims = {}};
  const test::SramErrors left_out = test::errors_left_out();
  const std::string half = "every second capacity of CACTI's table, left out";
  add_row(table, "`sram` read, interpolated", half, left_out.read);
  add_row(table, "`sram` write, interpolated", half, left_out.write);
  add_row(table, "`sram` area, interpolated", half, left_out.area);
  const test::SramErrors closed = test::errors_of_closed_form();
  const std::string whole = "CACTI's table, to which it was fitted";
  add_row(table, "`sram` read, closed form", whole, closed.read);
  add_row(table, "`sram` write, closed form", whole, closed.write);
  add_row(table, "`sram` area, closed form", whole, closed.area);
  table.claims.push_back({"SRAM read within 8 % on average at points left out",
                          left_out.read.mean() < 0.08 && left_out.read.all.size() > 180});

  std::map<std::pair<std::string, std::string>, test::Errors> by_class;
  for (const Figures& figure : read_figures("components")) {
    const double ours =
        cost_of(figure.text("element"), figure.text("technology"), figure.text("item"));
    const double published = figure.number("published");
    by_class[{figure.text("class"), figure.text("kind")}].add(ours, published);
    const bool basis = figure.text("kind") == "basis";
    table.claims.push_back(
        {fmt::format("{} ({}): {:.4g} pJ, published {:.4g}", figure.text("element"),
                     figure.text("source"), ours, published),
         basis ? std::abs(ours / published - 1) < 0.08
               : ours > published / 3 && ours < published * 3});
  }
  for (const auto& [key, errors] : by_class) {
    add_row(table, fmt::format("`{}`", key.first),
            key.second == "basis" ? "the published points that it was made from"
                                  : "other published numbers",
            errors);
  }
  return table;
}

}  // namespace tessera::published
