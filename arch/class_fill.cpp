// Puts costs into elements: what the spec gives stays, a reference table comes next, then the class
// or the program that the element names; and says of each number where it comes from.

#include <algorithm>

#include <fmt/format.h>

#include "arch/class_use.hpp"
#include "arch/estimator_use.hpp"

namespace tessera {
namespace {

double to_mw(double base) {
  return six_digits(base / 1e9);
}
double to_mm2(double base) {
  return six_digits(base / 1e12);
}

using Estimates = std::vector<ComponentClass::Estimate>;

const ComponentClass::Estimate* find(const Estimates& estimates, std::string_view item) {
  for (const ComponentClass::Estimate& estimate : estimates) {
    if (estimate.item == item) {
      return &estimate;
    }
  }
  return nullptr;
}

void set_energy(Memory& memory, const SpecNode& item, const Estimates& estimates) {
  const auto* read = find(estimates, "read");
  const auto* write = find(estimates, "write");
  if (memory.energy || read == nullptr) {
    return;
  }
  const bool access = read->type == type_of(Measure::energy);
  if (access && !memory.has_accesses()) {
    item.at(item.has("class") ? "class" : "estimator")
        .fail(
            "this gives the energy of an access; add how many bits one access moves, such as "
            "`width: 64 bit`");
  }
  memory.energy =
      MemoryEnergy{read->value, write->value, access ? EnergyBasis::access : EnergyBasis::bit};
}

/// The entries of `costs` that `before` did not have get what gave them: a class or a program.
void tell_origin(std::vector<Cost>& costs, const std::vector<Cost>& before, CostRule rule,
                 const std::string& name, const Estimates& estimates) {
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const auto* estimate = find(estimates, costs[i].item);
    if (estimate == nullptr || before[i].rule != CostRule::none) {
      continue;
    }
    costs[i].rule = rule;
    costs[i].by = name + (estimate->rule.empty() ? "" : ": " + estimate->rule);
    costs[i].source = estimate->source;
    costs[i].error = estimate->error;
  }
}

/// The energies that nothing has given yet: what a program has to know.
std::vector<std::string> missing_energies(const std::vector<Cost>& costs) {
  std::vector<std::string> items;
  for (const Cost& cost : costs) {
    if (cost.rule == CostRule::none && cost.item != "leakage" && cost.item != "area") {
      items.push_back(cost.item);
    }
  }
  return items;
}

/// Sets what is absent in an element. Leakage of 0 is absent unless `item` says it.
struct Filler {
  const SpecNode& item;
  const Estimates& estimates;
  bool leakage_given;

  void shared(double& leakage_mw, std::optional<double>& area_mm2) const {
    if (const auto* leakage = find(estimates, "leakage"); leakage != nullptr && !leakage_given) {
      leakage_mw = to_mw(leakage->value);
    }
    if (const auto* area = find(estimates, "area"); area != nullptr && !area_mm2) {
      area_mm2 = to_mm2(area->value);
    }
  }
  void operator()(Memory& memory) const {
    set_energy(memory, item, estimates);
    shared(memory.leakage_mw, memory.area_mm2);
  }
  void operator()(Fanout& fanout) const {
    double no_leakage = 0;
    operation(fanout.energy_pj);
    shared(no_leakage, fanout.area_mm2);
  }
  void operator()(Compute& compute) const {
    operation(compute.energy_pj);
    shared(compute.leakage_mw, compute.area_mm2);
  }
  void operation(std::optional<double>& energy_pj) const {
    if (const auto* energy = find(estimates, "energy"); energy != nullptr && !energy_pj) {
      energy_pj = energy->value;
    }
  }
};

bool gives_leakage(const SpecNode& item) {
  const auto energy = item.find("energy");
  return item.has("leakage") || (energy && energy->is_map() && energy->has("leakage"));
}

/// The file and line where an item of an element's costs is given.
std::string place_text(const SpecNode& item, const std::string& cost) {
  const auto own = item.find(cost);
  const auto energy = item.find("energy");
  const SpecNode node = own ? *own : energy ? *energy : item;
  return fmt::format("{}:{}", node.file(), node.line());
}

void fill_reference(const ReferenceCost& reference, const SpecNode& item, double clock_hz,
                    Element& element) {
  const double leakage_mw = reference.leakage_pj_per_cycle.value_or(0) * clock_hz * 1e-9;
  const auto otherwise = [](std::optional<double>& value, const std::optional<double>& other) {
    value = value ? value : other;
  };
  if (auto* memory = std::get_if<Memory>(&element)) {
    if (!memory->energy && (reference.read_pj || reference.write_pj)) {
      if (!memory->has_accesses()) {
        item.fail(
            "the reference table gives the energy of an access; add how many bits one "
            "access moves, such as `width: 64 bit`");
      }
      const double read = reference.read_pj.value_or(reference.write_pj.value_or(0));
      memory->energy = MemoryEnergy{read, reference.write_pj.value_or(read), EnergyBasis::access};
    }
    if (!gives_leakage(item)) {
      memory->leakage_mw = leakage_mw;
    }
    otherwise(memory->area_mm2, reference.area_mm2);
  } else if (auto* fanout = std::get_if<Fanout>(&element)) {
    otherwise(fanout->area_mm2, reference.area_mm2);
  } else {
    auto& compute = std::get<Compute>(element);
    otherwise(compute.energy_pj, reference.operation_pj);
    if (!gives_leakage(item)) {
      compute.leakage_mw = leakage_mw;
    }
    otherwise(compute.area_mm2, reference.area_mm2);
  }
}

}  // namespace

std::vector<Cost> ClassReader::fill(const SpecNode& item, const ComponentClass* component,
                                    Element& element, LevelId level) {
  std::vector<Cost> costs = costs_of(element, level, CostRule::given, "");
  for (Cost& cost : costs) {
    if (cost.rule == CostRule::given) {
      cost.by = place_text(item, cost.item);
    }
  }
  const auto& name = std::visit([](auto& one) -> std::string& { return one.name; }, element);
  if (const auto reference = references_.find(name); reference != references_.end()) {
    fill_reference(reference->second, item, clock_hz_, element);
    const std::vector<Cost> more = costs_of(element, level, CostRule::reference, "ERT/ART");
    for (std::size_t i = 0; i < costs.size(); ++i) {
      costs[i] = costs[i].rule == CostRule::none ? more[i] : costs[i];
    }
  }
  const bool program = item.has("estimator");
  if (component == nullptr && !program) {
    return costs;
  }
  const Estimates estimates = program ? ask_estimator(item, element, missing_energies(costs),
                                                      technology_, clock_hz_, estimator_)
                                      : estimate(item, *component, level);
  const auto leakage = std::find_if(costs.begin(), costs.end(),
                                    [](const Cost& cost) { return cost.item == "leakage"; });
  const bool leakage_given =
      gives_leakage(item) || (leakage != costs.end() && leakage->rule != CostRule::none);
  std::visit(Filler{item, estimates, leakage_given}, element);
  std::vector<Cost> all = costs_of(element, level, CostRule::none, "");
  for (std::size_t i = 0; i < costs.size(); ++i) {
    if (costs[i].rule != CostRule::none) {
      all[i] = costs[i];
    }
  }
  if (program) {
    const SpecNode node = item.at("estimator");
    const SpecNode path = node.is_map() ? node.at("program") : node;
    tell_origin(all, costs, CostRule::estimator, path.as_string(), estimates);
  } else {
    const bool follows = used_classes_.back().follows_problem;
    tell_origin(all, costs, CostRule::component_class,
                component->name() + (follows ? " for the bits of the problem" : ""), estimates);
  }
  return all;
}

}  // namespace tessera
