#include "app/network_mappings.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/errors.hpp"
#include "app/network_family.hpp"
#include "app/network_shares.hpp"
#include "app/numbers.hpp"
#include "mapper/mapping_spec.hpp"
#include "problems/problem_spec.hpp"

namespace tessera {

namespace {

constexpr const char* kFolder = "best";

/// The names of the layers that a task stands for.
std::string layers_of(const NetworkReport& report, const NetworkRun& run, std::size_t task) {
  std::vector<std::string> names;
  for (std::size_t l = 0; l < report.network.layers.size(); ++l) {
    if (run.tasks.serves(task, l)) {
      names.push_back(report.network.layers[l].problem.name);
    }
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Whether best_mapping_files() gives such names: `02-conv2.yaml`.
bool looks_like_ours(const std::string& name) {
  const std::size_t digits = name.find_first_not_of("0123456789");
  return digits != std::string::npos && digits >= 2 && name[digits] == '-' &&
         name.ends_with(".yaml");
}

void remove_others(const std::filesystem::path& folder, const std::set<std::string>& written) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (looks_like_ours(name) && !written.contains(name)) {
      std::filesystem::remove(entry->path(), error);
    }
  }
  if (error) {
    throw FailureError(
        fmt::format("cannot remove old files from '{}': {}", folder.string(), error.message()));
  }
}

}  // namespace

std::vector<MappingFile> best_mapping_files(const NetworkReport& report, const NetworkRun& run) {
  const NetworkPoint& point = run.front.points[best_point(run.front)];
  const std::size_t width = std::max<std::size_t>(2, std::to_string(run.tasks.tasks.size()).size());
  std::vector<MappingFile> files;
  for (std::size_t t = 0; t < point.choices.size(); ++t) {
    const Problem& problem = run.tasks.tasks[t].problem;
    // Of several machines all tasks of one stand together.
    const std::size_t first =
        run.machines.empty()
            ? 0
            : static_cast<std::size_t>(
                  std::find(run.machines.begin(), run.machines.end(), run.machines[t]) -
                  run.machines.begin());
    for (const NetworkChoice& choice : point.choices[t]) {
      const Evaluation& e = run.results[t].evaluations[choice.point];
      const std::string which =
          fmt::format("{:0{}}-{}{}", t + 1 - first, width, problem.name,
                      point.choices[t].size() > 1 ? fmt::format(".point{}", choice.point + 1) : "");
      files.push_back(
          {which + ".yaml",
           fmt::format("# {} of {} on {}, batch {}: point {} of the layer's front, executed {}.\n"
                       "# Each execution: {}, {} cycles, utilization {}.\n",
                       layers_of(report, run, t), report.network.name,
                       machine_of(report, run, t).name, run.tasks.batch, choice.point + 1,
                       choice.count == 1 ? "once" : grouped(choice.count) + " times",
                       with_si_prefix(e.energy_pj * 1e-12, "J", 9), grouped(e.cycles),
                       percent(e.utilization)) +
               to_yaml(problem) +
               to_yaml(run.results[t].search.front.points()[choice.point].mapping, problem,
                       report.architecture)});
    }
  }
  return files;
}

void write_best_mappings(const NetworkReport& report, const OutputDirectory& directory) {
  const std::string folder = directory.path_of(kFolder);
  for (const NetworkRun& run : report.runs) {
    const OutputDirectory of_run(
        report.runs.size() == 1
            ? folder
            : (std::filesystem::path(folder) / fmt::format("batch-{}", run.tasks.batch)).string());
    std::set<std::string> written;
    for (const MappingFile& file : best_mapping_files(report, run)) {
      of_run.write(file.name, file.text);
      written.insert(file.name);
    }
    remove_others(of_run.path_of(""), written);
  }
}

}  // namespace tessera
