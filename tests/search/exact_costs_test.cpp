// The pruned search against all mappings on machines whose costs are not plain sums: accesses
// rounded up in each instance, partial sums wider than results, transfers that overlap with
// nothing.

#include <algorithm>
#include <random>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arch/architecture_spec.hpp"
#include "problems/problem_spec.hpp"
#include "search/algorithms.hpp"
#include "search/exact.hpp"
#include "spec/node.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

Problem problem_of(const std::string& text) {
  const SpecDocument document = SpecDocument::parse("problem.yaml", text);
  return parse_problem(document.root().at("problem"));
}

Architecture architecture_of(const std::string& text) {
  const SpecDocument document = SpecDocument::parse("architecture.yaml", text);
  return parse_architecture(document.root().at("architecture"));
}

template <class T>
const T& pick(std::mt19937& random, const std::vector<T>& choices) {
  return choices[random() % choices.size()];
}

std::string random_problem(std::mt19937& random) {
  const std::string bits = pick<std::string>(
      random, {"{A: 8, B: 8, O: 24, O.final: 8}", "{A: 8, B: 4, O: 20, O.final: 16}", "8"});
  if (random() % 2 == 0) {
    return fmt::format(
        "problem:\n  dimensions: {{M: {}, N: {}, K: {}}}\n  operation: O[M,N] += A[M,K] * B[K,N]\n"
        "  bits: {}\n",
        pick<int>(random, {2, 3, 4, 5, 6}), pick<int>(random, {2, 3, 4}),
        pick<int>(random, {2, 3, 4}), bits);
  }
  return fmt::format(
      "problem:\n  dimensions: {{P: {}, R: {}, C: {}}}\n  operation: O[P] += A[C,P+R] * B[C,R]\n"
      "  bits: {}\n",
      pick<int>(random, {2, 3, 4, 6}), pick<int>(random, {2, 3}), pick<int>(random, {1, 2, 3}),
      bits);
}

std::string accessed(std::mt19937& random, std::vector<int> picojoules) {
  const std::string bandwidth = pick<std::string>(
      random, {"", "", ", bandwidth: 0.5 accesses/cycle", ", bandwidth: 1 access/cycle",
               ", bandwidth: {read: 6 bit/cycle, write: 1 words/cycle}"});
  const std::string overlap = pick<std::string>(
      random, {"", "", ", ramp: true", ", ramp: true, buffering: 2", ", buffering: 1"});
  return fmt::format(", {}, energy: {{read: {} pJ/access, write: {} pJ/access}}{}{}",
                     pick<std::string>(random, {"width: 32 bit", "width: 16 bit", "width: 64 bit",
                                                "block: 4 words", "block: 3 words"}),
                     pick(random, picojoules), pick(random, picojoules), bandwidth, overlap);
}

std::string random_architecture(std::mt19937& random) {
  const auto one_of = [&](std::vector<std::string> texts) { return pick(random, texts); };
  std::string text = "architecture:\n  clock: 1 GHz\n  hierarchy:\n";
  text += fmt::format("    - {{memory: DRAM{}}}\n", accessed(random, {50, 200, 10}));
  if (random() % 3 == 0) {
    text += fmt::format("    - {{memory: GLB{}{}}}\n", accessed(random, {2, 6, 20}),
                        one_of({"", ", capacity: 128 bit", ", capacity: 64 bit"}));
  }
  text += fmt::format("    - {{fanout: F, axes: {{X: {}{}}}, multicast: {}, reduce: {}}}\n",
                      pick<int>(random, {2, 3, 4}), one_of({"", ", Y: 2"}),
                      one_of({"word", "word", "tile", "none"}), one_of({"true", "true", "false"}));
  text += fmt::format("    - {{memory: RF{}{}{}}}\n", accessed(random, {1, 6, 3}),
                      one_of({"", ", capacity: 40 bit", ", capacity: 64 bit"}),
                      one_of({"", ", keep: all", ", only: [inputs, outputs]"}));
  return text + fmt::format("    - {{compute: MAC, energy: 1 pJ/operation{}}}\n",
                            one_of({"", ", leakage: 2 mW"}));
}

std::string values_text(const ParetoFront& front) {
  std::string text;
  for (const ParetoPoint& point : front.points()) {
    text += fmt::format("{}\n", fmt::join(point.values, " "));
  }
  return text;
}

bool reaches(const ParetoFront& front, const std::vector<double>& values) {
  return std::any_of(front.points().begin(), front.points().end(), [&](const ParetoPoint& point) {
    return std::equal(point.values.begin(), point.values.end(), values.begin(),
                      [](double a, double b) { return a <= b; });
  });
}

void compare(unsigned seed, int wanted, Factors factors) {
  constexpr std::uint64_t kMost = 60'000;
  std::mt19937 random(seed);
  for (int compared = 0; compared < wanted;) {
    const std::string problem_text = random_problem(random);
    const std::string architecture_text = random_architecture(random);
    SearchOptions options;
    options.factors = factors;
    options.objectives = pick<std::vector<Objective>>(
        random,
        {{Objective::energy, Objective::latency}, {Objective::energy}, {Objective::latency}});
    const Problem problem = problem_of(problem_text);
    const Architecture architecture = architecture_of(architecture_text);
    const Mapspace space(problem, architecture, {}, options.space, factors);
    const MapspaceSize size = space.size();
    if (!size.exact || WideCount(kMost) < size.count || exact_obstacle(space, {}, options)) {
      continue;
    }
    const SearchResult all = search_exhaustive(space, {}, options, {}, size.count.low());
    const SearchResult pruned = search_exact(space, {}, options, {});
    INFO(problem_text << architecture_text << "all mappings:\n"
                      << values_text(all.front) << "pruned:\n"
                      << values_text(pruned.front));
    REQUIRE(pruned.certificate.kind == Certificate::Kind::exact);
    if (factors == Factors::perfect) {
      REQUIRE(values_text(all.front) == values_text(pruned.front));
    } else {
      // The enumeration puts spatial loops of plain dimensions at one place only.
      for (const ParetoPoint& point : all.front.points()) {
        REQUIRE(reaches(pruned.front, point.values));
      }
    }
    ++compared;
  }
}

}  // namespace

TEST_CASE("the pruned front is that of all mappings where accesses round up and ramps add") {
  compare(21, 150, Factors::perfect);
}

TEST_CASE("the pruned front is nowhere behind where accesses round up, imperfect factors") {
  compare(22, 60, Factors::imperfect);
}

TEST_CASE("the pruned search refuses a systolic array with a memory inside") {
  const Problem problem = problem_of(
      "problem:\n  dimensions: {M: 4, N: 4, K: 4}\n  operation: O[M,N] += A[M,K] * B[K,N]\n");
  const auto refused = [&](const std::string& inside) {
    const Architecture architecture = architecture_of(
        "architecture:\n  clock: 1 GHz\n  hierarchy:\n    - {memory: DRAM, energy: 9 pJ/word}\n"
        "    - {fanout: F, axes: {X: 2, Y: 2}, systolic: true}\n" +
        inside + "    - {compute: MAC, energy: 1 pJ/operation}\n");
    const Mapspace space(problem, architecture, {}, Space::free, Factors::perfect);
    SearchOptions options;
    options.factors = Factors::perfect;
    return exact_obstacle(space, {}, options).has_value();
  };
  CHECK(refused("    - {memory: RF, energy: 1 pJ/word}\n"));
  CHECK_FALSE(refused(""));  // one pass, whatever the mapping
}
