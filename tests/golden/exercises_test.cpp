// Timeloop's own exercises and example designs: they are read as they are, and where reference
// statistics are stored, every count is compared with ours (explained_exercises.csv holds the
// differences).

#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/workspace.hpp"
#include "mapper/constraints.hpp"
#include "model/evaluate.hpp"
#include "spec/error.hpp"
#include "tests/catch_compat.hpp"
#include "tests/golden/explanations.hpp"

namespace tessera::golden {
namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(TESSERA_TEST_DATA) / "golden" / "timeloop-exercises";

struct Exercise {
  std::string name;
  std::string folder;
  std::vector<std::string> files;
  std::string stats;
};

std::vector<Exercise> exercises() {
  const auto tutorial = [](const std::string& name, const std::string& folder,
                           const std::string& arch, const std::string& problem,
                           const std::string& map, const std::string& output) {
    return Exercise{name,
                    "ispass2020/" + folder,
                    {"arch/" + arch + ".arch.yaml", "prob/" + problem + ".prob.yaml",
                     "map/" + map + ".map.yaml", output + "timeloop-model.ERT.yaml",
                     output + "timeloop-model.ART.yaml"},
                    output + "timeloop-model.stats.txt"};
  };
  const auto design = [](const std::string& name, const std::string& folder) {
    return Exercise{name,
                    folder,
                    {"parsed-processed-input.yaml", "timeloop-mapper.map.yaml",
                     "timeloop-mapper.ERT.yaml", "timeloop-mapper.ART.yaml"},
                    "timeloop-mapper.stats.txt"};
  };
  return {
      tutorial("00", "00-model-conv1d-1level", "1level", "conv1d", "conv1d-1level", "ref-output/"),
      tutorial("01-os", "01-model-conv1d-2level", "2level", "conv1d", "conv1d-2level-os",
               "ref-output/os/"),
      tutorial("01-ws", "01-model-conv1d-2level", "2level", "conv1d", "conv1d-2level-ws",
               "ref-output/ws/"),
      tutorial("02-untiled", "02-model-conv1d+oc-2level", "2level", "conv1d+oc",
               "conv1d+oc-2level-os", "ref-output/no-tiling/"),
      tutorial("02-tiled", "02-model-conv1d+oc-2level", "2level", "conv1d+oc",
               "conv1d+oc-2level-os-tiled", "ref-output/tiling/"),
      tutorial("03-keep", "03-model-conv1d+oc-3level", "3level", "conv1d+oc", "conv1d+oc-3level",
               "ref-output/no-bypass/"),
      tutorial("03-bypass", "03-model-conv1d+oc-3level", "3level", "conv1d+oc",
               "conv1d+oc-3level-bypass", "ref-output/bypass/"),
      design("06-eyeriss", "ispass2020/06-mapper-convlayer-eyeriss/ref-output"),
      design("eyeriss_like", "example_designs/eyeriss_like/ref_outputs/default_problem"),
      design("weight_stationary",
             "example_designs/simple_weight_stationary/ref_outputs/default_problem"),
  };
}

std::vector<std::string> paths_of(const Exercise& exercise) {
  std::vector<std::string> paths;
  for (const std::string& file : exercise.files) {
    paths.push_back((kFolder / exercise.folder / file).string());
  }
  return paths;
}

/// The number after the colon of a line of statistics.
std::optional<double> number_after(const std::string& line, const std::string& label) {
  const std::size_t start = line.find_first_not_of(' ');
  if (start == std::string::npos || line.compare(start, label.size(), label) != 0) {
    return std::nullopt;
  }
  const std::size_t colon = line.find(':');
  return colon == std::string::npos ? std::nullopt
                                    : std::optional(std::stod(line.substr(colon + 1)));
}

/// Compares the printed statistics, line by line, with an evaluation.
class StatsComparer {
 public:
  StatsComparer(const Workspace& workspace, Explanations& explanations, std::string name)
      : problem_(*workspace.problem),
        architecture_(*workspace.architecture),
        evaluation_(evaluate(problem_, architecture_, *workspace.mapping)),
        explanations_(explanations),
        name_(std::move(name)) {}

  void run(const std::filesystem::path& path) {
    std::ifstream stream(path);
    REQUIRE(stream.is_open());
    std::string line;
    while (std::getline(stream, line) && line.find("Operational Intensity") == std::string::npos) {
      if (line.starts_with("=== ")) {
        level_ = architecture_.find(line.substr(4, line.find(' ', 4) - 4));
        tensor_.reset();
      } else if (line.starts_with("    ") && line.ends_with(":") && line[4] != ' ') {
        tensor_ = problem_.find_tensor(line.substr(4, line.size() - 5));
      }
      if (level_) {
        compare(line);
      }
    }
  }

 private:
  void add(const std::string& tensor, const std::string& quantity, double theirs, double ours) {
    explanations_.judge(
        name_, {architecture_.name_of(*level_), tensor, quantity, theirs, ours, theirs == ours});
  }

  void compare(const std::string& line) {
    const LevelResult& level = evaluation_.levels[level_->index()];
    if (const auto computes = number_after(line, "Computes (total)")) {
      add("-", "computes", *computes, static_cast<double>(evaluation_.operations));
    }
    if (const auto cycles = number_after(line, "Cycles ")) {
      add("-", "cycles", *cycles,
          static_cast<double>(std::max(evaluation_.compute_cycles, level.cycles)));
    }
    if (const auto used = number_after(line, "Utilized instances  ")) {
      add("-", "utilized_instances", *used, static_cast<double>(level.instances_used));
    }
    if (tensor_) {
      compare_tensor(line, level);
    }
  }

  void compare_tensor(const std::string& line, const LevelResult& level) {
    const TensorTraffic& traffic = level.tensors[tensor_->index()];
    const std::string& tensor = problem_.at(*tensor_).name;
    const auto per_instance = [&](std::int64_t total) {
      return std::floor(static_cast<double>(total) / static_cast<double>(level.instances_used) +
                        0.5);
    };
    if (const auto used = number_after(line, "Utilized instances (max)")) {
      add(tensor, "utilized_instances", *used, static_cast<double>(level.instances_used));
    }
    if (const auto tile = number_after(line, "Utilized capacity")) {
      add(tensor, "capacity_used", *tile, static_cast<double>(traffic.tile_words));
    }
    if (const auto reads = number_after(line, "Scalar reads")) {
      add(tensor, "reads", *reads, per_instance(traffic.reads + traffic.passed));
    }
    if (const auto fills = number_after(line, "Scalar fills")) {
      add(tensor, "fills", *fills, per_instance(traffic.fills));
    }
    if (const auto updates = number_after(line, "Scalar updates")) {
      add(tensor, "updates", *updates, per_instance(traffic.updates));
    }
  }

  const Problem& problem_;
  const Architecture& architecture_;
  Evaluation evaluation_;
  Explanations& explanations_;
  std::string name_;
  std::optional<LevelId> level_;  ///< of the section that is read
  std::optional<TensorId> tensor_;
};

TEST_CASE(
    "The stored statistics of Timeloop's exercises are ours, or the difference is explained") {
  Explanations explanations(kFolder.parent_path() / "explained_exercises.csv");
  for (const Exercise& exercise : exercises()) {
    INFO(exercise.name);
    const Workspace workspace = Workspace::load(paths_of(exercise), {});
    const std::size_t before = explanations.equal();
    StatsComparer(workspace, explanations, exercise.name)
        .run(kFolder / exercise.folder / exercise.stats);
    CHECK(explanations.equal() >= before + 10);
    if (workspace.constraints) {
      CHECK(find_violation(*workspace.problem, *workspace.architecture, *workspace.constraints,
                           *workspace.mapping) == std::nullopt);
    }
  }
  const std::string faults = explanations.faults();
  fmt::print("{}", faults);
  CHECK(faults.empty());
  fmt::print("exercises: counts {}; cycles {}\n", explanations.counts().text(),
             explanations.derived().text());
}

std::string load_error(const std::vector<std::string>& paths) {
  try {
    Workspace::load(paths, {});
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("The exercises' files are read as they are") {
  std::size_t read = 0;
  std::size_t templates = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kFolder)) {
    const std::string path = entry.path().string();
    const bool output = path.find("/ref") != std::string::npos;
    const bool map = path.find("/map/") != std::string::npos;
    if (entry.path().extension() != ".yaml" || output || map) {
      continue;
    }
    const std::string error = load_error({path});
    if (path.find("/resnet18/") != std::string::npos) {
      CHECK(error.find("this is a template (Jinja)") != std::string::npos);
      ++templates;
    } else {
      CHECK(error == "");
      ++read;
    }
  }
  CHECK(read >= 15);
  CHECK(templates == 21);
}

TEST_CASE("An example design as its user wrote it is the one that the front end wrote out") {
  for (const std::string name : {"eyeriss_like", "simple_weight_stationary"}) {
    INFO(name);
    const std::filesystem::path folder = kFolder / "example_designs" / name;
    const Workspace written = Workspace::load({(folder / "arch.yaml").string()}, {});
    const Workspace dumped = Workspace::load(
        {(folder / "ref_outputs/default_problem/parsed-processed-input.yaml").string()}, {});
    REQUIRE(written.architecture);
    REQUIRE(dumped.architecture);
    CHECK(written.architecture->hierarchy == dumped.architecture->hierarchy);
  }
}

TEST_CASE("Constraints inside an architecture are those that the front end writes out") {
  for (const std::string name : {"eyeriss_like", "simple_weight_stationary"}) {
    INFO(name);
    const std::filesystem::path folder = kFolder / "example_designs" / name;
    const std::filesystem::path output = folder / "ref_outputs/default_problem";
    const Workspace dumped =
        Workspace::load({(output / "parsed-processed-input.yaml").string()}, {});
    REQUIRE(dumped.constraints);
    CHECK_FALSE(dumped.constraints->axes.empty());
    CHECK_FALSE(dumped.constraints->factors.empty());
  }
}

}  // namespace
}  // namespace tessera::golden
