#pragma once

#include "app/timeloop/note.hpp"
#include "arch/architecture.hpp"
#include "mapper/mapping.hpp"
#include "problems/problem.hpp"
#include "spec/node.hpp"

namespace tessera {

/// True where the value of the key `mapping` is written as Timeloop does: a list of directives with
/// `target`.
bool is_timeloop_mapping(const SpecNode& mapping);

struct TimeloopMapping {
  Mapping mapping;
  /// The machine as this mapping uses it: where it asks a network not to share words (`no_reuse`),
  /// that network does not.
  Architecture architecture;
  TimeloopNotes notes;
};

/// Reads a Timeloop mapping for one problem on one architecture, which need not have come from
/// Timeloop. Throws SpecError at what is not understood, and where factors do not multiply to the
/// dimensions.
///
/// The result has, level by level, a hold of what the memory keeps and then its temporal loops,
/// outer to inner, then those of its fanout (Y outside X). A data space is held from the start by
/// the outermost memory that keeps it. Factors with remainders (`P=4,2`) are loops whose last tiles
/// are smaller.
TimeloopMapping import_timeloop_mapping(const SpecNode& mapping, const Problem& problem,
                                        const Architecture& architecture);

}  // namespace tessera
