#include "app/costs_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/evaluation_report.hpp"
#include "app/numbers.hpp"
#include "app/text_table.hpp"

namespace tessera {
namespace {

constexpr int kDigits = 6;

std::string_view rule_name(CostRule rule) {
  switch (rule) {
    case CostRule::given:
      return "given";
    case CostRule::reference:
      return "reference table";
    case CostRule::component_class:
      return "class";
    case CostRule::estimator:
      return "estimator";
    case CostRule::none:
      return "none";
  }
  return "";
}

std::string winner(const Cost& cost) {
  return cost.rule == CostRule::none
             ? "nothing"
             : fmt::format("{}{}{}", rule_name(cost.rule), cost.by.empty() ? "" : " ", cost.by);
}

double area_of(const Architecture& architecture, LevelId level) {
  const auto& element = architecture.hierarchy[level.index()];
  const double one =
      std::visit([](const auto& part) { return part.area_mm2.value_or(0); }, element);
  return one * static_cast<double>(architecture.instances(level));
}

double total_area(const Architecture& architecture) {
  double sum = 0;
  for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
    sum += area_of(architecture, LevelId(l));
  }
  return sum * (1 + architecture.area_overhead);
}

std::string number_table(const Architecture& architecture, const std::vector<Cost>& costs) {
  using Align = TextTable::Align;
  TextTable table({{"element", Align::left},
                   {"item", Align::left},
                   {"value"},
                   {"unit", Align::left},
                   {"from", Align::left},
                   {"error", Align::left},
                   {"source", Align::left}});
  for (const Cost& cost : costs) {
    const bool none = cost.rule == CostRule::none;
    table.add({architecture.name_of(cost.level), cost.item, rounded(cost.value, kDigits), cost.unit,
               winner(cost), cost.error.empty() ? "not said" : cost.error,
               none                  ? "counted as 0"
               : cost.source.empty() ? "not said"
                                     : cost.source});
  }
  return table.text(2);
}

std::string area_table(const Architecture& architecture) {
  using Align = TextTable::Align;
  TextTable table({{"element", Align::left}, {"instances"}, {"area"}, {"of the total"}});
  const double total = total_area(architecture);
  const auto share = [total](double area) { return total > 0 ? percent(area / total) : "-"; };
  const auto area_text = [](double area) { return rounded(area, kDigits) + " mm2"; };
  for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
    const double area = area_of(architecture, LevelId(l));
    table.add({architecture.name_of(LevelId(l)), grouped(architecture.instances(LevelId(l))),
               area_text(area), share(area)});
  }
  const double overhead = total * architecture.area_overhead / (1 + architecture.area_overhead);
  table.add({"overhead", "", area_text(overhead), share(overhead)});
  table.add({"total", "", area_text(total), share(total)});
  return table.text(2);
}

}  // namespace

std::string overhead_text(const Architecture& architecture) {
  return architecture.area_overhead == 0 ? "elements only: overhead for control and routing is 0"
                                         : fmt::format("with {} overhead for control and routing",
                                                       percent(architecture.area_overhead));
}

std::string costs_text(const Architecture& architecture, const std::vector<Cost>& costs) {
  std::string out =
      fmt::format("architecture  {}\ntechnology    {}\n", architecture.name,
                  architecture.technology.empty() ? "not given" : architecture.technology);
  out +=
      "\nCosts of one instance (what the spec gives comes before a reference table, and that "
      "before a class):\n";
  out += number_table(architecture, costs);
  out += fmt::format("\nArea of all instances, {}:\n", overhead_text(architecture));
  out += area_table(architecture);
  const std::vector<std::string> missing = not_modelled(architecture);
  if (!missing.empty()) {
    out += fmt::format("\nNot modelled, counted as 0: {}.\n", fmt::join(missing, "; "));
  }
  return out;
}

nlohmann::ordered_json costs_json(const Architecture& architecture,
                                  const std::vector<Cost>& costs) {
  nlohmann::ordered_json document = {{"schema", "tessera.costs/1"},
                                     {"architecture", architecture.name},
                                     {"technology", architecture.technology},
                                     {"area_mm2", total_area(architecture)},
                                     {"area_overhead", architecture.area_overhead},
                                     {"costs", nlohmann::ordered_json::array()}};
  for (const Cost& cost : costs) {
    document["costs"].push_back({{"element", architecture.name_of(cost.level)},
                                 {"instances", architecture.instances(cost.level)},
                                 {"item", cost.item},
                                 {"value", cost.value},
                                 {"unit", cost.unit},
                                 {"rule", rule_name(cost.rule)},
                                 {"by", cost.by},
                                 {"source", cost.source},
                                 {"error", cost.error}});
  }
  document["not_modelled"] = not_modelled(architecture);
  return document;
}

}  // namespace tessera
