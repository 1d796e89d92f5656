#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/csv_report.hpp"
#include "app/front_report.hpp"
#include "app/network_family.hpp"
#include "app/network_report.hpp"
#include "app/network_shares.hpp"
#include "app/numbers.hpp"

namespace tessera {

namespace {

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

std::string gap_text(const Certificate& certificate) {
  return certificate.kind == Certificate::Kind::none ? "" : exact(certificate.gap);
}

}  // namespace

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
        if (point.choices[t].empty()) {
          continue;  // its layer has another task
        }
        choices += fmt::format("{}{}={}", choices.empty() ? "" : ";",
                               run.tasks.tasks[t].problem.name, choices_text(point.choices[t]));
      }
      const std::vector<std::string> fields = {
          csv_field(machine_of(report, run, point).name),
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
        out += csv_row({task.problem, machine_of(report, run, t), result.front.points()[i].mapping,
                        run.results[t].evaluations[i]},
                       origin);
      }
    }
  }
  return out;
}

}  // namespace tessera
