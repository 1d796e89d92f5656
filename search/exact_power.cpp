#include "search/exact_power.hpp"

namespace tessera {
namespace {

/// The model rounds the quotient in its own way.
constexpr double kRounding = 1e-12;

}  // namespace

PowerBound::PowerBound(const Problem& problem, const Architecture& architecture)
    : operations_(static_cast<double>(problem.operations())),
      clock_hz_(architecture.clock_hz),
      known_(knows_power(architecture)) {
  for (std::size_t level = 0; level < architecture.hierarchy.size(); ++level) {
    if (const Fanout* fanout = architecture.fanout(LevelId(level))) {
      latency_cycles_ += static_cast<double>(fanout->latency_cycles);
    }
  }
}

double PowerBound::least(const TermCost& cost) const {
  if (!known_) {
    return 0;
  }
  const double steps = cost.most_steps > 0 ? cost.most_steps : operations_;
  const double most_s = (steps + latency_cycles_) / clock_hz_;
  return cost.energy_pj * 1e-12 / most_s * (1 - kRounding);
}

bool knows_power(const Architecture& architecture) {
  for (std::size_t level = 0; level < architecture.hierarchy.size(); ++level) {
    if (const Fanout* fanout = architecture.fanout(LevelId(level))) {
      if (fanout->bandwidth.any() || fanout->skew() > 0) {
        return false;
      }
    } else if (const Memory* memory = architecture.memory(LevelId(level))) {
      if (memory->ports.shared || memory->ports.read || memory->ports.write) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace tessera
