#pragma once

#include "app/options.hpp"
#include "app/results/results_file.hpp"
#include "app/stop_watch.hpp"
#include "app/sweep/sweep_spec.hpp"
#include "search/search.hpp"

namespace tessera {

/// What decides the results of a sweep, of the options of `tessera search`.
inline constexpr std::string_view kDecidingOptions[] = {
    "objectives", "order",      "limits",      "algorithm", "space",       "factors",
    "samples",    "population", "generations", "seed",      "keep-on-chip"};

/// What runs of one sweep have in common.
SweepIdentity identity_of(const SweepSpec& spec, const OptionValues& values);

/// The memory in which tensors may stay between layers on the way, if any: that of
/// `--keep-on-chip`, checked. Throws UsageError where it is no memory, or none of the machines can
/// keep anything in it.
std::optional<std::string> memory_kept_in(const SweepSpec& spec, const OptionValues& values);

/// The hand on the searches: threads as asked for, stopped by the watch.
SearchControl control_of(const OptionValues& values, const StopWatch& watch);

/// Searches the points of a shard that are not in its file yet, and puts them there; returns the
/// exit code. Throws UsageError, FailureError and SearchError.
int run_points(const SweepSpec& spec, const OptionValues& values, Shard shard, StopWatch& watch);

}  // namespace tessera
