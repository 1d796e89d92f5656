#include "app/keep_on_chip.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/errors.hpp"
#include "search/kept_tensors.hpp"
#include "spec/node.hpp"

namespace tessera {

void check_keeping(const Network& network, const SearchOptions& options) {
  const std::vector<Objective> summed = layer_objectives(options);
  if (std::find(summed.begin(), summed.end(), Objective::dram_words) != summed.end()) {
    throw UsageError(
        "--keep-on-chip: dram_words cannot be an objective or limit with it, since layers are "
        "searched by the words\nat each tensor's outermost memory, which is on chip then; use "
        "energy and latency, dram_words are reported");
  }
  if (std::none_of(network.layers.begin(), network.layers.end(),
                   [](const Layer& layer) { return layer.from_previous; })) {
    throw UsageError(fmt::format(
        "--keep-on-chip: no layer of {} says that it takes its input from the one before (`input: "
        "previous`)",
        network.name));
  }
}

std::optional<LevelId> find_memory(const Architecture& architecture, const std::string& name) {
  const auto level = architecture.find(name);
  return level && architecture.memory(*level) != nullptr ? level : std::nullopt;
}

std::optional<LevelId> memory_kept_in(const Architecture& architecture, const std::string& name) {
  const auto level = find_memory(architecture, name);
  return level && !why_none_kept(architecture, *level) ? level : std::nullopt;
}

void fail_unknown_memory(const Architecture& architecture, const std::string& name) {
  std::vector<std::string> known;
  for (std::size_t l = 0; l < architecture.hierarchy.size(); ++l) {
    if (architecture.memory(LevelId(l)) != nullptr) {
      known.push_back(architecture.name_of(LevelId(l)));
    }
  }
  const auto near = nearest_name(name, known);
  throw UsageError(fmt::format(
      "--keep-on-chip: {} has no memory '{}'{}; its memories are {}", architecture.name, name,
      near ? fmt::format(" (did you mean '{}'?)", *near) : "", fmt::join(known, ", ")));
}

LevelId memory_to_keep_in(const Network& network, const Architecture& architecture,
                          const SearchOptions& options, const std::string& name) {
  const auto level = find_memory(architecture, name);
  if (!level) {
    fail_unknown_memory(architecture, name);
  }
  if (const auto why = why_none_kept(architecture, *level)) {
    throw UsageError(fmt::format("--keep-on-chip: {}", *why));
  }
  check_keeping(network, options);
  return *level;
}

}  // namespace tessera
