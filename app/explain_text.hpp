#pragma once

#include <string>
#include <string_view>

#include "app/evaluation_report.hpp"
#include "model/explain.hpp"
#include "model/explain_cost.hpp"
#include "search/reuse_moves.hpp"

namespace tessera {

/// A mapping explained: its counts and what one move of a loop or hold could save.
struct Explained {
  const Scored& scored;
  const Explanation& explanation;
  const ReuseMoves& moves;
};

/// A node in a sentence: `K 8`, `the hold of Weights in DRAM`.
std::string node_text(const Scored& scored, const Node& node);

/// The loop nest with the tile of one instance at each hold; needs no feasible mapping.
std::string tiles_text(const Scored& scored, const Explanation& explanation);

/// What the tiles take of each bounded memory; empty if none is bounded.
std::string room_text(const Scored& scored);

/// `read`, `words`: an energy term's words, also in JSON.
std::string_view action_text(EnergyTerm::Action action);
std::string_view unit_text(EnergyTerm::Unit unit);
std::string_view port_text(PortTerm::Port port);

/// Each resource's cycles, and each energy, as counts x unit costs.
std::string cycles_text(const Scored& scored);
std::string energy_text(const Scored& scored);

/// The whole explanation for reading. docs/counting.md defines its words.
std::string explanation_text(const Explained& explained);

}  // namespace tessera
