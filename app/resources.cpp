// What binds the time of a mapping, and how far everything else is from binding it.

#include "app/resources.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/numbers.hpp"
#include "app/text_table.hpp"

namespace tessera {

namespace {

constexpr int kFactorDigits = 3;

bool is_compute(const Scored& scored, std::size_t level) {
  return level + 1 == scored.architecture.hierarchy.size();
}

std::string port_text(const Resource& resource) {
  if (resource.port.empty()) {
    return resource.element;
  }
  return fmt::format("{}, {}", resource.element,
                     resource.port == "shared" ? "reads and writes"
                     : resource.port == "read" ? "reads"
                                               : "writes");
}

std::string away_text(const Resource& resource, std::int64_t binding) {
  if (resource.cycles == binding) {
    return "binds";
  }
  if (resource.cycles == 0) {
    return "idle";
  }
  return fmt::format(
      "{} x",
      rounded(static_cast<double>(binding) / static_cast<double>(resource.cycles), kFactorDigits));
}

/// What no resource's table shows: cycles of arrays, and transfers that overlap with nothing.
std::string additions_text(const Scored& scored) {
  std::string text;
  for (std::size_t l = 0; l < scored.evaluation.levels.size(); ++l) {
    const LevelResult& level = scored.evaluation.levels[l];
    const Fanout* fanout = scored.architecture.fanout(LevelId(l));
    if (fanout != nullptr && fanout->systolic) {
      text +=
          fmt::format("  Of the cycles of {}, {} fill and drain {}: {} in each of {} passes.\n",
                      scored.architecture.compute().name, grouped(level.passes * fanout->skew()),
                      fanout->name, grouped(fanout->skew()), grouped(level.passes));
    }
    if (fanout != nullptr && fanout->latency_cycles > 0) {
      text += fmt::format("  On top, overlapping with nothing: {} cycles of {} (its latency).\n",
                          grouped(fanout->latency_cycles), fanout->name);
    }
    if (const Memory* memory = scored.architecture.memory(LevelId(l))) {
      if (memory->buffering == Buffering::single_buffer || memory->ramp) {
        text += fmt::format(
            "  On top, overlapping with nothing: {} cycles of {} ({}).\n",
            grouped(level.exposed_cycles), memory->name,
            memory->ramp ? "its first tiles in and its last out" : "all its fills and drains");
      }
    }
  }
  return text;
}

}  // namespace

std::vector<Resource> resources(const Scored& scored) {
  const Evaluation& e = scored.evaluation;
  std::vector<Resource> list;
  const auto add = [&](std::size_t level, const char* port, std::int64_t cycles) {
    if (cycles != PortCycles::kUnbounded) {
      list.push_back({.element = scored.architecture.name_of(LevelId(level)),
                      .port = port,
                      .cycles = cycles,
                      .share = 0});
    }
  };
  for (std::size_t l = 0; l < e.levels.size(); ++l) {
    const LevelResult& level = e.levels[l];
    if (scored.architecture.memory(LevelId(l)) != nullptr) {
      add(l, "shared", level.ports.shared);
      add(l, "read", level.ports.read);
      add(l, "write", level.ports.write);
    } else if (is_compute(scored, l) || level.cycles > 0) {
      add(l, "", level.cycles);
    }
  }
  const std::string& bottleneck = scored.architecture.name_of(e.bottleneck);
  std::stable_sort(list.begin(), list.end(), [&](const Resource& a, const Resource& b) {
    return a.cycles != b.cycles ? a.cycles > b.cycles
                                : a.element == bottleneck && b.element != bottleneck;
  });
  for (Resource& resource : list) {
    resource.share =
        static_cast<double>(resource.cycles) / static_cast<double>(list.front().cycles);
  }
  return list;
}

std::int64_t systolic_cycles(const Scored& scored) {
  return scored.evaluation.levels.back().cycles - scored.evaluation.compute_cycles;
}

std::string time_text(const Scored& scored) {
  using Align = TextTable::Align;
  TextTable table({{"resource", Align::left}, {"cycles"}, {"of the longest"}, {"away"}});
  const std::vector<Resource> list = resources(scored);
  for (const Resource& resource : list) {
    table.add({port_text(resource), grouped(resource.cycles), percent(resource.share),
               away_text(resource, list.front().cycles)});
  }
  return table.text(2) + additions_text(scored);
}

}  // namespace tessera
