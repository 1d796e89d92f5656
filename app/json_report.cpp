#include "app/json_report.hpp"

#include <nlohmann/json.hpp>

#include "app/resources.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

Json tensors_json(const Scored& scored, const LevelResult& level) {
  Json tensors = Json::object();
  for (std::size_t t = 0; t < level.tensors.size(); ++t) {
    const TensorTraffic& traffic = level.tensors[t];
    if (traffic.held) {
      Json& tensor = tensors[scored.problem.tensors[t].name];
      tensor = {{"tile_words", traffic.tile_words}, {"reads", traffic.reads},
                {"fills", traffic.fills},           {"updates", traffic.updates},
                {"drains", traffic.drains},         {"energy_pJ", traffic.energy_pj}};
      if (traffic.passed > 0) {
        tensor["passed_on"] = traffic.passed;
      }
      if (traffic.read_accesses + traffic.write_accesses > 0) {
        tensor["read_accesses"] = traffic.read_accesses;
        tensor["write_accesses"] = traffic.write_accesses;
      }
    }
  }
  return tensors;
}

Json heading(const Scored& scored, bool feasible) {
  return {{"schema", "tessera.evaluation/1"},
          {"problem", scored.problem.name},
          {"architecture", scored.architecture.name},
          {"feasible", feasible}};
}

}  // namespace

Json costs_json(const Evaluation& e) {
  return {{"energy_pJ", e.energy_pj},
          {"cycles", e.cycles},
          {"latency_s", e.latency_s},
          {"area_mm2", e.area_mm2},
          {"edp_Js", e.edp_js()},
          {"power_W", e.power_w()},
          {"utilization", e.utilization},
          {"energy_pJ_per_op", e.energy_pj / static_cast<double>(e.operations)},
          {"dram_words", e.dram_words}};
}

Json levels_json(const Scored& scored) {
  Json levels = Json::array();
  for (std::size_t l = 0; l < scored.evaluation.levels.size(); ++l) {
    const LevelResult& level = scored.evaluation.levels[l];
    const std::string& name = scored.architecture.name_of(LevelId(l));
    if (scored.architecture.memory(LevelId(l)) != nullptr) {
      levels.push_back({{"name", name},
                        {"kind", "memory"},
                        {"instances", level.instances},
                        {"instances_used", level.instances_used},
                        {"cycles", level.cycles},
                        {"energy_pJ", level.energy_pj},
                        {"area_mm2", level.area_mm2},
                        {"tensors", tensors_json(scored, level)}});
    } else if (scored.architecture.fanout(LevelId(l)) == nullptr) {
      levels.push_back({{"name", name},
                        {"kind", "compute"},
                        {"instances", level.instances},
                        {"instances_used", level.instances_used},
                        {"operations", scored.evaluation.operations},
                        {"energy_pJ", level.energy_pj}});
    }
  }
  return levels;
}

Json resources_json(const Scored& scored) {
  Json list = Json::array();
  for (const Resource& resource : resources(scored)) {
    Json entry = {
        {"name", resource.element}, {"cycles", resource.cycles}, {"share", resource.share}};
    if (!resource.port.empty()) {
      entry["port"] = resource.port;
    }
    list.push_back(entry);
  }
  return list;
}

Json fanouts_json(const Scored& scored) {
  Json fanouts = Json::array();
  for (std::size_t l = 0; l < scored.evaluation.levels.size(); ++l) {
    const LevelResult& level = scored.evaluation.levels[l];
    for (std::size_t t = 0; t < level.words.size(); ++t) {
      Json fanout = {{"name", scored.architecture.name_of(LevelId(l))},
                     {"tensor", scored.problem.tensors[t].name},
                     {"words", level.words[t]}};
      if (!level.network.empty()) {
        fanout["taken_in"] = level.network[t].sent;
        fanout["cycles"] = level.cycles;
        if (level.network[t].passed > 0) {
          fanout["passed_on"] = level.network[t].passed;
        }
        if (scored.architecture.fanout(LevelId(l))->counts_hops()) {
          fanout["hops"] = static_cast<double>(level.network[t].half_hops) / 2;
        }
      }
      fanout["energy_pJ"] = level.words_energy_pj[t];
      fanouts.push_back(std::move(fanout));
    }
  }
  return fanouts;
}

Json evaluation_json(const Scored& scored) {
  const Evaluation& e = scored.evaluation;
  Json document = heading(scored, true);
  document["operations"] = e.operations;
  document["cycles"] = e.cycles;
  document["latency_s"] = e.latency_s;
  document["energy_pJ"] = e.energy_pj;
  document["area_mm2"] = e.area_mm2;
  document["utilization"] = e.utilization;
  document["bottleneck"] = e.bottleneck.index() + 1 == scored.architecture.hierarchy.size()
                               ? std::string("compute")
                               : scored.architecture.name_of(e.bottleneck);
  document["levels"] = levels_json(scored);
  document["fanouts"] = fanouts_json(scored);
  document["resources"] = resources_json(scored);
  document["exposed_cycles"] = e.exposed_cycles;
  if (scored.architecture.power_gating) {
    document["leakage"] = "used instances";
  }
  document["systolic_cycles"] = systolic_cycles(scored);
  return document;
}

Json refusal_json(const Scored& scored, const Refusal& refusal) {
  Json document = heading(scored, false);
  Json reason = {{"why", refusal.why}, {"message", refusal.sentence}};
  if (!refusal.level.empty()) {
    reason["level"] = refusal.level;
    reason["needed"] = refusal.needed;
    reason["available"] = refusal.available;
    reason["unit"] = refusal.unit;
  }
  document["reason"] = reason;
  return document;
}

std::string dumped(const Json& document) {
  return document.dump(2) + "\n";
}

}  // namespace tessera
