#include "app/evaluation_report.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/costs_report.hpp"
#include "app/numbers.hpp"
#include "app/resources.hpp"
#include "app/text_table.hpp"
#include "problems/operation.hpp"

namespace tessera {

namespace {

constexpr int kHeadlineDigits = 9;
constexpr int kTableDigits = 6;
constexpr double kJoulePerPicojoule = 1e-12;

std::string energy_text(double picojoules, int digits) {
  return with_si_prefix(picojoules * kJoulePerPicojoule, "J", digits);
}

std::string headline(const Scored& scored) {
  const Evaluation& e = scored.evaluation;
  const Architecture& architecture = scored.architecture;
  const LevelId compute(architecture.hierarchy.size() - 1);
  const double per_operation = e.energy_pj / static_cast<double>(e.operations);
  TextTable table({{"problem", TextTable::Align::left},
                   {scored.problem.name, TextTable::Align::left},
                   {problem_text(scored.problem), TextTable::Align::left}});
  table.add({"architecture", architecture.name,
             fmt::format("{}{}, {} compute lanes", architecture.technology,
                         (architecture.technology.empty() ? "" : ", ") +
                             with_si_prefix(architecture.clock_hz, "Hz", kTableDigits),
                         grouped(architecture.instances(compute)))});
  table.add({"operations", grouped(e.operations), ""});
  table.add({"cycles", grouped(e.cycles),
             fmt::format("bound by {}{}", architecture.name_of(e.bottleneck),
                         e.exposed_cycles == 0 ? ""
                                               : fmt::format("; {} overlap with nothing",
                                                             grouped(e.exposed_cycles)))});
  table.add({"latency", with_si_prefix(e.latency_s, "s", kHeadlineDigits), ""});
  table.add({"energy", energy_text(e.energy_pj, kHeadlineDigits),
             fmt::format("{} per operation", energy_text(per_operation, kTableDigits))});
  table.add({"utilization", percent(e.utilization), "operations / (cycles x lanes)"});
  table.add({"power", with_si_prefix(e.power_w(), "W", kTableDigits), ""});
  table.add({"edp", rounded(e.edp_js(), kHeadlineDigits) + " J*s", "energy x latency"});
  table.add({"area", rounded(e.area_mm2, kTableDigits) + " mm2", overhead_text(architecture)});
  table.add({"dram words", grouped(e.dram_words), "moved at each tensor's outermost memory"});
  return table.text();
}

std::int64_t accesses(const TensorTraffic& traffic) {
  return traffic.read_accesses + traffic.write_accesses;
}

bool any_accesses(const Evaluation& evaluation) {
  return std::any_of(
      evaluation.levels.begin(), evaluation.levels.end(), [](const LevelResult& level) {
        return std::any_of(level.tensors.begin(), level.tensors.end(),
                           [](const TensorTraffic& traffic) { return accesses(traffic) > 0; });
      });
}

bool any_passed(const Evaluation& evaluation) {
  return std::any_of(
      evaluation.levels.begin(), evaluation.levels.end(), [](const LevelResult& level) {
        return std::any_of(level.tensors.begin(), level.tensors.end(),
                           [](const TensorTraffic& traffic) { return traffic.passed > 0; });
      });
}

std::string memory_table(const Scored& scored) {
  using Align = TextTable::Align;
  std::vector<TextTable::Column> columns = {{"memory", Align::left},
                                            {"tensor", Align::left},
                                            {"tile"},
                                            {"reads"},
                                            {"fills"},
                                            {"updates"},
                                            {"drains"}};
  const bool with_passed = any_passed(scored.evaluation);
  if (with_passed) {
    columns.push_back({"passed on"});
  }
  const bool with_accesses = any_accesses(scored.evaluation);
  if (with_accesses) {
    columns.push_back({"accesses"});
  }
  columns.push_back({"energy"});
  TextTable table(columns);
  for (std::size_t l = 0; l < scored.evaluation.levels.size(); ++l) {
    const LevelResult& level = scored.evaluation.levels[l];
    if (level.tensors.empty()) {
      continue;
    }
    for (const TensorId tensor : as_written(scored.problem)) {
      const TensorTraffic& traffic = level.tensors[tensor.index()];
      if (!traffic.held) {
        continue;
      }
      std::vector<std::string> cells = {scored.architecture.name_of(LevelId(l)),
                                        scored.problem.at(tensor).name,
                                        grouped(traffic.tile_words),
                                        grouped(traffic.reads),
                                        grouped(traffic.fills),
                                        grouped(traffic.updates),
                                        grouped(traffic.drains)};
      if (with_passed) {
        cells.push_back(grouped(traffic.passed));
      }
      if (with_accesses) {
        cells.push_back(accesses(traffic) == 0 ? "-" : grouped(accesses(traffic)));
      }
      cells.push_back(energy_text(traffic.energy_pj, kTableDigits));
      table.add(std::move(cells));
    }
  }
  return table.text(2);
}

std::string element_table(const Scored& scored) {
  using Align = TextTable::Align;
  TextTable table({{"element", Align::left},
                   {"instances"},
                   {"used"},
                   {"cycles"},
                   {"energy"},
                   {scored.architecture.power_gating ? "leakage of used" : "of it leakage"},
                   {"area"}});
  for (std::size_t l = 0; l < scored.evaluation.levels.size(); ++l) {
    const LevelResult& level = scored.evaluation.levels[l];
    const Fanout* fanout = scored.architecture.fanout(LevelId(l));
    const bool takes_time = fanout == nullptr || fanout->bandwidth.any();
    table.add({scored.architecture.name_of(LevelId(l)), grouped(level.instances),
               grouped(level.instances_used), takes_time ? grouped(level.cycles) : "-",
               energy_text(level.energy_pj, kTableDigits),
               energy_text(level.leakage_pj, kTableDigits),
               rounded(level.area_mm2, kTableDigits) + " mm2"});
  }
  return table.text(2);
}

std::string hops_text(std::int64_t half_hops) {
  return grouped(half_hops / 2) + (half_hops % 2 != 0 ? ".5" : "");
}

std::string fanout_table(const Scored& scored) {
  using Align = TextTable::Align;
  bool networks = false;
  for (const LevelResult& level : scored.evaluation.levels) {
    networks = networks || !level.network.empty();
  }
  std::vector<TextTable::Column> columns = {
      {"fanout", Align::left}, {"tensor", Align::left}, {"words"}};
  if (networks) {
    columns.push_back({"taken in"});
    columns.push_back({"hops"});
  }
  columns.push_back({"energy"});
  TextTable table(columns);
  for (std::size_t l = 0; l < scored.evaluation.levels.size(); ++l) {
    const LevelResult& level = scored.evaluation.levels[l];
    if (level.words.empty()) {
      continue;
    }
    const Fanout& fanout = *scored.architecture.fanout(LevelId(l));
    for (const TensorId tensor : as_written(scored.problem)) {
      const std::size_t t = tensor.index();
      std::vector<std::string> row = {fanout.name, scored.problem.at(tensor).name,
                                      grouped(level.words[t])};
      if (networks) {
        const bool network = !level.network.empty();
        row.push_back(network ? grouped(level.network[t].sent) : "-");
        row.push_back(network && fanout.counts_hops() ? hops_text(level.network[t].half_hops)
                                                      : "-");
      }
      row.push_back(energy_text(level.words_energy_pj[t], kTableDigits));
      table.add(row);
    }
  }
  if (table.empty()) {
    return "";
  }
  return fmt::format("\nWords delivered to, and sent up by, the instances inside a fanout{}:\n{}",
                     networks ? " (taken in: over its outside, each word once)" : "",
                     table.text(2));
}

std::string hold_text(const Scored& scored, const Hold& hold) {
  std::vector<std::string> tensors;
  for (const TensorId tensor : as_written(scored.problem)) {
    if (hold.tensors.contains(tensor)) {
      tensors.push_back(scored.problem.at(tensor).name);
    }
  }
  return fmt::format("{} holds {}", scored.architecture.name_of(hold.memory),
                     fmt::join(tensors, ", "));
}

}  // namespace

std::vector<TensorId> as_written(const Problem& problem) {
  std::vector<TensorId> tensors;
  for (std::size_t t = 1; t < problem.tensors.size(); ++t) {
    tensors.emplace_back(t);
  }
  tensors.push_back(kOutput);
  return tensors;
}

Refusal describe(const Architecture& architecture, const Infeasible& infeasible) {
  Refusal refusal;
  refusal.level = architecture.name_of(infeasible.level);
  refusal.needed = infeasible.needed;
  refusal.available = infeasible.available;
  if (infeasible.why == Infeasible::Why::axis) {
    refusal.why = "axis";
    refusal.unit = "instances";
    const Fanout& fanout = *architecture.fanout(infeasible.level);
    refusal.sentence = fmt::format("axis {} of {} is asked for {} instances, has {}",
                                   fanout.axes[infeasible.axis].name, refusal.level,
                                   grouped(infeasible.needed), grouped(infeasible.available));
    return refusal;
  }
  refusal.why = "capacity";
  refusal.unit = infeasible.in_words ? "words" : "bit";
  refusal.sentence = fmt::format("{} needs {} {} per instance, has {} {}", refusal.level,
                                 grouped(infeasible.needed), refusal.unit,
                                 grouped(infeasible.available), refusal.unit);
  return refusal;
}

std::string problem_text(const Problem& problem) {
  std::vector<std::string> bounds;
  for (const Dimension& dimension : problem.dimensions) {
    bounds.push_back(fmt::format("{} {}", dimension.name, dimension.bound));
  }
  return fmt::format("{}  ({})", operation_text(problem), fmt::join(bounds, ", "));
}

std::vector<std::string> not_modelled(const Architecture& architecture) {
  std::vector<std::string> energy;
  std::vector<std::string> area;
  for (const Element& element : architecture.hierarchy) {
    std::visit(
        [&](const auto& part) {
          if constexpr (std::is_same_v<std::decay_t<decltype(part)>, Memory>) {
            if (!part.energy) {
              energy.push_back(part.name);
            }
          } else if constexpr (std::is_same_v<std::decay_t<decltype(part)>, Fanout>) {
            if (!part.energy_pj && !part.counts_hops()) {
              energy.push_back(part.name);
            }
          } else if (!part.energy_pj) {
            energy.push_back(part.name);
          }
          if (!part.area_mm2) {
            area.push_back(part.name);
          }
        },
        element);
  }
  std::vector<std::string> sentences;
  if (!energy.empty()) {
    sentences.push_back(fmt::format("energy of {}", fmt::join(energy, ", ")));
  }
  if (!area.empty()) {
    sentences.push_back(fmt::format("area of {}", fmt::join(area, ", ")));
  }
  return sentences;
}

std::string nest_text(const Scored& scored, std::size_t indent) {
  std::string out;
  for (const Node& node : scored.mapping.nodes) {
    out += std::string(indent, ' ');
    if (const Hold* hold = std::get_if<Hold>(&node)) {
      out += hold_text(scored, *hold) + "\n";
      continue;
    }
    const Loop& loop = std::get<Loop>(node);
    const std::string& name = scored.problem.at(loop.dimension).name;
    if (loop.axis) {
      const Fanout& fanout = *scored.architecture.fanout(loop.axis->fanout);
      out += fmt::format("spread {} over {} of {}.{}\n", name, loop.bound, fanout.name,
                         fanout.axes[loop.axis->axis].name);
    } else {
      out += fmt::format("for {} in {}:\n", name, loop.bound);
      indent += 2;
    }
  }
  out += fmt::format("{}{} does {}\n", std::string(indent, ' '), scored.architecture.compute().name,
                     operation_text(scored.problem));
  return out;
}

std::string evaluation_text(const Scored& scored) {
  std::string out = headline(scored);
  out += "\nLoop nest, outermost first:\n" + nest_text(scored, 2);
  out += "\nWords by memory and tensor (tile: of one instance; the others: all instances):\n" +
         memory_table(scored);
  out += fanout_table(scored);
  out +=
      "\nTime by resource (all work at once: the longest binds; away: how much slower it could "
      "be):\n" +
      time_text(scored);
  out += "\nElements, outermost first:\n" + element_table(scored);
  const std::vector<std::string> missing = not_modelled(scored.architecture);
  if (!missing.empty()) {
    out += fmt::format("\nNot modelled, counted as 0: {}.\n", fmt::join(missing, "; "));
  }
  return out;
}

}  // namespace tessera
