#pragma once

#include <optional>
#include <string>

#include "app/options.hpp"
#include "app/output_files.hpp"
#include "app/search_state_file.hpp"
#include "app/workspace.hpp"
#include "search/search.hpp"

namespace tessera {

/// What the values of the table of `tessera search`, all set, ask for.
SearchOptions search_options_from(const OptionValues& values);

/// All that decides the result of a search, in lines: the version, the specs as understood, the
/// options that matter.
std::string search_identity(const Workspace& workspace, const OptionValues& values,
                            const std::vector<Option>& table);

/// Where searches keep their state: in `state.sqlite` of `--out`, if there is one; for `--resume`
/// from what is there. `identity` is search_identity(), of several machines all of them. Throws
/// UsageError for `--resume` without `--out`.
std::optional<SearchStateFile> open_state(const std::string& identity, const OptionValues& values,
                                          const std::optional<OutputDirectory>& directory);

/// CPUs that this process may use: what a batch system or `taskset` left it, not what the machine
/// has.
int usable_cpus();

}  // namespace tessera
