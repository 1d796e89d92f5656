// Every file of errors/specs is named after its one fault; the message that it must give stands
// beside it, whole, under the same name with the suffix `.expected`.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch_compat.hpp"
#include "tests/random_source.hpp"
#include "tests/spec_text.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> files_with(std::string_view suffix) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(TESSERA_TEST_DATA "/errors/specs")) {
    if (entry.path().extension() == suffix) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// A spec without fault, to be damaged.
constexpr std::string_view kGoodSpec = R"(problem:
  name: conv
  dimensions: {N: 1, K: 16, P: 13, R: 3}
  operation: Outputs[N,K,P] += Inputs[N, 2*P - R] * Weights[K,R]
  bits: {Inputs: 8, Weights: 4, Outputs: 24, Outputs.final: 8}
  density: {Weights: 0.4}
  kinds: {Weights: weights}
architecture:
  name: small
  technology: 65 nm
  clock: 200 MHz
  hierarchy:
    - {memory: DRAM, energy: 200 pJ/word, bandwidth: 480 MB/s}
    - {memory: Buffer, capacity: 24 words, word: 16 bit, width: 64 bit, energy: 6 pJ/access}
    - {fanout: PEs, axes: {X: 4, Y: {size: 3, reuse: weights}}, multicast: tile, reduce: false}
    - {memory: RF, energy: {read: 1 pJ/bit, write: 2 pJ/bit, leakage: 1.5 uW}, buffering: 2}
    - {compute: MAC, energy: 1 pJ/operation, leakage: 3 mW, area: 0.002 mm2}
mapping:
  - DRAM: all
  - for: {K: 4, P: 4}
  - Buffer: [Inputs, Outputs]
  - spatial: {PEs.X: {K: 4}, PEs.Y: {P: 4}}
  - RF: [Weights]
  - for: {R: 3}
constraints:
  PEs: {X: [K, P], Y: {reuse: weights}}
  Buffer: {bypass: Weights, loops: {K: 1}, innermost: [R]}
  min_utilization: 0.5
network:
  name: two
  batch: 4
  layers:
    - {problem: known, repeat: 3, batch: M}
    - problem: {name: mine, dimensions: {B: 1, I: 3, J: 4}, operation: 'C[B,I] += A[B,J] * W[J,I]'}
      batch: B
)";

/// Reads the sections that the file has, as the program does. What reads at all must read back
/// alike.
void read_sections(const SpecDocument& document) {
  const SpecNode root = document.root();
  const auto problem_node = root.find("problem");
  const auto architecture_node = root.find("architecture");
  const auto mapping = root.find("mapping");
  const auto constraints = root.find("constraints");
  const auto network = root.find("network");
  root.finish();
  const Problem problem = problem_node ? parse_problem(*problem_node) : Problem{};
  const Architecture architecture =
      architecture_node ? parse_architecture(*architecture_node) : Architecture{};
  if (network) {
    const Network read = test::parse_network_alone(*network);
    REQUIRE(test::read_network(to_yaml(read)) == read);
  }
  if (problem_node) {
    REQUIRE(test::read_problem(to_yaml(problem)) == problem);
  }
  if (architecture_node) {
    REQUIRE(test::read_architecture(to_yaml(architecture)) == architecture);
  }
  if (mapping) {
    const Mapping read = parse_mapping(*mapping, problem, architecture);
    const std::string text = to_yaml(read, problem, architecture);
    REQUIRE(test::read_mapping(text, problem, architecture) == read);
  }
  if (constraints) {
    const Constraints read = parse_constraints(*constraints, problem, architecture);
    const std::string text = to_yaml(read, problem, architecture);
    REQUIRE(test::read_constraints(text, problem, architecture) == read);
  }
}

TEST_CASE("Every malformed spec gives its message, whole", "[errors]") {
  const std::vector<fs::path> specs = files_with(".yaml");
  REQUIRE(specs.size() >= 25);
  for (const fs::path& spec : specs) {
    const std::string name = spec.filename().string();
    fs::path expected = spec;
    expected.replace_extension(".expected");
    INFO(name);
    std::string message =
        test::error_of([&] { read_sections(SpecDocument::parse(name, contents(spec))); });
    if (!message.ends_with('\n')) {
      message += '\n';
    }
    CHECK(message == contents(expected));
  }
}

/// `text` with a few bytes removed, doubled or overwritten by what the formats are made of.
std::string damaged(std::string text, test::RandomSource& random) {
  const std::string pieces = "[]{}:,-+*=.#'\"&!| \n0179aKNX\t\x80";
  for (std::int64_t i = random.integer(1, 4); i > 0 && !text.empty(); --i) {
    const auto at =
        static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(text.size()) - 1));
    const auto length = static_cast<std::size_t>(random.integer(1, 12));
    switch (random.integer(0, 3)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, text.substr(at, length));
        break;
      case 2:
        text.insert(at, text.substr(text.size() - 1 - at, length));
        break;
      default:
        text[at] = pieces[static_cast<std::size_t>(
            random.integer(0, static_cast<std::int64_t>(pieces.size()) - 1))];
    }
  }
  return text;
}

TEST_CASE("A damaged spec gives a located error, or reads as another good one", "[errors]") {
  test::RandomSource random(6);
  REQUIRE(test::error_of([&] {
            read_sections(SpecDocument::parse("good.yaml", std::string(kGoodSpec)));
          }) == "");
  std::vector<std::string> texts(50, std::string(kGoodSpec));
  for (const fs::path& spec : files_with(".yaml")) {
    texts.push_back(contents(spec));
  }
  for (int i = 0; i < 4000; ++i) {
    const std::string text = damaged(random.pick(texts), random);
    INFO(text);
    const std::string message =
        test::error_of([&] { read_sections(SpecDocument::parse("damaged.yaml", text)); });
    REQUIRE((message.empty() || message.starts_with("damaged.yaml:")));
  }
}

TEST_CASE("No expected message is left without its spec", "[errors]") {
  for (fs::path expected : files_with(".expected")) {
    INFO(expected.string());
    CHECK(fs::exists(expected.replace_extension(".yaml")));
  }
}

}  // namespace
}  // namespace tessera
