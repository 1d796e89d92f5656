// The Eyeriss chip (JSSC 2017): AlexNet with the published mapping of table III, VGG-16 where the
// number of working PEs leaves no choice.

#include <fmt/format.h>

#include "app/numbers.hpp"
#include "tests/published/figures.hpp"
#include "tests/published/scored_case.hpp"
#include "tests/published/tables.hpp"

namespace tessera::published {
namespace {

/// Without a power given for the DRAM, which is not on the chip.
double chip_power_mw(const ScoredCase& scored) {
  const Evaluation& evaluation = scored.evaluation();
  return (evaluation.energy_pj - scored.level("DRAM").energy_pj) * 1e-9 / evaluation.latency_s;
}

double megabytes(std::int64_t words) {
  return static_cast<double>(words) * 2 / 1e6;
}

std::string kibibytes(std::int64_t words) {
  return fmt::format("{:.1f}", static_cast<double>(words) * 2 / 1024);
}

std::string ratio(double ours, double theirs) {
  return fmt::format("{:.2f}", ours / theirs);
}

Claim pes_claim(const Figures& figure, const ScoredCase& scored) {
  return {.text = fmt::format("{}: active PEs exactly", figure.text("layer")),
          .holds = scored.level("MAC").instances_used == figure.count("active_pes")};
}

/// Not above the chip's processing time, and at most `most` (a share of it) below.
Claim time_claim(const Figures& figure, const ScoredCase& scored, double most) {
  const double share = scored.milliseconds() / figure.number("processing_ms");
  return {.text = fmt::format("{}: processing time 0 to {:.0f} % below the chip's: {:.3f}",
                              figure.text("layer"), most * 100, share),
          .holds = share <= 1 && share >= 1 - most};
}

}  // namespace

Table eyeriss_time() {
  Table table{
      .name = "eyeriss-time",
      .rows = {{"layer", "active PEs, chip", "ours", "buffer inputs KiB, chip", "ours",
                "buffer sums KiB, chip", "ours", "processing ms, chip", "ours", "ours/chip"}},
      .claims = {}};
  for (const Figures& figure : read_figures("eyeriss-chip")) {
    const ScoredCase scored("eyeriss-v1", "eyeriss-chip", figure.text("case"));
    const std::string inputs = kibibytes(scored.traffic("GlobalBuffer", "Inputs").tile_words);
    const std::string sums = kibibytes(scored.traffic("GlobalBuffer", "Outputs").tile_words);
    table.rows.push_back({figure.text("layer"), figure.text("active_pes"),
                          grouped(scored.level("MAC").instances_used), figure.text("ifmap_kb"),
                          inputs, figure.text("psum_kb"), sums, figure.text("processing_ms"),
                          fmt::format("{:.2f}", scored.milliseconds()),
                          ratio(scored.milliseconds(), figure.number("processing_ms"))});
    table.claims.push_back(pes_claim(figure, scored));
    table.claims.push_back(time_claim(figure, scored, 0.2));
    table.claims.push_back(
        {.text = figure.text("layer") + ": tiles in the buffer as printed",
         .holds = inputs == figure.text("ifmap_kb") && sums == figure.text("psum_kb")});
  }
  return table;
}

Table eyeriss_power() {
  Table table{.name = "eyeriss-power",
              .rows = {{"layer", "power mW, chip", "ours", "ours/chip", "buffer MB, chip", "ours",
                        "ours/chip", "DRAM MB, chip (compressed)", "ours (dense)", "ours/chip",
                        "published compression"}},
              .claims = {}};
  const auto add = [&](const std::string& name, const ScoredCase& scored, const Figures& figure) {
    const double power = chip_power_mw(scored);
    const double buffer = megabytes(scored.words("GlobalBuffer"));
    const double dram = megabytes(scored.evaluation().dram_words);
    table.rows.push_back({name, figure.text("power_mw"), fmt::format("{:.0f}", power),
                          ratio(power, figure.number("power_mw")), figure.text("glb_mb"),
                          fmt::format("{:.1f}", buffer), ratio(buffer, figure.number("glb_mb")),
                          figure.text("dram_mb"), fmt::format("{:.2f}", dram),
                          ratio(dram, figure.number("dram_mb")), figure.text("compression")});
    return power;
  };
  for (const Figures& figure : read_figures("eyeriss-chip")) {
    const std::string& layer = figure.text("layer");
    const double power =
        add(layer, ScoredCase("eyeriss-v1", "eyeriss-chip", figure.text("case")), figure);
    const double share = power / figure.number("power_mw");
    table.claims.push_back({.text = fmt::format("{}: power within 30 %: {:.3f}", layer, share),
                            .holds = share >= 0.7 && share <= 1.3});
    if (layer == "CONV3") {
      add("CONV3 with q 3, r 2, t 2", ScoredCase("eyeriss-v1", "eyeriss-chip", "conv3-as-conv4"),
          figure);
    }
  }
  return table;
}

Table eyeriss_vgg() {
  Table table{
      .name = "eyeriss-vgg",
      .rows = {{"layer", "active PEs, chip", "ours", "processing ms, chip", "ours", "ours/chip",
                "buffer MB, chip", "ours", "DRAM MB, chip (compressed)", "ours (dense)"}},
      .claims = {}};
  for (const Figures& figure : read_figures("eyeriss-vgg")) {
    const ScoredCase scored("eyeriss-v1", "eyeriss-vgg", figure.text("case"));
    table.rows.push_back(
        {figure.text("layer"), figure.text("active_pes"),
         grouped(scored.level("MAC").instances_used), figure.text("processing_ms"),
         fmt::format("{:.2f}", scored.milliseconds()),
         ratio(scored.milliseconds(), figure.number("processing_ms")), figure.text("glb_mb"),
         fmt::format("{:.1f}", megabytes(scored.words("GlobalBuffer"))), figure.text("dram_mb"),
         fmt::format("{:.1f}", megabytes(scored.evaluation().dram_words))});
    table.claims.push_back(pes_claim(figure, scored));
    table.claims.push_back(time_claim(figure, scored, 0.25));
  }
  return table;
}

}  // namespace tessera::published
