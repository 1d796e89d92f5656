#pragma once

#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/network_report.hpp"

namespace tessera {

/// Why a network whose run ended at a layer without a legal mapping (`run.without_mapping`) has no
/// front: the diagnosis of that layer as a search of it alone would give it, all layers that have
/// none either, and the command that searches one of them alone. Looks for a mapping of each layer
/// that was not searched, which takes some tenths of a second each. `constraints` are by layer, or
/// none; `invocation` is what the user gave.
std::string no_network_mapping_text(const NetworkReport& report, const NetworkRun& run,
                                    const std::vector<Constraints>& constraints,
                                    const SearchControl& control, const Invocation& invocation);

}  // namespace tessera
