#include "arch/costs.hpp"

namespace tessera {
namespace {

std::string energy_unit(const Memory& memory) {
  switch (memory.energy ? memory.energy->basis : EnergyBasis::word) {
    case EnergyBasis::word:
      return "pJ/word";
    case EnergyBasis::bit:
      return "pJ/bit";
    case EnergyBasis::access:
      return "pJ/access";
  }
  return "";
}

/// Collects entries, of which an absent value is by `none`.
class Collector {
 public:
  Collector(LevelId level, CostRule rule, std::string by)
      : level_(level), rule_(rule), by_(std::move(by)) {}

  void add(std::string item, std::optional<double> value, std::string unit) {
    Cost cost{.level = level_,
              .item = std::move(item),
              .value = 0,
              .unit = std::move(unit),
              .rule = CostRule::none,
              .by = {},
              .source = {},
              .error = {}};
    if (value) {
      cost.value = *value;
      cost.rule = rule_;
      cost.by = by_;
    }
    costs_.push_back(std::move(cost));
  }

  std::vector<Cost> take() { return std::move(costs_); }

 private:
  LevelId level_;
  CostRule rule_;
  std::string by_;
  std::vector<Cost> costs_;
};

std::optional<double> unless_zero(double value) {
  return value != 0 ? std::optional(value) : std::nullopt;
}

}  // namespace

std::vector<Cost> costs_of(const Element& element, LevelId level, CostRule rule,
                           const std::string& by) {
  Collector costs(level, rule, by);
  if (const auto* memory = std::get_if<Memory>(&element)) {
    const std::string unit = energy_unit(*memory);
    const auto& energy = memory->energy;
    costs.add("read", energy ? std::optional(energy->read_pj) : std::nullopt, unit);
    costs.add("write", energy ? std::optional(energy->write_pj) : std::nullopt, unit);
    costs.add("leakage", unless_zero(memory->leakage_mw), "mW");
    costs.add("area", memory->area_mm2, "mm2");
  } else if (const auto* fanout = std::get_if<Fanout>(&element)) {
    costs.add("energy", fanout->energy_pj, "pJ/word");
    costs.add("area", fanout->area_mm2, "mm2");
  } else {
    const auto& compute = std::get<Compute>(element);
    costs.add("energy", compute.energy_pj, "pJ/operation");
    costs.add("leakage", unless_zero(compute.leakage_mw), "mW");
    costs.add("area", compute.area_mm2, "mm2");
  }
  return costs.take();
}

std::vector<Cost> costs_of(const Architecture& architecture, CostRule rule, const std::string& by) {
  std::vector<Cost> all;
  for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
    const std::vector<Cost> costs = costs_of(architecture.hierarchy[l], LevelId(l), rule, by);
    all.insert(all.end(), costs.begin(), costs.end());
  }
  return all;
}

}  // namespace tessera
