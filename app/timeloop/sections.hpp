#pragma once

// The top-level keys of Timeloop's and Accelergy's files that our own format does not have.

#include <optional>
#include <string_view>
#include <vector>

#include "app/timeloop/note.hpp"
#include "spec/node.hpp"

namespace tessera {

/// Whether a top-level key is Timeloop's alone.
bool is_timeloop_section(std::string_view name);

/// Refuses a section that means something that is not modelled; notes one that has no bearing on a
/// result here. Those that are read (ERT, ART, variables, constraints) are left alone.
void check_timeloop_section(const SpecNode::Entry& section, TimeloopNotes& notes);

}  // namespace tessera
