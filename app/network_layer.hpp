#pragma once

#include <cstddef>
#include <string>

#include "app/options.hpp"
#include "app/workspace.hpp"

namespace tessera {

/// What `--layer` takes for a layer of a network: its name, or, where another layer is called the
/// same, its place in the network, from 1.
std::string layer_argument(const Network& network, std::size_t layer);

/// Puts the layer that `--layer` names (`conv2` also for the layer alexnet.conv2 of alexnet) in the
/// place of the network: as a problem, at the batch of
/// `--batch` or the network's own, with the constraints as they are read for it. Throws UsageError
/// where there is no network or no such layer, or where the name stands for several.
void take_layer(Workspace& workspace, const OptionValues& values);

}  // namespace tessera
