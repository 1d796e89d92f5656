#pragma once

// The steps between Timeloop's files and our hierarchy. Private to this folder.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "app/timeloop/architecture.hpp"
#include "app/timeloop/component.hpp"

namespace tessera {

/// Several of everything further in: X by Y, called `name` where that is still free.
struct FanoutPart {
  SpecNode node;
  std::string name;
  std::int64_t x = 1;
  std::int64_t y = 1;
};

using ArchitecturePart = std::variant<TimeloopComponent, FanoutPart>;

/// A hierarchy in the order of the file, outermost first.
struct ArchitectureParts {
  std::string name = "architecture";
  std::vector<ArchitecturePart> parts;
  std::vector<SpecNode> containers;  ///< attributes that several components share
  std::vector<TimeloopInlineConstraints> constraints;
};

/// Read v0.2 and v0.3 (`subtree`, `local`), also as Timeloop's front end writes v0.4 out; and v0.4
/// (`nodes`). `outer` are attributes of everything.
ArchitectureParts read_subtrees(const SpecNode& architecture, const std::vector<SpecNode>& outer);
ArchitectureParts read_nodes(const SpecNode& architecture, const std::vector<SpecNode>& outer);

}  // namespace tessera
