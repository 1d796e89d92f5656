// Checks proven fronts for as long as one likes: random cases, all mappings tried one by one or
// very many sampled (tests/search/proof_check.hpp). Prints each miss as a YAML document that
// reproduces it, and figures at the end. The tests run the same checks for some seconds.
//
// Usage: exact_fuzz enumerate|sample [--space free|hierarchical|even] [--seed N] [--seconds N]
//                   [--most N] [--imperfect]
//        exact_fuzz FILE... [--space S] [--seed N] [--most N] [--perfect]
//   --space: only this one; without it a case of `enumerate` has one of the three, and all others
//   have `free` (samples are of any shape, so no smaller space has them all)
//   --most: mappings of a case that are tried at most, or samples of a case
//   --imperfect, --perfect: with such factors only
// A FILE holds a problem, an architecture and perhaps constraints: its proven fronts, with perfect
// and with imperfect factors, are compared with all mappings, where they are few enough, with
// samples, and with the random and the genetic search. A search that throws, or wants more than
// 3 GiB, counts as a miss. Exit code 1 after a miss.

#include <chrono>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

#include "tests/search/proof_check.hpp"

namespace tessera::test {
namespace {

struct Run {
  bool sample = false;
  bool imperfect = false;
  bool perfect = false;
  std::optional<Space> space;
  std::vector<std::string> files;
  std::uint64_t seed = 1;
  double seconds = 10;
  std::uint64_t most = 20'000;
};

struct Figures {
  std::map<std::string, std::uint64_t> outcomes;
  std::map<std::string, std::uint64_t> refusals;
  std::uint64_t checked = 0, mappings = 0, legal = 0, empty = 0, spread = 0, misses = 0;
};

std::string_view to_text(Space space) {
  return space == Space::free ? "free" : space == Space::hierarchical ? "hierarchical" : "even";
}

std::optional<Space> space_of(std::string_view word) {
  for (const Space space : {Space::free, Space::hierarchical, Space::even}) {
    if (word == to_text(space)) {
      return space;
    }
  }
  return std::nullopt;
}

void check_one(const Run& run, std::uint64_t index, Figures& figures) {
  RandomSource random(run.seed * 1'000'003 + index);
  const Factors factors =
      (run.perfect || random.chance(60)) && !run.imperfect ? Factors::perfect : Factors::imperfect;
  const CaseSize size = run.sample && random.chance(60) ? CaseSize::medium : CaseSize::enumerable;
  Space space = Space::free;
  if (!run.sample) {
    space = random.pick<Space>({Space::free, Space::hierarchical, Space::even});
  }
  space = run.space.value_or(space);
  const RandomCase one = random_case(random, size, factors, space);
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
  ++figures.outcomes[fmt::format("{}, {} factors", to_text(space),
                                 factors == Factors::perfect ? "perfect" : "imperfect")];
}

/// Compares the front of one file with all its mappings, where they are few, and with all that
/// samples them; false after a miss.
bool check_file(const Run& run, const std::string& path, Factors factors) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  SearchOptions options;
  options.space = run.space.value_or(Space::free);
  options.factors = factors;
  options.samples = run.most;
  options.seed = run.seed;
  const RandomCase one = read_case(text.str(), options);
  std::uint64_t mappings = 0;
  std::uint64_t legal = 0;
  for (const ProofCheck& check :
       {check_by_enumeration(one, run.most),
        options.space == Space::free ? check_by_samples(one, run.most, run.seed) : ProofCheck{},
        check_by_searches(one)}) {
    if (check.outcome == ProofCheck::Outcome::miss ||
        check.outcome == ProofCheck::Outcome::refused) {
      fmt::print("{}: {}\n", path, check.report);
      return false;
    }
    mappings += check.mappings;
    legal += check.legal;
  }
  fmt::print("{}, {} factors: nothing below the front among {} mappings, {} of them legal\n", path,
             factors == Factors::perfect ? "perfect" : "imperfect", mappings, legal);
  return true;
}

/// A search that wants more memory than this is reported as one that threw.
void limit_memory() {
  constexpr rlim_t kMost = rlim_t{3} << 30;
  const rlimit limit{.rlim_cur = kMost, .rlim_max = kMost};
  setrlimit(RLIMIT_AS, &limit);
}

int main_of(int argc, char** argv) {
  limit_memory();
  Run run;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "sample") {
      run.sample = true;
    } else if (word == "--imperfect") {
      run.imperfect = true;
    } else if (word == "--perfect") {
      run.perfect = true;
    } else if (word == "--space" && i + 1 < argc && space_of(argv[i + 1])) {
      run.space = space_of(argv[++i]);
    } else if (word == "--seed" && i + 1 < argc) {
      run.seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (word == "--seconds" && i + 1 < argc) {
      run.seconds = std::strtod(argv[++i], nullptr);
    } else if (word == "--most" && i + 1 < argc) {
      run.most = std::strtoull(argv[++i], nullptr, 10);
    } else if (word.find('/') != std::string_view::npos) {
      run.files.emplace_back(word);
    } else if (word != "enumerate") {
      fmt::print(stderr, "exact_fuzz: unknown argument '{}'; a file has a '/' in its name\n", word);
      return 2;
    }
  }
  if (!run.files.empty()) {
    bool good = true;
    for (const std::string& path : run.files) {
      good = check_file(run, path, Factors::perfect) && good;
      good = (run.perfect || check_file(run, path, Factors::imperfect)) && good;
    }
    return good ? 0 : 1;
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
