// TPU v1 (ISCA 2017): six applications, of which only operations per byte of weights are published.

#include <algorithm>

#include <fmt/format.h>

#include "tests/published/figures.hpp"
#include "tests/published/scored_case.hpp"
#include "tests/published/tables.hpp"

namespace tessera::published {

Table tpu_roofline() {
  constexpr double kPeakTops = 2 * 65536 * 700e6 / 1e12;  // two operations a unit and cycle
  constexpr double kWeightBytes = 34e9;                   // a second
  constexpr double kLastDigit = 0.05;                     // measured TOPS have one decimal
  Table table{.name = "tpu-roofline",
              .rows = {{"app", "operations per byte of weights", "roofline TOPS", "ours TOPS",
                        "bound by", "measured TOPS", "measured/ours"}},
              .claims = {}};
  for (const Figures& figure : read_figures("tpu-v1")) {
    const ScoredCase scored("tpu-v1", "tpu-v1", figure.text("case"));
    const Evaluation& evaluation = scored.evaluation();
    const double ours =
        2 * static_cast<double>(evaluation.operations) / evaluation.latency_s / 1e12;
    const double roofline =
        std::min(kPeakTops, 2 * figure.number("macs_per_byte") * kWeightBytes / 1e12);
    const double measured = figure.number("measured_tops");
    table.rows.push_back({figure.text("app"), figure.text("macs_per_byte"),
                          fmt::format("{:.2f}", roofline), fmt::format("{:.2f}", ours),
                          scored.bottleneck(), figure.text("measured_tops"),
                          fmt::format("{:.3f}", measured / ours)});
    const std::string& app = figure.text("app");
    table.claims.push_back({app + ": on the roofline", std::abs(ours / roofline - 1) < 1e-4});
    if (figure.count("within") == 1) {
      table.claims.push_back({app + ": measured within 15 % of ours, to its last digit",
                              measured <= ours && measured + kLastDigit >= 0.85 * ours});
    }
  }
  return table;
}

}  // namespace tessera::published
