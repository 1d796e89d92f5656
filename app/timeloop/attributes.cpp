// Attributes of Timeloop's components: which are numbers of ours, which only describe the component
// to Accelergy, and which mean something that is not modelled and are refused.

#include "app/timeloop/attributes.hpp"

#include <array>

#include <fmt/format.h>

#include "app/timeloop/reading.hpp"

namespace tessera {
namespace {

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

}  // namespace

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
  refuse_unless_off(attributes, "has_power_gating",
                    "which instances leak is the machine's `power_gating` here");
  attributes.find("power_gated_at");  // without power gating, only a name
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
    return area->as_number(0, kMostOfAttribute) / 1e6 / static_cast<double>(cluster);
  }
  if (const auto area = component.attributes.find("area")) {
    return area->as_number(0, kMostOfAttribute) / 1e6;
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
    return node && !is_nothing(*node) ? std::optional(node->as_number(0, kMostOfAttribute))
                                      : std::nullopt;
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

}  // namespace tessera
