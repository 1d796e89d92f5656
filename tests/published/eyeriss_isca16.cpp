// The analysis of ISCA 2016: 256 PEs, costs 200/6/2/1, AlexNet with batch 16.

#include <cmath>

#include <fmt/format.h>

#include "app/numbers.hpp"
#include "tests/published/figures.hpp"
#include "tests/published/scored_case.hpp"
#include "tests/published/tables.hpp"

namespace tessera::published {
namespace {

constexpr std::int64_t kDramCost = 200;
constexpr std::int64_t kBufferCost = 6;
constexpr std::int64_t kArrayCost = 2;

/// Accesses of the register files by the operations: two operands read, a sum read and written.
/// The first addition to a sum reads nothing.
std::int64_t register_accesses(const ScoredCase& scored) {
  const TensorTraffic& sums = scored.traffic("RF", "Outputs");
  return scored.traffic("RF", "Inputs").reads + scored.traffic("RF", "Weights").reads + sums.reads +
         sums.updates;
}

/// Words that the register files take in from the buffer and give back to it.
std::int64_t register_transfers(const ScoredCase& scored) {
  return scored.words("RF") - register_accesses(scored);
}

std::string giga(std::int64_t units) {
  return fmt::format("{:.2f}", static_cast<double>(units) / 1e9);
}

bool within(std::int64_t ours, double theirs, double share) {
  return std::abs(static_cast<double>(ours) - theirs) <= share * theirs;
}

}  // namespace

Table isca16_words() {
  Table table{.name = "isca16-words",
              .rows = {{"layer", "operations, nn_dataflow", "ours", "DRAM words, nn_dataflow",
                        "ours", "RF accesses, nn_dataflow", "ours", "ours/nn_dataflow"}},
              .claims = {}};
  for (const Figures& figure : read_figures("eyeriss-isca16")) {
    const ScoredCase scored("eyeriss-isca16", "eyeriss-isca16", figure.text("case"));
    const Evaluation& ours = scored.evaluation();
    const std::string& layer = figure.text("layer");
    const std::int64_t accesses = register_accesses(scored);
    const std::int64_t first =
        scored.traffic("RF", "Outputs").updates - scored.traffic("RF", "Outputs").reads;
    table.rows.push_back(
        {layer, grouped(figure.count("nn_macs")), grouped(ours.operations),
         grouped(figure.count("nn_dram")), grouped(ours.dram_words), grouped(figure.count("nn_rf")),
         grouped(accesses),
         fmt::format("{:.4f}", static_cast<double>(accesses) / figure.number("nn_rf"))});
    table.claims.push_back(
        {layer + ": operations exactly", ours.operations == figure.count("nn_macs")});
    table.claims.push_back(
        {layer + ": DRAM words exactly, with the input rows that nn_dataflow leaves out",
         ours.dram_words == figure.count("nn_dram") + figure.count("unclipped_inputs")});
    table.claims.push_back({layer + ": RF accesses exactly, but for first additions to a sum",
                            accesses + first == figure.count("nn_rf")});
  }
  return table;
}

Table isca16_energies() {
  Table table{.name = "isca16-energies",
              .rows = {{"layer", "ALU, paper", "ours", "DRAM, paper", "ours", "RF, paper", "ours",
                        "ours, RF filled and drained", "buffer, nn_dataflow", "ours",
                        "array, nn_dataflow", "ours"}},
              .claims = {}};
  for (const Figures& figure : read_figures("eyeriss-isca16")) {
    const ScoredCase scored("eyeriss-isca16", "eyeriss-isca16", figure.text("case"));
    const Evaluation& ours = scored.evaluation();
    const std::int64_t accesses = register_accesses(scored);
    const std::int64_t buffer = scored.words("GlobalBuffer") * kBufferCost;
    const std::int64_t array = scored.delivered("PEs") * kArrayCost;
    table.rows.push_back({figure.text("layer"), figure.text("paper_alu"), giga(ours.operations),
                          figure.text("paper_dram"), giga(ours.dram_words * kDramCost),
                          figure.text("paper_rf"), giga(accesses), giga(register_transfers(scored)),
                          giga(figure.count("nn_buffer") * kBufferCost), giga(buffer),
                          giga(figure.count("nn_array") * kArrayCost), giga(array)});
    // The paper's bars are read to two decimals.
    const auto near = [&](const char* what, const char* column, std::int64_t units, double share) {
      const double printed = figure.number(column) * 1e9;
      table.claims.push_back(
          {fmt::format("{}: {} within {:.1f} % of the paper, or half its last digit",
                       figure.text("layer"), what, share * 100),
           within(units, printed, share) || within(units, printed, 0.005e9 / printed)});
    };
    const bool left_out = figure.count("unclipped_inputs") > 0;
    near("ALU energy", "paper_alu", ours.operations, 0.003);
    near("DRAM energy", "paper_dram", ours.dram_words * kDramCost, left_out ? 0.06 : 0.003);
    near("RF energy", "paper_rf", accesses, 0.01);
    // What the table shows has to be what the model charges.
    const double charged =
        static_cast<double>(ours.operations + ours.dram_words * kDramCost + accesses +
                            register_transfers(scored) + buffer + array);
    table.claims.push_back({figure.text("layer") + ": the columns are all of our energy",
                            std::abs(ours.energy_pj - charged) <= 1e-9 * charged});
  }
  return table;
}

}  // namespace tessera::published
