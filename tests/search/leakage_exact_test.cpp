// Leakage x time is energy, so the proof of the least energy has to bound the time as well. Here
// leakage is what counts most: up to thousands of pJ a cycle beside accesses of a few, in every
// memory and unit, over all their instances, with bandwidths and transfers without overlap that
// make the time hang on the mapping. Each proven front is compared with all mappings of the space,
// evaluated one by one.

#include <cmath>
#include <random>

#include <fmt/format.h>

#include "arch/architecture_spec.hpp"
#include "model/evaluate.hpp"
#include "tests/catch_compat.hpp"
#include "tests/search/proof_check.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

template <class T>
T pick(std::mt19937& random, const std::vector<T>& choices) {
  return choices[random() % choices.size()];
}

std::string problem_text(std::mt19937& random) {
  if (random() % 2 == 0) {
    return fmt::format(
        "problem:\n  dimensions: {{M: {}, N: {}, K: {}}}\n  operation: O[M,N] += A[M,K] * "
        "B[K,N]\n",
        pick<int>(random, {2, 3, 4, 6}), pick<int>(random, {2, 4}), pick<int>(random, {2, 3, 4}));
  }
  return fmt::format(
      "problem:\n  dimensions: {{P: {}, R: {}, C: {}}}\n  operation: O[P] += A[C,P+R] * B[C,R]\n",
      pick<int>(random, {2, 3, 4, 6}), pick<int>(random, {2, 3}), pick<int>(random, {1, 2, 3}));
}

/// 1 mW is 1 pJ a cycle at 1 GHz.
std::string leaking_machine(std::mt19937& random) {
  const auto leakage = [&] { return pick<int>(random, {0, 1, 20, 300, 4000}); };
  const auto bandwidth = [&] {
    return pick<std::string>(
        random,
        {"", ", bandwidth: 1 words/cycle", ", bandwidth: 3 words/cycle",
         ", bandwidth: {read: 1 words/cycle, write: 2 words/cycle}",
         ", bandwidth: 2 words/cycle, buffering: 1", ", bandwidth: 2 words/cycle, ramp: true"});
  };
  std::string text = "architecture:\n  clock: 1 GHz\n  hierarchy:\n";
  text += fmt::format("    - {{memory: DRAM, energy: {} pJ/word, leakage: {} mW{}}}\n",
                      pick<int>(random, {2, 30}), leakage(),
                      pick<std::string>(random, {"", ", bandwidth: 1 words/cycle"}));
  if (random() % 2 == 0) {
    text += fmt::format("    - {{memory: GLB, energy: 3 pJ/word, leakage: {} mW{}{}}}\n", leakage(),
                        bandwidth(), pick<std::string>(random, {"", ", capacity: 12 words"}));
  }
  text += fmt::format("    - {{fanout: F, axes: {{X: {}}}}}\n", pick<int>(random, {2, 3, 4}));
  text += fmt::format("    - {{memory: RF, energy: 1 pJ/word, leakage: {} mW{}{}}}\n", leakage(),
                      bandwidth(), pick<std::string>(random, {"", ", capacity: 5 words"}));
  return text +
         fmt::format("    - {{compute: MAC, energy: 1 pJ/operation, leakage: {} mW}}\n", leakage());
}

struct Tally {
  int compared = 0;
  int mostly_leakage = 0;  ///< cases in which leakage is over half of the least energy
};

Tally compare(unsigned seed, int wanted, Factors factors) {
  constexpr std::uint64_t kMost = 40'000;
  std::mt19937 random(seed);
  Tally tally;
  while (tally.compared < wanted) {
    SearchOptions options;
    options.factors = factors;
    options.objectives = pick<std::vector<Objective>>(
        random, {{Objective::energy}, {Objective::energy, Objective::latency}, {Objective::edp}});
    const RandomCase one = read_case(problem_text(random) + leaking_machine(random), options);
    const ProofCheck check = check_by_enumeration(one, kMost);
    if (check.outcome == ProofCheck::Outcome::too_large) {
      continue;
    }
    INFO(one.yaml << check.report);
    REQUIRE(check.outcome == ProofCheck::Outcome::agrees);
    const SearchResult result =
        search(one.problem, one.architecture, one.constraints, one.options, {});
    if (!result.front.empty()) {
      const Evaluation best =
          evaluate(one.problem, one.architecture, result.front.points().front().mapping);
      double leaked = 0;
      for (const LevelResult& level : best.levels) {
        leaked += level.leakage_pj;
      }
      tally.mostly_leakage += leaked > 0.5 * best.energy_pj ? 1 : 0;
    }
    ++tally.compared;
  }
  return tally;
}

}  // namespace

TEST_CASE("the proven least energy is that of all mappings where leakage is most of it") {
  const Tally tally = compare(71, 120, Factors::perfect);
  CHECK(tally.mostly_leakage > tally.compared / 2);
}

TEST_CASE("the same with bounds that do not divide their dimensions") {
  const Tally tally = compare(72, 50, Factors::imperfect);
  CHECK(tally.mostly_leakage > tally.compared / 2);
}

TEST_CASE("the least energy gives up accesses for time where a cycle costs more than they do") {
  // One word of A a cycle from DRAM, or, spread over the four units, the shared weight first: quick
  // mappings move more words, slow ones leak longer.
  const auto best = [](double leakage_mw) {
    SearchOptions options;
    options.factors = Factors::perfect;
    options.objectives = {Objective::energy};
    const RandomCase one = read_case(
        fmt::format("problem:\n  dimensions: {{M: 4, N: 4, K: 4}}\n  operation: O[M,N] += A[M,K] * "
                    "B[K,N]\n"
                    "architecture:\n  clock: 1 GHz\n  hierarchy:\n"
                    "    - {{memory: DRAM, energy: 10 pJ/word, leakage: {} mW}}\n"
                    "    - {{fanout: F, axes: {{X: 4}}, multicast: none, reduce: false}}\n"
                    "    - {{memory: RF, energy: 1 pJ/word, capacity: 48 words}}\n"
                    "    - {{compute: MAC, energy: 1 pJ/operation}}\n",
                    leakage_mw),
        options);
    const SearchResult result =
        search(one.problem, one.architecture, one.constraints, one.options, {});
    REQUIRE(result.certificate.kind == Certificate::Kind::exact);
    return evaluate(one.problem, one.architecture, result.front.points().front().mapping);
  };
  const Evaluation without = best(0);
  const Evaluation with = best(100);
  CHECK(without.cycles == 64);  // alone: every word once
  CHECK(with.cycles == 16);     // spread: the units do not share what they read
  CHECK(with.dram_words > without.dram_words);
  // 100 mW for 16 cycles of 1 ns.
  CHECK(std::abs(with.levels.front().leakage_pj - 1600) < 1e-6);
  const double accesses = with.energy_pj - 1600;
  CHECK(accesses > without.energy_pj);
  CHECK(with.energy_pj < without.energy_pj + 6400);
}
