// A memory of the hierarchy, from and to YAML.

#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "arch/architecture_spec.hpp"
#include "arch/auto_capacity.hpp"
#include "arch/element_spec.hpp"

namespace tessera {
namespace {

/// Sizes are read as doubles, which are exact up to here (1 PiB in bits); larger ones are slips.
constexpr double kMaxSize = 9007199254740992.0;

/// More words than any access moves: larger ones are slips.
constexpr std::int64_t kMaxBlock = std::int64_t{1} << 20;

struct EnergyPerAction {
  double pj = 0;
  EnergyBasis basis = EnergyBasis::word;
};

std::int64_t whole_number(const SpecNode& node, double value, std::string_view unit) {
  if (value < 1 || value > kMaxSize || value != std::floor(value)) {
    node.fail(fmt::format("expected a whole number of {} from 1 to {}, got '{}'", unit,
                          static_cast<std::int64_t>(kMaxSize), node.as_string()));
  }
  return static_cast<std::int64_t>(value);
}

Capacity parse_capacity(const SpecNode& node, const SpecNode& memory) {
  const Quantity size = node.as_quantity(Measure::data);
  const auto word = memory.find("word");
  if (!size.in_words) {
    if (word) {
      word->fail(
          "`word` is the size of a word of a capacity in words, and this capacity is in "
          "bits or bytes; remove one of the two");
    }
    return {.amount = whole_number(node, size.value, "bits"), .unit = Capacity::Unit::bits};
  }
  const std::int64_t words = whole_number(node, size.value, "words");
  if (!word) {
    return {.amount = words, .unit = Capacity::Unit::words};
  }
  const std::int64_t bits =
      whole_number(*word, word->as_quantity(Measure::bits).value, "bits in a word");
  const double product = static_cast<double>(words) * static_cast<double>(bits);
  return {.amount = whole_number(node, product, "bits (words x bits in a word)"),
          .unit = Capacity::Unit::bits};
}

/// A number of words, with or without the unit.
std::int64_t parse_block(const SpecNode& node) {
  if (node.is_scalar() && node.as_string().find(' ') == std::string::npos) {
    return node.as_integer(1, kMaxBlock);
  }
  const Quantity size = node.as_quantity(Measure::data);
  if (!size.in_words || size.value < 1 || size.value > static_cast<double>(kMaxBlock) ||
      size.value != std::floor(size.value)) {
    node.fail(
        fmt::format("expected a whole number of words from 1 to {}, such as `4 words`, got "
                    "'{}'",
                    kMaxBlock, node.as_string()));
  }
  return static_cast<std::int64_t>(size.value);
}

EnergyPerAction parse_energy_per_action(const SpecNode& node, const SpecNode& memory) {
  const Quantity energy = node.as_quantity(Measure::energy);
  if (energy.per == "word") {
    return {energy.value, EnergyBasis::word};
  }
  if (energy.per == "bit") {
    return {energy.value, EnergyBasis::bit};
  }
  if (energy.per != "access") {
    node.fail(
        "expected the energy of a memory per `/word`, `/bit` or `/access`, such as "
        "`6 pJ/word`");
  }
  if (!memory.find("width") && !memory.find("block")) {
    node.fail(
        "an energy per access needs the key `width` beside it: how many bits one access "
        "moves, such as `width: 64 bit`; or `block`: how many words");
  }
  return {energy.value, EnergyBasis::access};
}

/// Sets energy and leakage from a map with some of read, write, leakage.
void parse_energy_map(const SpecNode& node, const SpecNode& memory, Memory& into) {
  check_keys(node, {"read", "write", "leakage"}, {});
  const auto read = node.find("read");
  const auto write = node.find("write");
  const auto leakage = node.find("leakage");
  if (read.has_value() != write.has_value()) {
    node.fail(
        fmt::format("expected `read` and `write` both: `{}` is missing", read ? "write" : "read"));
  }
  if (!read && !leakage) {
    node.fail("expected `read` and `write`, `leakage`, or all three");
  }
  if (read) {
    const EnergyPerAction reading = parse_energy_per_action(*read, memory);
    const EnergyPerAction writing = parse_energy_per_action(*write, memory);
    if (reading.basis != writing.basis) {
      write->fail(
          "expected `read` and `write` in the same unit: both per word, per bit or per "
          "access");
    }
    into.energy = MemoryEnergy{reading.pj, writing.pj, reading.basis};
  }
  if (leakage) {
    into.leakage_mw = parse_leakage(*leakage);
  }
}

void parse_energy(const SpecNode& memory, Memory& into) {
  const auto energy = memory.find("energy");
  const auto leakage = memory.find("leakage");
  if (leakage) {
    into.leakage_mw = parse_leakage(*leakage);
  }
  if (!energy) {
    return;
  }
  if (energy->is_map()) {
    if (leakage && energy->find("leakage")) {
      leakage->fail("the leakage is given twice, here and in `energy`; remove one of them");
    }
    parse_energy_map(*energy, memory, into);
    return;
  }
  const EnergyPerAction either = parse_energy_per_action(*energy, memory);
  into.energy = MemoryEnergy{either.pj, either.pj, either.basis};
}

Bandwidth parse_bandwidth(const SpecNode& node, const SpecNode& memory) {
  const Quantity rate = node.as_quantity(Measure::port);
  if (rate.value <= 0) {
    node.fail("expected a bandwidth above 0; leave it out where it is unbounded");
  }
  const bool cycle = rate.per == "cycle";
  if (rate.in_words) {
    return {rate.value, cycle ? BandwidthUnit::words_per_cycle : BandwidthUnit::words_per_second};
  }
  if (rate.in_accesses) {
    if (!memory.find("width") && !memory.find("block")) {
      node.fail(
          "a bandwidth in accesses needs the key `width` beside it: how many bits one access "
          "moves, such as `width: 64 bit`; or `block`: how many words");
    }
    return {rate.value,
            cycle ? BandwidthUnit::accesses_per_cycle : BandwidthUnit::accesses_per_second};
  }
  return {rate.value, cycle ? BandwidthUnit::bits_per_cycle : BandwidthUnit::bits_per_second};
}

Ports parse_ports(const SpecNode& node, const SpecNode& memory) {
  if (!node.is_map()) {
    return {.shared = parse_bandwidth(node, memory), .read = {}, .write = {}};
  }
  check_keys(node, {"read", "write"}, {});
  Ports ports;
  if (const auto read = node.find("read")) {
    ports.read = parse_bandwidth(*read, memory);
  }
  if (const auto write = node.find("write")) {
    ports.write = parse_bandwidth(*write, memory);
  }
  if (!ports.read && !ports.write) {
    node.fail("expected `read`, `write` or both; leave `bandwidth` out where it is unbounded");
  }
  return ports;
}

std::int64_t parse_word_bits(const SpecNode& node) {
  constexpr double kMostBits = 1024;  // as in a problem
  const double bits = node.as_quantity(Measure::bits).value;
  if (bits < 1 || bits > kMostBits || bits != std::floor(bits)) {
    node.fail(fmt::format("expected a whole number of bits from 1 to {}, got '{}'",
                          static_cast<int>(kMostBits), node.as_string()));
  }
  return static_cast<std::int64_t>(bits);
}

/// The suffix for finished values, as in the bits of a problem.
constexpr std::string_view kFinal = "outputs.final";

/// `bits: 8` or `bits: {weights: 4, outputs: 24, outputs.final: 8}`.
void parse_stored_bits(const SpecNode& node, Memory& into) {
  if (!node.is_map()) {
    into.bits.fill(parse_word_bits(node));
    return;
  }
  for (const SpecNode::Entry& entry : node.entries()) {
    bool known = entry.name == kFinal;
    for (const TensorKind kind : kTensorKinds) {
      if (entry.name == to_string(kind)) {
        into.bits[static_cast<std::size_t>(kind)] = parse_word_bits(entry.value);
        known = true;
      }
    }
    if (!known) {
      entry.key.fail_unknown("kind of tensor", entry.name,
                             {"inputs", "weights", "outputs", std::string(kFinal)});
    }
  }
  const auto& partial = into.bits[static_cast<std::size_t>(TensorKind::outputs)];
  if (const auto final_bits = node.find(kFinal)) {
    into.final_bits = parse_word_bits(*final_bits);
    if (partial && *into.final_bits > *partial) {
      final_bits->fail(
          fmt::format("a finished value has {} bits, more than the {} bits of a partial sum",
                      *into.final_bits, *partial));
    }
  }
  if (node.entries().empty()) {
    node.fail("expected bits of some kind of tensor, such as {weights: 4}");
  }
}

void parse_aligned(const SpecNode& node, const SpecNode& memory, Memory& into) {
  into.aligned = node.as_bool();
  if (!into.aligned) {
    return;
  }
  if (!into.width || into.block) {
    node.fail(into.block ? "words are aligned to accesses of `width` bits; remove `block`"
                         : "words are aligned to accesses, which need the key `width` beside this, "
                           "such as `width: 64 bit`");
  }
  if (into.capacity && into.capacity->unit == Capacity::Unit::words) {
    node.fail(
        "this capacity counts words, however they lie; give it in bytes, or remove `aligned`");
  }
  if (into.capacity && into.capacity->amount < *into.width) {
    memory.at("capacity")
        .fail(fmt::format("aligned words need room for one access at least, {} bit", *into.width));
  }
}

void parse_residency(const SpecNode& memory, Memory& into) {
  const auto keep = memory.find("keep");
  const auto bypass = memory.find("bypass");
  if (const auto only = memory.find("only")) {
    if (keep || bypass) {
      only->fail(fmt::format("`only` says what is kept and what is bypassed; remove `{}`",
                             keep ? "keep" : "bypass"));
    }
    into.keep = parse_kinds(*only);
    into.bypass = KindSet{static_cast<std::uint8_t>(KindSet::all().bits & ~into.keep.bits)};
    return;
  }
  if (keep) {
    into.keep = parse_kinds(*keep);
  }
  if (bypass) {
    into.bypass = parse_kinds(*bypass);
  }
  for (const TensorKind kind : kTensorKinds) {
    if (into.keep.contains(kind) && into.bypass.contains(kind)) {
      bypass->fail(
          fmt::format("{} stand in `keep` and in `bypass`; remove them from one", to_string(kind)));
    }
  }
}

}  // namespace

Memory parse_memory(const SpecNode& node, std::size_t size) {
  check_keys(
      node,
      {"memory", "capacity", "word", "width", "block", "energy", "leakage", "area", "bandwidth",
       "buffering", "ramp", "keep", "bypass", "only", "sizes", "bits", "aligned"},
      {{"drains", "`drains: free` is a rule for the whole architecture"}});
  Memory memory;
  memory.name = parse_element_name(node.at("memory"));
  if (const auto width = node.find("width")) {
    memory.width = whole_number(*width, width->as_quantity(Measure::bits).value, "bits");
  }
  if (const auto block = node.find("block")) {
    memory.block = parse_block(*block);
  }
  if (const auto capacity = capacity_node(node, size)) {
    memory.capacity = parse_capacity(*capacity, node);
  } else if (const auto word = node.find("word")) {
    word->fail("`word` is the size of a word of a capacity in words, and there is no `capacity`");
  }
  if (const auto bits = node.find("bits")) {
    parse_stored_bits(*bits, memory);
  }
  if (const auto aligned = node.find("aligned")) {
    parse_aligned(*aligned, node, memory);
  }
  parse_energy(node, memory);
  if (const auto area = node.find("area")) {
    memory.area_mm2 = parse_area(*area);
  }
  if (const auto bandwidth = node.find("bandwidth")) {
    memory.ports = parse_ports(*bandwidth, node);
  }
  if (const auto buffering = node.find("buffering")) {
    constexpr std::array kChoices = {Buffering::ideal, Buffering::single_buffer,
                                     Buffering::double_buffer};
    memory.buffering = kChoices[buffering->as_choice({"ideal", "1", "2"})];
  }
  if (const auto ramp = node.find("ramp")) {
    memory.ramp = ramp->as_bool();
    if (memory.ramp && memory.buffering == Buffering::single_buffer) {
      ramp->fail(
          "`buffering: 1` adds the time of every fill and drain, the first and the last "
          "among them; remove one of the two");
    }
  }
  parse_residency(node, memory);
  return memory;
}

}  // namespace tessera
