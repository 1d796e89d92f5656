#include "app/timeloop/sections.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "app/timeloop/constraints.hpp"

namespace tessera {
namespace {

constexpr std::array<std::string_view, 6> kRead = {"ERT",
                                                   "ART",
                                                   "variables",
                                                   "arch_constraints",
                                                   "architecture_constraints",
                                                   "mapspace_constraints"};

/// Sections without a bearing, and why.
struct Passed {
  std::string_view name;
  std::string_view why;
};
constexpr Passed kPassed[] = {
    {"mapper", "settings of Timeloop's mapper are not used; Tessera's search has its own"},
    {"mapspace",
     "Timeloop's template of a mapspace is not used; Tessera's search has its own spaces"},
    {"globals", "settings of Timeloop's front end are not used"},
    {"compound_components",
     "components are described to Accelergy; energies come from an ERT, else from Timeloop's "
     "tables"},
    {"components",
     "components are described to Accelergy; energies come from an ERT, else from Timeloop's "
     "tables"},
    {"ERT_summary", "a summary of the ERT is not used; give the ERT itself"},
    {"ART_summary", "a summary of the ART is not used; give the ART itself"},
    {"dumped_by_timeloop_front_end", ""},
};

/// What holds values for anchors only, and is to be ignored by its own name.
bool is_store(std::string_view name) {
  return name.ends_with("_ignore");
}

}  // namespace

bool is_timeloop_section(std::string_view name) {
  return std::find(kRead.begin(), kRead.end(), name) != kRead.end() || is_store(name) ||
         name == "sparse_optimizations" || name == "arch" ||
         std::any_of(std::begin(kPassed), std::end(kPassed),
                     [&](const Passed& passed) { return passed.name == name; });
}

void check_timeloop_section(const SpecNode::Entry& section, TimeloopNotes& notes) {
  if (section.name == "sparse_optimizations") {
    section.key.fail(
        "sparse optimizations are not modelled; leave this section out to evaluate the dense "
        "machine");
  }
  if (section.name == "arch") {
    section.key.fail(
        "Timeloop's first format (`arch:` with `arithmetic` and `storage`) is not read; write the "
        "machine as `architecture:` of version 0.3 or 0.4");
  }
  if (section.name == "mapspace" && holds_timeloop_constraints(section.value)) {
    return;  // read with the other constraints
  }
  for (const Passed& passed : kPassed) {
    if (passed.name == section.name && !passed.why.empty()) {
      add_note(notes, section.key, passed.why);
    }
  }
}

}  // namespace tessera
