// Every rule of the branch and bound only saves time: without it the front is the same.

#include "search/exact_rules.hpp"

#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "mapper/mapspace_error.hpp"
#include "search/algorithms.hpp"
#include "search/exact.hpp"
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
      {"bound_fillings", &ExactRules::bound_fillings},
      {"bound_steps_by_lanes", &ExactRules::bound_steps_by_lanes},
      {"scan_spatial", &ExactRules::scan_spatial},
      {"cut_by_front", &ExactRules::cut_by_front},
      {"cut_by_size", &ExactRules::cut_by_size},
      {"drop_by_sweeps", &ExactRules::drop_by_sweeps},
      {"known_forms_first", &ExactRules::known_forms_first},
      {"best_first", &ExactRules::best_first}};
  return all;
}

void require_equal(const ParetoFront& a, const ParetoFront& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t p = 0; p < a.size(); ++p) {
    REQUIRE(a.points()[p].values == b.points()[p].values);
  }
}

/// What kinds of cases were compared.
struct Seen {
  int windows = 0, strided = 0, several_windows = 0, fanouts = 0, limits = 0;

  void count(const RandomCase& one) {
    int sliding = 0;
    bool unequal = false;
    for (const Tensor& tensor : one.problem.tensors) {
      bool slides = false;
      for (const Rank& rank : tensor.projection.ranks) {
        std::vector<std::int64_t> steps;
        for (const Term& term : rank) {
          if (one.problem.at(term.dimension).bound > 1) {
            steps.push_back(term.coefficient);
          }
        }
        slides = slides || steps.size() > 1;
        unequal = unequal || (steps.size() > 1 && steps[0] != steps[1]);
      }
      sliding += slides ? 1 : 0;
    }
    int spread = 0;
    for (std::size_t level = 0; level < one.architecture.hierarchy.size(); ++level) {
      spread += one.architecture.fanout(LevelId(level)) != nullptr ? 1 : 0;
    }
    windows += sliding > 0 ? 1 : 0;
    strided += unequal ? 1 : 0;
    several_windows += sliding > 1 ? 1 : 0;
    fanouts += spread > 1 ? 1 : 0;
    limits += one.options.limits.empty() ? 0 : 1;
  }
};

/// Compares the front of a case, found with and without each rule; 0 if it cannot be compared.
int compare(const RandomCase& one, Seen& seen, std::uint64_t most = 3000) {
  std::optional<Mapspace> made;
  try {
    made.emplace(one.problem, one.architecture, one.constraints, one.options.space,
                 one.options.factors);
  } catch (const MapspaceError&) {
    return 0;  // holds that can be ordered in too many ways
  }
  const Mapspace& space = *made;
  if (!space.size().exact || WideCount(most) < space.size().count ||
      exact_obstacle(space, one.constraints, one.options)) {
    return 0;
  }
  const SearchResult with_all = search_exact(space, one.constraints, one.options, SearchControl{});
  for (const Switch& off : switches()) {
    ExactRules rules;
    rules.*off.rule = false;
    INFO(off.name << " off\n" << one.yaml);
    require_equal(
        search_exact(space, one.constraints, one.options, SearchControl{}, with_all.front, rules)
            .front,
        with_all.front);
    require_equal(
        search_exact(space, one.constraints, one.options, SearchControl{}, {}, rules).front,
        with_all.front);
  }
  seen.count(one);
  return 1;
}

}  // namespace

TEST_CASE("random fronts are the same without any one rule of the branch and bound") {
  RandomSource random(31);
  Seen seen;
  for (const Space space : {Space::free, Space::hierarchical, Space::even}) {
    for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
      int compared = 0;
      while (compared < (space == Space::free ? 40 : 25)) {
        compared += compare(random_case(random, CaseSize::enumerable, factors, space), seen);
      }
    }
  }
  CHECK(seen.windows > 20);
  CHECK(seen.strided > 10);
  CHECK(seen.fanouts > 10);
  CHECK(seen.limits > 20);
}

TEST_CASE(
    "fronts of several sliding tensors and nested fanouts are the same without any one rule") {
  Seen seen;
  struct Kernel {
    const char* dimensions;
    const char* operation;
  };
  for (const Kernel& kernel : {Kernel{"P: 2, Q: 2, R: 2, S: 2", "O[P,Q] += A[P+R] * B[Q+2*S]"},
                               Kernel{"P: 2, Q: 2, R: 2, S: 2", "O[P,Q] += A[2*P+R] * B[Q+S]"},
                               Kernel{"P: 4, R: 2", "O[P] += A[2*P+R] * B[R]"}}) {
    for (const char* second : {"", "    - {fanout: G, axes: {X: 2}}\n"}) {
      for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
        SearchOptions options;
        options.factors = factors;
        const RandomCase one = read_case(
            fmt::format("problem: {{dimensions: {{{}}}, operation: '{}', bits: 8}}\n"
                        "architecture:\n  clock: 1 GHz\n  hierarchy:\n"
                        "    - {{memory: DRAM, energy: 200 pJ/word, bandwidth: 2 words/cycle}}\n"
                        "    - {{fanout: F, axes: {{X: 2}}}}\n"
                        "    - {{memory: Buffer, capacity: 6 words, energy: 3 pJ/word, "
                        "only: [outputs]}}\n{}"
                        "    - {{compute: MAC, energy: 1 pJ/operation}}\n",
                        kernel.dimensions, kernel.operation, second),
            options);
        compare(one, seen, 100'000);
      }
    }
  }
  CHECK(seen.several_windows >= 6);
  CHECK(seen.fanouts >= 4);
}

TEST_CASE("every rule of the branch and bound saves nodes") {
  SearchOptions options;
  options.factors = Factors::perfect;
  const RandomCase given = read_case(R"(
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
)",
                                     options);
  const Constraints none;
  const Mapspace space(given.problem, given.architecture, none, options.space, options.factors);
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
    if (off.rule == &ExactRules::scan_spatial) {
      continue;  // saves where there are many orders of holds: below
    }
    if (off.rule == &ExactRules::drop_by_sweeps) {
      // Forms go together where points near the front are known.
      const auto nodes = [&](const ExactRules& r) {
        return search_exact(space, none, options, SearchControl{}, with_all.front, r).tree->nodes;
      };
      CHECK(nodes(rules) > nodes({}));
      continue;
    }
    if (off.rule == &ExactRules::bound_fillings) {
      continue;  // not used where orders of holds are few
    }
    if (off.rule == &ExactRules::best_first || off.rule == &ExactRules::known_forms_first) {
      continue;  // the order helps on average
    }
    if (off.rule == &ExactRules::bound_steps_by_lanes) {
      // It decides the order, too: the rule alone is seen in the order of listing.
      rules.best_first = false;
      const auto nodes = [&] {
        return search_exact(space, none, options, SearchControl{}, known, rules).tree->nodes;
      };
      const std::uint64_t unordered = nodes();
      rules.bound_steps_by_lanes = true;
      CHECK(unordered > nodes());
      continue;
    }
    CHECK(without.tree->nodes > with_all.tree->nodes);
  }
}

TEST_CASE("spatial loops are looked at once for all orders of the holds, with the same front") {
  SearchOptions options;
  options.factors = Factors::perfect;
  const RandomCase given = read_case(R"(
problem:
  dimensions: {M: 256, N: 256, K: 256}
  operation: C[M,N] += A[M,K] * B[K,N]
  bits: 8
architecture:
  clock: 1 GHz
  hierarchy:
    - {memory: DRAM, energy: 200 pJ/word}
    - {memory: Buffer, capacity: 128 KiB, energy: 6 pJ/word, keep: all}
    - {fanout: PEs, axes: {X: 16, Y: 16}}
    - {memory: Registers, capacity: 512 B, energy: 1 pJ/word, keep: all}
    - {compute: MAC, energy: 1 pJ/operation}
)",
                                     options);
  const Mapspace space(given.problem, given.architecture, {}, options.space, options.factors);
  const SearchResult first = search_exact(space, {}, options, SearchControl{});
  ExactRules rules;
  rules.scan_spatial = false;
  const SearchResult without = search_exact(space, {}, options, SearchControl{}, {}, rules);
  require_equal(without.front, first.front);
  const SearchResult again = search_exact(space, {}, options, SearchControl{}, first.front);
  const SearchResult each = search_exact(space, {}, options, SearchControl{}, first.front, rules);
  CAPTURE(again.tree->nodes, each.tree->nodes);
  CHECK(again.tree->nodes < each.tree->nodes / 2);
}
