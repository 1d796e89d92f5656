// Checks proven fronts for as long as one likes: random cases, all mappings tried one by one or
// very many sampled (tests/search/proof_check.hpp). Prints each miss as a YAML document that
// reproduces it, and figures at the end. The tests run the same checks for some seconds.
//
// Usage: exact_fuzz enumerate|sample [--seed N] [--seconds N] [--most N]
//   --most: enumerate: mappings of a case; sample: samples a case
// Exit code 1 after a miss.

#include <chrono>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "tests/search/proof_check.hpp"

namespace tessera::test {
namespace {

struct Run {
  bool sample = false;
  std::uint64_t seed = 1;
  double seconds = 10;
  std::uint64_t most = 20'000;
};

struct Figures {
  std::map<std::string, std::uint64_t> outcomes;
  std::map<std::string, std::uint64_t> refusals;
  std::uint64_t checked = 0, mappings = 0, legal = 0, empty = 0, spread = 0, misses = 0;
};

void check_one(const Run& run, std::uint64_t index, Figures& figures) {
  RandomSource random(run.seed * 1'000'003 + index);
  const Factors factors = random.chance(60) ? Factors::perfect : Factors::imperfect;
  const CaseSize size = run.sample && random.chance(60) ? CaseSize::medium : CaseSize::enumerable;
  const RandomCase one = random_case(random, size, factors);
  ProofCheck check;
  try {
    check =
        run.sample ? check_by_samples(one, run.most, index) : check_by_enumeration(one, run.most);
  } catch (const MapspaceError&) {
    check.outcome = ProofCheck::Outcome::too_large;
  } catch (const std::exception& error) {
    check.outcome = ProofCheck::Outcome::miss;
    check.report = one.yaml + "# threw: " + error.what() + "\n";
  }
  switch (check.outcome) {
    case ProofCheck::Outcome::too_large:
      ++figures.outcomes["too large"];
      return;
    case ProofCheck::Outcome::refused:
      ++figures.outcomes["refused"];
      ++figures.refusals[check.report];
      return;
    case ProofCheck::Outcome::miss:
      ++figures.misses;
      fmt::print("--- # miss {} of seed {}, case {}\n{}", figures.misses, run.seed, index,
                 check.report);
      std::fflush(stdout);
      break;
    case ProofCheck::Outcome::agrees:
      break;
  }
  ++figures.checked;
  figures.mappings += check.mappings;
  figures.legal += check.legal;
  figures.empty += check.empty ? 1 : 0;
  figures.spread += check.spread ? 1 : 0;
  ++figures.outcomes[factors == Factors::perfect ? "perfect" : "imperfect"];
}

int main_of(int argc, char** argv) {
  Run run;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "sample") {
      run.sample = true;
    } else if (word == "--seed" && i + 1 < argc) {
      run.seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (word == "--seconds" && i + 1 < argc) {
      run.seconds = std::strtod(argv[++i], nullptr);
    } else if (word == "--most" && i + 1 < argc) {
      run.most = std::strtoull(argv[++i], nullptr, 10);
    } else if (word != "enumerate") {
      fmt::print(stderr, "exact_fuzz: unknown argument '{}'\n", word);
      return 2;
    }
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  Figures figures;
  std::uint64_t index = 0;
  for (; seconds() < run.seconds; ++index) {
    check_one(run, index, figures);
  }
  fmt::print(
      "{} cases made, {} checked in {:.0f} s: {} mappings tried, {} legal; {} fronts empty, {} "
      "use a fanout; {} misses\n",
      index, figures.checked, seconds(), figures.mappings, figures.legal, figures.empty,
      figures.spread, figures.misses);
  for (const auto& [name, count] : figures.outcomes) {
    fmt::print("  {}: {}\n", name, count);
  }
  for (const auto& [name, count] : figures.refusals) {
    fmt::print("  refused, {}: {}\n", name, count);
  }
  return figures.misses == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tessera::test

int main(int argc, char** argv) {
  return tessera::test::main_of(argc, argv);
}
