// The exact search in small, end to end: few enough random searches that the sanitizers can run
// them all (label `exact`). The same checks on many more are in proof_test.cpp and exact_fuzz.cpp.

#include <algorithm>
#include <string>

#include "mapper/mapspace_error.hpp"
#include "search/exact.hpp"
#include "search/search.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/mapspace_cases.hpp"
#include "tests/search/proof_check.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

constexpr std::uint64_t kMostMappings = 1500;

/// Checks random cases until `wanted` were small enough and not refused; how many mappings were
/// legal, and how many fronts use a fanout.
void check_cases(unsigned seed, int wanted, Factors factors, Space space) {
  RandomSource random(seed);
  std::uint64_t legal = 0;
  int spread = 0;
  for (int checked = 0; checked < wanted;) {
    const RandomCase one = random_case(random, CaseSize::enumerable, factors, space);
    ProofCheck result;
    try {
      result = check_by_enumeration(one, kMostMappings);
    } catch (const MapspaceError&) {
      continue;  // too many orders of holds to list
    }
    if (result.outcome == ProofCheck::Outcome::too_large ||
        result.outcome == ProofCheck::Outcome::refused) {
      continue;
    }
    INFO(result.report);
    REQUIRE(result.outcome == ProofCheck::Outcome::agrees);
    ++checked;
    legal += result.legal;
    spread += result.spread ? 1 : 0;
  }
  CHECK(legal > static_cast<std::uint64_t>(wanted));
  CHECK(spread > wanted / 10);
}

std::string text_of(const SearchResult& result) {
  std::string text = std::to_string(static_cast<int>(result.certificate.kind));
  for (const ParetoPoint& point : result.front.points()) {
    for (const double value : point.values) {
      text += ' ';
      text += std::to_string(value);
    }
  }
  return text + " nodes " + std::to_string(result.tree ? result.tree->nodes : 0);
}

}  // namespace

TEST_CASE("in small, the proven front is that of all mappings, in all spaces and factors") {
  for (const Space space : {Space::free, Space::hierarchical, Space::even}) {
    check_cases(41, 80, Factors::perfect, space);
    check_cases(42, 40, Factors::imperfect, space);
  }
}

TEST_CASE("in small, a search with a layer's window is the same on one thread and on three") {
  const Problem problem = cases::conv2d(4, 2, 4, 4, 3, 1);
  const Architecture architecture = cases::eyeriss_like();
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    SearchOptions options;
    options.factors = factors;
    options.samples = 2000;
    std::string first;
    for (const int threads : {1, 3}) {
      SearchControl control;
      control.threads = threads;
      const SearchResult result = search(problem, architecture, {}, options, control);
      CHECK(result.certificate.kind == Certificate::Kind::exact);
      first = first.empty() ? text_of(result) : first;
      CHECK(text_of(result) == first);
    }
  }
}

TEST_CASE("in small, a proof that is given up keeps a bound that holds") {
  const Problem problem = cases::gemm(24, 20, 30);
  const Architecture architecture = cases::s3_like(200, 30);
  SearchOptions options;
  options.factors = Factors::perfect;
  const Mapspace space(problem, architecture, {}, options.space, options.factors);
  const SearchResult full = search_exact(space, {}, options, {});
  REQUIRE(full.certificate.kind == Certificate::Kind::exact);
  for (const std::uint64_t nodes : {std::uint64_t{0}, full.tree->nodes / 3}) {
    ProofEffort most;
    most.nodes = nodes;
    const SearchResult part = search_exact(space, {}, options, {}, full.front, {}, most);
    CHECK(part.certificate.kind != Certificate::Kind::none);
    for (std::size_t o = 0; o < part.certificate.least.size(); ++o) {
      CHECK(part.certificate.least[o] <= full.certificate.least[o]);
    }
  }
}
