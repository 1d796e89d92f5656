// Timeloop and nn_dataflow on the same row-stationary mappings of AlexNet: where both run the same
// layer they agree to the word, and so do we.

#include <fmt/format.h>

#include "app/numbers.hpp"
#include "tests/published/figures.hpp"
#include "tests/published/scored_case.hpp"
#include "tests/published/tables.hpp"

namespace tessera::published {

Table two_tools() {
  Table table{.name = "two-tools",
              .rows = {{"layer", "cycles, Timeloop", "nn_dataflow", "ours", "DRAM words, Timeloop",
                        "nn_dataflow", "ours"}},
              .claims = {}};
  for (const Figures& figure : read_figures("two-tools")) {
    const ScoredCase scored("eyeriss-v1", "eyeriss-chip", figure.text("case"));
    const Evaluation& ours = scored.evaluation();
    const std::string& layer = figure.text("layer");
    table.rows.push_back({layer, grouped(figure.count("timeloop_cycles")),
                          grouped(figure.count("nn_cycles")), grouped(ours.cycles),
                          grouped(figure.count("timeloop_dram")), grouped(figure.count("nn_dram")),
                          grouped(ours.dram_words)});
    table.claims.push_back(
        {layer + ": cycles exactly nn_dataflow's", ours.cycles == figure.count("nn_cycles")});
    if (figure.count("same") == 1) {
      table.claims.push_back(
          {layer + ": cycles exactly Timeloop's", ours.cycles == figure.count("timeloop_cycles")});
      table.claims.push_back({layer + ": DRAM words exactly both tools'",
                              ours.dram_words == figure.count("timeloop_dram") &&
                                  ours.dram_words == figure.count("nn_dram")});
    }
  }
  return table;
}

Table two_tools_words() {
  Table table{.name = "two-tools-words",
              .rows = {{"layer", "weights, both tools", "ours", "inputs, both tools", "ours",
                        "outputs, both tools", "ours"}},
              .claims = {}};
  for (const Figures& figure : read_figures("two-tools")) {
    if (figure.count("same") == 0) {
      continue;
    }
    const ScoredCase scored("eyeriss-v1", "eyeriss-chip", figure.text("case"));
    std::vector<std::string> row = {figure.text("layer")};
    bool equal = true;
    for (const auto& [column, tensor] :
         {std::pair{"weights", "Weights"}, {"inputs", "Inputs"}, {"outputs", "Outputs"}}) {
      const std::int64_t ours = scored.words("DRAM", tensor);
      row.push_back(grouped(figure.count(column)));
      row.push_back(grouped(ours));
      equal = equal && ours == figure.count(column);
    }
    table.rows.push_back(row);
    table.claims.push_back({figure.text("layer") + ": DRAM words of each tensor exactly", equal});
  }
  return table;
}

}  // namespace tessera::published
