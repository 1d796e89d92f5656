// Attributes of Timeloop's components: which are numbers of ours, which only describe the component
// to Accelergy, and which mean something that is not modelled and are refused.

#include "app/timeloop/component.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "app/timeloop/energy_table.hpp"
#include "app/timeloop/reading.hpp"

namespace tessera {
namespace {

constexpr double kMost = std::numeric_limits<double>::max();
constexpr std::int64_t kMostWords = std::int64_t{1} << 50;
constexpr std::int64_t kMostBits = 1024;
constexpr std::int64_t kMostWordsOfAccess = std::int64_t{1} << 20;
constexpr std::int64_t kMostCycles = std::int64_t{1} << 40;

/// Attributes that Timeloop does not read: they describe a component to Accelergy, whose tables
/// (ERT, ART) hold what came of them.
constexpr std::array kDescriptions = {
    "type",
    "technology",
    "global_cycle_seconds",
    "cycle_seconds",
    "action_latency_cycles",
    "n_instances",
    "version",
    "n_banks",
    "num_banks",
    "banks",
    "n_ports",
    "num_ports",
    "ports",
    "n_rw_ports",
    "n_rdwr_ports",
    "n_rd_ports",
    "n_wr_ports",
    "num_rd_ports",
    "num_wr_ports",
    "num_rdwr_ports",
    "update_fifo_depth",
    "n_buffets",
    "nports",
    "widthscale",
    "depthscale",
    "real_depth",
    "area_scale",
    "dynamic_energy_scale",
    "static_energy_scale",
    "latency",
    "voltage",
    "pipelined",
    "num_pipeline_stages",
    "multiplier_width",
    "adder_width",
    "mesh_x",
    "meshX",
    "meshY",
};

/// Attributes of sparse hardware. Refused until sparsity is modelled.
constexpr std::array kSparse = {
    "metadata_word_bits",        "metadata_storage_width",
    "metadata_storage_depth",    "metadata_block_size",
    "metadata_datawidth",        "metadata_counter_width",
    "decompression_supported",   "compression_supported",
    "tile_partition_on_the_fly", "concordant_compressed_tile_traversal",
    "is_sparse_module",
};

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  });
}

bool is_nothing(const SpecNode& node) {
  if (node.is_null()) {
    return true;
  }
  const std::string text = node.is_scalar() ? node.as_string() : "";
  return text == "null" || text == "None" || text == "~";
}

void refuse_sparse(const TimeloopAttributes& attributes) {
  for (const char* key : kSparse) {
    if (const auto value = attributes.find(key)) {
      const bool off =
          value->is_scalar() && (value->as_string() == "false" || value->as_string() == "False");
      if (!off) {
        value->fail(
            fmt::format("`{}` belongs to sparse hardware, which is not modelled; remove the "
                        "sparse attributes to evaluate the dense machine",
                        key));
      }
    }
  }
}

void refuse_unless_off(const TimeloopAttributes& attributes, std::string_view key,
                       std::string_view why) {
  if (const auto value = attributes.find(key)) {
    if (!is_nothing(*value) && as_flag(*value)) {
      value->fail(fmt::format("`{}` is not modelled: {}", key, why));
    }
  }
}

void consume_descriptions(const TimeloopAttributes& attributes) {
  for (const char* key : kDescriptions) {
    attributes.find(key);
  }
  refuse_unless_off(attributes, "has_power_gating", "all instances leak all the time");
  attributes.find("power_gated_at");  // without power gating, only a name
}

/// Words in one access of one instance. A `width` of several blocks makes the instances a `cluster`
/// where its size is not given.
std::int64_t read_block(const TimeloopAttributes& attributes, std::int64_t word_bits,
                        std::int64_t& cluster) {
  const auto width_node = attributes.find_any({"width", "memory_width", "data_storage_width"});
  std::int64_t from_width = 0;
  if (width_node) {
    const std::int64_t width = as_whole(*width_node, 1, kMostBits * kMostWordsOfAccess);
    if (width % (word_bits * cluster) != 0) {
      width_node->fail(fmt::format(
          "expected a multiple of the {} bits of a word{}, got {}", word_bits,
          cluster > 1 ? fmt::format(" x {} instances of a cluster", cluster) : "", width));
    }
    from_width = width / (word_bits * cluster);
  }
  if (const auto block = attributes.find_any({"block_size", "n_words"})) {
    const std::int64_t words = as_whole(*block, 1, kMostWordsOfAccess);
    if (from_width > words && from_width % words == 0 && !attributes.find("cluster_size")) {
      cluster = from_width / words;
      return words;
    }
    if (width_node && words != from_width) {
      block->fail(fmt::format("a block of {} words contradicts the `width`, which is {} words",
                              words, from_width));
    }
    return words;
  }
  return width_node ? from_width : 1;
}

/// Words that an instance has room for; empty: unbounded.
std::optional<std::int64_t> read_size(const TimeloopAttributes& attributes, std::int64_t word_bits,
                                      std::int64_t block) {
  const auto entries = attributes.find("entries");
  const auto depth = attributes.find_any({"depth", "memory_depth", "data_storage_depth"});
  const auto kilobytes = attributes.find("sizeKB");
  std::optional<std::int64_t> size;
  if (entries) {
    size = as_whole(*entries, 1, kMostWords);
  }
  const auto agree = [&](const SpecNode& node, std::int64_t words, std::string_view key) {
    if (size && *size != words) {
      node.fail(fmt::format("`{}` says {} words and another key {}", key, words, *size));
    }
    size = words;
  };
  if (depth && !is_nothing(*depth)) {
    agree(*depth, as_whole(*depth, 1, kMostWords / block) * block, "depth");
  }
  if (kilobytes) {
    const double words = kilobytes->as_number(0, 1e12) * 8192 / static_cast<double>(word_bits);
    if (words < 1) {
      kilobytes->fail("expected room for at least one word");
    }
    agree(*kilobytes, static_cast<std::int64_t>(words), "sizeKB");
  }
  return size;
}

void set_capacity(const TimeloopAttributes& attributes, std::optional<std::int64_t> size,
                  Memory& memory) {
  double buffers = 1;
  const auto node = attributes.find("multiple_buffering");
  if (node) {
    buffers = node->as_number(1, 1e6);
  }
  if (!size) {
    return;
  }
  const auto usable = static_cast<std::int64_t>(std::floor(static_cast<double>(*size) / buffers));
  if (usable < 1) {
    node->fail(fmt::format("no word is left of {} in each of {} buffers", *size, buffers));
  }
  memory.capacity = Capacity{.amount = usable, .unit = Capacity::Unit::words};
}

std::optional<Bandwidth> read_bandwidth(const TimeloopAttributes& attributes,
                                        std::string_view key) {
  const auto node = attributes.find(key);
  if (!node || is_nothing(*node)) {
    return std::nullopt;
  }
  const double words = node->as_number(0, kMost);
  if (words == 0) {
    node->fail("expected a bandwidth above 0 words/cycle; leave it out where it is unbounded");
  }
  return Bandwidth{.amount = words, .unit = BandwidthUnit::words_per_cycle};
}

void set_ports(const TimeloopAttributes& attributes, Memory& memory) {
  Ports& ports = memory.ports;
  ports.read = read_bandwidth(attributes, "read_bandwidth");
  ports.write = read_bandwidth(attributes, "write_bandwidth");
  ports.shared = read_bandwidth(attributes, "shared_bandwidth");
  if (const auto either = read_bandwidth(attributes, "bandwidth")) {
    const SpecNode node = *attributes.find("bandwidth");
    if (ports.read || ports.write || ports.shared) {
      node.fail(
          "`bandwidth` is half for reads and half for writes; remove it, or the other "
          "bandwidths");
    }
    ports.read = ports.write = Bandwidth{either->amount / 2, BandwidthUnit::words_per_cycle};
  }
  if (ports.shared && (ports.read || ports.write)) {
    attributes.find("shared_bandwidth")
        ->fail(
            "a shared bandwidth beside one of reads or writes is not supported; give one or the "
            "other");
  }
}

/// What an access costs, and the words that it moves.
void set_access(Memory& memory, std::int64_t block, std::int64_t word_bits, double read_pj,
                double write_pj) {
  memory.energy =
      MemoryEnergy{read_pj, write_pj, block == 1 ? EnergyBasis::word : EnergyBasis::access};
  memory.width = block * word_bits;
}

struct AccessEnergy {
  double read_pj = 0;
  double write_pj = 0;
};

AccessEnergy read_access_energy(const TimeloopComponent& component,
                                const TimeloopReference& reference, double table_pj,
                                TimeloopNotes& notes) {
  AccessEnergy energy{table_pj, table_pj};
  const auto own = component.attributes.find("vector_access_energy");
  const auto table = reference.energies.find(component.name);
  if (table != reference.energies.end()) {
    const ReferenceEnergy& given = table->second;
    if (!given.read || !(given.write || given.update)) {
      given.node.fail(
          fmt::format("expected the actions read and write of the memory {}", component.name));
    }
    if (given.compute) {
      given.node.fail(fmt::format("{} is a memory and does not compute", component.name));
    }
    if (given.write && given.update && *given.write != *given.update) {
      given.node.fail(
          fmt::format("write costs {} pJ and update {} pJ; unequal energies of the two "
                      "are not supported",
                      *given.write, *given.update));
    }
    energy = {*given.read, given.write ? *given.write : *given.update};
  }
  if (own) {
    energy.read_pj = energy.write_pj = own->as_number(0, kMost);
  }
  if (const auto address = component.attributes.find("addr_gen_energy")) {
    const double pj = address->as_number(0, kMost);
    if (pj > 0) {
      energy.read_pj += pj;
      energy.write_pj += pj;
      add_note(notes, *address,
               "counted once an access here; Timeloop counts it for each word, and not "
               "for reads of outputs");
    }
  }
  return energy;
}

/// In pJ a cycle, which at the machine's clock is a power.
double leakage_mw(const TimeloopComponent& component, const TimeloopReference& reference,
                  double clock_hz) {
  const auto table = reference.energies.find(component.name);
  return table != reference.energies.end() && table->second.leak
             ? *table->second.leak * clock_hz * 1e-9
             : 0;
}

std::optional<double> area_mm2(const TimeloopComponent& component,
                               const TimeloopReference& reference, std::int64_t cluster) {
  if (const auto area = component.attributes.find("cluster_area")) {
    return area->as_number(0, kMost) / 1e6 / static_cast<double>(cluster);
  }
  if (const auto area = component.attributes.find("area")) {
    return area->as_number(0, kMost) / 1e6;
  }
  const auto table = reference.areas.find(component.name);
  if (table != reference.areas.end()) {
    return table->second.second / 1e6;
  }
  return std::nullopt;
}

TimeloopNetwork read_network(const TimeloopAttributes& attributes, std::int64_t word_bits) {
  TimeloopNetwork network;
  const auto number = [&](std::string_view key) -> std::optional<double> {
    const auto node = attributes.find(key);
    return node && !is_nothing(*node) ? std::optional(node->as_number(0, kMost)) : std::nullopt;
  };
  network.router_pj = number("router_energy");
  network.hop_pj = number("energy_per_hop");
  const auto wire = number("wire_energy");  // pJ a bit and millimetre
  const auto width = number("tile_width");  // micrometres
  if (!network.hop_pj && wire && width) {
    network.hop_pj = static_cast<double>(word_bits) * *width / 1000 * *wire;
  } else if (!network.hop_pj && wire && *wire > 0) {
    attributes.find("wire_energy")
        ->fail("expected `tile_width` beside it: how long a hop is follows from areas in Timeloop");
  }
  for (const std::string_view key : {"network_fill_latency", "network_drain_latency"}) {
    const auto node = attributes.find(key);
    if (node && !is_nothing(*node)) {
      network.latency_cycles += as_whole(*node, 0, kMostCycles);
    }
  }
  if (const auto ingress = attributes.find("energy_per_ingress")) {
    ingress->fail("`energy_per_ingress` is not supported");
  }
  if (const auto reduction = attributes.find("reduction_supported")) {
    as_flag(*reduction);  // in Timeloop too it changes only the words that the network counts
  }
  return network;
}

}  // namespace

std::optional<SpecNode> TimeloopAttributes::find(std::string_view key) const {
  std::optional<SpecNode> found;
  for (const SpecNode& map : maps_) {
    const auto value = find_key(map, key);  // in each, which makes the key known to all
    found = found ? found : value;
  }
  return found;
}

std::optional<SpecNode> TimeloopAttributes::find_any(
    std::initializer_list<std::string_view> keys) const {
  std::optional<SpecNode> found;
  for (const std::string_view key : keys) {
    const auto value = find(key);
    found = found ? found : value;
  }
  return found;
}

void TimeloopAttributes::finish() const {
  if (!maps_.empty()) {
    maps_.front().finish();
  }
}

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

TimeloopMemory import_memory(const TimeloopComponent& component, const TimeloopReference& reference,
                             double clock_hz, TimeloopNotes& notes) {
  const TimeloopAttributes& attributes = component.attributes;
  refuse_sparse(attributes);
  TimeloopMemory result;
  Memory& memory = result.memory;
  memory.name = component.name;
  if (const auto bits = attributes.find_any({"word_bits", "datawidth"})) {
    result.word_bits = as_whole(*bits, 1, kMostBits);
  }
  std::int64_t cluster = 1;
  const auto cluster_node = attributes.find("cluster_size");
  if (cluster_node) {
    cluster = as_whole(*cluster_node, 1, kMostWordsOfAccess);
  }
  const std::int64_t block = read_block(attributes, result.word_bits, cluster);
  if (cluster > 1) {
    add_note(notes, cluster_node ? *cluster_node : component.node,
             "energies are those of instances in clusters of their own; Timeloop's are "
             "lower where one access serves several instances of a cluster");
  }
  const auto size = read_size(attributes, result.word_bits, block);
  set_capacity(attributes, size, memory);
  set_ports(attributes, memory);
  const bool dram = component.class_name.find("DRAM") != std::string::npos;
  const AccessEnergy energy = read_access_energy(
      component, reference, table_access_pj(dram, size, result.word_bits, block, cluster), notes);
  set_access(memory, block, result.word_bits, energy.read_pj, energy.write_pj);
  memory.leakage_mw = leakage_mw(component, reference, clock_hz);
  memory.area_mm2 = area_mm2(component, reference, cluster);
  if (const auto least = attributes.find("min_utilization")) {
    result.min_utilization = least->as_number(0, 1);
  }
  result.network = read_network(attributes, result.word_bits);
  refuse_unless_off(attributes, "allow_overbooking", "a tile larger than its memory is refused");
  if (const auto scale = attributes.find("per_dataspace_bandwidth_consumption_scale")) {
    scale->fail("bandwidth scales of single data spaces are not supported");
  }
  consume_descriptions(attributes);
  attributes.finish();
  return result;
}

Compute import_compute(const TimeloopComponent& component, const TimeloopReference& reference,
                       double clock_hz) {
  const TimeloopAttributes& attributes = component.attributes;
  refuse_sparse(attributes);
  Compute compute;
  compute.name = component.name;
  std::int64_t bits = 16;
  if (const auto node = attributes.find_any({"word_bits", "datawidth"})) {
    bits = as_whole(*node, 1, kMostBits);
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
    compute.energy_pj = energy->as_number(0, kMost);
  }
  compute.leakage_mw = leakage_mw(component, reference, clock_hz);
  compute.area_mm2 = area_mm2(component, reference, 1);
  if (const auto width = attributes.find("width")) {
    as_whole(*width, 1, kMostBits);  // Accelergy's; Timeloop takes `datawidth`
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
