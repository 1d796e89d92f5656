#pragma once

#include "app/options.hpp"
#include "app/workspace.hpp"

namespace tessera {

/// `tessera search` for a network: searches its layers, prints the network's front and writes it
/// where
/// `--out` says. `values` are those of the command's table, all set. Returns the exit code.
int search_network(const Workspace& workspace, const OptionValues& values,
                   const std::vector<Option>& table);

}  // namespace tessera
