#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/timeloop/energy_reference.hpp"
#include "app/timeloop/note.hpp"
#include "arch/architecture.hpp"
#include "spec/node.hpp"

namespace tessera {

/// The attributes of a component: its own, then those of what contains it, inner before outer.
class TimeloopAttributes {
 public:
  explicit TimeloopAttributes(std::vector<SpecNode> maps) : maps_(std::move(maps)) {}

  /// The value of `key`, given with underscores, in the first map that has it.
  std::optional<SpecNode> find(std::string_view key) const;
  /// The value of the first of `keys` that is there.
  std::optional<SpecNode> find_any(std::initializer_list<std::string_view> keys) const;
  /// Throws at the first of the component's own attributes that nothing asked for.
  void finish() const;

 private:
  std::vector<SpecNode> maps_;
};

/// One component of a Timeloop architecture, v0.3 or v0.4, before it is one of ours.
struct TimeloopComponent {
  SpecNode node;     ///< its map
  std::string name;  ///< without its range
  SpecNode class_node;
  std::string class_name;
  TimeloopAttributes attributes;
};

/// A `network` has a part only where a memory names it, which none here may.
enum class ComponentSort { memory, compute, dummy, network };

/// What the class of a component makes it. Throws where that is not known.
ComponentSort sort_of(const TimeloopComponent& component);

/// The network between a memory and what it feeds, as attributes of the memory give it.
struct TimeloopNetwork {
  std::optional<double> hop_pj;  ///< energy of a word over one hop
  std::optional<double> router_pj;
  std::int64_t latency_cycles = 0;  ///< to fill and to drain it
  bool costs() const { return hop_pj || router_pj; }
};

/// A memory and what came with it.
struct TimeloopMemory {
  Memory memory;
  TimeloopNetwork network;
  std::int64_t word_bits = 16;
  double min_utilization = 0;  ///< share of the capacity that tiles must fill
};

/// Read the attributes of a component of that sort. Energies come from the attributes, else from
/// `reference`, else from Timeloop's tables. Throw SpecError at what is not understood.
TimeloopMemory import_memory(const TimeloopComponent& component, const TimeloopReference& reference,
                             double clock_hz, TimeloopNotes& notes);
Compute import_compute(const TimeloopComponent& component, const TimeloopReference& reference,
                       double clock_hz);

/// Consumes the attributes of a storage that only carries a fanout; refuses those that would hold
/// data.
void import_dummy(const TimeloopComponent& component);

}  // namespace tessera
