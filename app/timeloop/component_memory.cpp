// Memories of Timeloop's architectures: what an access moves and costs, room, ports, the network
// below.

#include <cmath>

#include <fmt/format.h>

#include "app/timeloop/attributes.hpp"
#include "app/timeloop/energy_table.hpp"
#include "app/timeloop/reading.hpp"

namespace tessera {
namespace {

constexpr std::int64_t kMostWords = std::int64_t{1} << 50;

/// Words in one access of one instance. A `width` of several blocks makes the instances a `cluster`
/// where its size is not given.
std::int64_t read_block(const TimeloopAttributes& attributes, std::int64_t word_bits,
                        std::int64_t& cluster) {
  const auto width_node = attributes.find_any({"width", "memory_width", "data_storage_width"});
  std::int64_t from_width = 0;
  if (width_node) {
    const std::int64_t width = as_whole(*width_node, 1, kMostWordBits * kMostWordsOfAccess);
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
  const double words = node->as_number(0, kMostOfAttribute);
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

/// What an access costs, and the words that it moves: so many of any data space, whatever their
/// bits.
void set_access(Memory& memory, std::int64_t block, std::int64_t word_bits, double read_pj,
                double write_pj) {
  memory.energy =
      MemoryEnergy{read_pj, write_pj, block == 1 ? EnergyBasis::word : EnergyBasis::access};
  memory.width = block * word_bits;
  if (block > 1) {
    memory.block = block;
  }
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
    energy.read_pj = energy.write_pj = own->as_number(0, kMostOfAttribute);
  }
  if (const auto address = component.attributes.find("addr_gen_energy")) {
    const double pj = address->as_number(0, kMostOfAttribute);
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

}  // namespace

TimeloopMemory import_memory(const TimeloopComponent& component, const TimeloopReference& reference,
                             double clock_hz, TimeloopNotes& notes) {
  const TimeloopAttributes& attributes = component.attributes;
  refuse_sparse(attributes);
  TimeloopMemory result;
  Memory& memory = result.memory;
  memory.name = component.name;
  if (const auto bits = attributes.find_any({"word_bits", "datawidth"})) {
    result.word_bits = as_whole(*bits, 1, kMostWordBits);
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

}  // namespace tessera
