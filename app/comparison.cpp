#include "app/comparison.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "app/csv_report.hpp"
#include "app/evaluation_report.hpp"
#include "app/front_report.hpp"
#include "app/json_report.hpp"
#include "app/numbers.hpp"
#include "app/text_table.hpp"

namespace tessera {
namespace {

using Align = TextTable::Align;

constexpr int kDigits = 4;

/// The figures of a row that are not in its evaluation as they stand.
struct Figures {
  double energy_per_operation_pj = 0;
  double frames_per_s = 0;
  double frames_per_j = 0;
  double dram_words_per_operation = 0;
};

Figures figures_of(const Comparison& comparison, const ComparisonRow& row) {
  const auto operations = static_cast<double>(comparison.operations);
  const auto frames = static_cast<double>(comparison.frames);
  const double joules = row.total.energy_pj * 1e-12;
  return {.energy_per_operation_pj = row.total.energy_pj / operations,
          .frames_per_s = row.total.latency_s > 0 ? frames / row.total.latency_s : 0,
          .frames_per_j = joules > 0 ? frames / joules : 0,
          .dram_words_per_operation = static_cast<double>(row.total.dram_words) / operations};
}

std::string certificate_text(const Certificate& certificate) {
  return certificate.kind == Certificate::Kind::bound
             ? fmt::format("bound {}", percent(certificate.gap))
             : std::string(to_string(certificate.kind));
}

/// A number, or a dash where it is 0 because no cost is known.
std::string unless_zero(double value, const std::string& text) {
  return value != 0 ? text : "-";
}

void add_row(TextTable& table, const Comparison& comparison, const ComparedMachine& machine,
             const ComparisonRow& row, bool with_objective) {
  const Evaluation& e = row.total;
  const Figures figures = figures_of(comparison, row);
  std::vector<std::string> cells = {row.machine};
  if (with_objective) {
    cells.push_back(row.best_for);
  }
  const double joules = e.energy_pj * 1e-12;
  cells.push_back(
      unless_zero(joules, with_si_prefix(figures.energy_per_operation_pj * 1e-12, "J", kDigits)));
  cells.push_back(rounded(figures.frames_per_s, kDigits));
  cells.push_back(unless_zero(joules, with_si_prefix(e.power_w(), "W", kDigits)));
  cells.push_back(unless_zero(e.area_mm2, rounded(e.area_mm2, kDigits) + " mm2"));
  cells.push_back(unless_zero(joules, rounded(figures.frames_per_j, kDigits)));
  cells.push_back(rounded(figures.dram_words_per_operation, kDigits));
  cells.push_back(percent(e.utilization));
  cells.push_back(certificate_text(machine.certificate));
  table.add(std::move(cells));
}

std::string machine_remarks(const Comparison& comparison) {
  std::string out;
  for (const ComparedMachine& machine : comparison.machines) {
    const Architecture& architecture = machine.architecture;
    const LevelId compute(architecture.hierarchy.size() - 1);
    out += fmt::format("  {}: {}{}, {} lanes, {}", architecture.name,
                       architecture.technology.empty() ? "" : architecture.technology + ", ",
                       with_si_prefix(architecture.clock_hz, "Hz", kDigits),
                       grouped(architecture.instances(compute)),
                       architecture.area_overhead == 0
                           ? "no area overhead"
                           : percent(architecture.area_overhead) + " area overhead");
    if (machine.sizes > 1) {
      out += fmt::format("; the best of {} combinations of sizes", grouped(machine.sizes));
    }
    if (!machine.kept_in.empty()) {
      out += fmt::format("; what a layer leaves to the next one may stay in {}", machine.kept_in);
    } else if (!machine.why_none_kept.empty()) {
      out += fmt::format("; nothing stays between layers ({})", machine.why_none_kept);
    }
    const std::vector<std::string> missing = not_modelled(architecture);
    if (!missing.empty()) {
      out += fmt::format("; not modelled, counted as 0: {}", fmt::join(missing, "; "));
    }
    out += "\n";
  }
  return out;
}

}  // namespace

std::string comparison_text(const Comparison& comparison) {
  std::string out = fmt::format(
      "{} {}: {} operations{}\nmappings: of each machine the best by {}\n\n",
      comparison.network ? "network" : "problem", comparison.workload,
      grouped(comparison.operations),
      comparison.frames == 1 ? "" : fmt::format(" in a batch of {}", grouped(comparison.frames)),
      fmt::join(comparison.objectives, ", by "));
  const bool with_objective = comparison.objectives.size() > 1;
  std::vector<TextTable::Column> columns = {{"architecture", Align::left}};
  if (with_objective) {
    columns.push_back({"best for", Align::left});
  }
  for (const char* heading :
       {"energy/op", "frames/s", "power", "area", "frames/J", "DRAM words/op", "utilization"}) {
    columns.push_back({heading});
  }
  columns.push_back({"certificate", Align::left});
  TextTable table(columns);
  for (const ComparedMachine& machine : comparison.machines) {
    for (const ComparisonRow& row : machine.rows) {
      add_row(table, comparison, machine, row, with_objective);
    }
    if (machine.rows.empty()) {
      std::vector<std::string> cells(columns.size(), "-");
      cells.front() = machine.architecture.name;
      cells.back() = "no mapping";
      table.add(std::move(cells));
    }
  }
  out += table.text();
  out += fmt::format(
      "\nA frame is one {}; a dash is a cost that nothing is known of. Machines differ in "
      "technology "
      "and in\nwhat is modelled:\n",
      comparison.network ? "item of the batch" : "run of the problem");
  return out + machine_remarks(comparison);
}

std::string comparison_csv(const Comparison& comparison) {
  std::string out =
      "architecture,workload,best_for,energy_pJ_per_op,frames_per_s,power_W,area_mm2,frames_per_J,"
      "dram_words_per_op,utilization,energy_pJ,cycles,latency_s,dram_words,operations,frames,"
      "kept_in,technology,not_modelled,algorithm,certificate,gap,seed,mapping\n";
  for (const ComparedMachine& machine : comparison.machines) {
    const std::string name = csv_field(machine.architecture.name);
    const std::string missing =
        csv_field(fmt::format("{}", fmt::join(not_modelled(machine.architecture), "; ")));
    const std::string technology = csv_field(machine.architecture.technology);
    for (const ComparisonRow& row : machine.rows) {
      const Evaluation& e = row.total;
      const Figures figures = figures_of(comparison, row);
      const bool gap = machine.certificate.kind != Certificate::Kind::none;
      const std::vector<std::string> fields = {csv_field(row.machine),
                                               csv_field(comparison.workload),
                                               csv_field(row.best_for),
                                               exact(figures.energy_per_operation_pj),
                                               exact(figures.frames_per_s),
                                               exact(e.power_w()),
                                               exact(e.area_mm2),
                                               exact(figures.frames_per_j),
                                               exact(figures.dram_words_per_operation),
                                               exact(e.utilization),
                                               exact(e.energy_pj),
                                               std::to_string(e.cycles),
                                               exact(e.latency_s),
                                               std::to_string(e.dram_words),
                                               std::to_string(comparison.operations),
                                               std::to_string(comparison.frames),
                                               csv_field(machine.kept_in),
                                               technology,
                                               missing,
                                               machine.algorithm,
                                               std::string(to_string(machine.certificate.kind)),
                                               gap ? exact(machine.certificate.gap) : "",
                                               std::to_string(comparison.seed),
                                               csv_field(row.mapping)};
      out += fmt::format("{}\n", fmt::join(fields, ","));
    }
    if (machine.rows.empty()) {
      out += fmt::format("{},{},,,,,,,,,,,,,{},{},{},{},{},{},none,,{},\n", name,
                         csv_field(comparison.workload), comparison.operations, comparison.frames,
                         csv_field(machine.kept_in), technology, missing, machine.algorithm,
                         comparison.seed);
    }
  }
  return out;
}

std::string comparison_json(const Comparison& comparison) {
  nlohmann::ordered_json document = {{"schema", "tessera.comparison/1"},
                                     {"workload", comparison.workload},
                                     {"kind", comparison.network ? "network" : "problem"},
                                     {"frames", comparison.frames},
                                     {"operations", comparison.operations},
                                     {"objectives", comparison.objectives},
                                     {"seed", comparison.seed},
                                     {"machines", nlohmann::ordered_json::array()}};
  for (const ComparedMachine& machine : comparison.machines) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const ComparisonRow& row : machine.rows) {
      const Evaluation& e = row.total;
      const Figures figures = figures_of(comparison, row);
      rows.push_back({{"best_for", row.best_for},
                      {"machine", row.machine},
                      {"energy_pJ_per_op", figures.energy_per_operation_pj},
                      {"frames_per_s", figures.frames_per_s},
                      {"power_W", e.power_w()},
                      {"area_mm2", e.area_mm2},
                      {"frames_per_J", figures.frames_per_j},
                      {"dram_words_per_op", figures.dram_words_per_operation},
                      {"utilization", e.utilization},
                      {"energy_pJ", e.energy_pj},
                      {"cycles", e.cycles},
                      {"latency_s", e.latency_s},
                      {"dram_words", e.dram_words},
                      {"mapping", row.mapping}});
    }
    nlohmann::ordered_json entry = {
        {"architecture", machine.architecture.name},
        {"technology", machine.architecture.technology},
        {"sizes", machine.sizes},
        {"kept_in", machine.kept_in.empty() ? nlohmann::ordered_json(nullptr)
                                            : nlohmann::ordered_json(machine.kept_in)},
        {"area_overhead", machine.architecture.area_overhead},
        {"not_modelled", not_modelled(machine.architecture)},
        {"algorithm", machine.algorithm},
        {"certificate", to_string(machine.certificate.kind)},
        {"gap", nullptr},
        {"rows", std::move(rows)}};
    if (machine.certificate.kind != Certificate::Kind::none) {
      entry["gap"] = machine.certificate.gap;
    }
    if (machine.rows.empty()) {
      entry["why_none"] = machine.why_none;
    }
    document["machines"].push_back(std::move(entry));
  }
  return dumped(document);
}

}  // namespace tessera
