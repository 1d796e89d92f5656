#include "app/search_setup.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sched.h>

#include "app/errors.hpp"
#include "app/front_report.hpp"

namespace tessera {

namespace {

/// The values of an enumeration in the order of the table's choices.
template <class Enum, std::size_t count>
Enum chosen(const OptionValues& values, std::string_view name, const Enum (&candidates)[count]) {
  for (const Enum candidate : candidates) {
    if (to_string(candidate) == values.text(name)) {
      return candidate;
    }
  }
  throw UsageError(fmt::format("--{}: '{}' is not supported", name, values.text(name)));
}

}  // namespace

SearchOptions search_options_from(const OptionValues& values) {
  SearchOptions options;
  options.algorithm =
      chosen(values, "algorithm",
             {Algorithm::automatic, Algorithm::exhaustive, Algorithm::random, Algorithm::genetic});
  options.space = chosen(values, "space", {Space::free, Space::hierarchical, Space::even});
  options.factors = chosen(values, "factors", {Factors::perfect, Factors::imperfect});
  options.objectives = values.objectives("objectives");
  options.lexicographic = values.text("order") == "lexicographic";
  if (values.given("limits")) {
    options.limits = values.limits("limits");
  }
  options.samples = values.integer("samples");
  options.population = values.integer("population");
  options.generations = values.integer("generations");
  options.seed = values.integer("seed");
  return options;
}

int usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const bool known = sched_getaffinity(0, sizeof set, &set) == 0;
  return known ? std::max(1, CPU_COUNT(&set)) : 1;
}

}  // namespace tessera
