#pragma once

#include "app/command.hpp"
#include "app/workspace.hpp"

namespace tessera {

/// `tessera search` for a network: searches its layers, prints the network's front and writes it
/// where `--out` says. `invocation` is what the user gave, `values` are those of the command's
/// table, all set. Returns the exit code.
int search_network(const Workspace& workspace, const Invocation& invocation,
                   const OptionValues& values, const std::vector<Option>& table);

}  // namespace tessera
