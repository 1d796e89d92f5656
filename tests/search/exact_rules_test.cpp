// Every rule of the branch and bound only saves time: without it the front is the same.

#include "search/exact_rules.hpp"

#include <optional>
#include <string>
#include <vector>

#include "arch/architecture_spec.hpp"
#include "mapper/mapspace_error.hpp"
#include "problems/problem_spec.hpp"
#include "search/algorithms.hpp"
#include "search/exact.hpp"
#include "spec/node.hpp"
#include "tests/catch_compat.hpp"
#include "tests/search/proof_check.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

struct Switch {
  const char* name;
  bool ExactRules::*rule;
};

const std::vector<Switch>& switches() {
  static const std::vector<Switch> all = {
      {"drop_mirror_images", &ExactRules::drop_mirror_images},
      {"drop_beaten_options", &ExactRules::drop_beaten_options},
      {"drop_hopeless_options", &ExactRules::drop_hopeless_options},
      {"lift", &ExactRules::lift},
      {"bound_outer_traffic", &ExactRules::bound_outer_traffic},
      {"bound_steps_by_lanes", &ExactRules::bound_steps_by_lanes},
      {"cut_by_front", &ExactRules::cut_by_front},
      {"cut_by_size", &ExactRules::cut_by_size},
      {"best_first", &ExactRules::best_first}};
  return all;
}

void require_equal(const ParetoFront& a, const ParetoFront& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t p = 0; p < a.size(); ++p) {
    REQUIRE(a.points()[p].values == b.points()[p].values);
  }
}

}  // namespace

TEST_CASE("random fronts are the same without any one rule of the branch and bound") {
  RandomSource random(31);
  int compared = 0;
  while (compared < 60) {
    const RandomCase one =
        random_case(random, CaseSize::enumerable,
                    compared % 3 == 0 ? Factors::imperfect : Factors::perfect);
    std::optional<Mapspace> made;
    try {
      made.emplace(one.problem, one.architecture, one.constraints, one.options.space,
                   one.options.factors);
    } catch (const MapspaceError&) {
      continue;  // holds that can be ordered in too many ways
    }
    const Mapspace& space = *made;
    if (!space.size().exact || WideCount(3000) < space.size().count ||
        exact_obstacle(space, one.constraints, one.options)) {
      continue;
    }
    const SearchResult with_all =
        search_exact(space, one.constraints, one.options, SearchControl{});
    for (const Switch& off : switches()) {
      ExactRules rules;
      rules.*off.rule = false;
      INFO(off.name << " off\n" << one.yaml);
      require_equal(search_exact(space, one.constraints, one.options, SearchControl{},
                                 with_all.front, rules)
                        .front,
                    with_all.front);
      require_equal(
          search_exact(space, one.constraints, one.options, SearchControl{}, {}, rules).front,
          with_all.front);
    }
    ++compared;
  }
}

TEST_CASE("every rule of the branch and bound saves nodes") {
  const SpecDocument document = SpecDocument::parse("case.yaml", R"(
problem:
  name: conv
  dimensions: {K: 4, C: 4, P: 6, Q: 6, R: 3, S: 3}
  operation: O[K,P,Q] += I[C, P + R, Q + S] * W[K,C,R,S]
architecture:
  name: machine
  clock: 1 GHz
  hierarchy:
    - {memory: DRAM, energy: 200 pJ/word}
    - {memory: Buffer, capacity: 100 words, energy: 6 pJ/word, keep: [inputs, outputs]}
    - {fanout: PEs, axes: {X: 3, Y: 2}}
    - {memory: Registers, capacity: 12 words, energy: 1 pJ/word, keep: all}
    - {compute: MAC, energy: 1 pJ/operation}
)");
  const Problem problem = parse_problem(document.root().at("problem"));
  const Architecture architecture = parse_architecture(document.root().at("architecture"));
  SearchOptions options;
  options.factors = Factors::perfect;
  const Constraints none;
  const Mapspace space(problem, architecture, none, options.space, options.factors);
  // The incumbents are near the front, not on it: what a rule saves is seen while nodes are left.
  SearchOptions draws = options;
  draws.samples = 20'000;
  const ParetoFront known = search_random(space, none, draws, SearchControl{}).front;
  const SearchResult with_all = search_exact(space, none, options, SearchControl{}, known);
  REQUIRE(with_all.certificate.kind == Certificate::Kind::exact);
  for (const Switch& off : switches()) {
    if (off.rule == &ExactRules::cut_by_front) {
      continue;  // would take hours
    }
    ExactRules rules;
    rules.*off.rule = false;
    INFO(off.name);
    const SearchResult without = search_exact(space, none, options, SearchControl{}, known, rules);
    require_equal(without.front, with_all.front);
    CAPTURE(without.tree->nodes, with_all.tree->nodes);
    if (off.rule != &ExactRules::best_first) {  // the order helps on average
      CHECK(without.tree->nodes > with_all.tree->nodes);
    }
  }
}
