// What a command needs of its operands, and where to get it.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/errors.hpp"
#include "app/library.hpp"
#include "app/workspace.hpp"

namespace tessera {

namespace {

std::string entries_of(std::string_view kind, std::size_t most) {
  std::vector<std::string_view> names;
  for (const LibraryEntry& entry : library()) {
    if (entry.kind == kind) {
      names.push_back(entry.name);
    }
  }
  const bool all = names.size() <= most;
  names.resize(std::min(names.size(), most));
  return fmt::format("{}{}", fmt::join(names, ", "), all ? "" : ", ...");
}

}  // namespace

const Problem& Workspace::need_problem() const {
  if (network) {
    throw UsageError(
        fmt::format("this command takes one problem, and '{}' is a network: name one of its "
                    "layers\n`tessera search` of the network with --out DIR writes each layer's "
                    "problem and mapping to DIR/best.",
                    network->name));
  }
  if (!problem) {
    throw UsageError(
        fmt::format("no problem given\nName one of the library ({}; see `tessera list "
                    "problems`) or a file with `problem:`.",
                    entries_of("problem", 3)));
  }
  return *problem;
}

const Architecture& Workspace::need_architecture() const {
  if (!architecture) {
    throw UsageError(
        fmt::format("no architecture given\nName one of the library ({}) or a file with "
                    "`architecture:`.",
                    entries_of("architecture", 6)));
  }
  if (!family.members.empty()) {
    throw UsageError(
        fmt::format("the capacity of {} is `auto`: `tessera search`, `tessera evaluate` and "
                    "`tessera compare` choose it\nElsewhere give a size, or vary it in a sweep: "
                    "its front is that of all sizes.",
                    architecture->name_of(family.automatic.front())));
  }
  return *architecture;
}

const Mapping& Workspace::need_mapping() const {
  if (!mapping) {
    throw UsageError(
        "no mapping given\nName a file with `mapping:`, such as the best.mapping.yaml that "
        "`tessera search --out DIR` writes.");
  }
  return *mapping;
}

}  // namespace tessera
