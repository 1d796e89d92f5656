#include "app/csv_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/numbers.hpp"
#include "mapper/mapping_spec.hpp"

namespace tessera {

std::string csv_heading() {
  return "architecture,problem,energy_pJ,cycles,latency_s,area_mm2,edp_Js,power_W,utilization,"
         "energy_pJ_per_op,dram_words,algorithm,certificate,gap,seed,mapping\n";
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + "\"";
}

std::string csv_row(const Scored& scored, const RowOrigin& origin) {
  const Evaluation& e = scored.evaluation;
  const std::vector<std::string> fields = {
      csv_field(scored.architecture.name),
      csv_field(scored.problem.name),
      exact(e.energy_pj),
      std::to_string(e.cycles),
      exact(e.latency_s),
      exact(e.area_mm2),
      exact(e.edp_js()),
      exact(e.power_w()),
      exact(e.utilization),
      exact(e.energy_pj / static_cast<double>(e.operations)),
      std::to_string(e.dram_words),
      origin.algorithm,
      origin.certificate,
      origin.gap ? exact(*origin.gap) : "",
      origin.seed ? std::to_string(*origin.seed) : "",
      csv_field(to_line(scored.mapping, scored.problem, scored.architecture))};
  return fmt::format("{}\n", fmt::join(fields, ","));
}

}  // namespace tessera
