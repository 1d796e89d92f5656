#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/auto_sizes.hpp"
#include "app/front_report.hpp"
#include "app/network_family.hpp"
#include "app/network_report.hpp"
#include "app/network_shares.hpp"
#include "app/numbers.hpp"
#include "app/text_table.hpp"
#include "app/tree_text.hpp"

namespace tessera {

namespace {

using Align = TextTable::Align;

std::string certificate_text(const NetworkRun& run) {
  const NetworkFront& front = run.front;
  const Certificate& certificate = front.certificate;
  switch (certificate.kind) {
    case Certificate::Kind::exact:
      return !run.machines.empty()
                 ? "exact: of all sizes, the Pareto sum of the layers' fronts, all of them proven"
             : run.tasks.kept_in
                 ? "exact: of all choices of what stays, the Pareto sum of the layers' fronts, all "
                   "of them proven"
                 : "exact: the Pareto sum of the layers' fronts, all of them proven";
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
    if (!run.tasks.tasks[t].same_as &&
        run.results[t].search.certificate.kind != Certificate::Kind::exact) {
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

/// How many tensors between layers may and do stay on chip in a point, and why others do not.
std::vector<std::string> kept_lines(const NetworkReport& report, const NetworkRun& run,
                                    const NetworkPoint& point) {
  std::size_t between = 0;
  std::size_t there = 0;
  std::size_t possible = 0;
  std::size_t kept = 0;
  for (std::size_t l = 1; l < report.network.layers.size(); ++l) {
    between += run.tasks.from_previous[l] ? 1 : 0;
    there += run.tasks.there_anyway[l] ? 1 : 0;
    bool can = false;
    bool does = false;
    for (const std::size_t task : run.tasks.ways[l]) {
      can = can || (run.tasks.tasks[task].input_kept && !run.results[task].evaluations.empty());
      does = does || (run.tasks.tasks[task].input_kept && !point.choices[task].empty());
    }
    possible += can ? 1 : 0;
    kept += does ? 1 : 0;
  }
  const std::string& memory = report.architecture.name_of(*run.tasks.kept_in);
  std::vector<std::string> lines = {
      fmt::format("in {}: {} tensor{} between two layers only{}", memory, between,
                  between == 1 ? " lies" : "s lie",
                  there == between ? "" : fmt::format(", {} fit, {} stay", possible, kept))};
  if (there > 0) {
    lines.push_back(
        fmt::format("{} of them {} there with or without this option: no memory outside {} may "
                    "hold {}",
                    there == between ? "all" : grouped(std::uint64_t{there}),
                    there == 1 ? "is" : "are", memory, there == 1 ? "it" : "them"));
  }
  if (kept < possible) {
    const bool proven = run.front.certificate.kind == Certificate::Kind::exact;
    lines.push_back(fmt::format(
        "the other{} would fit too, but no choice that keeps more {} less energy x latency",
        possible - kept == 1 ? "" : fmt::format(" {}", possible - kept),
        proven ? "has" : "was found to have"));
  }
  return lines;
}

/// ` on 3 of 4 combinations of sizes`: on the others no mapping of some layer was found.
std::string sizes_searched(const NetworkReport& report, const NetworkRun& run) {
  const std::set<const Architecture*> machines(run.machines.begin(), run.machines.end());
  const std::size_t all = report.family->members.size();
  return machines.size() == all
             ? fmt::format(" on {} combinations of sizes", all)
             : fmt::format(
                   " on {} of {} combinations of sizes (on the others some layer has none "
                   "that was found)",
                   machines.size(), all);
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
                    network.layers.size(), grouped(executions_of(report.network)),
                    grouped(operations), grouped(run.tasks.batch)),
        Align::left}});
  table.add({"architecture",
             report.family != nullptr ? family_text(*report.family) : report.architecture.name});
  const std::vector<std::string> open = unproven(run);
  const std::size_t searches = run.tasks.searches();
  table.add(
      {"search", fmt::format("{} {}{}{}, {} proven; {}, {} factors, seed {}", searches,
                             report.family != nullptr ? "searches of layers" : "different layers",
                             run.tasks.kept_in ? " and what they keep" : "",
                             report.family != nullptr ? sizes_searched(report, run) : "",
                             searches - open.size(), to_string(report.options.space),
                             to_string(report.options.factors), report.options.seed)});
  TreeStatistics tree;
  for (const TaskResult& result : run.results) {
    tree.take(result.search.tree.value_or(TreeStatistics{}));
  }
  if (tree.forms > 0) {
    const std::vector<std::string> texts = tree_texts(tree);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      table.add({i == 0 ? "trees" : "", texts[i]});
    }
  }
  if (!open.empty()) {
    constexpr std::size_t kMostShown = 6;
    std::vector<std::string> shown;  // of several machines each layer once
    for (const std::string& name : open) {
      if (std::find(shown.begin(), shown.end(), name) == shown.end()) {
        shown.push_back(name);
      }
    }
    const bool more = shown.size() > kMostShown;
    shown.resize(std::min(shown.size(), kMostShown));
    table.add({"", fmt::format("not proven: {}{}", fmt::join(shown, ", "), more ? ", ..." : "")});
  }
  if (run.tasks.kept_in) {
    std::string head = "on chip";
    for (std::string& line : kept_lines(report, run, run.front.points[best_point(run.front)])) {
      table.add({std::exchange(head, ""), std::move(line)});
    }
  }
  table.add({"certificate", certificate_text(run)});
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

std::string front_table(const NetworkReport& report, const NetworkRun& run, std::size_t best) {
  constexpr std::size_t kMostRows = 20;
  const std::vector<NetworkPoint>& points = run.front.points;
  const bool with_area = std::any_of(points.begin(), points.end(), [](const NetworkPoint& point) {
    return point.total.area_mm2 > 0;
  });
  std::vector<TextTable::Column> columns = {{"#"},           {"energy"},    {"cycles"},
                                            {"latency"},     {"edp J*s"},   {"power"},
                                            {"utilization"}, {"energy/op"}, {"dram words"}};
  if (with_area) {
    columns.push_back({"area mm2"});
  }
  for (const NetworkSize& size : sizes_of(report, run, points.front())) {
    columns.push_back({size.memory + " (needed)"});
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
    for (const NetworkSize& size : sizes_of(report, run, points[i])) {
      cells.push_back(fmt::format("{} ({})", size.capacity_text, size.needed_text));
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

std::string stays_text(const NetworkTasks::Task& task) {
  return task.input_kept && task.output_kept ? "input, output"
         : task.input_kept                   ? "input"
         : task.output_kept                  ? "output"
                                             : "-";
}

std::string layer_table(const NetworkReport& report, const NetworkRun& run, std::size_t best) {
  const NetworkPoint& point = run.front.points[best];
  std::vector<TextTable::Column> columns = {{"layer", Align::left},
                                            {"times"},
                                            {"operations"},
                                            {"energy"},
                                            {"share"},
                                            {"cycles"},
                                            {"share"},
                                            {"dram words"},
                                            {"bound by", Align::left},
                                            {"of its front", Align::left}};
  if (run.tasks.kept_in) {
    columns.push_back({"stays", Align::left});
  }
  TextTable table(std::move(columns));
  const std::vector<LayerShare> shares = shares_of(report, run, point);
  for (std::size_t l = 0; l < shares.size(); ++l) {
    const LayerShare& share = shares[l];
    std::string of_front;
    std::string stays;
    for (const auto& [task, choices] : share.choices) {
      of_front += fmt::format("{}{} of {}", of_front.empty() ? "" : "; ", choices_text(choices),
                              run.results[task].evaluations.size());
      stays += fmt::format("{}{}", stays.empty() ? "" : "; ", stays_text(run.tasks.tasks[task]));
    }
    std::vector<std::string> cells = {
        report.network.layers[l].problem.name,
        grouped(report.network.layers[l].repeat),
        grouped(share.operations),
        with_si_prefix(share.energy_pj * 1e-12, "J", 4),
        percent(share.energy_pj / point.total.energy_pj),
        grouped(share.cycles),
        percent(static_cast<double>(share.cycles) / static_cast<double>(point.total.cycles)),
        grouped(share.dram_words),
        share.bottleneck,
        of_front};
    if (run.tasks.kept_in) {
      cells.push_back(stays);
    }
    table.add(std::move(cells));
  }
  std::vector<std::string> total = {"total",
                                    grouped(executions_of(report.network)),
                                    grouped(point.total.operations),
                                    with_si_prefix(point.total.energy_pj * 1e-12, "J", 4),
                                    "100 %",
                                    grouped(point.total.cycles),
                                    "100 %",
                                    grouped(point.total.dram_words),
                                    "",
                                    ""};
  if (run.tasks.kept_in) {
    total.emplace_back();
  }
  table.add(std::move(total));
  return table.text();
}

/// A mean, to a tenth of a word while that says something.
std::string words_by_item(std::int64_t words, const NetworkRun& run) {
  constexpr double kLarge = 1e4;
  const double each = by_item(static_cast<double>(words), run);
  return each < kLarge ? rounded(each, 5) : grouped(static_cast<std::int64_t>(std::llround(each)));
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
               rate(*fast), joules(*fast), words_by_item(energy->total.dram_words, run)});
  }
  return table.text();
}

}  // namespace

std::string network_text(const NetworkReport& report) {
  if (report.runs.size() > 1) {
    std::string out =
        fmt::format("{} on {}, by batch:\n", report.network.name, report.machine_name());
    return out + batch_table(report);
  }
  const NetworkRun& run = report.runs.front();
  const std::size_t best = best_point(run.front);
  std::string out = summary(report, run) + "\n" + front_table(report, run, best);
  if (run.tasks.batch > 1) {
    const Evaluation& e = run.front.points[best].total;
    out += fmt::format("\nPoint {} by item: {}, {} items/s.\n", best + 1,
                       with_si_prefix(by_item(e.energy_pj * 1e-12, run), "J", 6),
                       rounded(static_cast<double>(run.tasks.batch) / e.latency_s, 5));
  }
  out += fmt::format("\nPoint {} (least energy x latency), layer by layer:\n", best + 1) +
         layer_table(report, run, best);
  if (run.tasks.kept_in) {
    out += fmt::format(
        "\nWhat stays is in {} as a whole from one layer to the next, beside the tiles of both: "
        "its "
        "words cross nothing\noutside. Weights, and all else, come from outside each time.\n",
        report.architecture.name_of(*run.tasks.kept_in));
  }
  const std::vector<std::string> missing = not_modelled(report.architecture);
  if (!missing.empty()) {
    out += fmt::format("\nNot modelled, counted as 0: {}.\n", fmt::join(missing, "; "));
  }
  return out;
}

}  // namespace tessera
