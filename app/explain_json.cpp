#include "app/explain_json.hpp"

#include <nlohmann/json.hpp>

#include "app/formula_text.hpp"
#include "mapper/mapping_spec.hpp"
#include "model/explain_cost.hpp"

namespace tessera {

namespace {

using Json = nlohmann::ordered_json;

std::string_view name_of(Meaning meaning) {
  switch (meaning) {
    case Meaning::tile:
      return "tile";
    case Meaning::extent:
      return "extent";
    case Meaning::indices:
      return "indices";
    case Meaning::places:
      return "places";
    case Meaning::shared_places:
      return "shared_places";
    case Meaning::first:
      return "first";
    case Meaning::fresh:
      return "new";
    case Meaning::sized:
      return "sized";
    case Meaning::times:
      return "times";
    case Meaning::loop:
      return "loop";
    case Meaning::again:
      return "again";
    case Meaning::spread:
      return "spread";
    case Meaning::copies:
      return "copies";
    case Meaning::operations:
      return "operations";
    case Meaning::updates:
      return "updates";
    case Meaning::drains:
      return "drains";
    case Meaning::steps:
      return "steps";
    case Meaning::used:
      return "used";
    case Meaning::composed:
      return "number";
  }
  return "";
}

class Writer {
 public:
  explicit Writer(const Explained& explained) : scored_(explained.scored), explained_(explained) {}

  Json whole() const {
    const Evaluation& e = scored_.evaluation;
    Json document = {{"schema", "tessera.explanation/1"},
                     {"problem", scored_.problem.name},
                     {"architecture", scored_.architecture.name},
                     {"mapping", line(scored_.mapping)},
                     {"cycles", e.cycles},
                     {"energy_pJ", e.energy_pj}};
    document["compute_cycles"] = formula(kOutput, explained_.explanation.compute_cycles);
    document["tiles"] = Json::array();
    for (const TileExplanation& tile : explained_.explanation.tiles) {
      document["tiles"].push_back({{"memory", level(tile.memory)},
                                   {"tensor", tensor(tile.tensor)},
                                   {"words", formula(tile.tensor, tile.words)}});
    }
    document["transfers"] = Json::array();
    for (const TransferExplanation& each : explained_.explanation.transfers) {
      document["transfers"].push_back(transfer(each));
    }
    document["ports"] = ports();
    document["energy"] = energies();
    const ReuseMoves& moves = explained_.moves;
    document["moves_tried"] = moves.tried;
    document["least_energy"] = moves.least_energy ? move(*moves.least_energy) : Json();
    document["least_cycles"] = moves.least_cycles ? move(*moves.least_cycles) : Json();
    return document;
  }

 private:
  std::string level(LevelId id) const { return scored_.architecture.name_of(id); }
  std::string tensor(TensorId id) const { return scored_.problem.at(id).name; }
  std::string line(const Mapping& mapping) const {
    return to_line(mapping, scored_.problem, scored_.architecture);
  }

  Json formula(TensorId id, const Formula& formula_) const {
    Json json = {{"value", formula_.value}};
    if (formula_.form == Formula::Form::number) {
      json["meaning"] = name_of(formula_.meaning);
      add_place(id, formula_, json);
      return json;
    }
    json["op"] = formula_.form == Formula::Form::product      ? "product"
                 : formula_.form == Formula::Form::difference ? "difference"
                                                              : "sum";
    json["of"] = Json::array();
    for (const Formula& part : formula_.parts) {
      json["of"].push_back(formula(id, part));
    }
    return json;
  }

  void add_place(TensorId id, const Formula& leaf, Json& json) const {
    switch (leaf.meaning) {
      case Meaning::extent:
      case Meaning::places:
      case Meaning::shared_places:
      case Meaning::first:
      case Meaning::fresh:
      case Meaning::sized:
        json["rank"] = rank_text(scored_.problem, id, leaf.rank);
        break;
      case Meaning::indices:
      case Meaning::loop:
      case Meaning::again:
      case Meaning::spread:
      case Meaning::copies:
      case Meaning::steps:
      case Meaning::used:
        json["dimension"] = scored_.problem.at(leaf.dimension).name;
        break;
      default:
        break;
    }
    if (leaf.axis) {
      json["axis"] = axis(*leaf.axis);
    }
  }

  std::string axis(AxisRef ref) const {
    const Fanout& fanout = *scored_.architecture.fanout(ref.fanout);
    return fanout.name + "." + fanout.axes[ref.axis].name;
  }

  Json loops(const std::vector<std::size_t>& nodes) const {
    Json list = Json::array();
    for (const std::size_t node : nodes) {
      const Loop& loop = std::get<Loop>(scored_.mapping.nodes[node]);
      Json entry = {{"dimension", scored_.problem.at(loop.dimension).name}, {"bound", loop.bound}};
      if (loop.axis) {
        entry["axis"] = axis(*loop.axis);
      }
      list.push_back(entry);
    }
    return list;
  }

  Json ports() const {
    Json list = Json::array();
    for (const PortTerm& port :
         explain_ports(scored_.problem, scored_.architecture, scored_.evaluation)) {
      list.push_back({{"memory", level(port.level)},
                      {"port", port_text(port.port)},
                      {"amount", port.amount},
                      {"unit", port.unit == EnergyTerm::Unit::words      ? "words"
                               : port.unit == EnergyTerm::Unit::accesses ? "accesses"
                                                                         : "bit"},
                      {"instances", port.instances},
                      {"per_cycle", port.rate},
                      {"cycles", port.cycles()}});
    }
    return list;
  }

  Json energies() const {
    Json list = Json::array();
    for (const EnergyTerm& term :
         explain_energy(scored_.problem, scored_.architecture, scored_.evaluation)) {
      Json entry = {{"element", level(term.level)}, {"action", action_text(term.action)}};
      if (term.tensor) {
        entry["tensor"] = tensor(*term.tensor);
      }
      if (term.action != EnergyTerm::Action::leak) {
        entry["amount"] = term.amount;
        entry["unit"] = unit_text(term.unit);
        entry["each_pJ"] = term.each_pj;
      }
      entry["energy_pJ"] = term.energy_pj;
      list.push_back(entry);
    }
    return list;
  }

  Json transfer(const TransferExplanation& t) const {
    Json json = {
        {"tensor", tensor(t.tensor)}, {"parent", level(t.parent)}, {"child", level(t.child)}};
    const auto add = [&](const char* key, const std::optional<Formula>& count) {
      if (count) {
        json[key] = formula(t.tensor, *count);
      }
    };
    add("fills", t.fills);
    add("drains", t.drains);
    add("reads", t.reads);
    add("passed_on", t.passed);
    add("updates", t.updates);
    json["fanouts"] = Json::array();
    for (const FanoutExplanation& fanout : t.fanouts) {
      json["fanouts"].push_back(
          {{"name", level(fanout.fanout)}, {"words", formula(t.tensor, fanout.words)}});
    }
    json["free"] = loops(t.free);
    json["sweep"] = loops(t.sweep);
    json["again"] = loops(t.again);
    json["sharers"] = loops(t.sharers);
    json["sharing"] = t.sharing == Sharing::tile ? "tile" : "word";
    json["apart"] = loops(t.apart);
    for (const Reuse& reuse : explained_.moves.reuses) {
      if (t.child_node && reuse.memory == t.child && reuse.tensor == t.tensor) {
        json["to_save"] = reuse.best ? move(*reuse.best, reuse) : Json();
        if (reuse.too_large) {
          json["too_large"] = move(*reuse.too_large, reuse);
          json["too_large"]["shortage"] = describe(scored_.architecture, reuse.shortage).sentence;
        }
      }
    }
    return json;
  }

  Json move(const NodeMove& move) const {
    return {{"move", node_text(scored_, move.moved)},
            {move.inward ? "inside" : "outside", node_text(scored_, move.passed)},
            {"energy_pJ", move.evaluation.energy_pj},
            {"cycles", move.evaluation.cycles},
            {"mapping", line(move.mapping)}};
  }

  Json move(const NodeMove& node_move, const Reuse& reuse) const {
    const TensorTraffic& after =
        node_move.evaluation.levels[reuse.memory.index()].tensors[reuse.tensor.index()];
    Json json = move(node_move);
    json["words_before"] = reuse.words;
    json["words_after"] = after.fills + after.drains;
    return json;
  }

  const Scored& scored_;
  const Explained& explained_;
};

}  // namespace

Json explanation_json(const Explained& explained) {
  return Writer(explained).whole();
}

}  // namespace tessera
