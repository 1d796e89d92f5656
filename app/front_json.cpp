#include <nlohmann/json.hpp>

#include "app/auto_sizes.hpp"
#include "app/diagnosis_text.hpp"
#include "app/distribution_report.hpp"
#include "app/front_report.hpp"
#include "app/json_report.hpp"
#include "app/tree_text.hpp"
#include "mapper/mapping_spec.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

Json rejections_json(const FrontReport& report) {
  const Rejections& rejections = report.result.rejections;
  Json capacity = Json::object();
  for (std::size_t l = 0; l < rejections.capacity.size(); ++l) {
    if (rejections.capacity[l] > 0) {
      capacity[report.architecture.name_of(LevelId(l))] = rejections.capacity[l];
    }
  }
  Json limits = Json::object();
  for (std::size_t i = 0; i < rejections.limits.size(); ++i) {
    if (rejections.limits[i] > 0) {
      limits[std::string(to_string(report.options.limits[i].metric))] = rejections.limits[i];
    }
  }
  return {{"capacity", capacity},
          {"axis", rejections.axis},
          {"constraint", rejections.constraint},
          {"utilization", rejections.utilization},
          {"limits", limits},
          {"no_value", rejections.no_value}};
}

Json point_json(const FrontReport& report, std::size_t point) {
  const Scored scored = report.scored(point);
  Json json = costs_json(scored.evaluation);
  json["bottleneck"] = evaluation_json(scored)["bottleneck"];
  json["values"] = report.result.front.points()[point].values;
  json["mapping"] = to_line(scored.mapping, scored.problem, scored.architecture);
  json["resources"] = resources_json(scored);
  json["levels"] = levels_json(scored);
  json["fanouts"] = fanouts_json(scored);
  if (report.family != nullptr) {
    json["architecture"] = scored.architecture.name;
    for (const AutoSize& size : auto_sizes(report.family->automatic, scored)) {
      json["sizes"][size.memory] = {
          {"capacity", size.capacity}, {"needed", size.needed}, {"unit", size.unit}};
    }
  }
  return json;
}

}  // namespace

std::string front_json(const FrontReport& report) {
  const SearchResult& result = report.result;
  Json objectives = Json::array();
  for (const Objective& objective : report.options.objectives) {
    objectives.push_back(to_string(objective));
  }
  Json limits = Json::object();
  for (const Limit& limit : report.options.limits) {
    limits[std::string(to_string(limit.metric))] = limit.text;
  }
  const RowOrigin origin = origin_of(report);
  Json document = {
      {"schema", "tessera.front/1"},
      {"version", TESSERA_VERSION},
      {"problem", report.problem.name},
      {"architecture", report.family == nullptr ? report.architecture.name : report.family->name},
      {"operations", report.problem.operations()},
      {"objectives", objectives},
      {"order", report.options.lexicographic ? "lexicographic" : "pareto"},
      {"limits", limits},
      {"space", to_string(report.options.space)},
      {"factors", to_string(report.options.factors)},
      {"space_size", result.space_size},
      {"algorithm", origin.algorithm},
      {"why", result.why},
      {"seed", report.options.seed},
      {"samples", report.options.samples},
      {"population", report.options.population},
      {"generations", report.options.generations},
      {"evaluated", result.evaluated},
      {"feasible", result.feasible},
      {"tree", tree_json(result.tree)},
      {"rejections", rejections_json(report)},
      {"distributions", distributions_json(report.options, result)},
      {"stopped", result.stopped},
      {"certificate", origin.certificate},
      {"gap", origin.gap ? Json(*origin.gap) : Json(nullptr)},
      {"lower_bounds", result.certificate.least},
      {"not_modelled", not_modelled(report.architecture)},
      {"points", Json::array()}};
  if (report.diagnosis) {
    const SearchCase given{report.architecture, report.constraints, report.options};
    document["diagnosis"] = diagnosis_json(report.problem, given, *report.diagnosis);
  }
  for (std::size_t i = 0; i < report.evaluations.size(); ++i) {
    document["points"].push_back(point_json(report, i));
  }
  return dumped(document);
}

}  // namespace tessera
