#include "search/objective.hpp"

#include <array>
#include <utility>

namespace tessera {
namespace {

constexpr std::array<std::pair<Objective, std::string_view>, 6> kNames = {{
    {Objective::energy, "energy"},
    {Objective::latency, "latency"},
    {Objective::area, "area"},
    {Objective::edp, "edp"},
    {Objective::power, "power"},
    {Objective::dram_words, "dram_words"},
}};

}  // namespace

std::string_view to_string(Objective objective) {
  for (const auto& [known, name] : kNames) {
    if (known == objective) {
      return name;
    }
  }
  return "";
}

std::optional<Objective> parse_objective(std::string_view name) {
  for (const auto& [objective, known] : kNames) {
    if (known == name) {
      return objective;
    }
  }
  return std::nullopt;
}

double value_of(Objective objective, const Evaluation& evaluation) {
  switch (objective) {
    case Objective::energy:
      return evaluation.energy_pj;
    case Objective::latency:
      return static_cast<double>(evaluation.cycles);
    case Objective::area:
      return evaluation.area_mm2;
    case Objective::edp:
      return evaluation.edp_js();
    case Objective::power:
      return evaluation.power_w();
    case Objective::dram_words:
      return static_cast<double>(evaluation.dram_words);
  }
  return 0;
}

}  // namespace tessera
