#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/evaluation.hpp"

namespace tessera {

/// The energies and times of an evaluation as products of counts and unit costs (cost.cpp).

/// `amount` actions of `each_pj`; leakage has neither.
struct EnergyTerm {
  enum class Action : std::uint8_t { read, write, deliver, hop, route, operate, leak };
  enum class Unit : std::uint8_t { words, bits, accesses, half_hops, operations };

  LevelId level;
  std::optional<TensorId> tensor;  ///< of all but operate and leak
  Action action = Action::read;
  Unit unit = Unit::words;
  std::int64_t amount = 0;
  double each_pj = 0;
  double energy_pj = 0;
};

/// All terms that are not 0, elements outermost first. They add up to the energy of each tensor in
/// each element, of each element, and of the whole, up to rounding.
std::vector<EnergyTerm> explain_energy(const Problem& problem, const Architecture& architecture,
                                       const Evaluation& evaluation);

/// What one port of a memory moves, or a fanout takes in (of all tensors or of one kind), and how
/// fast it can: cycles = amount / instances / rate, rounded up.
struct PortTerm {
  enum class Port : std::uint8_t { shared, read, write, inputs, weights, outputs };

  LevelId level;
  Port port = Port::shared;
  EnergyTerm::Unit unit = EnergyTerm::Unit::bits;  ///< of amount and rate
  std::int64_t amount = 0;                         ///< over all instances
  std::int64_t instances = 1;
  double rate = 0;  ///< per cycle and instance

  double cycles() const {
    return static_cast<double>(amount) / static_cast<double>(instances) / rate;
  }
};

/// All ports with a bandwidth, elements outermost first.
std::vector<PortTerm> explain_ports(const Problem& problem, const Architecture& architecture,
                                    const Evaluation& evaluation);

}  // namespace tessera
