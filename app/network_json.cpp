#include <nlohmann/json.hpp>

#include "app/front_report.hpp"
#include "app/json_report.hpp"
#include "app/network_family.hpp"
#include "app/network_report.hpp"
#include "app/network_shares.hpp"
#include "app/tree_text.hpp"
#include "mapper/mapping_spec.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

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
    if (run.tasks.serves(task, l)) {
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
  return {{"architecture", machine_of(report, run, task).name},
          {"layers", layers},
          {"executions", asked.executions},
          {"operations", asked.problem.operations()},
          {"input_kept", asked.input_kept},
          {"output_kept", asked.output_kept},
          {"algorithm", to_string(result.search.algorithm)},
          {"certificate", to_string(result.search.certificate.kind)},
          {"gap", gap_json(result.search.certificate)},
          {"lower_bounds", result.search.certificate.least},
          {"space_size", result.search.space_size},
          {"evaluated", result.search.evaluated},
          {"feasible", result.search.feasible},
          {"tree", tree_json(result.search.tree)},
          {"points", points}};
}

}  // namespace

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
                   {"architecture", report.machine_name()},
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
      if (report.family != nullptr) {
        points.back()["architecture"] = machine_of(report, run, point).name;
        for (const NetworkSize& size : sizes_of(report, run, point)) {
          points.back()["sizes"][size.memory] = {{"capacity", size.capacity_text},
                                                 {"needed", size.needed_text}};
        }
      }
    }
    document["batches"].push_back(
        {{"batch", run.tasks.batch},
         {"kept_in", run.tasks.kept_in ? Json(report.architecture.name_of(*run.tasks.kept_in))
                                       : Json(nullptr)},
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

}  // namespace tessera
