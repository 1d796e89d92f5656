#include "app/results/results_report.hpp"

#include <algorithm>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/csv_report.hpp"
#include "app/errors.hpp"
#include "app/json_report.hpp"
#include "app/numbers.hpp"
#include "app/text_table.hpp"
#include "search/objective.hpp"
#include "search/pareto_front.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;
using Align = TextTable::Align;

Evaluation evaluation_of(const FrontRow& row) {
  Evaluation e;
  e.energy_pj = row.energy_pj;
  e.cycles = row.cycles;
  e.latency_s = row.latency_s;
  e.area_mm2 = row.area_mm2;
  e.utilization = row.utilization;
  e.dram_words = row.dram_words;
  e.operations = row.operations;
  return e;
}

std::vector<Objective> objectives_of(const SweepIdentity& identity) {
  std::vector<Objective> objectives;
  for (const std::string& name : identity.objectives) {
    const auto parsed = parse_objective(name);
    if (!std::holds_alternative<Objective>(parsed)) {
      throw UsageError(fmt::format("the objective '{}' of the results cannot be read", name));
    }
    objectives.push_back(std::get<Objective>(parsed));
  }
  return objectives;
}

/// Calls `row(point, front row, whether it is on the front)` for each.
template <class Row>
void for_each_row(const SweepResults& results, bool front_only, const Row& row) {
  for (std::size_t p = 0; p < results.points.size(); ++p) {
    for (std::size_t i = 0; i < results.points[p].front.size(); ++i) {
      const bool on_front = results.on_front[p][i];
      if (on_front || !front_only) {
        row(results.points[p], results.points[p].front[i], on_front);
      }
    }
  }
}

}  // namespace

SweepResults SweepResults::read(ResultsFile& file) {
  SweepResults results{file.identity(), file.points(), {}, 0};
  const std::vector<Objective> objectives = objectives_of(results.identity);
  ParetoFront front;
  for (std::size_t p = 0; p < results.points.size(); ++p) {
    results.on_front.emplace_back(results.points[p].front.size(), false);
    for (std::size_t i = 0; i < results.points[p].front.size(); ++i) {
      ParetoPoint point;
      const Evaluation e = evaluation_of(results.points[p].front[i]);
      for (const Objective& objective : objectives) {
        point.values.push_back(value_of(objective, e));
      }
      point.key = fmt::format("{:016x}{:016x}", p, i);  // of equal points the first
      front.insert(std::move(point));
    }
  }
  constexpr std::size_t kDigits = 16;
  constexpr int kHexadecimal = 16;
  for (const ParetoPoint& point : front.points()) {
    const std::size_t p = std::stoul(point.key.substr(0, kDigits), nullptr, kHexadecimal);
    const std::size_t i = std::stoul(point.key.substr(kDigits), nullptr, kHexadecimal);
    results.on_front[p][i] = true;
  }
  results.front_size = front.size();
  return results;
}

std::string results_csv(const SweepResults& results, bool front_only) {
  std::string out = "point";
  for (const std::string& axis : results.identity.axes) {
    out += ',';
    out += csv_field(axis);
  }
  out +=
      ",architecture,network,energy_pJ,cycles,latency_s,area_mm2,edp_Js,power_W,utilization,"
      "energy_pJ_per_op,dram_words,algorithm,certificate,gap,on_front,choices\n";
  for_each_row(
      results, front_only, [&](const PointResult& point, const FrontRow& row, bool on_front) {
        const Evaluation e = evaluation_of(row);
        std::vector<std::string> fields = {std::to_string(point.point)};
        for (const std::string& value : point.values) {
          fields.push_back(csv_field(value));
        }
        for (std::string& field : std::vector<std::string>{
                 csv_field(results.identity.architecture), csv_field(results.identity.network),
                 exact(e.energy_pj), std::to_string(e.cycles), exact(e.latency_s),
                 exact(e.area_mm2), exact(e.edp_js()), exact(e.power_w()), exact(e.utilization),
                 exact(e.energy_pj / static_cast<double>(e.operations)),
                 std::to_string(e.dram_words), point.algorithm, point.certificate,
                 point.gap ? exact(*point.gap) : "", on_front ? "1" : "0",
                 csv_field(row.choices)}) {
          fields.push_back(std::move(field));
        }
        out += fmt::format("{}\n", fmt::join(fields, ","));
      });
  return out;
}

std::string results_json(const SweepResults& results, bool front_only) {
  Json document = {{"schema", "tessera.sweep-results/1"},
                   {"version", results.identity.version},
                   {"sweep", results.identity.name},
                   {"hash", results.identity.hash()},
                   {"architecture", results.identity.architecture},
                   {"network", results.identity.network},
                   {"objectives", results.identity.objectives},
                   {"points", results.identity.points},
                   {"finished", results.points.size()},
                   {"front_size", results.front_size},
                   {"rows", Json::array()}};
  for_each_row(results, front_only,
               [&](const PointResult& point, const FrontRow& row, bool on_front) {
                 const Evaluation e = evaluation_of(row);
                 Json values = Json::object();
                 for (std::size_t a = 0; a < point.values.size(); ++a) {
                   values[results.identity.axes.at(a)] = point.values[a];
                 }
                 document["rows"].push_back({{"point", point.point},
                                             {"values", values},
                                             {"energy_pJ", e.energy_pj},
                                             {"cycles", e.cycles},
                                             {"latency_s", e.latency_s},
                                             {"area_mm2", e.area_mm2},
                                             {"edp_Js", e.edp_js()},
                                             {"power_W", e.power_w()},
                                             {"utilization", e.utilization},
                                             {"dram_words", e.dram_words},
                                             {"algorithm", point.algorithm},
                                             {"certificate", point.certificate},
                                             {"gap", point.gap ? Json(*point.gap) : Json(nullptr)},
                                             {"on_front", on_front},
                                             {"choices", row.choices}});
               });
  return dumped(document);
}

std::string results_text(const SweepResults& results, const std::string& path) {
  const SweepIdentity& identity = results.identity;
  const auto infeasible = std::count_if(results.points.begin(), results.points.end(),
                                        [](const PointResult& point) { return !point.feasible; });
  const auto proven =
      std::count_if(results.points.begin(), results.points.end(),
                    [](const PointResult& point) { return point.certificate == "exact"; });
  TextTable head(
      {{"sweep", Align::left},
       {fmt::format("{}: {} on {}", identity.name, identity.network, identity.architecture),
        Align::left}});
  head.add({"file", path});
  head.add({"points", fmt::format("{} of {} finished, {} of them proven{}",
                                  grouped(std::uint64_t{results.points.size()}),
                                  grouped(identity.points), grouped(std::int64_t{proven}),
                                  infeasible > 0 ? fmt::format(", {} without a result",
                                                               grouped(std::int64_t{infeasible}))
                                                 : "")});
  for (const PointResult& point : results.points) {
    if (!point.feasible) {
      head.add({"", fmt::format("such as point {}: {}", point.point, point.why_not)});
      break;
    }
  }
  head.add({"front", fmt::format("{} rows by {}", grouped(std::uint64_t{results.front_size}),
                                 fmt::join(identity.objectives, ", "))});
  std::string out = head.text() + "\n";
  std::vector<TextTable::Column> columns = {{"point"}};
  for (const std::string& axis : identity.axes) {
    columns.push_back({axis});
  }
  for (const char* name : {"energy", "latency", "power", "utilization", "area mm2"}) {
    columns.push_back({name});
  }
  TextTable table(std::move(columns));
  constexpr std::size_t kMostRows = 40;
  std::size_t rows = 0;
  for_each_row(results, true, [&](const PointResult& point, const FrontRow& row, bool) {
    if (++rows > kMostRows) {
      return;
    }
    const Evaluation e = evaluation_of(row);
    std::vector<std::string> cells = {std::to_string(point.point)};
    cells.insert(cells.end(), point.values.begin(), point.values.end());
    cells.push_back(with_si_prefix(e.energy_pj * 1e-12, "J", 6));
    cells.push_back(with_si_prefix(e.latency_s, "s", 6));
    cells.push_back(with_si_prefix(e.power_w(), "W", 4));
    cells.push_back(percent(e.utilization));
    cells.push_back(rounded(e.area_mm2, 6));
    table.add(std::move(cells));
  });
  if (!table.empty()) {
    out += table.text();
  }
  if (rows > kMostRows) {
    out += fmt::format("({} of {} rows; --front --csv has all)\n", kMostRows, rows);
  }
  return out;
}

}  // namespace tessera
