#pragma once

#include <optional>
#include <string>

#include "arch/architecture.hpp"
#include "problems/network.hpp"
#include "search/search.hpp"

namespace tessera {

// The option `--keep-on-chip`: in which memory tensors may stay between layers (kept_tensors.hpp).

/// Throws UsageError where nothing can be kept on any machine: no layer takes its input from the
/// one before, or an objective or limit counts what would be kept.
void check_keeping(const Network& network, const SearchOptions& options);

/// The architecture's memory of this name; none where it has no such memory.
std::optional<LevelId> find_memory(const Architecture& architecture, const std::string& name);

/// The same where something can be kept in it; else none.
std::optional<LevelId> memory_kept_in(const Architecture& architecture, const std::string& name);

/// Throws UsageError: there is no such memory, but others.
[[noreturn]] void fail_unknown_memory(const Architecture& architecture, const std::string& name);

/// The memory of this name, checked with all that keeping needs. Throws UsageError.
LevelId memory_to_keep_in(const Network& network, const Architecture& architecture,
                          const SearchOptions& options, const std::string& name);

}  // namespace tessera
