#pragma once

#include <string>

#include "app/workspace.hpp"

namespace tessera {

/// Every section that is there but `search:`, as understood, in YAML that reads back.
std::string workspace_yaml(const Workspace& workspace);

}  // namespace tessera
