#include "app/translate/translation_report.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/csv_report.hpp"
#include "app/json_report.hpp"
#include "app/numbers.hpp"
#include "app/text_table.hpp"
#include "app/translate/training_report.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;
using Align = TextTable::Align;

std::string hours_text(std::optional<double> hours) {
  if (!hours) {
    return "no use";
  }
  constexpr double kDay = 24;
  constexpr double kYear = 365.25 * kDay;
  if (*hours >= kYear) {
    return rounded(*hours / kYear, 3) + " years";
  }
  constexpr double kMostHours = 1000;
  if (*hours >= kMostHours) {
    return rounded(*hours / kDay, 3) + " days";
  }
  return *hours < 1 ? rounded(*hours * 60, 3) + " min" : rounded(*hours, 3) + " h";
}

std::string per_second(double rate) {
  return rounded(rate, 4) + "/s";
}

std::string kilograms(double value) {
  return with_si_prefix(value * 1000, "g", 3);
}

std::string region_text(const Region& region) {
  return fmt::format("{} {}{}", region.name, rounded(region.grams, 5),
                     region.year ? fmt::format(" ({})", *region.year) : "");
}

std::string terms_text(const Terms& terms) {
  std::vector<std::string> regions;
  for (const Region& region : terms.regions) {
    regions.push_back(region_text(region));
  }
  TextTable table({{"rate", Align::left},
                   {fmt::format("{} items/s wanted; {} while idle{}", rounded(terms.rate, 6),
                                with_si_prefix(terms.idle_w, "W", 4),
                                terms.idle_w > 0 ? "" : " (--idle gives what it takes)"),
                    Align::left}});
  table.add({"battery", fmt::format("{}: {} Wh, {} of it usable", terms.battery.name,
                                    rounded(terms.battery.watt_hours, 5), percent(terms.usable))});
  table.add({"grid", fmt::format("gCO2e/kWh: {}", fmt::join(regions, ", "))});
  table.add({"", fmt::format("efficiency of the supply {}, PUE {}", percent(terms.supply),
                             rounded(terms.pue, 4))});
  return table.text();
}

std::vector<std::size_t> shown_points(std::size_t count, std::size_t chosen) {
  constexpr std::size_t kMost = 20;
  std::set<std::size_t> places = {chosen};
  for (std::size_t i = 0; i < std::min(count, kMost); ++i) {
    places.insert(count <= kMost ? i : i * (count - 1) / (kMost - 1));
  }
  return {places.begin(), places.end()};
}

bool differ(const std::vector<ResultPoint>& points, std::string ResultPoint::*name) {
  return std::any_of(points.begin(), points.end(),
                     [&](const ResultPoint& point) { return point.*name != points.front().*name; });
}

std::string points_table(const TranslationReport& report, std::size_t chosen) {
  const bool architectures = differ(report.points, &ResultPoint::architecture);
  const bool workloads = differ(report.points, &ResultPoint::workload);
  const bool batches = std::any_of(
      report.points.begin(), report.points.end(),
      [&](const ResultPoint& point) { return point.batch != report.points.front().batch; });
  std::vector<TextTable::Column> columns = {{"#"}};
  if (architectures) {
    columns.push_back({"architecture", Align::left});
  }
  if (workloads) {
    columns.push_back({"workload", Align::left});
  }
  if (batches) {
    columns.push_back({"batch"});
  }
  for (const char* heading :
       {"energy/item", "latency", "items/s", "rate", "busy", "power", "average", "battery"}) {
    columns.push_back({heading});
  }
  columns.push_back({"kWh/million"});
  for (const Region& region : report.terms.regions) {
    columns.push_back({region.name});
  }
  TextTable table(std::move(columns));
  const auto shown = shown_points(report.points.size(), chosen);
  for (const std::size_t i : shown) {
    const ResultPoint& point = report.points[i];
    const Translation in_use = translate(point, report.terms);
    std::vector<std::string> cells = {std::to_string(point.number)};
    if (architectures) {
      cells.push_back(point.architecture);
    }
    if (workloads) {
      cells.push_back(point.workload);
    }
    if (batches) {
      cells.push_back(rounded(point.batch, 12));
    }
    for (std::string& cell : std::vector<std::string>{
             with_si_prefix(point.energy_per_item_j(), "J", 4),
             with_si_prefix(point.latency_s, "s", 4), rounded(point.items_per_s(), 4),
             in_use.reaches ? "reached" : "missed", percent(in_use.busy),
             with_si_prefix(in_use.running_w, "W", 4), with_si_prefix(in_use.average_w, "W", 4),
             hours_text(in_use.battery_hours), rounded(in_use.kwh_per_million, 4)}) {
      cells.push_back(std::move(cell));
    }
    for (const double kg : in_use.kilograms_per_million) {
      cells.push_back(kilograms(kg));
    }
    table.add(std::move(cells));
  }
  std::string out = table.text();
  if (shown.size() < report.points.size()) {
    out += fmt::format("({} of {} points; --format csv has all)\n", shown.size(),
                       grouped(std::uint64_t{report.points.size()}));
  }
  return out +
         "  power: while it computes; average: at the rate, or at its own where it misses it; "
         "battery: hours at\n  that average. Regions: CO2e of a million items.\n";
}

std::string chosen_text(const TranslationReport& report, std::size_t chosen) {
  const ResultPoint& point = report.points[chosen];
  const Terms& terms = report.terms;
  const Translation in_use = translate(point, terms);
  std::string out = fmt::format(
      "Point {}: {}.\n", point.number,
      in_use.reaches
          ? fmt::format("the least average power of those that reach {}", per_second(terms.rate))
          : fmt::format("none reaches {}; this is the fastest, {} times too slow",
                        per_second(terms.rate), rounded(terms.rate / point.items_per_s(), 3)));
  if (in_use.reaches) {
    out += fmt::format("  {} are reached {} times over.\n", per_second(terms.rate),
                       rounded(point.items_per_s() / terms.rate, 3));
  }
  if (in_use.items_a_charge) {
    out += fmt::format("  A charge of the {} lasts for {} items, {} at {}.\n", terms.battery.name,
                       rounded(*in_use.items_a_charge, 3), hours_text(in_use.battery_hours),
                       per_second(in_use.rate));
  }
  TextTable table({{"budget", Align::left}, {"power"}, {"average of it"}, {"items/s within it"}});
  for (const PowerBudget& budget : terms.budgets) {
    const auto most = rate_within(point, terms.idle_w, budget.watts);
    table.add({budget.name, with_si_prefix(budget.watts, "W", 4),
               budget.watts > 0 ? percent(in_use.average_w / budget.watts) : "-",
               !most                          ? "none: idling takes more"
               : *most >= point.items_per_s() ? fmt::format("{} (all it can)", rounded(*most, 4))
                                              : rounded(*most, 4)});
  }
  return out + "\n" + table.text();
}

std::string sources_text(const TranslationReport& report) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view what, const std::string& source) {
    if (source.empty()) {
      return;
    }
    const std::string line = fmt::format("  {}: {}\n", what, source);
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) {
      lines.push_back(line);
    }
  };
  if (!report.points.empty()) {
    for (const Region& region : report.terms.regions) {
      add(region.name == "World" ? "grid (World)" : "grid", region.source);
    }
    add("battery", report.terms.battery.source);
    for (const PowerBudget& budget : report.terms.budgets) {
      add("budgets", budget.source);
    }
  }
  for (const Training& training : report.trainings) {
    add(training.name, training.source);
  }
  return lines.empty() ? "" : fmt::format("Sources:\n{}", fmt::join(lines, ""));
}

Json point_json(const ResultPoint& point, const Terms& terms) {
  const Translation in_use = translate(point, terms);
  Json json = {
      {"point", point.number},
      {"architecture", point.architecture},
      {"workload", point.workload},
      {"batch", point.batch},
      {"energy_J_per_item", point.energy_per_item_j()},
      {"latency_s", point.latency_s},
      {"items_per_s", point.items_per_s()},
      {"reaches_rate", in_use.reaches},
      {"rate_per_s", in_use.rate},
      {"busy", in_use.busy},
      {"power_running_W", in_use.running_w},
      {"power_average_W", in_use.average_w},
      {"battery_h", in_use.battery_hours ? Json(*in_use.battery_hours) : Json(nullptr)},
      {"items_per_charge", in_use.items_a_charge ? Json(*in_use.items_a_charge) : Json(nullptr)},
      {"kWh_per_million", in_use.kwh_per_million}};
  for (std::size_t r = 0; r < terms.regions.size(); ++r) {
    json["kgCO2e_per_million"][terms.regions[r].name] = in_use.kilograms_per_million[r];
  }
  for (const PowerBudget& budget : terms.budgets) {
    const auto most = rate_within(point, terms.idle_w, budget.watts);
    json["items_per_s_within"][budget.name] = most ? Json(*most) : Json(nullptr);
  }
  return json;
}

Json terms_json(const Terms& terms) {
  Json budgets = Json::array();
  for (const PowerBudget& budget : terms.budgets) {
    budgets.push_back(
        {{"name", budget.name}, {"power_W", budget.watts}, {"source", budget.source}});
  }
  Json regions = Json::array();
  for (const Region& region : terms.regions) {
    regions.push_back({{"name", region.name},
                       {"gCO2e_per_kWh", region.grams},
                       {"year", region.year ? Json(*region.year) : Json(nullptr)},
                       {"source", region.source}});
  }
  return {{"rate_per_s", terms.rate},
          {"idle_W", terms.idle_w},
          {"battery",
           {{"name", terms.battery.name},
            {"charge_Wh", terms.battery.watt_hours},
            {"usable", terms.usable},
            {"source", terms.battery.source}}},
          {"supply", terms.supply},
          {"PUE", terms.pue},
          {"budgets", budgets},
          {"regions", regions}};
}

}  // namespace

std::string translation_text(const TranslationReport& report) {
  std::string out;
  const ResultPoint* point = nullptr;
  if (!report.points.empty()) {
    const std::size_t chosen = chosen_point(report.points, report.terms);
    point = &report.points[chosen];
    out = terms_text(report.terms) + "\n" + points_table(report, chosen) + "\n" +
          chosen_text(report, chosen);
  }
  if (!report.trainings.empty()) {
    out += (out.empty() ? "" : "\n") + trainings_text(report, point);
  }
  const std::string sources = sources_text(report);
  return sources.empty() ? out : out + "\n" + sources;
}

std::string translation_csv(const TranslationReport& report) {
  std::string out =
      "point,architecture,workload,batch,energy_J_per_item,latency_s,items_per_s,wanted_per_s,"
      "reaches_rate,busy,power_running_W,power_average_W,battery,battery_h,items_per_charge,"
      "kWh_per_million,region,gCO2e_per_kWh,kgCO2e_per_million\n";
  const Terms& terms = report.terms;
  for (const ResultPoint& point : report.points) {
    const Translation in_use = translate(point, terms);
    for (std::size_t r = 0; r < terms.regions.size(); ++r) {
      const std::vector<std::string> fields = {
          std::to_string(point.number),
          csv_field(point.architecture),
          csv_field(point.workload),
          exact(point.batch),
          exact(point.energy_per_item_j()),
          exact(point.latency_s),
          exact(point.items_per_s()),
          exact(terms.rate),
          in_use.reaches ? "1" : "0",
          exact(in_use.busy),
          exact(in_use.running_w),
          exact(in_use.average_w),
          csv_field(terms.battery.name),
          in_use.battery_hours ? exact(*in_use.battery_hours) : "",
          in_use.items_a_charge ? exact(*in_use.items_a_charge) : "",
          exact(in_use.kwh_per_million),
          csv_field(terms.regions[r].name),
          exact(terms.regions[r].grams),
          exact(in_use.kilograms_per_million[r])};
      out += fmt::format("{}\n", fmt::join(fields, ","));
    }
  }
  return out;
}

std::string translation_json(const TranslationReport& report) {
  Json document = {{"schema", "tessera.translation/1"}, {"version", TESSERA_VERSION}};
  const ResultPoint* chosen = nullptr;
  if (!report.points.empty()) {
    chosen = &report.points[chosen_point(report.points, report.terms)];
    document["terms"] = terms_json(report.terms);
    document["chosen"] = chosen->number;
    document["points"] = Json::array();
    for (const ResultPoint& point : report.points) {
      document["points"].push_back(point_json(point, report.terms));
    }
  }
  if (!report.trainings.empty()) {
    document["trainings"] = trainings_json(report, chosen);
  }
  return dumped(document);
}

std::string known_figures_text() {
  TextTable regions({{"region", Align::left}, {"gCO2e/kWh"}, {"year"}, {"source", Align::left}});
  for (const Region& region : known_regions()) {
    regions.add({region.name, rounded(region.grams, 6), std::to_string(region.year.value_or(0)),
                 region.source});
  }
  TextTable batteries(
      {{"battery", Align::left}, {"Wh"}, {"basis", Align::left}, {"source", Align::left}});
  for (const Battery& battery : known_batteries()) {
    batteries.add({battery.name, rounded(battery.watt_hours, 6), battery.basis, battery.source});
  }
  TextTable budgets({{"budget", Align::left}, {"power"}, {"source", Align::left}});
  for (const PowerBudget& budget : known_power_budgets()) {
    budgets.add({budget.name, with_si_prefix(budget.watts, "W", 6), budget.source});
  }
  TextTable trainings(
      {{"training", Align::left}, {"figure", Align::left}, {"source", Align::left}});
  for (const Training& training : known_trainings()) {
    trainings.add({training.name, std::string(to_string(training.kind)), training.source});
  }
  return fmt::format("{}\n{}\n{}\n{}", regions.text(), batteries.text(), budgets.text(),
                     trainings.text());
}

}  // namespace tessera
