// The architecture as a whole: its own keys, the rules between elements, and what is written.

#include "arch/architecture_spec.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "arch/auto_capacity.hpp"
#include "arch/class_use.hpp"
#include "arch/element_spec.hpp"

namespace tessera {
namespace {

constexpr std::int64_t kMaxLanes = std::numeric_limits<std::int32_t>::max();

[[noreturn]] void fail_without_sort(const SpecNode& node) {
  const std::vector<std::string> sorts = {"memory", "fanout", "compute"};
  for (const SpecNode::Entry& entry : node.entries()) {
    if (nearest_name(entry.name, sorts)) {
      entry.key.fail_unknown("key", entry.name, sorts);
    }
  }
  node.fail("expected an element with one of the keys `memory`, `fanout`, `compute`");
}

Element parse_element(const SpecNode& node, std::size_t size) {
  if (!node.is_map()) {
    node.fail(
        "expected an element: a map that starts with `memory:`, `fanout:` or `compute:` and "
        "its name");
  }
  const bool memory = node.find("memory").has_value();
  const bool fanout = node.find("fanout").has_value();
  const bool compute = node.find("compute").has_value();
  if (memory + fanout + compute == 0) {
    fail_without_sort(node);
  }
  if (memory + fanout + compute > 1) {
    node.fail(
        "expected one of the keys `memory`, `fanout`, `compute`, got several; each element "
        "is an item of its own");
  }
  if (memory) {
    return parse_memory(node, size);
  }
  if (fanout) {
    return parse_fanout(node);
  }
  return parse_compute(node);
}

std::string_view sort_of(const Element& element) {
  constexpr std::array<std::string_view, 3> kSorts = {"memory", "fanout", "compute"};
  return kSorts[element.index()];
}

/// The checks that need the elements outside this one, which stand in `architecture` already.
void check_place(const SpecNode& item, const Element& element, const Architecture& architecture) {
  const SpecNode name = item.at(sort_of(element));
  if (architecture.hierarchy.empty() && !std::holds_alternative<Memory>(element)) {
    name.fail("expected a memory as the outermost element: all data come from one");
  }
  if (!architecture.hierarchy.empty() &&
      std::holds_alternative<Compute>(architecture.hierarchy.back())) {
    name.fail(fmt::format("the compute element {} must come last, and {} stands after it",
                          architecture.compute().name, name.as_string()));
  }
  if (architecture.hierarchy.size() == kMaxLevels) {
    name.fail(fmt::format("more than {} elements in a hierarchy are not supported", kMaxLevels));
  }
  if (const auto other = architecture.find(name.as_string())) {
    name.fail(fmt::format("the name {} is taken by the {} {} further out", name.as_string(),
                          sort_of(architecture.hierarchy[other->index()]), name.as_string()));
  }
}

/// Multiplies the lanes by the fanout's axes one by one, so that no product can overflow.
void count_lanes(const SpecNode& item, const Element& element, std::int64_t& lanes) {
  if (const auto* fanout = std::get_if<Fanout>(&element)) {
    for (const Axis& axis : fanout->axes) {
      lanes *= axis.size;
      if (lanes > kMaxLanes) {
        item.at("axes").fail(
            fmt::format("the fanouts up to here make more than {} instances of what is inside them",
                        kMaxLanes));
      }
    }
  }
}

void check_every_kind_has_a_memory(const SpecNode& hierarchy, const Architecture& architecture) {
  for (const TensorKind kind : kTensorKinds) {
    bool held = false;
    for (const Element& element : architecture.hierarchy) {
      const auto* memory = std::get_if<Memory>(&element);
      held |= memory != nullptr && !memory->bypass.contains(kind);
    }
    if (!held) {
      hierarchy.fail(fmt::format("no memory may hold {}: all of them bypass {}", to_string(kind),
                                 to_string(kind)));
    }
  }
}

/// By item of the hierarchy: which of its sizes a memory of `capacity: auto` has.
using Sizes = std::vector<std::size_t>;

std::vector<Element> parse_hierarchy(const SpecNode& node, const Sizes& sizes, ClassReader& classes,
                                     std::vector<Cost>& costs) {
  Architecture architecture;  // only its hierarchy; for the look-ups
  std::int64_t lanes = 1;
  const std::vector<SpecNode> items = node.items();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const SpecNode& item = items[i];
    const std::size_t size = sizes.empty() ? 0 : sizes[i];
    classes.choose_size(size);
    const ComponentClass* component = classes.claim(item);
    Element element = parse_element(item, size);
    check_place(item, element, architecture);
    const std::vector<Cost> own =
        classes.fill(item, component, element, LevelId(architecture.hierarchy.size()));
    costs.insert(costs.end(), own.begin(), own.end());
    count_lanes(item, element, lanes);
    architecture.hierarchy.push_back(std::move(element));
  }
  if (items.empty()) {
    node.fail("expected the elements, outermost first: memories and fanouts, then one compute");
  }
  if (!std::holds_alternative<Compute>(architecture.hierarchy.back())) {
    node.fail("expected a compute element at the end of the hierarchy, such as `- compute: MAC`");
  }
  check_every_kind_has_a_memory(node, architecture);
  return std::move(architecture.hierarchy);
}

double parse_clock(const SpecNode& node) {
  const double hertz = node.as_quantity(Measure::frequency).value;
  if (hertz <= 0) {
    node.fail("expected a clock above 0, such as `200 MHz`");
  }
  return hertz;
}

/// Free text as a double-quoted scalar, or plain where it cannot be mistaken for anything else.
std::string quoted_text(const std::string& text) {
  const auto is_tame = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  bool plain = !text.empty() && is_tame(text.front()) && is_tame(text.back()) && text != "null" &&
               text != "Null" && text != "NULL";
  std::string quoted = "\"";
  for (const char c : text) {
    plain = plain && (is_tame(c) || c == ' ' || c == '-' || c == '_' || c == '.');
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return plain ? text : quoted + '"';
}

std::string parse_architecture_name(const SpecNode& node) {
  const std::string name = node.as_name();
  if (name == "null" || name == "Null" || name == "NULL") {
    node.fail(fmt::format("'{}' is no name for an architecture: it means nothing in YAML", name));
  }
  return name;
}

CostedArchitecture parse_sized(const SpecNode& node, const Sizes& sizes,
                               const CostSources& sources) {
  check_keys(
      node, {"name", "technology", "clock", "drains", "power_gating", "area_overhead", "hierarchy"},
      {{"estimator", "give the `energy` and `area` of each element, or its `class`"}});
  const auto name = node.find("name");
  const auto technology = node.find("technology");
  const auto clock = node.find("clock");
  const auto drains = node.find("drains");
  CostedArchitecture costed;
  Architecture& architecture = costed.architecture;
  architecture.name = name ? parse_architecture_name(*name) : "architecture";
  if (clock) {
    architecture.clock_hz = parse_clock(*clock);
  }
  if (drains) {
    architecture.drains_free = drains->as_choice({"charged", "free"}) == 1;
  }
  if (const auto gating = node.find("power_gating")) {
    architecture.power_gating = gating->as_bool();
  }
  if (const auto overhead = node.find("area_overhead")) {
    constexpr double kMostOverhead = 100;
    architecture.area_overhead = overhead->as_number(0, kMostOverhead);
  }
  ClassReader classes(technology ? parse_technology(*technology) : Technology{}, sources.references,
                      architecture.clock_hz, sources.estimator, sources.words);
  architecture.hierarchy = parse_hierarchy(node.at("hierarchy"), sizes, classes, costed.costs);
  architecture.technology = classes.technology_text();
  costed.classes = classes.used_classes();
  return costed;
}

constexpr std::size_t kMostMembers = 1000;

/// How many sizes each item of the hierarchy has to choose from; 0 for most.
Sizes counts_of(const SpecNode& node) {
  Sizes counts;
  const bool known = node.is_map() && node.has("hierarchy");
  const auto hierarchy = known ? node.find("hierarchy") : std::nullopt;
  if (!hierarchy || !hierarchy->is_sequence()) {
    return counts;  // its reader says what is wrong
  }
  std::size_t members = 1;
  for (const SpecNode& item : hierarchy->items()) {
    counts.push_back(count_sizes(item));
    members *= std::max<std::size_t>(counts.back(), 1);
    if (members > kMostMembers) {
      item.at("sizes").fail(fmt::format(
          "the sizes up to here have more than {} combinations; leave some out, or vary the "
          "capacity in a sweep",
          kMostMembers));
    }
  }
  return counts;
}

/// The next combination, the last size fastest; false after the last one.
bool advance(Sizes& sizes, const Sizes& counts) {
  for (std::size_t i = sizes.size(); i-- > 0;) {
    if (sizes[i] + 1 < counts[i]) {
      ++sizes[i];
      return true;
    }
    sizes[i] = 0;
  }
  return false;
}

}  // namespace

Architecture parse_architecture(const SpecNode& node) {
  return parse_costed_architecture(node, {}).architecture;
}

CostedArchitecture parse_costed_architecture(const SpecNode& node, const CostSources& sources) {
  ArchitectureFamily family = parse_architecture_family(node, sources);
  if (!family.automatic.empty()) {
    const LevelId level = family.automatic.front();
    node.at("hierarchy")
        .items()[level.index()]
        .at("capacity")
        .fail(
            "`capacity: auto` is for one machine and one problem; here give a size, or vary it in "
            "a "
            "sweep");
  }
  return std::move(family.members.front());
}

ArchitectureFamily parse_architecture_family(const SpecNode& node, const CostSources& sources) {
  const Sizes counts = counts_of(node);
  ArchitectureFamily family;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) {
      family.automatic.emplace_back(i);
    }
  }
  Sizes sizes(counts.size(), 0);
  do {
    family.members.push_back(parse_sized(node, sizes, sources));
    std::string& name = family.members.back().architecture.name;
    family.name = name;
    for (const LevelId level : family.automatic) {
      const Memory& memory = *family.members.back().architecture.memory(level);
      std::string size = capacity_text(*memory.capacity);
      std::erase(size, ' ');
      name += fmt::format(".{}-{}", memory.name, size);
    }
  } while (advance(sizes, counts));
  return family;
}

std::string to_yaml(const Architecture& architecture) {
  std::string text = fmt::format("architecture:\n  name: {}\n", architecture.name);
  if (!architecture.technology.empty()) {
    text += fmt::format("  technology: {}\n", quoted_text(architecture.technology));
  }
  const std::string clock = exact_text(architecture.clock_hz, Measure::frequency,
                                       {{1, "Hz"}, {1e3, "kHz"}, {1e6, "MHz"}, {1e9, "GHz"}});
  text += fmt::format("  clock: {}\n", clock);
  if (architecture.drains_free) {
    text += "  drains: free\n";
  }
  if (architecture.power_gating) {
    text += "  power_gating: true\n";
  }
  if (architecture.area_overhead != 0) {
    text += fmt::format("  area_overhead: {}\n", architecture.area_overhead);
  }
  text += "  hierarchy:\n";
  for (const Element& element : architecture.hierarchy) {
    text += std::visit([](const auto& one) { return element_text(one); }, element);
  }
  return text;
}

}  // namespace tessera
