// How near the searches without proof come to the exact front, and how soon: the share of the exact
// hypervolume that the random and the genetic search reach with so many mappings scored, and the
// process CPU time that it took, on one thread. The reference point of the hypervolume is twice the
// worst of the exact front in each objective, so for a front of one point 1 % more energy costs
// 1 %. Fronts that are not proven, or not within a minute, are left out.
// Usage: quality_bench [--json | --markdown] [--seeds N] [NAME-PART]
// Only cases whose name contains NAME-PART; --markdown prints the table of docs/performance.md.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
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
  for (const char* architecture : {"eyeriss-v1", "s3", "tpu-like"}) {
    for (const char* layer :
         {"resnet50.conv2_x.1x1b", "resnet50.conv3_x.1x1a", "resnet50.conv3_x.1x1b",
          "resnet50.conv3_x.3x3", "resnet50.conv4_x.3x3", "resnet50.conv5_x.3x3", "alexnet.conv3",
          "alexnet.conv4", "bert-base-512.q_proj", "bert-base-512.qk", "bert-base-512.ffn_up",
          "bert-base-128.ffn_up"}) {
      list.push_back({architecture, layer});
    }
  }
  return list;
}

/// Longest that a proof may take, in seconds of the clock.
constexpr auto kMostProof = std::chrono::seconds(60);
constexpr std::uint64_t kSamples[] = {3'000, 10'000, 30'000, 100'000, 300'000, 1'000'000};
constexpr std::uint64_t kMostDraws = 300'000;

struct Run {
  SearchResult result;
  double cpu_s = 0;
};

Run run(const Problem& problem, const Architecture& architecture, const SearchOptions& options,
        const std::atomic<bool>* stop = nullptr) {
  SearchControl control;
  control.stop = stop;
  const std::clock_t begin = std::clock();
  Run done{search(problem, architecture, {}, options, control), 0};
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

/// Runs until it has finished, or `kMostProof` is over.
Run prove(const Problem& problem, const Architecture& architecture, const SearchOptions& options) {
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::condition_variable finished;
  bool over = false;
  std::thread watch([&] {
    std::unique_lock lock(mutex);
    stop = !finished.wait_for(lock, kMostProof, [&] { return over; });
  });
  Run done = run(problem, architecture, options, &stop);
  {
    const std::lock_guard lock(mutex);
    over = true;
  }
  finished.notify_all();
  watch.join();
  return done;
}

enum class Form { lines, json, markdown };

class Table {
 public:
  explicit Table(Form form) : form_(form) {
    if (form == Form::markdown) {
      fmt::print(
          "| architecture | layer | exact: points | CPU s | random, {} draws: points | hypervolume "
          "| "
          "CPU s | genetic, 99 %: scored | CPU s | genetic, to its end: scored | points | "
          "hypervolume | CPU s |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
          kMostDraws);
    } else if (form == Form::lines) {
      fmt::print("{:12} {:24} {:10} {:>5} {:>10} {:>8} {:>11}\n", "architecture", "problem",
                 "algorithm", "seed", "scored", "CPU s", "hypervolume");
    }
  }
  void add(const Case& one, std::string_view algorithm, std::uint64_t seed, const Run& run,
           double share) {
    if (form_ == Form::lines) {
      fmt::print("{:12} {:24} {:10} {:>5} {:>10} {:>8.3f} {:>9.2f} %\n", one.architecture,
                 one.problem, algorithm, seed, run.result.evaluated, run.cpu_s, 100 * share);
      std::fflush(stdout);
    }
    rows_.push_back({{"architecture", one.architecture},
                     {"problem", one.problem},
                     {"algorithm", algorithm},
                     {"seed", seed},
                     {"scored", run.result.evaluated},
                     {"points", run.result.front.size()},
                     {"cpu_s", run.cpu_s},
                     {"hypervolume", share}});
  }
  void finish() const {
    if (form_ == Form::json) {
      fmt::print("{}\n", rows_.dump(2));
    }
  }
  /// Prints what was added since the last case: a line of the first seed with the proof, the most
  /// draws, the genetic search where it first reaches 99 % and where it ends by itself.
  void end_case() {
    const std::size_t begin = std::exchange(begun_, rows_.size());
    if (form_ != Form::markdown || begin == rows_.size()) {
      return;
    }
    const Json& exact = rows_[begin];
    const Json* random = nullptr;
    const Json* soon = nullptr;
    const Json* genetic = nullptr;
    for (std::size_t i = begin + 1; i < rows_.size(); ++i) {
      const Json& row = rows_[i];
      if (row["seed"] != 0) {
        continue;
      }
      const bool evolved = row["algorithm"] == "genetic";
      (evolved ? genetic : random) = &row;
      if (evolved && soon == nullptr && row["hypervolume"].get<double>() >= 0.99) {
        soon = &row;
      }
    }
    fmt::print("| {} | {} | {} | {:.2f} |{} {} |{}\n", exact["architecture"].get<std::string>(),
               exact["problem"].get<std::string>(), exact["points"].get<std::size_t>(),
               exact["cpu_s"].get<double>(), cells(*random, false),
               soon != nullptr ? fmt::format("{} | {:.2f}", (*soon)["scored"].get<std::uint64_t>(),
                                             (*soon)["cpu_s"].get<double>())
                               : "not reached | ",
               cells(*genetic, true));
    std::fflush(stdout);
  }

 private:
  using Json = nlohmann::ordered_json;

  static std::string cells(const Json& row, bool scored) {
    return fmt::format(" {}{} | {:.2f} % | {:.2f} |",
                       scored ? fmt::format("{} | ", row["scored"].get<std::uint64_t>()) : "",
                       row["points"].get<std::size_t>(), 100 * row["hypervolume"].get<double>(),
                       row["cpu_s"].get<double>());
  }

  Form form_;
  std::size_t begun_ = 0;  // first row of the case
  Json rows_ = Json::array();
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
  const Run exact = prove(problem, architecture, options);
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
        if (algorithm == Algorithm::random && samples > kMostDraws) {
          break;
        }
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
  Form form = Form::lines;
  std::uint64_t seeds = 1;
  std::string part;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--json") {
      form = Form::json;
    } else if (word == "--markdown") {
      form = Form::markdown;
    } else if (word == "--seeds" && i + 1 < argc) {
      seeds = std::stoull(argv[++i]);
    } else {
      part = word;
    }
  }
  Table table(form);
  for (const Case& one : cases()) {
    if ((one.architecture + " " + one.problem).find(part) != std::string::npos) {
      measure(one, seeds, table);
      table.end_case();
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
