// What a proof costs: the exact front of whole layers, one thread, process CPU time. Prints a
// table, or JSON with
// --json. Every front is proven; the numbers of nodes and points are the same on every machine.
// Usage: exact_bench [--json] [NAME-PART]   (only cases whose name contains NAME-PART)

#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "arch/architecture_spec.hpp"
#include "problems/problem_spec.hpp"
#include "search/search.hpp"
#include "spec/node.hpp"

namespace tessera {
namespace {

struct Case {
  std::string architecture;
  std::string problem;
  Factors factors = Factors::perfect;
};

std::vector<Case> cases() {
  std::vector<Case> list;
  for (const char* gemm : {"32 32 32", "64 64 64", "128 128 128", "256 256 256", "512 768 768",
                           "1024 1024 1024", "2048 2048 2048", "2048 49152 12288"}) {
    list.push_back({"s3", gemm});
  }
  for (const char* layer : {"alexnet.conv2", "alexnet.conv3", "resnet50.conv2_x.1x1b",
                            "resnet50.conv2_x.3x3", "resnet50.conv3_x.1x1a", "resnet50.conv3_x.3x3",
                            "resnet50.conv4_x.3x3", "resnet50.conv5_x.3x3", "mobilenet-v1.conv2_dw",
                            "bert-base-512.q_proj", "bert-base-512.qk"}) {
    list.push_back({"eyeriss-v1", layer});
  }
  list.push_back({"s3", "256 256 256", Factors::imperfect});
  list.push_back({"eyeriss-v1", "resnet50.conv3_x.1x1a", Factors::imperfect});
  return list;
}

Problem problem_of(const std::string& name) {
  if (name.find(' ') == std::string::npos) {
    const SpecDocument document =
        SpecDocument::read(std::string(TESSERA_SOURCE) + "/problems/library/" + name + ".yaml");
    return parse_problem(document.root().at("problem"));
  }
  const std::size_t first = name.find(' ');
  const std::size_t second = name.find(' ', first + 1);
  const SpecDocument document = SpecDocument::parse(
      "gemm", fmt::format("problem:\n  dimensions: {{M: {}, N: {}, K: {}}}\n"
                          "  operation: C[M,N] += A[M,K] * B[K,N]\n  bits: 8\n",
                          name.substr(0, first), name.substr(first + 1, second - first - 1),
                          name.substr(second + 1)));
  return parse_problem(document.root().at("problem"));
}

nlohmann::ordered_json measure(const Case& one) {
  const Problem problem = problem_of(one.problem);
  const SpecDocument document = SpecDocument::read(std::string(TESSERA_SOURCE) + "/arch/library/" +
                                                   one.architecture + ".yaml");
  const Architecture architecture = parse_architecture(document.root().at("architecture"));
  SearchOptions options;
  options.algorithm = Algorithm::exhaustive;
  options.factors = one.factors;
  const std::clock_t begin = std::clock();
  const SearchResult result = search(problem, architecture, {}, options, {});
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  const bool exact = result.certificate.kind == Certificate::Kind::exact;
  return {{"architecture", one.architecture},
          {"problem", one.problem},
          {"factors", one.factors == Factors::perfect ? "perfect" : "imperfect"},
          {"mappings", result.space_size},
          {"nodes", result.tree ? result.tree->nodes : 0},
          {"scored", result.evaluated},
          {"points", result.front.size()},
          {"least_first_objective", exact ? result.front.points().front().values[0] : 0},
          {"exact", exact},
          {"cpu_s", seconds}};
}

int run(int argc, char** argv) {
  bool json = false;
  std::string part;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--json") {
      json = true;
    } else {
      part = argv[i];
    }
  }
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  if (!json) {
    fmt::print("{:12} {:24} {:10} {:>9} {:>12} {:>7} {:>6} {:>9}\n", "architecture", "problem",
               "factors", "mappings", "nodes", "scored", "points", "CPU s");
  }
  for (const Case& one : cases()) {
    if (one.problem.find(part) == std::string::npos) {
      continue;
    }
    rows.push_back(measure(one));
    const auto& row = rows.back();
    if (!json) {
      fmt::print("{:12} {:24} {:10} {:>9} {:>12} {:>7} {:>6} {:>9.3f}{}\n", one.architecture,
                 one.problem, row["factors"].get<std::string>(),
                 fmt::format("{:.1e}", std::stod(row["mappings"].get<std::string>())),
                 row["nodes"].get<std::uint64_t>(), row["scored"].get<std::uint64_t>(),
                 row["points"].get<std::size_t>(), row["cpu_s"].get<double>(),
                 row["exact"].get<bool>() ? "" : "  not proven");
    }
  }
  if (json) {
    fmt::print("{}\n", rows.dump(2));
  }
  return 0;
}

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  return tessera::run(argc, argv);
}
