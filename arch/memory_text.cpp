// A memory of the hierarchy as YAML text.

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arch/architecture_spec.hpp"
#include "arch/element_spec.hpp"

namespace tessera {
namespace {

std::string_view basis_text(EnergyBasis basis) {
  switch (basis) {
    case EnergyBasis::word:
      return "word";
    case EnergyBasis::bit:
      return "bit";
    case EnergyBasis::access:
      return "access";
  }
  return "";
}

std::string energy_text(const MemoryEnergy& energy) {
  const std::string_view basis = basis_text(energy.basis);
  if (energy.read_pj == energy.write_pj) {
    return fmt::format("{} pJ/{}", energy.read_pj, basis);
  }
  return fmt::format("{{read: {} pJ/{}, write: {} pJ/{}}}", energy.read_pj, basis, energy.write_pj,
                     basis);
}

}  // namespace

std::string capacity_text(const Capacity& capacity) {
  if (capacity.unit == Capacity::Unit::words) {
    return fmt::format("{} words", capacity.amount);
  }
  struct Unit {
    int shift;
    std::string_view name;
  };
  for (const Unit& unit : {Unit{33, "GiB"}, Unit{23, "MiB"}, Unit{13, "KiB"}, Unit{3, "B"}}) {
    if (capacity.amount % (std::int64_t{1} << unit.shift) == 0) {
      return fmt::format("{} {}", capacity.amount >> unit.shift, unit.name);
    }
  }
  return fmt::format("{} bit", capacity.amount);
}

std::string bandwidth_text(const Bandwidth& bandwidth) {
  switch (bandwidth.unit) {
    case BandwidthUnit::words_per_second:
      return exact_text(bandwidth.amount, Measure::bandwidth,
                        {{1, "words/s"}, {1e6, "Mwords/s"}, {1e9, "Gwords/s"}});
    case BandwidthUnit::words_per_cycle:
      return fmt::format("{} words/cycle", bandwidth.amount);
    case BandwidthUnit::bits_per_second:
      return exact_text(bandwidth.amount, Measure::bandwidth,
                        {{1, "bit/s"}, {8e6, "MB/s"}, {8e9, "GB/s"}});
    case BandwidthUnit::bits_per_cycle:
      return fmt::format("{} bit/cycle", bandwidth.amount);
    case BandwidthUnit::accesses_per_second:
      return exact_text(bandwidth.amount, Measure::port,
                        {{1, "accesses/s"}, {1e6, "Maccesses/s"}, {1e9, "Gaccesses/s"}});
    case BandwidthUnit::accesses_per_cycle:
      return fmt::format("{} accesses/cycle", bandwidth.amount);
  }
  return "";
}

namespace {

std::string ports_text(const Ports& ports) {
  if (ports.shared) {
    return fmt::format("      bandwidth: {}\n", bandwidth_text(*ports.shared));
  }
  std::vector<std::string> entries;
  if (ports.read) {
    entries.push_back("read: " + bandwidth_text(*ports.read));
  }
  if (ports.write) {
    entries.push_back("write: " + bandwidth_text(*ports.write));
  }
  return entries.empty() ? "" : fmt::format("      bandwidth: {{{}}}\n", fmt::join(entries, ", "));
}

std::string stored_bits_text(const Memory& memory) {
  std::vector<std::string> entries;
  for (const TensorKind kind : kTensorKinds) {
    if (const auto& bits = memory.bits[static_cast<std::size_t>(kind)]) {
      entries.push_back(fmt::format("{}: {}", to_string(kind), *bits));
    }
  }
  if (memory.final_bits) {
    entries.push_back(fmt::format("outputs.final: {}", *memory.final_bits));
  }
  return entries.empty() ? "" : fmt::format("      bits: {{{}}}\n", fmt::join(entries, ", "));
}

std::string residency_text(const Memory& memory) {
  const bool decides_all = (memory.keep.bits | memory.bypass.bits) == KindSet::all().bits;
  if (decides_all && !memory.keep.empty() && !memory.bypass.empty()) {
    return fmt::format("      only: {}\n", kinds_text(memory.keep));
  }
  std::string text;
  if (!memory.keep.empty()) {
    text += fmt::format("      keep: {}\n", kinds_text(memory.keep));
  }
  if (!memory.bypass.empty()) {
    text += fmt::format("      bypass: {}\n", kinds_text(memory.bypass));
  }
  return text;
}

}  // namespace

std::string element_text(const Memory& memory) {
  std::string text = fmt::format("    - memory: {}\n", memory.name);
  if (memory.capacity) {
    text += fmt::format("      capacity: {}\n", capacity_text(*memory.capacity));
  }
  if (memory.width) {
    text += fmt::format("      width: {} bit\n", *memory.width);
  }
  if (memory.block) {
    text += fmt::format("      block: {} words\n", *memory.block);
  }
  text += stored_bits_text(memory);
  if (memory.aligned) {
    text += "      aligned: true\n";
  }
  if (memory.energy) {
    text += fmt::format("      energy: {}\n", energy_text(*memory.energy));
  }
  text += leakage_text(memory.leakage_mw) + area_text(memory.area_mm2) + ports_text(memory.ports);
  if (memory.buffering != Buffering::ideal) {
    text +=
        fmt::format("      buffering: {}\n", memory.buffering == Buffering::single_buffer ? 1 : 2);
  }
  if (memory.ramp) {
    text += "      ramp: true\n";
  }
  return text + residency_text(memory);
}

}  // namespace tessera
