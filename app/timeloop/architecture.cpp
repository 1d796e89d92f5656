// From the parts of a Timeloop architecture to our hierarchy.

#include "app/timeloop/architecture.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "app/timeloop/architecture_parts.hpp"
#include "app/timeloop/reading.hpp"

namespace tessera {
namespace {

constexpr std::int64_t kMostLanes = INT32_MAX;

/// Our fanouts do by default what Timeloop's never do, so everything that makes them alike is set
/// here.
Fanout make_fanout(std::string name, const FanoutPart& part) {
  Fanout fanout;
  fanout.name = std::move(name);
  if (part.x > 1 || part.y == 1) {
    fanout.axes.push_back({.name = "X", .size = part.x, .reuse = {}});
  }
  if (part.y > 1) {
    fanout.axes.push_back({.name = "Y", .size = part.y, .reuse = {}});
  }
  fanout.multicast = {Multicast::tile, Multicast::tile, Multicast::word};
  return fanout;
}

class Assembler {
 public:
  Assembler(const SpecNode& root, const ArchitectureParts& parts,
            const TimeloopReference& reference)
      : root_(root), parts_(parts), reference_(reference) {}

  TimeloopArchitecture run() {
    result_.architecture.name = parts_.name;
    result_.architecture.drains_free = true;   // Timeloop charges no read for a drain
    result_.architecture.power_gating = true;  // and leakage of the instances used
    read_surroundings();
    collect_names();
    for (const ArchitecturePart& part : parts_.parts) {
      std::visit([&](const auto& each) { add(each); }, part);
    }
    check_whole();
    check_reference();
    return std::move(result_);
  }

 private:
  std::vector<Element>& hierarchy() { return result_.architecture.hierarchy; }

  /// Clock and technology are the machine's here, an attribute of anything there.
  void read_surroundings() {
    bool clock = false;
    bool technology = false;
    for (const ArchitecturePart& part : parts_.parts) {
      const auto* component = std::get_if<TimeloopComponent>(&part);
      if (component == nullptr || component->class_name == "dummy_storage") {
        continue;
      }
      const auto seconds =
          component->attributes.find_any({"global_cycle_seconds", "cycle_seconds"});
      if (seconds && !clock) {
        const double period = seconds->as_number(0, 1e3);
        if (period == 0) {
          seconds->fail("expected a time above 0");
        }
        const double hertz = 1 / period;  // 1e-9 s is meant to be 1 GHz to the last digit
        const double whole = std::round(hertz);
        result_.architecture.clock_hz = std::abs(hertz - whole) <= 1e-12 * whole ? whole : hertz;
        clock = true;
      }
      const auto node = component->attributes.find("technology");
      if (node && !technology && node->is_scalar() && node->as_string() != "SET ME" &&
          node->as_string() != "-1") {
        result_.architecture.technology = node->as_string();
        technology = true;
      }
    }
  }

  void collect_names() {
    for (const ArchitecturePart& part : parts_.parts) {
      if (const auto* component = std::get_if<TimeloopComponent>(&part)) {
        const ComponentSort sort = sort_of(*component);
        if (sort == ComponentSort::dummy) {
          dummies_.insert(component->name);
        }
        if (sort == ComponentSort::dummy || sort == ComponentSort::network) {
          continue;
        }
        if (!names_.insert(component->name).second) {
          component->node.fail(
              fmt::format("the name {} is taken by a component further out", component->name));
        }
      }
    }
  }

  void add(const TimeloopComponent& component) {
    if (ended_ && sort_of(component) != ComponentSort::network) {
      component.node.fail(
          fmt::format("expected nothing after the compute unit {}, which is the "
                      "innermost",
                      result_.architecture.compute().name));
    }
    switch (sort_of(component)) {
      case ComponentSort::dummy: {
        import_dummy(component);
        const auto area = reference_.areas.find(component.name);
        fanout_area_ = area != reference_.areas.end() ? std::optional(area->second.second / 1e6)
                                                      : std::nullopt;
        return;
      }
      case ComponentSort::compute: {
        insert_network(component);
        push(component.node, import_compute(component, reference_, result_.architecture.clock_hz));
        ended_ = true;
        return;
      }
      case ComponentSort::network:
        add_note(result_.notes, component.node,
                 "this network is left out: no memory names it, so it has no part in Timeloop "
                 "either");
        return;
      case ComponentSort::memory:
        break;
    }
    insert_network(component);
    TimeloopMemory memory =
        import_memory(component, reference_, result_.architecture.clock_hz, result_.notes);
    if (hierarchy().empty()) {
      result_.word_bits = static_cast<int>(memory.word_bits);
    }
    if (memory.min_utilization > 0) {
      result_.min_utilization.push_back({LevelId(hierarchy().size()), memory.min_utilization});
    }
    network_ = memory.network;
    push(component.node, std::move(memory.memory));
  }

  void add(const FanoutPart& part) {
    if (hierarchy().empty()) {
      part.node.fail("expected a memory as the outermost element: all data come from one");
    }
    lanes_ *= part.x;
    if (part.x > kMostLanes || part.y > kMostLanes || lanes_ > kMostLanes ||
        (lanes_ *= part.y) > kMostLanes) {
      part.node.fail(fmt::format("more than {} instances", kMostLanes));
    }
    std::string name = part.name;
    for (int number = 2; !names_.insert(name).second; ++number) {
      name = number == 2 ? part.name + "_array" : fmt::format("{}_array{}", part.name, number - 1);
    }
    Fanout fanout = make_fanout(std::move(name), part);
    fanout.area_mm2 = std::exchange(fanout_area_, std::nullopt);
    apply_network(fanout);
    push(part.node, std::move(fanout));
  }

  /// A network with costs needs a fanout to bear them, also where it leads to one instance only.
  void insert_network(const TimeloopComponent& inner) {
    if (network_.costs() || network_.latency_cycles > 0) {
      add(FanoutPart{.node = inner.node, .name = inner.name + "_network"});
    }
  }

  void apply_network(Fanout& fanout) {
    fanout.hop_pj = network_.hop_pj;
    fanout.router_pj = network_.router_pj;
    fanout.latency_cycles = network_.latency_cycles;
    network_ = {};
  }

  void push(const SpecNode& node, Element element) {
    if (hierarchy().size() == kMaxLevels) {
      node.fail(fmt::format("more than {} elements in the hierarchy", kMaxLevels));
    }
    hierarchy().push_back(std::move(element));
  }

  void check_whole() const {
    if (parts_.parts.empty() || !ended_) {
      root_.fail("expected a compute unit (mac, intmac, fpmac, compute) as the innermost element");
    }
    if (result_.architecture.memory(LevelId(0)) == nullptr) {
      root_.fail("expected a memory as the outermost element: all data come from one");
    }
    for (const SpecNode& container : parts_.containers) {
      container.finish();
    }
  }

  /// Every table has to be of a component, and those of dummies have to be empty.
  void check_reference() const {
    std::vector<std::string> known;
    for (const ArchitecturePart& part : parts_.parts) {
      if (const auto* component = std::get_if<TimeloopComponent>(&part)) {
        known.push_back(component->name);
      }
    }
    const auto is_component = [&](const std::string& name) {
      return std::find(known.begin(), known.end(), name) != known.end();
    };
    for (const auto& [name, energy] : reference_.energies) {
      if (!is_component(name)) {
        energy.node.fail_unknown("component", name, known);
      }
      if (dummies_.contains(name) &&
          (energy.read || energy.write || energy.update || energy.leak)) {
        energy.node.fail(fmt::format("{} holds nothing, so its energies mean nothing", name));
      }
    }
    for (const auto& [name, area] : reference_.areas) {
      if (!is_component(name)) {
        area.first.fail_unknown("component", name, known);
      }
    }
  }

  const SpecNode& root_;
  const ArchitectureParts& parts_;
  const TimeloopReference& reference_;
  TimeloopArchitecture result_;
  std::set<std::string> names_;
  std::set<std::string> dummies_;
  TimeloopNetwork network_;            ///< below the last memory, until something bears its costs
  std::optional<double> fanout_area_;  ///< of the dummy storage just passed
  std::int64_t lanes_ = 1;
  bool ended_ = false;
};

}  // namespace

bool is_timeloop_architecture(const SpecNode& architecture) {
  return architecture.has("subtree") || architecture.has("local") || architecture.has("nodes") ||
         architecture.has("version");
}

TimeloopArchitecture import_timeloop_architecture(const SpecNode& architecture,
                                                  const TimeloopReference& reference,
                                                  const std::optional<SpecNode>& variables) {
  if (const auto version = architecture.find("version")) {
    check_version(*version);
  }
  std::vector<SpecNode> outer;
  if (variables && !variables->is_null()) {
    outer.push_back(*variables);
  }
  const ArchitectureParts parts = architecture.has("nodes") ? read_nodes(architecture, outer)
                                                            : read_subtrees(architecture, outer);
  TimeloopArchitecture result = Assembler(architecture, parts, reference).run();
  result.constraints = parts.constraints;
  return result;
}

}  // namespace tessera
