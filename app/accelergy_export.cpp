#include "app/accelergy_export.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/numbers.hpp"

namespace tessera {
namespace {

/// A cell of DRAM is accessed so many bits at a time where the spec does not say: a common bus.
constexpr std::int64_t kDramWidth = 64;
constexpr std::int64_t kWordBits = 16;

const ElementClass* class_of(const CostedArchitecture& costed, LevelId level) {
  const auto found = std::find_if(costed.classes.begin(), costed.classes.end(),
                                  [&](const ElementClass& one) { return one.level == level; });
  return found == costed.classes.end() ? nullptr : &*found;
}

double number(const ElementClass* of, const std::string& name, double otherwise) {
  const auto found =
      of == nullptr ? std::map<std::string, double>::const_iterator() : of->numbers.find(name);
  return of == nullptr || found == of->numbers.end() ? otherwise : found->second;
}

bool is_dram(const std::string& name) {
  return std::any_of(name.begin(), name.end(), [](char c) { return std::isdigit(c) != 0; }) &&
         (name.find("ddr") != std::string::npos || name.find("hbm") != std::string::npos);
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// Bits of one access: what energies of an access are of.
std::int64_t width_of(const Memory& memory, bool outermost) {
  if (memory.width) {
    return *memory.width;
  }
  return memory.block.value_or(outermost ? kDramWidth / kWordBits : 1) * kWordBits;
}

/// Words of a capacity are as wide as an access where that is narrower than a word is taken to be.
std::int64_t bits_of(const Capacity& capacity, std::int64_t width) {
  return capacity.unit == Capacity::Unit::bits ? capacity.amount
                                               : capacity.amount * std::min(width, kWordBits);
}

/// Class and attributes of a component, one `name: value` each.
struct Component {
  std::string name;
  std::vector<std::string> attributes;
};

Component memory_component(const Memory& memory, const ElementClass* of, bool outermost) {
  const std::int64_t width = width_of(memory, outermost);
  if ((of != nullptr && is_dram(of->name)) || (of == nullptr && outermost)) {
    return {"DRAM",
            {fmt::format("type: {}", of == nullptr ? "LPDDR4" : upper(of->name)),
             fmt::format("width: {}", width), fmt::format("datawidth: {}", kWordBits)}};
  }
  Component component{of != nullptr && of->name == "regfile" ? "regfile" : "SRAM",
                      {fmt::format("width: {}", width)}};
  if (memory.capacity) {
    const std::int64_t bits = bits_of(*memory.capacity, width);
    component.attributes.push_back(
        fmt::format("depth: {}", std::max<std::int64_t>((bits + width - 1) / width, 1)));
  }
  component.attributes.push_back(fmt::format("datawidth: {}", std::min(width, kWordBits)));
  if (component.name == "SRAM") {
    const auto banks = static_cast<std::int64_t>(number(of, "banks", 1));
    const std::string ports =
        of != nullptr && of->words.contains("ports") ? of->words.at("ports") : std::string("1RW");
    component.attributes.push_back(fmt::format("n_banks: {}", banks));
    component.attributes.push_back(fmt::format("n_rdwr_ports: {}", ports == "2RW"   ? 2
                                                                   : ports == "4RW" ? 4
                                                                   : ports == "1RW" ? 1
                                                                                    : 0));
    if (ports == "1R1W") {
      component.attributes.push_back("n_rd_ports: 1");
      component.attributes.push_back("n_wr_ports: 1");
    }
  }
  return component;
}

Component compute_component(const ElementClass* of) {
  if (of != nullptr && of->name == "fp_mac") {
    const std::string format = of->words.contains("format") ? of->words.at("format") : "fp16";
    const int bits = format.starts_with("fp8")                    ? 8
                     : format.ends_with("32") && format[0] == 'f' ? 32
                     : format == "tf32"                           ? 19
                                                                  : 16;
    return {"fpmac", {fmt::format("datawidth: {}", bits)}};
  }
  const double inputs = number(of, "input_bits", number(of, "bits", kWordBits));
  const double weights = number(of, "weight_bits", number(of, "bits", kWordBits));
  return {"intmac",
          {fmt::format("datawidth: {}", static_cast<int>(std::max(inputs, weights))),
           fmt::format("multiplier_width: {}", static_cast<int>(std::max(inputs, weights))),
           fmt::format("adder_width: {}", static_cast<int>(number(
                                              of, "accumulator", 2 * std::max(inputs, weights))))}};
}

/// `65nm` out of what our reports call the technology; 45 nm where nothing is said.
std::string technology_of(const Architecture& architecture, bool& known) {
  const std::string& text = architecture.technology;
  const std::size_t unit = text.find("nm");
  known = unit != std::string::npos;
  std::string node;
  for (std::size_t i = 0; known && i < unit; ++i) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) != 0 || text[i] == '.') {
      node += text[i];
    }
  }
  known = known && !node.empty();
  return known ? node + "nm" : "45nm";
}

std::string mesh_text(const Fanout& fanout) {
  std::int64_t y = 1;
  for (std::size_t a = 1; a < fanout.axes.size(); ++a) {
    y *= fanout.axes[a].size;
  }
  return fmt::format("{{meshX: {}, meshY: {}}}", fanout.axes.front().size, y);
}

std::string component_text(const std::string& name, const Component& component) {
  return fmt::format("  - !Component\n    name: {}\n    class: {}\n    attributes: {{{}}}\n", name,
                     component.name, fmt::join(component.attributes, ", "));
}

std::string architecture_text(const CostedArchitecture& costed) {
  const Architecture& architecture = costed.architecture;
  bool known = false;
  const std::string technology = technology_of(architecture, known);
  std::string text = fmt::format(
      "# {}, for Accelergy and what reads its files. Words are taken as {} bits.\n"
      "architecture:\n  version: 0.4\n  nodes:\n  - !Container\n    name: system\n"
      "    attributes: {{technology: \"{}\", global_cycle_seconds: {}}}{}\n",
      architecture.name, kWordBits, technology, exact(1 / architecture.clock_hz),
      known ? "" : "   # the technology is assumed: the spec names none");
  for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
    const LevelId level(l);
    const ElementClass* of = class_of(costed, level);
    if (const Memory* memory = architecture.memory(level)) {
      text += component_text(memory->name, memory_component(*memory, of, l == 0));
    } else if (const Fanout* fanout = architecture.fanout(level)) {
      text += fmt::format("  - !Container\n    name: {}\n    spatial: {}\n", fanout->name,
                          mesh_text(*fanout));
      if (fanout->energy_pj || fanout->counts_hops()) {
        text += "    # what its network costs is not expressed here\n";
      }
    } else {
      text += component_text(architecture.compute().name, compute_component(of));
    }
  }
  return text;
}

std::string action_text(std::string_view name, double picojoules) {
  return fmt::format("      - {{name: {}, arguments: {{}}, energy: {}}}\n", name,
                     exact(picojoules));
}

/// The energies of a memory are of an access of its width there, whatever they are per here.
std::string memory_actions(const Memory& memory, bool outermost) {
  if (!memory.energy) {
    return "";
  }
  const auto width = static_cast<double>(width_of(memory, outermost));
  const double factor = memory.energy->basis == EnergyBasis::bit ? width
                        : memory.energy->basis == EnergyBasis::word
                            ? std::max(width / static_cast<double>(kWordBits), 1.0)
                            : 1.0;
  return action_text("read", memory.energy->read_pj * factor) +
         action_text("write", memory.energy->write_pj * factor) +
         action_text("update", memory.energy->write_pj * factor);
}

std::string energies_text(const Architecture& architecture) {
  std::string text = "ERT:\n  version: 0.4\n  tables:\n";
  for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
    const LevelId level(l);
    std::string actions;
    double leakage_mw = 0;
    if (const Memory* memory = architecture.memory(level)) {
      actions = memory_actions(*memory, l == 0);
      leakage_mw = memory->leakage_mw;
    } else if (architecture.fanout(level) == nullptr) {
      const Compute& compute = architecture.compute();
      actions = compute.energy_pj ? action_text("compute", *compute.energy_pj) : "";
      leakage_mw = compute.leakage_mw;
    }
    if (!actions.empty()) {
      constexpr double kPicojoulesPerMillijoule = 1e9;
      text += fmt::format(
          "    - name: system.{}\n      actions:\n{}{}", architecture.name_of(level), actions,
          action_text("leak", leakage_mw * kPicojoulesPerMillijoule / architecture.clock_hz));
    }
  }
  return text;
}

std::string areas_text(const Architecture& architecture) {
  constexpr double kUm2PerMm2 = 1e6;
  std::string text = "ART:\n  version: 0.4\n  tables:\n";
  for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
    const auto area =
        std::visit([](const auto& one) { return one.area_mm2; }, architecture.hierarchy[l]);
    if (area) {
      text += fmt::format("    - {{name: system.{}, area: {}}}\n", architecture.name_of(LevelId(l)),
                          exact(*area * kUm2PerMm2));
    }
  }
  return text;
}

}  // namespace

AccelergyFiles accelergy_files(const CostedArchitecture& costed) {
  return {architecture_text(costed), energies_text(costed.architecture),
          areas_text(costed.architecture)};
}

}  // namespace tessera
