// The costs that the branch and bound reckons with are those of the ordinary model.

#include "search/exact_check.hpp"

#include <stdexcept>

#include "mapper/mapspace_error.hpp"
#include "model/evaluate.hpp"
#include "tests/catch_compat.hpp"
#include "tests/search/random_case.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

struct Seen {
  std::uint64_t compared = 0;
  std::uint64_t without_form = 0;
};

/// Compares up to `most` mappings of a case, spread over its shards.
void compare_mappings(const RandomCase& one, std::uint64_t most, Seen& seen) {
  const Mapspace space(one.problem, one.architecture, one.constraints, one.options.space,
                       one.options.factors);
  const TermCheck check(one.problem, one.architecture);
  Evaluator evaluator(one.problem, one.architecture);
  Evaluation evaluation;
  const std::uint64_t shards = space.shards();
  const std::uint64_t step = std::max<std::uint64_t>(1, shards / 20);
  for (std::uint64_t shard = 0; shard < shards; shard += step) {
    std::uint64_t left = most / 20;
    space.for_each(shard, shard + 1, [&](const MapspaceVisit& visit) {
      evaluator.evaluate(visit.mapping, evaluation);
      if (evaluation.feasible()) {
        if (const auto terms = check.cost_of(space, visit.mapping)) {
          check.compare(*terms, false, evaluation);
          ++seen.compared;
        } else {
          ++seen.without_form;
        }
      }
      return --left == 0 ? VisitAnswer::stop : VisitAnswer::next;
    });
  }
}

const char* const kPlain =
    "problem: {dimensions: {M: 4, N: 2, K: 4}, operation: 'C[M,N] += A[M,K] * B[K,N]', bits: 8}\n"
    "architecture:\n  clock: 1 GHz\n  hierarchy:\n"
    "    - {memory: DRAM, energy: 200 pJ/word, bandwidth: 2 words/cycle}\n"
    "    - {fanout: PEs, axes: {X: 2}}\n"
    "    - {memory: RF, capacity: 12 words, energy: 1 pJ/word, keep: all}\n"
    "    - {compute: MAC, energy: 1 pJ/operation}\n";

}  // namespace

TEST_CASE("the terms of any mapping are what the model counts, in all spaces") {
  RandomSource random(91);
  for (const Space space : {Space::free, Space::hierarchical, Space::even}) {
    for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
      Seen seen;
      for (int i = 0; i < 60; ++i) {
        const RandomCase one = random_case(random, CaseSize::enumerable, factors, space);
        INFO(one.yaml);
        try {
          compare_mappings(one, 200, seen);
        } catch (const MapspaceError&) {
          continue;  // holds that can be ordered in too many ways
        }
      }
      CHECK(seen.compared > 1500);
      CHECK(seen.without_form < seen.compared / 10);
    }
  }
}

TEST_CASE("terms that contradict the model are seen, in either direction") {
  const RandomCase one = read_case(kPlain, {});
  const Mapspace space(one.problem, one.architecture, one.constraints, Space::free,
                       Factors::perfect);
  const TermCheck check(one.problem, one.architecture);
  Evaluator evaluator(one.problem, one.architecture);
  Evaluation evaluation;
  space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
    evaluator.evaluate(visit.mapping, evaluation);
    return evaluation.feasible() ? VisitAnswer::stop : VisitAnswer::next;
  });
  TermCost terms{.energy_pj = evaluation.energy_pj,
                 .cycles = static_cast<double>(evaluation.cycles),
                 .dram_words = static_cast<double>(evaluation.dram_words)};
  CHECK_NOTHROW(check.compare(terms, false, evaluation));
  CHECK_NOTHROW(check.compare(terms, true, evaluation));
  terms.energy_pj += 1;
  CHECK_THROWS_AS(check.compare(terms, false, evaluation), std::logic_error);
  CHECK_NOTHROW(check.compare(terms, true, evaluation));  // another form has it exactly
  terms.energy_pj -= 2;
  CHECK_THROWS_AS(check.compare(terms, false, evaluation), std::logic_error);
  CHECK_THROWS_AS(check.compare(terms, true, evaluation), std::logic_error);
  terms.energy_pj += 1;
  terms.cycles -= 1;
  CHECK_THROWS_AS(check.compare(terms, false, evaluation), std::logic_error);
  terms.cycles += 1;
  terms.dram_words += 1;
  CHECK_THROWS_AS(check.compare(terms, false, evaluation), std::logic_error);
}
