#include "arch/component_class.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "arch/architecture_spec.hpp"
#include "arch/class_files.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

/// A machine of a DRAM, a memory with these lines, and a compute unit with those.
std::string machine(const std::string& memory, const std::string& compute,
                    const std::string& technology = "65 nm") {
  return "architecture:\n  technology: " + technology +
         "\n  hierarchy:\n    - {memory: DRAM}\n    - {memory: M" + memory +
         "}\n    - {compute: C" + compute + "}\n";
}

CostedArchitecture read(const std::string& text, const ReferenceCosts& references = {},
                        const std::vector<TensorWord>& words = {}) {
  const SpecDocument document = SpecDocument::parse("spec.yaml", text);
  return parse_costed_architecture(document.root().at("architecture"),
                                   {.references = references, .estimator = {}, .words = words});
}

std::string fault(const std::string& text) {
  try {
    read(text);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

const Cost& cost_of(const CostedArchitecture& costed, std::size_t level, std::string_view item) {
  for (const Cost& cost : costed.costs) {
    if (cost.level == LevelId(level) && cost.item == item) {
      return cost;
    }
  }
  FAIL("no cost " << item);
  return costed.costs.front();
}

ComponentClass parse_class(const std::string& text) {
  static std::vector<SpecDocument> documents;  // what a class points into
  documents.push_back(SpecDocument::parse("my.yaml", text));
  return ComponentClass::parse(documents.back().root().at("class"));
}

std::string class_fault(const std::string& text) {
  try {
    parse_class(text);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE(
    "every class file is a class of its own name with a source and an error band for each cost") {
  for (const ClassFile& file : class_files()) {
    INFO(file.name);
    const SpecDocument document = SpecDocument::parse("file", std::string(file.text));
    if (file.kind == "class") {
      const ComponentClass component = ComponentClass::parse(document.root().at("class"));
      CHECK(component.name() == file.name);
      CHECK(component.fully_sourced());
      CHECK_FALSE(component.about().empty());
    } else {
      CHECK(Scaling::parse(document.root().at("scaling")).name() == file.name);
    }
  }
}

TEST_CASE("a class fills in what the element does not say, and the rule that won is told") {
  const CostedArchitecture costed =
      read(machine(", class: sram, capacity: 128 KiB, width: 64 bit, area: 1 mm2",
                   ", class: int_mac, bits: 8, accumulator: 32", "45 nm"));
  const Memory& memory = *costed.architecture.memory(LevelId(1));
  CHECK(memory.energy->read_pj == Approx(32.29).epsilon(0.001));  // the table's own point
  CHECK(memory.energy->basis == EnergyBasis::access);
  CHECK(memory.area_mm2 == 1.0);
  CHECK(cost_of(costed, 1, "area").rule == CostRule::given);
  CHECK(cost_of(costed, 1, "area").by == "spec.yaml:5");
  CHECK(cost_of(costed, 1, "read").by == "sram: interpolated in the table");
  CHECK(cost_of(costed, 1, "leakage").rule == CostRule::component_class);
  CHECK(costed.architecture.compute().energy_pj == Approx(0.3).epsilon(0.01));
  CHECK(costed.architecture.compute().area_mm2 == Approx(282e-6 + 137e-6).epsilon(0.01));
  CHECK(cost_of(costed, 2, "leakage").rule == CostRule::none);
  CHECK(costed.architecture.technology == "45 nm, lstp devices, scaling stillmaker");
}

TEST_CASE("a reference table comes before the class and after what is given") {
  ReferenceCosts references;
  references["M"].read_pj = 5;
  references["M"].write_pj = 6;
  references["M"].area_mm2 = 2;
  const CostedArchitecture costed =
      read(machine(", class: sram, capacity: 128 KiB, width: 64 bit, area: 1 mm2", "", "45 nm"),
           references);
  const Memory& memory = *costed.architecture.memory(LevelId(1));
  CHECK(memory.energy == MemoryEnergy{5, 6, EnergyBasis::access});
  CHECK(cost_of(costed, 1, "read").rule == CostRule::reference);
  CHECK(memory.area_mm2 == 1.0);
  CHECK(cost_of(costed, 1, "leakage").rule == CostRule::component_class);
}

TEST_CASE("where the table ends a closed form takes over and says so") {
  const CostedArchitecture costed =
      read(machine(", class: sram, capacity: 64 MiB, width: 64 bit", "", "45 nm"));
  CHECK(cost_of(costed, 1, "read").by == "sram: closed form");
  CHECK(cost_of(costed, 1, "leakage").by == "sram: proportional to capacity");
}

TEST_CASE("scaling is a choice, and its name stands with the technology") {
  const auto energy = [](const std::string& technology) {
    return *read(machine("", ", class: int_mac", technology)).architecture.compute().energy_pj;
  };
  const double own = energy("45 nm");
  CHECK(energy("{node: 7 nm, scaling: none}") == own);
  // a V^2 + b V + c at 0.9 V: 0.0865 at 7 nm, 0.8444 at 45 nm
  CHECK(energy("7 nm") / own == Approx(0.10248).epsilon(0.001));
  CHECK(energy("{node: 7 nm, scaling: tpu-v4i-table}") / own == Approx(0.361).epsilon(0.01));
  CHECK(energy("{node: 45 nm, voltage: 1 V}") / own == Approx(1.0177 / 0.8444).epsilon(0.001));
  CHECK(
      read(machine("", ", class: int_mac", "{node: 7 nm, voltage: 0.7 V, scaling: tpu-v4i-table}"))
          .architecture.technology == "7 nm, 0.7 V, lstp devices, scaling tpu-v4i-table");
}

TEST_CASE("the device family is a setting that leakage follows over decades") {
  const auto leakage = [](const std::string& technology) {
    return read(machine(", class: sram, capacity: 64 KiB, width: 64 bit", "", technology))
        .architecture.memory(LevelId(1))
        ->leakage_mw;
  };
  CHECK(leakage("{node: 45 nm, devices: hp}") / leakage("45 nm") == Approx(36802).epsilon(0.001));
}

TEST_CASE("banks, ports and wires change what an access costs") {
  const auto area = [](const std::string& more) {
    return *read(machine(", class: sram, capacity: 64 KiB, width: 64 bit" + more, "", "45 nm"))
                .architecture.memory(LevelId(1))
                ->area_mm2;
  };
  CHECK(area(", banks: 4") / area("") == Approx(1.141).epsilon(0.001));
  CHECK(area(", ports: 1R1W") / area("") == Approx(2.03).epsilon(0.001));
}

TEST_CASE("an architecture with classes reads back from its plain numbers") {
  const Architecture once =
      read(machine(", class: sram, capacity: 108 KiB, width: 64 bit, banks: 27",
                   ", class: fp_mac, format: bf16", "28 nm"))
          .architecture;
  CHECK(read(to_yaml(once)).architecture == once);
}

TEST_CASE("the energies of an in-memory array are the user's and are shared by its rows") {
  const Compute compute =
      read(machine("", ", class: analog_mac, mac_energy: 2 fJ, adc_energy: 1.28 pJ, rows: 128"))
          .architecture.compute();
  CHECK(compute.energy_pj == Approx(0.012));
}

TEST_CASE("a class that an element cannot use is refused at its place") {
  const auto at = [](const std::string& text, const std::string& message) {
    INFO(text);
    CHECK(fault(text).find(message) != std::string::npos);
  };
  at(machine(", class: srams, capacity: 1 KiB", ""),
     "unknown class 'srams' (did you mean 'sram'?)");
  at(machine(", class: int_mac", ""),
     "int_mac is a class of a compute, and this element is a memory");
  at(machine(", class: sram, capacity: 1 KiB", ""), "class sram needs the attribute `width`");
  at(machine(", class: sram, capacity: 4 GiB, width: 64 bit", ""),
     "class sram knows `read` for capacity from 64 B to 512 MiB only");
  at(machine(", class: sram, capacity: 1 KiB, width: 64 bit, banks: 64", ""),
     "class sram takes banks of at most 32");
  at(machine(", class: sram, capacity: 1 KiB, width: 64 bit, ports: 2R", ""), "unknown ports '2R'");
  at(machine(", class: sram, capacity: 3 pJ, width: 64 bit", ""),
     "expected a size such as 108 KiB");
  at(machine("", ", class: int_mac, bits: 2.5"), "expected a whole number of bits, got 2.5");
  at(machine("", ", class: int_mac", "planar"), "class int_mac needs the technology node");
  at(machine("", ", class: int_mac", "{node: 3 nm, scaling: tpu-v4i-table}"),
     "the scaling tpu-v4i-table goes from 7 nm to 45 nm only");
  at(machine("", ", class: int_mac", "{node: 3 nm, scaling: tpu}"), "unknown scaling 'tpu'");
  at(machine("", ", class: ./nothing.yaml"), "there is no file");
}

TEST_CASE("a user's own class file is found from the folder of the spec") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / "tessera_component_class_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "mine.yaml")
      << "class:\n  name: mine\n  of: compute\n  attributes: {bits: {}}\n"
         "  costs: {energy: 0.2 pJ * (bits / 8)^1.98}\n";
  const SpecDocument document = SpecDocument::parse((folder / "spec.yaml").string(),
                                                    machine("", ", class: ./mine.yaml, bits: 16"));
  CHECK(parse_architecture(document.root().at("architecture")).compute().energy_pj ==
        Approx(0.789).epsilon(0.001));
  std::filesystem::remove_all(folder);
}

TEST_CASE("a class file with a fault is refused where the fault is") {
  const auto at = [](const std::string& lines, const std::string& message) {
    const std::string head = "class:\n  name: mine\n  of: compute\n";
    INFO(lines);
    INFO(class_fault(head + lines));
    CHECK(class_fault(head + lines).find(message) != std::string::npos);
  };
  at("  let: {a: b + 1, b: 2 * a}\n  costs: {energy: 1 pJ}\n", "cyclic expression: a -> b -> a");
  at("  let: {a: a}\n  costs: {energy: 1 pJ}\n", "cyclic expression: a -> a");
  at("  attributes: {rows: {}}\n  costs: {energy: 1 pJ * row}\n",
     "unknown name 'row' (did you mean 'rows'?)");
  at("  costs: {energy: 3}\n", "expected an energy for `energy`, got a plain number");
  at("  costs: {energy: 1 mW}\n", "expected an energy for `energy`, got a power");
  at("  costs: {read: 1 pJ}\n", "unknown cost of a compute 'read'");
  at("  attributes: {area: {}}\n  costs: {energy: 1 pJ}\n", "'area' is a key of elements");
  at("  attributes: {pJ: {}}\n  costs: {energy: 1 pJ}\n", "choose another name");
  at("  attributes: {n: {unit: apples}}\n  costs: {energy: 1 pJ}\n", "expected a unit such as");
  at("  attributes: {n: {unit: bit, default: 3 pJ}}\n  costs: {energy: 1 pJ}\n",
     "expected a size in bits, as the unit of n says, got an energy");
  at("  attributes: {kind: {choices: [x, y]}}\n  costs: {energy: 1 pJ * kind}\n",
     "'kind' is one of several words, not a number");
  at("  costs: {energy: 1 pJ * scale.energy}\n", "unknown name 'scale.energy'");
  at("  attributes: {n: {unit: bit, follows: inputs}}\n  costs: {energy: 1 pJ}\n",
     "has a default for where there is no problem");
  at("  attributes: {n: {default: 1, follows: inputs}}\n  costs: {energy: 1 pJ}\n",
     "if its unit is bit");
  at("  node: 45 nm\n  costs: {energy: 1 pJ}\n", "missing key 'voltage'");
  at("  attributes: {n: {}}\n  tables: {t: {axes: {n: 1}, columns: {x: pJ}, rows: [[1, 2, 3]]}}\n"
     "  costs: {energy: t.x}\n",
     "expected 2 numbers, one for each axis, then for each column; got 3");
  at("  attributes: {n: {}}\n  tables: {t: {axes: {n: bit}, columns: {x: pJ}, rows: [[1, 2]]}}\n"
     "  costs: {energy: t.x}\n",
     "the attribute n is a plain number, this unit measures a size in bits");
}

TEST_CASE("the overhead of area is written and read back") {
  std::string text = machine(", area: 2 mm2", "");
  text.insert(text.find("  hierarchy"), "  area_overhead: 0.25\n");
  const Architecture architecture = read(text).architecture;
  CHECK(architecture.area_overhead == 0.25);
  CHECK(read(to_yaml(architecture)).architecture == architecture);
}

TEST_CASE("a unit that says no bits is made for those of the problem, the widest of each kind") {
  const std::vector<TensorWord> words = {{.kind = TensorKind::outputs, .bits = 24, .final_bits = 8},
                                         {.kind = TensorKind::inputs, .bits = 8, .final_bits = 8},
                                         {.kind = TensorKind::weights, .bits = 4, .final_bits = 4},
                                         {.kind = TensorKind::weights, .bits = 2, .final_bits = 2}};
  const auto energy = [&](const std::string& attributes, const std::vector<TensorWord>& of) {
    const CostedArchitecture costed =
        read(machine("", ", class: int_mac" + attributes, "45 nm"), {}, of);
    return *costed.architecture.compute().energy_pj;
  };
  const double made_for_it = energy(", input_bits: 8, weight_bits: 4, accumulator: 24", {});
  CHECK(energy("", words) == made_for_it);
  CHECK(energy("", words) < energy("", {}));
  // What says some bits is a machine of its own, whatever runs on it.
  CHECK(energy(", bits: 8", words) == energy(", bits: 8", {}));
  CHECK(energy(", accumulator: 24", words) == energy(", accumulator: 24", {}));
  const CostedArchitecture costed = read(machine("", ", class: int_mac", "45 nm"), {}, words);
  CHECK(cost_of(costed, 2, "energy").by.starts_with("int_mac for the bits of the problem"));
}
