#include "app/search_setup.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sched.h>

#include "app/errors.hpp"
#include "app/front_report.hpp"
#include "app/workspace_yaml.hpp"
#include "arch/architecture_spec.hpp"

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

std::string search_identity(const Workspace& workspace, const OptionValues& values,
                            const std::vector<Option>& table) {
  // What changes how long a search takes, or what becomes of its result, but not the result.
  constexpr std::string_view kOthers[] = {"budget",      "threads", "out",     "format",   "quiet",
                                          "no-progress", "help",    "version", "translate"};
  OptionValues deciding;
  for (const Option& option : table) {
    const bool other =
        std::find(std::begin(kOthers), std::end(kOthers), option.name) != std::end(kOthers);
    if (option.in_spec && !other && values.given(option.name)) {
      deciding.set(option.name, values.text(option.name));
    }
  }
  Workspace specs = workspace;
  specs.mapping.reset();
  std::string members;
  for (const CostedArchitecture& member : workspace.family.members) {
    members += to_yaml(member.architecture);
  }
  return fmt::format("version {}\n{}{}{}", TESSERA_VERSION, workspace_yaml(specs), members,
                     search_section_yaml(deciding, table));
}

std::optional<SearchStateFile> open_state(const std::string& identity, const OptionValues& values,
                                          const std::optional<OutputDirectory>& directory) {
  const bool resume = values.flag("resume");
  if (!directory) {
    if (resume) {
      throw UsageError("--resume goes on from what is in --out DIR, which is not given");
    }
    return std::nullopt;
  }
  const auto note = [quiet = values.flag("quiet")](const std::string& sentence) {
    if (!quiet) {
      fmt::print(stderr, "tessera: {}\n", sentence);
    }
  };
  std::optional<SearchStateFile> state(std::in_place, directory->path_of("state.sqlite"), identity,
                                       resume, note);
  if (resume) {
    note(state->exists() ? fmt::format("going on from '{}'", state->path())
                         : fmt::format("nothing to go on from in '{}': this is a new search",
                                       values.text("out")));
  }
  return state;
}

int usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const bool known = sched_getaffinity(0, sizeof set, &set) == 0;
  return known ? std::max(1, CPU_COUNT(&set)) : 1;
}

}  // namespace tessera
