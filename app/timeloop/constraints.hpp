#pragma once

#include <vector>

#include "app/timeloop/architecture.hpp"
#include "app/timeloop/directive.hpp"
#include "app/timeloop/note.hpp"
#include "arch/architecture.hpp"
#include "mapper/constraints.hpp"
#include "problems/problem.hpp"
#include "spec/node.hpp"

namespace tessera {

/// True where the value of the key `constraints` is written as Timeloop does: it has `targets`, or
/// is their list.
bool is_timeloop_constraints(const SpecNode& constraints);

/// Whether a section such as `mapspace` holds constraints: a list of them, `targets` or
/// `constraints`.
bool holds_timeloop_constraints(const SpecNode& section);

/// Reads constraints of Timeloop into ours, for one problem on one architecture. Factors and
/// permutations of a memory are rules on its block of temporal loops; factors and `split` of a
/// fanout on what may lie on its axes. `no_reuse` on a fanout changes `architecture`. Throws
/// SpecError at what cannot be expressed.
class TimeloopConstraintsReader {
 public:
  /// Keeps references. What `constraints` holds already is kept and added to.
  TimeloopConstraintsReader(const Problem& problem, Architecture& architecture,
                            Constraints& constraints, TimeloopNotes& notes)
      : problem_(problem), architecture_(architecture), constraints_(constraints), notes_(notes) {}

  /// A section with `targets` or `constraints`, or their list: `architecture_constraints`,
  /// `mapspace_constraints`, `mapspace`, `constraints`.
  void read_section(const SpecNode& section);
  /// Those inside an architecture of v0.4.
  void read_inline(const std::vector<TimeloopInlineConstraints>& all);
  /// Brings the rules into the order that ours have. To be called once, at the end.
  void finish();

 private:
  void read_directive(const SpecNode& node);
  void read_rule(const SpecNode& node, const TimeloopTarget& target);
  void read_temporal(const SpecNode& node, LevelId level);
  void read_spatial(const SpecNode& node, LevelId fanout);
  void read_dataspace(const SpecNode& node, LevelId level, bool others_bypass);
  void note_switch(const SpecNode& node, std::string_view key);
  void allow(AxisRef axis, DimensionSet dimensions);
  MemoryConstraint& rules_of(LevelId memory);

  const Problem& problem_;
  Architecture& architecture_;
  Constraints& constraints_;
  TimeloopNotes& notes_;
};

}  // namespace tessera
