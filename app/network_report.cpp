#include "app/network_report.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/csv_report.hpp"
#include "app/front_report.hpp"
#include "app/json_report.hpp"
#include "app/numbers.hpp"
#include "app/text_table.hpp"
#include "mapper/mapping_spec.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;
using Align = TextTable::Align;

double by_item(double value, const NetworkRun& run) {
  return value / static_cast<double>(run.tasks.batch);
}

/// The algorithms of the layers' searches, each once: `exhaustive` or `exhaustive+random`.
std::string algorithms(const NetworkRun& run) {
  std::vector<std::string_view> names;
  for (const TaskResult& result : run.results) {
    const std::string_view name = to_string(result.search.algorithm);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return fmt::format("{}", fmt::join(names, "+"));
}

/// Points are numbered from 1: `2` where it is used every time, `1x3+4` for point 1 three times and
/// point 4 once.
std::string choices_text(const std::vector<NetworkChoice>& choices) {
  std::string text;
  for (const NetworkChoice& choice : choices) {
    text += fmt::format("{}{}", text.empty() ? "" : "+", choice.point + 1);
    if (choices.size() > 1 && choice.count > 1) {
      text += fmt::format("x{}", choice.count);
    }
  }
  return text;
}

std::int64_t executions_of(const NetworkTasks& tasks) {
  std::int64_t sum = 0;
  for (const NetworkTasks::Task& task : tasks.tasks) {
    sum += task.executions;
  }
  return sum;
}

/// What one layer needs in one point of the front, all its executions together.
struct LayerShare {
  std::vector<NetworkChoice> choices;
  std::int64_t operations = 0;
  std::int64_t cycles = 0;
  std::int64_t dram_words = 0;
  double energy_pj = 0;
  std::string bottleneck;  ///< of its first choice
};

/// The executions of a task are dealt out to its layers in their order, those with the lower points
/// first.
std::vector<LayerShare> shares_of(const NetworkReport& report, const NetworkRun& run,
                                  const NetworkPoint& point) {
  std::vector<std::vector<NetworkChoice>> left = point.choices;
  std::vector<LayerShare> shares;
  for (std::size_t l = 0; l < report.network.layers.size(); ++l) {
    const std::size_t task = run.tasks.task_of[l];
    std::int64_t needed = report.network.layers[l].repeat;
    LayerShare& share = shares.emplace_back();
    for (NetworkChoice& choice : left[task]) {
      const std::int64_t count = std::min(needed, choice.count);
      if (count == 0) {
        continue;
      }
      choice.count -= count;
      needed -= count;
      share.choices.push_back({choice.point, count});
      const Evaluation& e = run.results[task].evaluations[choice.point];
      share.operations += e.operations * count;
      share.cycles += e.cycles * count;
      share.dram_words += e.dram_words * count;
      share.energy_pj += e.energy_pj * static_cast<double>(count);
      if (share.bottleneck.empty()) {
        share.bottleneck = report.architecture.name_of(e.bottleneck);
      }
    }
  }
  return shares;
}

std::string certificate_text(const NetworkFront& front) {
  const Certificate& certificate = front.certificate;
  switch (certificate.kind) {
    case Certificate::Kind::exact:
      return "exact: the Pareto sum of the layers' fronts, all of them proven";
    case Certificate::Kind::bound:
      return fmt::format("bound: no objective's least can be missed by more than {}{}",
                         percent(certificate.gap),
                         front.slack > 0 ? fmt::format("; of a sum too large to be listed, every "
                                                       "point is within {:.2g} % of a listed one",
                                                       front.slack * 100)
                                         : "");
    case Certificate::Kind::none:
      return "none: mappings that were not tried may be better";
  }
  return "";
}

std::vector<std::string> unproven(const NetworkRun& run) {
  std::vector<std::string> names;
  for (std::size_t t = 0; t < run.results.size(); ++t) {
    if (run.results[t].search.certificate.kind != Certificate::Kind::exact) {
      names.push_back(run.tasks.tasks[t].problem.name);
    }
  }
  return names;
}

/// Up to `most` of `count` places, evenly spread, the first, the last and `also` among them.
std::vector<std::size_t> some_of(std::size_t count, std::size_t most, std::size_t also) {
  std::vector<std::size_t> places;
  if (count <= most) {
    for (std::size_t i = 0; i < count; ++i) {
      places.push_back(i);
    }
    return places;
  }
  for (std::size_t i = 0; i + 1 < most; ++i) {
    places.push_back(i * (count - 1) / (most - 2));
  }
  places.push_back(also);
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

std::string summary(const NetworkReport& report, const NetworkRun& run) {
  std::vector<std::string_view> objectives;
  for (const Objective& objective : report.options.objectives) {
    objectives.push_back(to_string(objective));
  }
  const Network& network = report.network;
  const std::int64_t operations = network.operations(run.tasks.batch);
  TextTable table(
      {{"network", Align::left},
       {fmt::format("{}: {} layers, {} executions, {} operations, batch {}", network.name,
                    network.layers.size(), grouped(executions_of(run.tasks)), grouped(operations),
                    grouped(run.tasks.batch)),
        Align::left}});
  table.add({"architecture", report.architecture.name});
  const std::vector<std::string> open = unproven(run);
  table.add({"search", fmt::format("{} different layers, {} proven; {}, {} factors, seed {}",
                                   run.tasks.tasks.size(), run.results.size() - open.size(),
                                   to_string(report.options.space),
                                   to_string(report.options.factors), report.options.seed)});
  if (!open.empty()) {
    constexpr std::size_t kMostShown = 6;
    const std::vector<std::string> shown(
        open.begin(),
        open.begin() + static_cast<std::ptrdiff_t>(std::min(open.size(), kMostShown)));
    table.add({"", fmt::format("not proven: {}{}", fmt::join(shown, ", "),
                               open.size() > kMostShown ? ", ..." : "")});
  }
  table.add({"certificate", certificate_text(run.front)});
  for (std::size_t i = 0; i < report.options.limits.size(); ++i) {
    const Limit& limit = report.options.limits[i];
    table.add({i == 0 ? "limits" : "",
               fmt::format("{} {} {}", to_string(limit.metric),
                           limit.at_least() ? "at least" : "at most", limit.text)});
  }
  table.add(
      {"front", fmt::format("{} point{} by {}", grouped(std::uint64_t{run.front.points.size()}),
                            run.front.points.size() == 1 ? "" : "s", fmt::join(objectives, ", "))});
  return table.text();
}

std::string front_table(const NetworkRun& run, std::size_t best) {
  constexpr std::size_t kMostRows = 20;
  const std::vector<NetworkPoint>& points = run.front.points;
  const bool with_area = points.front().total.area_mm2 > 0;
  std::vector<TextTable::Column> columns = {{"#"},           {"energy"},    {"cycles"},
                                            {"latency"},     {"edp J*s"},   {"power"},
                                            {"utilization"}, {"energy/op"}, {"dram words"}};
  if (with_area) {
    columns.push_back({"area mm2"});
  }
  TextTable table(std::move(columns));
  const std::vector<std::size_t> shown = some_of(points.size(), kMostRows, best);
  for (const std::size_t i : shown) {
    const Evaluation& e = points[i].total;
    std::vector<std::string> cells = {
        std::to_string(i + 1),
        with_si_prefix(e.energy_pj * 1e-12, "J", 6),
        grouped(e.cycles),
        with_si_prefix(e.latency_s, "s", 6),
        rounded(e.edp_js(), 6),
        with_si_prefix(e.power_w(), "W", 4),
        percent(e.utilization),
        with_si_prefix(e.energy_pj * 1e-12 / static_cast<double>(e.operations), "J", 4),
        grouped(e.dram_words)};
    if (with_area) {
      cells.push_back(rounded(e.area_mm2, 6));
    }
    table.add(std::move(cells));
  }
  std::string text = table.text();
  if (shown.size() < points.size()) {
    text += fmt::format("({} of {} points; --format csv has all)\n", shown.size(),
                        grouped(std::uint64_t{points.size()}));
  }
  return text;
}

std::string layer_table(const NetworkReport& report, const NetworkRun& run, std::size_t best) {
  const NetworkPoint& point = run.front.points[best];
  TextTable table({{"layer", Align::left},
                   {"times"},
                   {"operations"},
                   {"energy"},
                   {"share"},
                   {"cycles"},
                   {"share"},
                   {"dram words"},
                   {"bound by", Align::left},
                   {"of its front", Align::left}});
  const std::vector<LayerShare> shares = shares_of(report, run, point);
  for (std::size_t l = 0; l < shares.size(); ++l) {
    const LayerShare& share = shares[l];
    const std::size_t points = run.results[run.tasks.task_of[l]].evaluations.size();
    table.add({report.network.layers[l].problem.name, grouped(report.network.layers[l].repeat),
               grouped(share.operations), with_si_prefix(share.energy_pj * 1e-12, "J", 4),
               percent(share.energy_pj / point.total.energy_pj), grouped(share.cycles),
               percent(static_cast<double>(share.cycles) / static_cast<double>(point.total.cycles)),
               grouped(share.dram_words), share.bottleneck,
               fmt::format("{} of {}", choices_text(share.choices), points)});
  }
  table.add({"total", grouped(executions_of(run.tasks)), grouped(point.total.operations),
             with_si_prefix(point.total.energy_pj * 1e-12, "J", 4), "100 %",
             grouped(point.total.cycles), "100 %", grouped(point.total.dram_words), "", ""});
  return table.text();
}

/// Several batches side by side, each by item.
std::string batch_table(const NetworkReport& report) {
  TextTable table({{"batch"},
                   {"points"},
                   {"certificate", Align::left},
                   {"least energy/item"},
                   {"at items/s"},
                   {"most items/s"},
                   {"at energy/item"},
                   {"dram words/item"}});
  for (const NetworkRun& run : report.runs) {
    const std::vector<NetworkPoint>& points = run.front.points;
    const auto energy = std::min_element(points.begin(), points.end(),
                                         [](const NetworkPoint& a, const NetworkPoint& b) {
                                           return a.total.energy_pj < b.total.energy_pj;
                                         });
    const auto fast = std::min_element(points.begin(), points.end(),
                                       [](const NetworkPoint& a, const NetworkPoint& b) {
                                         return a.total.cycles < b.total.cycles;
                                       });
    const auto rate = [&](const NetworkPoint& point) {
      return rounded(static_cast<double>(run.tasks.batch) / point.total.latency_s, 5);
    };
    const auto joules = [&](const NetworkPoint& point) {
      return with_si_prefix(by_item(point.total.energy_pj * 1e-12, run), "J", 6);
    };
    table.add({grouped(run.tasks.batch), grouped(std::uint64_t{points.size()}),
               std::string(to_string(run.front.certificate.kind)), joules(*energy), rate(*energy),
               rate(*fast), joules(*fast),
               rounded(by_item(static_cast<double>(energy->total.dram_words), run), 8)});
  }
  return table.text();
}

std::string gap_text(const Certificate& certificate) {
  return certificate.kind == Certificate::Kind::none ? "" : exact(certificate.gap);
}

Json gap_json(const Certificate& certificate) {
  return certificate.kind == Certificate::Kind::none ? Json(nullptr) : Json(certificate.gap);
}

Json choices_json(const NetworkPoint& point) {
  Json tasks = Json::array();
  for (const std::vector<NetworkChoice>& choices : point.choices) {
    Json list = Json::array();
    for (const NetworkChoice& choice : choices) {
      list.push_back({{"point", choice.point}, {"executions", choice.count}});
    }
    tasks.push_back(std::move(list));
  }
  return tasks;
}

Json total_json(const NetworkRun& run, const Evaluation& e) {
  Json json = costs_json(e);
  json["energy_pJ_per_item"] = by_item(e.energy_pj, run);
  json["items_per_s"] = static_cast<double>(run.tasks.batch) / e.latency_s;
  return json;
}

Json task_json(const NetworkReport& report, const NetworkRun& run, std::size_t task) {
  const NetworkTasks::Task& asked = run.tasks.tasks[task];
  const TaskResult& result = run.results[task];
  Json layers = Json::array();
  for (std::size_t l = 0; l < report.network.layers.size(); ++l) {
    if (run.tasks.task_of[l] == task) {
      layers.push_back(report.network.layers[l].problem.name);
    }
  }
  Json points = Json::array();
  for (std::size_t i = 0; i < result.evaluations.size(); ++i) {
    const Evaluation& e = result.evaluations[i];
    points.push_back({{"energy_pJ", e.energy_pj},
                      {"cycles", e.cycles},
                      {"latency_s", e.latency_s},
                      {"utilization", e.utilization},
                      {"dram_words", e.dram_words},
                      {"bottleneck", report.architecture.name_of(e.bottleneck)},
                      {"mapping", to_line(result.search.front.points()[i].mapping, asked.problem,
                                          report.architecture)}});
  }
  return {{"layers", layers},
          {"executions", asked.executions},
          {"operations", asked.problem.operations()},
          {"algorithm", to_string(result.search.algorithm)},
          {"certificate", to_string(result.search.certificate.kind)},
          {"gap", gap_json(result.search.certificate)},
          {"points", points}};
}

}  // namespace

std::size_t best_point(const NetworkFront& front) {
  const auto least = std::min_element(front.points.begin(), front.points.end(),
                                      [](const NetworkPoint& a, const NetworkPoint& b) {
                                        return a.total.edp_js() < b.total.edp_js();
                                      });
  return static_cast<std::size_t>(least - front.points.begin());
}

std::string network_front_csv(const NetworkReport& report) {
  std::string out =
      "architecture,network,batch,energy_pJ,cycles,latency_s,area_mm2,edp_Js,power_W,utilization,"
      "energy_pJ_per_op,dram_words,energy_pJ_per_item,items_per_s,algorithm,certificate,gap,seed,"
      "choices\n";
  for (const NetworkRun& run : report.runs) {
    for (const NetworkPoint& point : run.front.points) {
      const Evaluation& e = point.total;
      std::string choices;
      for (std::size_t t = 0; t < point.choices.size(); ++t) {
        choices += fmt::format("{}{}={}", t == 0 ? "" : ";", run.tasks.tasks[t].problem.name,
                               choices_text(point.choices[t]));
      }
      const std::vector<std::string> fields = {
          csv_field(report.architecture.name),
          csv_field(report.network.name),
          std::to_string(run.tasks.batch),
          exact(e.energy_pj),
          std::to_string(e.cycles),
          exact(e.latency_s),
          exact(e.area_mm2),
          exact(e.edp_js()),
          exact(e.power_w()),
          exact(e.utilization),
          exact(e.energy_pj / static_cast<double>(e.operations)),
          std::to_string(e.dram_words),
          exact(by_item(e.energy_pj, run)),
          exact(static_cast<double>(run.tasks.batch) / e.latency_s),
          algorithms(run),
          std::string(to_string(run.front.certificate.kind)),
          gap_text(run.front.certificate),
          std::to_string(report.options.seed),
          csv_field(choices)};
      out += fmt::format("{}\n", fmt::join(fields, ","));
    }
  }
  return out;
}

std::string network_layers_csv(const NetworkReport& report) {
  std::string out = "network,batch,executions,point," + csv_heading();
  const SearchOptions options = layer_options(report.options);
  for (const NetworkRun& run : report.runs) {
    for (std::size_t t = 0; t < run.results.size(); ++t) {
      const NetworkTasks::Task& task = run.tasks.tasks[t];
      const SearchResult& result = run.results[t].search;
      RowOrigin origin;
      origin.algorithm = to_string(result.algorithm);
      origin.certificate = to_string(result.certificate.kind);
      if (result.certificate.kind != Certificate::Kind::none) {
        origin.gap = result.certificate.gap;
      }
      origin.seed = options.seed;
      for (std::size_t i = 0; i < run.results[t].evaluations.size(); ++i) {
        out += fmt::format("{},{},{},{},", csv_field(report.network.name), run.tasks.batch,
                           task.executions, i + 1);
        out += csv_row({task.problem, report.architecture, result.front.points()[i].mapping,
                        run.results[t].evaluations[i]},
                       origin);
      }
    }
  }
  return out;
}

std::string network_json(const NetworkReport& report) {
  Json objectives = Json::array();
  for (const Objective& objective : report.options.objectives) {
    objectives.push_back(to_string(objective));
  }
  Json limits = Json::object();
  for (const Limit& limit : report.options.limits) {
    limits[std::string(to_string(limit.metric))] = limit.text;
  }
  Json document = {{"schema", "tessera.network-front/1"},
                   {"version", TESSERA_VERSION},
                   {"network", report.network.name},
                   {"architecture", report.architecture.name},
                   {"objectives", objectives},
                   {"order", report.options.lexicographic ? "lexicographic" : "pareto"},
                   {"limits", limits},
                   {"space", to_string(report.options.space)},
                   {"factors", to_string(report.options.factors)},
                   {"seed", report.options.seed},
                   {"batches", Json::array()}};
  for (const NetworkRun& run : report.runs) {
    Json tasks = Json::array();
    for (std::size_t t = 0; t < run.results.size(); ++t) {
      tasks.push_back(task_json(report, run, t));
    }
    Json points = Json::array();
    for (const NetworkPoint& point : run.front.points) {
      points.push_back(total_json(run, point.total));
      points.back()["choices"] = choices_json(point);
    }
    document["batches"].push_back({{"batch", run.tasks.batch},
                                   {"operations", report.network.operations(run.tasks.batch)},
                                   {"certificate", to_string(run.front.certificate.kind)},
                                   {"gap", gap_json(run.front.certificate)},
                                   {"slack", run.front.slack},
                                   {"stopped", run.stopped},
                                   {"tasks", tasks},
                                   {"points", points}});
  }
  return dumped(document);
}

std::string network_text(const NetworkReport& report) {
  if (report.runs.size() > 1) {
    std::string out =
        fmt::format("{} on {}, by batch:\n", report.network.name, report.architecture.name);
    return out + batch_table(report);
  }
  const NetworkRun& run = report.runs.front();
  const std::size_t best = best_point(run.front);
  std::string out = summary(report, run) + "\n" + front_table(run, best);
  if (run.tasks.batch > 1) {
    const Evaluation& e = run.front.points[best].total;
    out += fmt::format("\nPoint {} by item: {}, {} items/s.\n", best + 1,
                       with_si_prefix(by_item(e.energy_pj * 1e-12, run), "J", 6),
                       rounded(static_cast<double>(run.tasks.batch) / e.latency_s, 5));
  }
  out += fmt::format("\nPoint {} (least energy x latency), layer by layer:\n", best + 1) +
         layer_table(report, run, best);
  const std::vector<std::string> missing = not_modelled(report.architecture);
  if (!missing.empty()) {
    out += fmt::format("\nNot modelled, counted as 0: {}.\n", fmt::join(missing, "; "));
  }
  return out;
}

}  // namespace tessera
