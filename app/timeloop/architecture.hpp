#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/timeloop/energy_reference.hpp"
#include "app/timeloop/note.hpp"
#include "arch/architecture.hpp"
#include "spec/node.hpp"

namespace tessera {

/// True where the value of the key `architecture` is written as Timeloop does: it has `subtree`,
/// `local`, `nodes` or `version`.
bool is_timeloop_architecture(const SpecNode& architecture);

/// Constraints that stand in a v0.4 architecture, by the name of the node that has them. They name
/// the problem's tensors and dimensions, so they are read when the problem is known.
struct TimeloopInlineConstraints {
  std::string target;
  SpecNode node;
  /// The node is one of several in parallel: what it keeps, the others do not, and it keeps nothing
  /// else.
  bool parallel = false;
};

/// A share of a memory's capacity that the tiles in it must fill.
struct MinUtilization {
  LevelId memory;
  double share = 0;
};

struct TimeloopArchitecture {
  Architecture architecture;
  int word_bits = 16;  ///< of the outermost memory
  std::vector<MinUtilization> min_utilization;
  std::vector<TimeloopInlineConstraints> constraints;
  TimeloopNotes notes;
};

/// Reads a Timeloop architecture, v0.2 to v0.4. Levels stand outermost first; where the number of
/// instances grows from one level to the next there is a fanout, called after the container that
/// makes it (the level itself otherwise), with the axes X and Y. Fanouts share equal tiles
/// (`multicast: tile`), drains cost nothing and
/// only used instances leak, as in Timeloop. `variables` are v0.4's attributes of
/// everything. Throws SpecError at what is not understood.
TimeloopArchitecture import_timeloop_architecture(const SpecNode& architecture,
                                                  const TimeloopReference& reference = {},
                                                  const std::optional<SpecNode>& variables = {});

}  // namespace tessera
