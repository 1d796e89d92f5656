#include "app/results/results_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/csv_report.hpp"
#include "app/errors.hpp"
#include "app/json_report.hpp"
#include "app/numbers.hpp"
#include "app/sweep/known_front.hpp"
#include "app/text_table.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;
using Align = TextTable::Align;

/// The columns beside those of the axes that say what the network's run is of: the batch unless it
/// is an axis.
bool has_batch_column(const SweepResults& results) {
  return !results.identity.by_item();
}

double by_item(double value, const PointResult& point) {
  return value / static_cast<double>(point.batch);
}

/// Calls `row(point, front row, whether it is on the front)` for each.
template <class Row>
void for_each_row(const SweepResults& results, const Row& row) {
  for (std::size_t p = 0; p < results.points.size(); ++p) {
    for (std::size_t i = 0; i < results.points[p].front.size(); ++i) {
      row(results.points[p], results.points[p].front[i], results.on_front[p][i]);
    }
  }
}

}  // namespace

SweepResults SweepResults::read(ResultsFile& file, bool front_only) {
  SweepResults results;
  results.identity = file.identity();
  KnownFront front(results.identity);
  file.for_each_point([&](const PointResult& point) {
    ++results.finished;
    results.proven += point.certificate == "exact" ? 1 : 0;
    results.skipped += point.skipped_by ? 1 : 0;
    if (!point.feasible && results.infeasible++ == 0) {
      results.why_not = fmt::format("point {}: {}", point.point, point.why_not);
    }
    front.add(point);
  });
  results.front_size = front.size();
  const auto on_front = front.rows();
  file.for_each_point([&](PointResult& point) {
    std::vector<bool> marks;
    for (const FrontRow& row : point.front) {
      marks.push_back(on_front.contains({row.point, row.place}));
    }
    if (front_only) {
      std::size_t i = 0;
      std::erase_if(point.front, [&](const FrontRow&) { return !marks[i++]; });
      std::erase(marks, false);
    }
    if (!point.front.empty()) {
      results.points.push_back(std::move(point));
      results.on_front.push_back(std::move(marks));
    }
  });
  return results;
}

std::string results_csv(const SweepResults& results) {
  std::string out = "point";
  for (const std::string& axis : results.identity.axes) {
    out += ',';
    out += csv_field(axis);
  }
  out += fmt::format(
      ",architecture,network{},kept_in,energy_pJ,cycles,latency_s,area_mm2,edp_Js,power_W,"
      "utilization,energy_pJ_per_op,dram_words,energy_pJ_per_item,items_per_s,algorithm,"
      "certificate,gap,on_front,choices\n",
      has_batch_column(results) ? ",batch" : "");
  for_each_row(results, [&](const PointResult& point, const FrontRow& row, bool on_front) {
    const Evaluation e = evaluation_of(row);
    std::vector<std::string> fields = {std::to_string(point.point)};
    for (const std::string& value : point.values) {
      fields.push_back(csv_field(value));
    }
    fields.push_back(csv_field(results.identity.architecture));
    fields.push_back(csv_field(results.identity.network));
    if (has_batch_column(results)) {
      fields.push_back(std::to_string(point.batch));
    }
    for (std::string& field : std::vector<std::string>{
             csv_field(point.kept_in), exact(e.energy_pj), std::to_string(e.cycles),
             exact(e.latency_s), exact(e.area_mm2), exact(e.edp_js()), exact(e.power_w()),
             exact(e.utilization), exact(e.energy_pj / static_cast<double>(e.operations)),
             std::to_string(e.dram_words), exact(by_item(e.energy_pj, point)),
             exact(static_cast<double>(point.batch) / e.latency_s), point.algorithm,
             point.certificate, point.gap ? exact(*point.gap) : "", on_front ? "1" : "0",
             csv_field(row.choices)}) {
      fields.push_back(std::move(field));
    }
    out += fmt::format("{}\n", fmt::join(fields, ","));
  });
  return out;
}

std::string results_json(const SweepResults& results) {
  Json document = {{"schema", "tessera.sweep-results/1"},
                   {"version", results.identity.version},
                   {"sweep", results.identity.name},
                   {"hash", results.identity.hash()},
                   {"architecture", results.identity.architecture},
                   {"network", results.identity.network},
                   {"objectives", results.identity.objectives},
                   {"compared_by_item", results.identity.by_item()},
                   {"points", results.identity.points},
                   {"finished", results.finished},
                   {"front_size", results.front_size},
                   {"rows", Json::array()}};
  for_each_row(results, [&](const PointResult& point, const FrontRow& row, bool on_front) {
    const Evaluation e = evaluation_of(row);
    Json values = Json::object();
    for (std::size_t a = 0; a < point.values.size(); ++a) {
      values[results.identity.axes.at(a)] = point.values[a];
    }
    Json json = {{"point", point.point},
                 {"values", values},
                 {"batch", point.batch},
                 {"kept_in", point.kept_in.empty() ? Json(nullptr) : Json(point.kept_in)}};
    json.update(costs_json(e));
    json["energy_pJ_per_item"] = by_item(e.energy_pj, point);
    json["items_per_s"] = static_cast<double>(point.batch) / e.latency_s;
    json["algorithm"] = point.algorithm;
    json["certificate"] = point.certificate;
    json["gap"] = point.gap ? Json(*point.gap) : Json(nullptr);
    json["on_front"] = on_front;
    json["choices"] = row.choices;
    document["rows"].push_back(std::move(json));
  });
  return dumped(document);
}

std::string results_text(const SweepResults& results, const std::string& path) {
  const SweepIdentity& identity = results.identity;
  TextTable head(
      {{"sweep", Align::left},
       {fmt::format("{}: {} on {}", identity.name, identity.network, identity.architecture),
        Align::left}});
  head.add({"file", path});
  head.add(
      {"points",
       fmt::format("{} of {} finished, {} of them proven{}{}", grouped(results.finished),
                   grouped(identity.points), grouped(results.proven),
                   results.skipped > 0 ? fmt::format(", {} skipped: proven not to reach the front",
                                                     grouped(results.skipped))
                                       : "",
                   results.infeasible > 0
                       ? fmt::format(", {} without a result", grouped(results.infeasible))
                       : "")});
  if (results.infeasible > 0) {
    head.add({"", fmt::format("such as {}", results.why_not)});
  }
  const PointResult* first = results.points.empty() ? nullptr : &results.points.front();
  if (first != nullptr && first->batch > 1 && !identity.by_item()) {
    head.add({"batch", grouped(first->batch)});
  }
  const auto kept = std::find_if(results.points.begin(), results.points.end(),
                                 [](const PointResult& point) { return !point.kept_in.empty(); });
  if (kept != results.points.end()) {
    head.add({"on chip",
              fmt::format("what a layer leaves to the next one may stay in {}", kept->kept_in)});
  }
  head.add({"front", fmt::format("{} rows by {}{}", grouped(std::uint64_t{results.front_size}),
                                 fmt::join(identity.objectives, ", "),
                                 identity.by_item() ? ", each by item of the batch" : "")});
  std::string out = head.text() + "\n";
  std::vector<TextTable::Column> columns = {{"point"}};
  for (const std::string& axis : identity.axes) {
    columns.push_back({axis});
  }
  if (identity.by_item()) {
    columns.push_back({"energy/item"});
    columns.push_back({"items/s"});
    columns.push_back({"batch latency"});
  } else {
    columns.push_back({"energy"});
    columns.push_back({"latency"});
  }
  for (const char* name : {"power", "utilization", "area mm2"}) {
    columns.push_back({name});
  }
  TextTable table(std::move(columns));
  constexpr std::size_t kMostRows = 40;
  std::size_t rows = 0;
  for_each_row(results, [&](const PointResult& point, const FrontRow& row, bool on_front) {
    if (!on_front || ++rows > kMostRows) {
      return;
    }
    const Evaluation e = evaluation_of(row);
    std::vector<std::string> cells = {std::to_string(point.point)};
    cells.insert(cells.end(), point.values.begin(), point.values.end());
    cells.push_back(with_si_prefix(
        (identity.by_item() ? by_item(e.energy_pj, point) : e.energy_pj) * 1e-12, "J", 6));
    if (identity.by_item()) {
      cells.push_back(rounded(static_cast<double>(point.batch) / e.latency_s, 5));
    }
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
