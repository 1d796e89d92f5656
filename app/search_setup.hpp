#pragma once

#include "app/options.hpp"
#include "search/search.hpp"

namespace tessera {

/// What the values of the table of `tessera search`, all set, ask for.
SearchOptions search_options_from(const OptionValues& values);

/// CPUs that this process may use: what a batch system or `taskset` left it, not what the machine
/// has.
int usable_cpus();

}  // namespace tessera
