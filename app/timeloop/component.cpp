// Components of Timeloop's architectures by sort: what a class is, compute units and storage that
// holds nothing. Memories are in component_memory.cpp.

#include "app/timeloop/component.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/timeloop/attributes.hpp"
#include "app/timeloop/energy_table.hpp"
#include "app/timeloop/reading.hpp"

namespace tessera {
namespace {

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  });
}

}  // namespace

ComponentSort sort_of(const TimeloopComponent& component) {
  const std::string& name = component.class_name;
  if (name == "dummy_storage") {
    return ComponentSort::dummy;
  }
  if (contains_any(name, {"DRAM", "SRAM", "regfile", "smartbuffer", "storage"})) {
    return ComponentSort::memory;
  }
  if (contains_any(name, {"mac", "compute"})) {
    return ComponentSort::compute;
  }
  if (contains_any(name, {"XY_NoC", "Legacy", "ReductionTree", "SimpleMulticast"})) {
    return ComponentSort::network;
  }
  component.class_node.fail(
      fmt::format("'{}' is no class of a memory (its name would hold DRAM, SRAM, regfile, "
                  "smartbuffer or storage) or of "
                  "a compute unit (mac, intmac, fpmac, compute)",
                  name));
}

Compute import_compute(const TimeloopComponent& component, const TimeloopReference& reference,
                       double clock_hz) {
  const TimeloopAttributes& attributes = component.attributes;
  refuse_sparse(attributes);
  Compute compute;
  compute.name = component.name;
  std::int64_t bits = 16;
  if (const auto node = attributes.find_any({"word_bits", "datawidth"})) {
    bits = as_whole(*node, 1, kMostWordBits);
  }
  compute.energy_pj = table_operation_pj(bits);
  const auto table = reference.energies.find(component.name);
  if (table != reference.energies.end()) {
    if (!table->second.compute) {
      table->second.node.fail(fmt::format("expected the action compute of {}", component.name));
    }
    compute.energy_pj = *table->second.compute;
  }
  if (const auto energy = attributes.find("energy")) {
    compute.energy_pj = energy->as_number(0, kMostOfAttribute);
  }
  compute.leakage_mw = leakage_mw(component, reference, clock_hz);
  compute.area_mm2 = area_mm2(component, reference, 1);
  if (const auto width = attributes.find("width")) {
    as_whole(*width, 1, kMostWordBits);  // Accelergy's; Timeloop takes `datawidth`
  }
  consume_descriptions(attributes);
  attributes.finish();
  return compute;
}

void import_dummy(const TimeloopComponent& component) {
  const TimeloopAttributes& attributes = component.attributes;
  refuse_sparse(attributes);
  for (const std::string_view key :
       {"width", "depth", "datawidth", "word_bits", "cluster_size", "reduction_supported",
        "multiple_buffering", "min_utilization", "block_size", "entries"}) {
    attributes.find(key);  // it holds nothing
  }
  refuse_unless_off(attributes, "allow_overbooking", "a tile larger than its memory is refused");
  const TimeloopNetwork network = read_network(attributes, 1);
  if (network.costs() || network.latency_cycles != 0) {
    component.node.fail("costs of the network below a dummy storage are not supported");
  }
  consume_descriptions(attributes);
  attributes.finish();
}

}  // namespace tessera
