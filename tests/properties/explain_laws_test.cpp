// What an explanation says must be what the model counts: on random cases small and large, every
// formula's value is the evaluation's, and its terms amount to its value.

#include <cmath>
#include <vector>

#include "model/explain.hpp"
#include "model/explain_cost.hpp"
#include "tests/catch_compat.hpp"
#include "tests/properties/large_case.hpp"

using namespace tessera;
using namespace tessera::properties;
using oracle::Flavor;

namespace {

constexpr std::uint64_t kCases = 1500;

void check(const Formula& formula, std::int64_t counted) {
  REQUIRE(formula.value == counted);
  REQUIRE(arithmetic(formula) == counted);
}

void check(const std::optional<Formula>& formula, std::int64_t counted) {
  if (formula) {
    check(*formula, counted);
  }
}

/// Terms of energy add up to every energy of the evaluation; ports need the cycles that it says.
void check_costs(const Case& c, const Evaluation& e) {
  std::vector<double> elements(e.levels.size());
  std::vector<std::vector<double>> tensors(e.levels.size(),
                                           std::vector<double>(c.problem.tensors.size()));
  for (const EnergyTerm& term : explain_energy(c.problem, c.architecture, e)) {
    elements[term.level.index()] += term.energy_pj;
    if (term.tensor) {
      tensors[term.level.index()][term.tensor->index()] += term.energy_pj;
    }
  }
  const auto equal = [](double a, double b) { return std::abs(a - b) <= 1e-12 * std::abs(b); };
  for (std::size_t l = 0; l < e.levels.size(); ++l) {
    const LevelResult& level = e.levels[l];
    REQUIRE(equal(elements[l], level.energy_pj));
    for (std::size_t t = 0; t < level.tensors.size(); ++t) {
      REQUIRE(equal(tensors[l][t], level.tensors[t].energy_pj));
    }
    for (std::size_t t = 0; t < level.words.size(); ++t) {
      REQUIRE(equal(tensors[l][t], level.words_energy_pj[t]));
    }
  }
  std::vector<double> cycles(e.levels.size());
  for (const PortTerm& port : explain_ports(c.problem, c.architecture, e)) {
    cycles[port.level.index()] = std::max(cycles[port.level.index()], port.cycles());
  }
  for (std::size_t l = 0; l + 1 < e.levels.size(); ++l) {
    const auto counted = static_cast<double>(e.levels[l].cycles);
    const double slack = 1e-12 * counted + 1e-9;
    REQUIRE(cycles[l] <= counted + slack);
    REQUIRE(cycles[l] > counted - 1 - slack);
  }
}

/// Checks every count and every cost.
void check_counts(const Case& c) {
  INFO(text_of(c));
  const Evaluation e = evaluate_valid(c);
  const Explanation x = explain(c.problem, c.architecture, c.mapping);
  const auto at = [&](LevelId level, TensorId tensor) -> const TensorTraffic& {
    return e.levels[level.index()].tensors[tensor.index()];
  };
  std::size_t held = 0;
  for (const LevelResult& level : e.levels) {
    for (const TensorTraffic& traffic : level.tensors) {
      held += traffic.held ? 1 : 0;
    }
  }
  REQUIRE(x.tiles.size() == held);
  REQUIRE(x.transfers.size() == held);
  for (const TileExplanation& tile : x.tiles) {
    check(tile.words, at(tile.memory, tile.tensor).tile_words);
  }
  // What no formula speaks of must be 0.
  Evaluation rest = e;
  for (const TransferExplanation& t : x.transfers) {
    const std::size_t tensor = t.tensor.index();
    TensorTraffic& parent = rest.levels[t.parent.index()].tensors[tensor];
    check(t.reads, parent.reads);
    check(t.updates, parent.updates);
    parent.reads -= t.reads ? t.reads->value : 0;
    parent.updates -= t.updates ? t.updates->value : 0;
    if (t.child_node) {
      TensorTraffic& child = rest.levels[t.child.index()].tensors[tensor];
      check(t.fills, child.fills);
      check(t.drains, child.drains);
      check(t.passed, child.passed);
      child.passed -= t.passed ? t.passed->value : 0;
      child.fills -= t.fills ? t.fills->value : 0;
      child.drains -= t.drains ? t.drains->value : 0;
    }
    for (const FanoutExplanation& fanout : t.fanouts) {
      check(fanout.words, rest.levels[fanout.fanout.index()].words[tensor]);
      rest.levels[fanout.fanout.index()].words[tensor] = 0;
    }
  }
  for (const LevelResult& level : rest.levels) {
    for (const TensorTraffic& traffic : level.tensors) {
      REQUIRE(traffic.reads + traffic.fills + traffic.updates + traffic.drains + traffic.passed ==
              0);
    }
    for (const std::int64_t words : level.words) {
      REQUIRE(words == 0);
    }
  }
  check_costs(c, e);
  check(x.compute_cycles, e.compute_cycles);
  for (std::size_t l = 0; l < e.levels.size(); ++l) {
    check(x.instances_used[l], e.levels[l].instances_used);
  }
}

}  // namespace

TEST_CASE("The terms of an explanation amount to what the model counts", "[properties]") {
  for (const Flavor flavor : {Flavor::any, Flavor::sliding, Flavor::sliding_output,
                              Flavor::interleaved, Flavor::sweep, Flavor::series}) {
    for (std::uint64_t seed = 0; seed < kCases; ++seed) {
      check_counts(oracle::random_case(flavor, seed));
    }
  }
}

TEST_CASE("The terms of an explanation amount to what the model counts of large problems",
          "[properties]") {
  for (const Flavor flavor :
       {Flavor::any, Flavor::sliding, Flavor::interleaved, Flavor::sweep, Flavor::series}) {
    for (std::uint64_t seed = 0; seed < kCases / 5; ++seed) {
      check_counts(large_case(flavor, seed, Factors::any));
      check_counts(large_case(flavor, seed, Factors::perfect));
    }
  }
}
