#include "bench/exact_cases.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "arch/architecture_spec.hpp"
#include "problems/problem_spec.hpp"
#include "spec/node.hpp"

namespace tessera::bench {
namespace {

Architecture architecture_of(const std::string& text) {
  const SpecDocument document = SpecDocument::parse("machine", text);
  return parse_architecture(document.root().at("architecture"));
}

Problem gemm(std::int64_t m, std::int64_t n, std::int64_t k) {
  const SpecDocument document = SpecDocument::parse(
      "product", fmt::format("problem:\n  name: gemm-{0}x{1}x{2}\n"
                             "  dimensions: {{M: {0}, N: {1}, K: {2}}}\n"
                             "  operation: C[M,N] += A[M,K] * B[K,N]\n  bits: 8\n",
                             m, n, k));
  return parse_problem(document.root().at("problem"));
}

/// A machine in the style of s3. Costs of the memories that s3 lacks lie between those that it has.
Architecture machine(int memories, int columns, int rows) {
  std::string text =
      "architecture:\n  name: s3-like\n  clock: 1 GHz\n  hierarchy:\n"
      "    - {memory: DRAM, energy: 200 pJ/word, bandwidth: 16e9 words/s}\n";
  if (memories >= 4) {
    text +=
        "    - {memory: L2, capacity: 2 MiB, energy: 20 pJ/word, bandwidth: 32e9 words/s, keep: "
        "all}\n";
  }
  text +=
      "    - {memory: GLB, capacity: 128 KiB, energy: 6 pJ/word, bandwidth: 64e9 words/s, keep: "
      "all}\n";
  text += fmt::format("    - {{fanout: PEs, axes: {{X: {}, Y: {}}}}}\n", columns, rows);
  if (memories >= 3) {
    text += "    - {memory: RF, capacity: 512 B, energy: 1 pJ/word, keep: all}\n";
  }
  if (memories >= 5) {
    text += "    - {memory: Latch, capacity: 16 B, energy: 0.25 pJ/word, keep: all}\n";
  }
  return architecture_of(text + "    - {compute: MAC, energy: 1 pJ/operation}\n");
}

/// Four clusters of 8 x 8: two fanouts in series, with a memory between.
Architecture clusters() {
  return architecture_of(
      "architecture:\n  name: clusters\n  clock: 1 GHz\n  hierarchy:\n"
      "    - {memory: DRAM, energy: 200 pJ/word, bandwidth: 16e9 words/s}\n"
      "    - {memory: GLB, capacity: 512 KiB, energy: 10 pJ/word, bandwidth: 64e9 words/s, keep: "
      "all}\n"
      "    - {fanout: Clusters, axes: {X: 4}, energy: 2 pJ/word}\n"
      "    - {memory: Local, capacity: 32 KiB, energy: 4 pJ/word, bandwidth: 32e9 words/s, keep: "
      "all}\n"
      "    - {fanout: PEs, axes: {X: 8, Y: 8}, energy: 0.5 pJ/word}\n"
      "    - {memory: RF, capacity: 256 B, energy: 1 pJ/word, keep: all}\n"
      "    - {compute: MAC, energy: 1 pJ/operation}\n");
}

class Lister {
 public:
  explicit Lister(std::string root) : root_(std::move(root)) {}

  std::vector<ExactCase> list() {
    products();
    timeloop();
    resnet50();
    imperfect();
    hard();
    return std::move(cases_);
  }

 private:
  Problem library_problem(const std::string& name) const {
    const SpecDocument document = SpecDocument::read(root_ + "/problems/library/" + name + ".yaml");
    return parse_problem(document.root().at("problem"));
  }
  Architecture library_machine(const std::string& name) const {
    const SpecDocument document = SpecDocument::read(root_ + "/arch/library/" + name + ".yaml");
    return parse_architecture(document.root().at("architecture"));
  }

  void add(const std::string& group, const std::string& name, const Problem& problem,
           const Architecture& architecture, Factors factors = Factors::perfect,
           Space space = Space::free) {
    SearchOptions options;
    options.algorithm = Algorithm::exhaustive;
    options.space = space;
    options.factors = factors;
    cases_.push_back({group, name, problem, architecture, options});
  }

  void products() {
    const Architecture s3 = library_machine("s3");
    add("s3", "gemm-256", gemm(256, 256, 256), s3);
    add("s3", "gemm-512x768x768", gemm(512, 768, 768), s3);
    add("s3", "gemm-2048", gemm(2048, 2048, 2048), s3);
    add("s3", "gpt3-ffn", gemm(2048, 49152, 12288), s3);
    for (const int size : {32, 64, 128, 256, 512, 1024, 2048}) {
      add("scaling", fmt::format("cube-{}", size), gemm(size, size, size), s3);
    }
    for (const int memories : {2, 3, 4, 5}) {
      add("levels", fmt::format("levels-{}", memories), gemm(256, 256, 256),
          machine(memories, 16, 16));
    }
    const Architecture array = machine(3, 14, 12);
    add("array", "array-perfect", gemm(256, 256, 256), array);
    add("array", "array-imperfect", gemm(256, 256, 256), array, Factors::imperfect);
  }

  void timeloop() {
    for (const std::string name : {"eyeriss168", "tiny2x2"}) {
      const SpecDocument document = SpecDocument::read(root_ + "/bench/cases/" + name + ".yaml");
      const Problem problem = parse_problem(document.root().at("problem"));
      const Architecture architecture = parse_architecture(document.root().at("architecture"));
      add("timeloop", name + "-free", problem, architecture);
      add("timeloop", name + "-even", problem, architecture, Factors::perfect, Space::even);
      add("timeloop", name + "-imperfect", problem, architecture, Factors::imperfect);
    }
  }

  void resnet50() {
    const Architecture eyeriss = library_machine("eyeriss-v1");
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(root_ + "/problems/library")) {
      const std::string name = entry.path().stem().string();
      if (name.rfind("resnet50.", 0) == 0) {
        names.push_back(name);
      }
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      add("resnet50", name, library_problem(name), eyeriss);
    }
  }

  void imperfect() {
    const Architecture s3 = library_machine("s3");
    const Architecture eyeriss = library_machine("eyeriss-v1");
    add("imperfect", "gemm-256-imperfect", gemm(256, 256, 256), s3, Factors::imperfect);
    add("imperfect", "gemm-1000-imperfect", gemm(1000, 1000, 1000), s3, Factors::imperfect);
    add("imperfect", "conv3_x.1x1a-imperfect", library_problem("resnet50.conv3_x.1x1a"), eyeriss,
        Factors::imperfect);
    add("imperfect", "conv3_x.3x3-imperfect", library_problem("resnet50.conv3_x.3x3"), eyeriss,
        Factors::imperfect);
  }

  void hard() {
    const Architecture eyeriss = library_machine("eyeriss-v1");
    for (const char* name :
         {"alexnet.conv1", "alexnet.conv2", "alexnet.conv3", "mobilenet-v1.conv2_dw",
          "mobilenet-v1.conv3_dw", "bert-base-512.q_proj", "bert-base-512.qk"}) {
      add("hard", name, library_problem(name), eyeriss);
    }
    add("hard", "clusters-gemm", gemm(1024, 1024, 1024), clusters());
    add("hard", "clusters-conv3_x", library_problem("resnet50.conv3_x.3x3"), clusters());
    add("hard", "levels-4-conv3_x", library_problem("resnet50.conv3_x.3x3"), machine(4, 16, 16));
    add("hard", "prime-227", gemm(227, 227, 227), library_machine("s3"), Factors::imperfect);
  }

  std::string root_;
  std::vector<ExactCase> cases_;
};

}  // namespace

std::vector<ExactCase> exact_cases(const std::string& root) {
  return Lister(root).list();
}

}  // namespace tessera::bench
