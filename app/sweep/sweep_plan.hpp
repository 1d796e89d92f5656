#pragma once

#include <string>

#include "app/options.hpp"
#include "app/sweep/sweep_spec.hpp"

namespace tessera {

/// What a sweep is going to do: what varies, how many points there are, the first few of them, and
/// how long it may take by what the layers of one point took, which are searched for that, some
/// seconds at most. Throws SpecError and SearchError.
std::string plan_text(const SweepSpec& spec, const OptionValues& values);

}  // namespace tessera
