// Networks whose tensors may stay on chip, against all mappings of each layer and all ways to
// combine them: the mappings are enumerated, and what a layer keeps is read off each mapping's
// holds.
#include "search/kept_tensors.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "mapper/mapspace.hpp"
#include "model/evaluate.hpp"
#include "search/network_bound.hpp"
#include "tests/catch_compat.hpp"
#include "tests/random_source.hpp"
#include "tests/spec_text.hpp"

using namespace tessera;

namespace {

const LevelId kBuffer{1};

Architecture machine(std::int64_t capacity) {
  return test::read_architecture(R"(architecture:
  name: small
  clock: 1 GHz
  hierarchy:
    - {memory: DRAM, energy: 100 pJ/word, bandwidth: 1e9 words/s}
    - {memory: Buffer, capacity: )" +
                                 std::to_string(capacity) +
                                 R"( words, energy: 3 pJ/word, bandwidth: 2e9 words/s}
    - {fanout: PEs, axes: {X: 3}}
    - {memory: RF, capacity: 4 words, energy: 1 pJ/word}
    - {compute: MAC, energy: 1 pJ/operation}
)");
}

struct Sum {
  double energy = 0;
  double cycles = 0;
  std::int64_t dram_words = 0;

  Sum operator+(const Sum& other) const {
    return {energy + other.energy, cycles + other.cycles, dram_words + other.dram_words};
  }
};

/// Of costs those that no other dominates, in the order of their energies.
std::vector<Sum> pareto(std::vector<Sum> costs) {
  std::sort(costs.begin(), costs.end(), [](const Sum& a, const Sum& b) {
    return std::pair(a.energy, a.cycles) < std::pair(b.energy, b.cycles);
  });
  std::vector<Sum> front;
  for (const Sum& cost : costs) {
    if (front.empty() || cost.cycles < front.back().cycles) {
      front.push_back(cost);
    }
  }
  return front;
}

/// Words at DRAM, which has the outermost hold of what is not kept.
std::int64_t words_at_dram(const Evaluation& e) {
  std::int64_t words = 0;
  for (const TensorTraffic& traffic : e.levels[0].tensors) {
    words += traffic.reads + traffic.updates;
  }
  return words;
}

/// The front of all legal mappings of a problem, by what they keep: input (bit 0), output (bit 1).
/// A tensor is kept if its outermost hold is in the buffer.
std::map<int, std::vector<Sum>> all_ways(const Problem& problem, const Architecture& machine) {
  std::map<int, std::vector<Sum>> ways;
  for (int kept = 0; kept < 4; ++kept) {
    Constraints away;  // from DRAM, so that such mappings are in the space at all
    MemoryConstraint rules;
    rules.memory = LevelId(0);
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      if ((problem.tensors[t].kind == TensorKind::inputs && (kept & 1) != 0) ||
          (problem.tensors[t].kind == TensorKind::outputs && (kept & 2) != 0)) {
        rules.bypass.insert(TensorId(t));
      }
    }
    away.memories.push_back(rules);
    const Mapspace space(problem, machine, away, Space::free, Factors::perfect);
    Evaluator evaluator(problem, machine);
    Evaluation e;
    space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
      evaluator.evaluate(visit.mapping, e);
      if (!e.feasible()) {
        return VisitAnswer::next;
      }
      std::map<std::size_t, LevelId> first;
      for (const Node& node : visit.mapping.nodes) {
        if (const Hold* hold = std::get_if<Hold>(&node)) {
          for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
            if (hold->tensors.contains(TensorId(t))) {
              first.emplace(t, hold->memory);
            }
          }
        }
      }
      for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
        const bool should = rules.bypass.contains(TensorId(t));
        if ((first.at(t) == kBuffer) != should) {
          return VisitAnswer::next;  // in DRAM, or first in the registers
        }
      }
      ways[kept].push_back({e.energy_pj, static_cast<double>(e.cycles), words_at_dram(e)});
      return VisitAnswer::next;
    });
    ways[kept] = pareto(std::move(ways[kept]));
  }
  return ways;
}

/// All ways through a list of layers; `kept` says whether the next one's input is.
std::vector<Sum> tried_out(const Network& network,
                           const std::vector<std::map<int, std::vector<Sum>>>& ways,
                           std::size_t layer, bool kept) {
  if (layer == network.layers.size()) {
    return kept ? std::vector<Sum>{} : std::vector<Sum>{{}};
  }
  const bool can = layer + 1 < network.layers.size() && network.layers[layer + 1].from_previous;
  std::vector<Sum> sums;
  for (int output = 0; output <= (can ? 1 : 0); ++output) {
    const auto rest = tried_out(network, ways, layer + 1, output != 0);
    for (const Sum& one : ways[layer].at((kept ? 1 : 0) + 2 * output)) {
      for (const Sum& other : rest) {
        sums.push_back(one + other);
      }
    }
  }
  return pareto(std::move(sums));
}

std::vector<TaskResult> searched_tasks(const NetworkTasks& tasks, const Architecture& architecture,
                                       const SearchOptions& options) {
  std::vector<TaskResult> results;
  for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
    if (const auto same = tasks.tasks[t].same_as) {
      results.push_back(TaskResult(results[*same]));
      continue;
    }
    const Problem& problem = tasks.tasks[t].problem;
    TaskResult& result = results.emplace_back();
    result.search = search(problem, architecture, keeping(tasks, t, {}, architecture),
                           layer_options(options), {});
    Evaluator evaluator(problem, architecture);
    for (const ParetoPoint& point : result.search.front.points()) {
      evaluator.evaluate(point.mapping, result.evaluations.emplace_back());
      leave_out_kept(tasks, t, result.evaluations.back());
    }
  }
  return results;
}

NetworkFront searched(const NetworkTasks& tasks, const Architecture& architecture,
                      const SearchOptions& options) {
  return combine(tasks, searched_tasks(tasks, architecture, options), options, architecture);
}

std::string matrix_product(const std::string& name, std::int64_t m, std::int64_t n,
                           std::int64_t k) {
  return "{name: " + name + ", dimensions: {M: " + std::to_string(m) + ", N: " + std::to_string(n) +
         ", K: " + std::to_string(k) + "}, operation: 'C[M,N] += A[M,K] * B[K,N]'}";
}

SearchOptions perfect() {
  SearchOptions options;
  options.factors = Factors::perfect;
  return options;
}

}  // namespace

TEST_CASE("a front with kept tensors is that of all mappings and all choices of what stays") {
  test::RandomSource random(7);
  std::set<std::size_t> tensors_that_could_stay;
  int smaller = 0;
  for (int round = 0; round < 8; ++round) {
    const Architecture architecture = machine(random.integer(6, 30));
    std::string text = "network:\n  name: n\n  layers:\n";
    std::int64_t k = random.integer(2, 4);
    const std::int64_t m = random.integer(2, 3);
    const std::int64_t layers = random.integer(2, 4);
    for (std::int64_t l = 0; l < layers; ++l) {
      const std::int64_t n = random.integer(1, 4);
      text += "    - problem: " + matrix_product("l" + std::to_string(l), m, n, k) + "\n";
      text += l > 0 && random.chance(80) ? "      input: previous\n" : "";
      k = n;
    }
    INFO(text);
    const Network network = test::read_network(text);
    std::vector<std::map<int, std::vector<Sum>>> ways;
    for (const Layer& layer : network.layers) {
      ways.push_back(all_ways(layer.problem, architecture));
    }
    const std::vector<Sum> expected = tried_out(network, ways, 0, false);
    const NetworkTasks tasks = tasks_keeping(network, 1, architecture, kBuffer, {});
    const NetworkFront front = searched(tasks, architecture, perfect());
    CHECK(front.certificate.kind == Certificate::Kind::exact);
    CHECK(front.certificate.gap == 0);
    REQUIRE(front.points.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(front.points[i].total.energy_pj == Approx(expected[i].energy).epsilon(1e-12));
      CHECK(static_cast<double>(front.points[i].total.cycles) == expected[i].cycles);
    }
    const NetworkFront plain = searched(tasks_of(network, 1), architecture, perfect());
    smaller += front.points.front().total.energy_pj < plain.points.front().total.energy_pj ? 1 : 0;
    tensors_that_could_stay.insert(tasks.tasks.size() - network.layers.size());
  }
  CHECK(smaller >= 4);  // keeping is worth something, or the cases say little
  CHECK(tensors_that_could_stay.size() >= 3);
}

TEST_CASE(
    "each execution of a chain may choose for itself what stays, and words on chip are no DRAM "
    "words") {
  const Architecture architecture = machine(24);
  const Network network = test::read_network(
      "network:\n  layers:\n    - problem: " + matrix_product("a", 4, 4, 3) +
      "\n      repeat: 3\n    - problem: " + matrix_product("b", 4, 2, 4) +
      "\n      repeat: 3\n      input: previous\n    - problem: " + matrix_product("c", 4, 4, 3) +
      "\n");
  const NetworkTasks tasks = tasks_keeping(network, 1, architecture, kBuffer, {});
  REQUIRE(tasks.tasks.size() == 5);  // a, a keeping its output, b, b keeping its input, c
  CHECK(tasks.tasks[1].problem.name == "a.kept-out");
  CHECK(tasks.tasks[3].problem.name == "b.kept-in");
  CHECK(tasks.tasks[4].same_as == std::size_t{0});
  CHECK(tasks.searches() == 4);
  const NetworkFront front = searched(tasks, architecture, perfect());
  // Three chains of a and b, and c.
  std::vector<std::map<int, std::vector<Sum>>> ways;
  for (const Layer& layer : network.layers) {
    ways.push_back(all_ways(layer.problem, architecture));
  }
  Network chain = network;
  chain.layers.pop_back();
  const std::vector<Sum> once = tried_out(chain, ways, 0, false);
  std::vector<Sum> sums;
  for (const Sum& x : once) {
    for (const Sum& y : once) {
      for (const Sum& z : once) {
        for (const Sum& c : ways[2].at(0)) {
          sums.push_back(x + y + z + c);
        }
      }
    }
  }
  const std::vector<Sum> expected = pareto(std::move(sums));
  REQUIRE(front.points.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(front.points[i].total.energy_pj == Approx(expected[i].energy).epsilon(1e-12));
    CHECK(static_cast<double>(front.points[i].total.cycles) == expected[i].cycles);
    std::map<std::string, std::int64_t> executions;
    std::int64_t kept[2] = {0, 0};
    for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
      for (const NetworkChoice& choice : front.points[i].choices[t]) {
        executions[tasks.tasks[t].problem.name.substr(0, 1)] += choice.count;
        kept[0] += tasks.tasks[t].output_kept ? choice.count : 0;
        kept[1] += tasks.tasks[t].input_kept ? choice.count : 0;
      }
    }
    CHECK(executions == std::map<std::string, std::int64_t>{{"a", 3}, {"b", 3}, {"c", 1}});
    CHECK(kept[0] == kept[1]);
  }
  // Least energy: what stays is not moved at DRAM.
  CHECK(front.points.front().total.dram_words == expected.front().dram_words);
}

TEST_CASE(
    "the lower bound of a network that may keep tensors is below every choice, and the least of "
    "them once all layers are proven") {
  test::RandomSource random(5);
  int keeping_pays = 0;
  for (int round = 0; round < 12; ++round) {
    const Architecture architecture = machine(random.integer(6, 40));
    std::string text = "network:\n  name: n\n  layers:\n";
    std::int64_t k = random.integer(2, 4);
    const std::int64_t m = random.integer(2, 3);
    const std::int64_t repeat = random.integer(1, 3);
    const std::int64_t layers = random.integer(2, 5);
    for (std::int64_t l = 0; l < layers; ++l) {
      const std::int64_t n = random.integer(1, 4);
      text += "    - problem: " + matrix_product("l" + std::to_string(l), m, n, k) + "\n";
      text += "      repeat: " + std::to_string(repeat) + "\n";
      text += l > 0 && random.chance(80) ? "      input: previous\n" : "";
      k = n;
    }
    INFO(text);
    const Network network = test::read_network(text);
    const NetworkTasks tasks = tasks_keeping(network, 1, architecture, kBuffer, {});
    std::vector<Constraints> rules;
    for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
      rules.push_back(keeping(tasks, t, {}, architecture));
    }
    const std::vector<TaskResult> results = searched_tasks(tasks, architecture, perfect());
    const NetworkFront front = combine(tasks, results, perfect(), architecture);
    const double energy = front.points.front().total.energy_pj;
    const std::int64_t cycles = front.points.back().total.cycles;
    const NetworkTasks plain = tasks_of(network, 1);
    const double apart =
        combine(plain, searched_tasks(plain, architecture, perfect()), perfect(), architecture)
            .points.front()
            .total.energy_pj;
    keeping_pays += energy < apart ? 1 : 0;
    NetworkBound bound(tasks, architecture, rules, perfect());
    for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
      CHECK(bound.least().energy_pj <= energy);
      CHECK(bound.least().cycles <= cycles);
      CHECK(bound.least().energy_pj > 0);
      if (!tasks.tasks[t].same_as) {
        bound.learn(t, results[t]);
      }
    }
    CHECK(bound.least().energy_pj <= energy);
    CHECK(bound.least().energy_pj == Approx(energy).epsilon(1e-8));
    CHECK(bound.least().cycles == cycles);
  }
  CHECK(keeping_pays >= 4);  // else a bound that knows nothing of it would do
}

TEST_CASE("what no memory outside may hold is there anyway, and nothing is searched for it") {
  const Architecture architecture = test::read_architecture(R"(architecture:
  name: host
  clock: 1 GHz
  hierarchy:
    - {memory: DRAM, bypass: [inputs, outputs], energy: 100 pJ/word}
    - {memory: Buffer, energy: 3 pJ/word}
    - {compute: MAC, energy: 1 pJ/operation}
)");
  const Network network = test::read_network(
      "network:\n  layers:\n    - problem: " + matrix_product("a", 4, 4, 3) +
      "\n    - problem: " + matrix_product("b", 4, 2, 4) + "\n      input: previous\n");
  const NetworkTasks tasks = tasks_keeping(network, 1, architecture, kBuffer, {});
  CHECK(tasks.tasks.size() == 2);
  CHECK(tasks.there_anyway == std::vector<bool>{false, true});
  // A rule for the layers bars as well; one for one of them does not.
  const Architecture open = machine(40);
  Constraints away;
  away.memories.push_back({});
  away.memories.back().memory = LevelId(0);
  away.memories.back().bypass.insert(TensorId(0));
  away.memories.back().bypass.insert(TensorId(1));
  CHECK(tasks_keeping(network, 1, open, kBuffer, {away, away}).there_anyway ==
        std::vector<bool>{false, true});
  CHECK(tasks_keeping(network, 1, open, kBuffer, {away, {}}).there_anyway ==
        std::vector<bool>{false, false});
}

TEST_CASE("memories that cannot keep what lies between layers say why") {
  const Architecture plain = machine(24);
  CHECK_FALSE(why_none_kept(plain, kBuffer));
  CHECK(why_none_kept(plain, LevelId(0))->find("outermost") != std::string::npos);
  CHECK(why_none_kept(plain, LevelId(3))->find("there are 3 of RF") == 0);
  const auto with = [](const std::string& dram, const std::string& buffer) {
    return test::read_architecture("architecture: {name: m, hierarchy: [{memory: DRAM" + dram +
                                   "}, {memory: Buffer, capacity: 8 words" + buffer +
                                   "}, {compute: MAC}]}");
  };
  CHECK(why_none_kept(with(", keep: all", ""), kBuffer)->find("DRAM must keep") !=
        std::string::npos);
  CHECK(why_none_kept(with("", ", bypass: [outputs]"), kBuffer)->find("must not hold outputs") !=
        std::string::npos);
  // Rules for one layer only take away that layer's ways.
  const Network network = test::read_network(
      "network:\n  layers:\n    - problem: " + matrix_product("a", 2, 2, 2) +
      "\n    - problem: " + matrix_product("b", 2, 2, 2) + "\n      input: previous\n");
  CHECK(tasks_keeping(network, 1, plain, kBuffer, {}).tasks.size() == 4);
  Constraints rules;
  rules.memories.push_back({kBuffer, {}, {}, {}, {}, 0});
  rules.memories[0].bypass.insert(kOutput);
  CHECK(tasks_keeping(network, 1, plain, kBuffer, {rules, {}}).tasks.size() == 3);
  // What is too large as a whole is not searched for.
  CHECK(tasks_keeping(network, 1, machine(3), kBuffer, {}).tasks.size() == 2);
  CHECK(tasks_keeping(network, 1, machine(4), kBuffer, {}).tasks.size() == 4);
}
