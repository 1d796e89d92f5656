// How near the searches without proof come to the exact front, and how soon: the share of the exact
// hypervolume that the random and the genetic search reach with so many mappings scored, and the
// process CPU time that it took, on one thread. The reference point of the hypervolume is twice the
// worst of the exact front in each objective, so for a front of one point 1 % more energy costs
// 1 %. Fronts that are not proven are left out.
// Usage: quality_bench [--json] [--seeds N] [NAME-PART]   (only cases whose name contains
// NAME-PART)

#include <algorithm>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "arch/architecture_spec.hpp"
#include "problems/problem_spec.hpp"
#include "search/hypervolume.hpp"
#include "search/search.hpp"
#include "spec/node.hpp"

namespace tessera {
namespace {

struct Case {
  std::string architecture;
  std::string problem;
};

std::vector<Case> cases() {
  std::vector<Case> list;
  for (const char* layer :
       {"resnet50.conv3_x.3x3", "resnet50.conv3_x.1x1a", "resnet50.conv3_x.1x1b",
        "resnet50.conv2_x.1x1b", "resnet50.conv4_x.3x3", "resnet50.conv5_x.3x3", "alexnet.conv3",
        "alexnet.conv4", "bert-base-512.q_proj", "bert-base-512.qk"}) {
    list.push_back({"eyeriss-v1", layer});
  }
  for (const char* layer : {"gemm-256", "resnet50.conv3_x.1x1a", "bert-base-512.ffn_up"}) {
    list.push_back({"s3", layer});
  }
  for (const char* layer : {"resnet50.conv3_x.1x1a", "bert-base-128.ffn_up"}) {
    list.push_back({"tpu-like", layer});
  }
  return list;
}

constexpr std::uint64_t kSamples[] = {10'000, 30'000, 100'000, 300'000, 1'000'000};

struct Run {
  SearchResult result;
  double cpu_s = 0;
};

Run run(const Problem& problem, const Architecture& architecture, const SearchOptions& options) {
  const std::clock_t begin = std::clock();
  Run done{search(problem, architecture, {}, options, {}), 0};
  done.cpu_s = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  return done;
}

double volume(const ParetoFront& front, const std::vector<double>& reference) {
  std::vector<std::vector<double>> points;
  for (const ParetoPoint& point : front.points()) {
    points.push_back(point.values);
  }
  return hypervolume(std::move(points), reference);
}

class Table {
 public:
  explicit Table(bool json) : json_(json) {
    if (!json) {
      fmt::print("{:12} {:24} {:10} {:>5} {:>10} {:>8} {:>11}\n", "architecture", "problem",
                 "algorithm", "seed", "scored", "CPU s", "hypervolume");
    }
  }
  void add(const Case& one, std::string_view algorithm, std::uint64_t seed, const Run& run,
           double share) {
    if (!json_) {
      fmt::print("{:12} {:24} {:10} {:>5} {:>10} {:>8.3f} {:>9.2f} %\n", one.architecture,
                 one.problem, algorithm, seed, run.result.evaluated, run.cpu_s, 100 * share);
      std::fflush(stdout);
    }
    rows_.push_back({{"architecture", one.architecture},
                     {"problem", one.problem},
                     {"algorithm", algorithm},
                     {"seed", seed},
                     {"scored", run.result.evaluated},
                     {"cpu_s", run.cpu_s},
                     {"hypervolume", share}});
  }
  void finish() const {
    if (json_) {
      fmt::print("{}\n", rows_.dump(2));
    }
  }

 private:
  bool json_;
  nlohmann::ordered_json rows_ = nlohmann::ordered_json::array();
};

void measure(const Case& one, std::uint64_t seeds, Table& table) {
  const auto read = [](const std::string& folder, const std::string& name) {
    return SpecDocument::read(std::string(TESSERA_SOURCE) + folder + name + ".yaml");
  };
  const SpecDocument problem_file = read("/problems/library/", one.problem);
  const SpecDocument architecture_file = read("/arch/library/", one.architecture);
  const Problem problem = parse_problem(problem_file.root().at("problem"));
  const Architecture architecture = parse_architecture(architecture_file.root().at("architecture"));
  SearchOptions options;
  options.factors = Factors::perfect;
  options.algorithm = Algorithm::exhaustive;
  const Run exact = run(problem, architecture, options);
  if (exact.result.certificate.kind != Certificate::Kind::exact) {
    return;
  }
  std::vector<double> reference(options.objectives.size(), 0);
  for (const ParetoPoint& point : exact.result.front.points()) {
    for (std::size_t o = 0; o < reference.size(); ++o) {
      reference[o] = std::max(reference[o], 2 * point.values[o]);
    }
  }
  const double whole = volume(exact.result.front, reference);
  table.add(one, "exact", 0, exact, 1);
  for (const auto& [algorithm, name] :
       {std::pair(Algorithm::random, "random"), std::pair(Algorithm::genetic, "genetic")}) {
    options.algorithm = algorithm;
    for (options.seed = 0; options.seed < seeds; ++options.seed) {
      std::uint64_t scored = 0;
      for (const std::uint64_t samples : kSamples) {
        options.samples = samples;
        const Run one_run = run(problem, architecture, options);
        if (one_run.result.evaluated == scored) {
          break;  // it ended by itself before
        }
        scored = one_run.result.evaluated;
        table.add(one, name, options.seed, one_run,
                  volume(one_run.result.front, reference) / whole);
      }
    }
  }
}

int main_of(int argc, char** argv) {
  bool json = false;
  std::uint64_t seeds = 1;
  std::string part;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--json") {
      json = true;
    } else if (word == "--seeds" && i + 1 < argc) {
      seeds = std::stoull(argv[++i]);
    } else {
      part = word;
    }
  }
  Table table(json);
  for (const Case& one : cases()) {
    if ((one.architecture + " " + one.problem).find(part) != std::string::npos) {
      measure(one, seeds, table);
    }
  }
  table.finish();
  return 0;
}

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  return tessera::main_of(argc, argv);
}
