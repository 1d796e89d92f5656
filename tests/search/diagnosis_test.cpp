// The diagnosis against a look at every mapping of small spaces: what is refused how often, and
// what the least change is.
#include "search/diagnosis.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "mapper/mapspace.hpp"
#include "model/evaluate.hpp"
#include "tests/catch_compat.hpp"
#include "tests/random_source.hpp"
#include "tests/spec_text.hpp"

namespace tessera {
namespace {

using Kind = Demand::Kind;

struct Small {
  Problem problem;
  SearchCase given;
};

Small draw_case(test::RandomSource& random) {
  const auto number = [&](int least, int most) {
    return std::to_string(random.integer(least, most));
  };
  Small small;
  small.problem = test::read_problem("problem:\n  dimensions: {M: " + number(2, 4) +
                                     ", N: " + number(2, 3) + ", K: " + number(2, 4) +
                                     "}\n  operation: C[M,N] += A[M,K] * B[K,N]\n"
                                     "  bits: {A: 8, B: 8, C: 16}\n");
  small.given.architecture = test::read_architecture(
      "architecture:\n  clock: 1 GHz\n  hierarchy:\n    - {memory: DRAM, energy: 100 pJ/word}\n"
      "    - {memory: Buffer, capacity: " +
      number(16, 60) +
      " bit, energy: 5 pJ/word, keep: all}\n"
      "    - {fanout: PEs, axes: {X: " +
      number(2, 3) +
      "}}\n"
      "    - {memory: RF, capacity: " +
      number(4, 20) +
      " bit, energy: 1 pJ/word, only: [weights]}\n"
      "    - {compute: MAC, energy: 1 pJ/operation}\n");
  if (random.integer(0, 1) == 1) {
    small.given.constraints.min_utilization = static_cast<double>(random.integer(5, 10)) / 10.0;
  }
  if (random.integer(0, 1) == 1) {
    const std::string bound = number(4, 40) + "ns";
    small.given.options.limits = {std::get<Limit>(parse_limit(Metric::latency, bound))};
  }
  small.given.options.factors = random.integer(0, 1) == 1 ? Factors::perfect : Factors::imperfect;
  return small;
}

/// What one mapping needs and reaches.
struct Seen {
  std::map<std::size_t, std::int64_t> bits;  // by memory with a capacity
  double utilization = 0;
  double latency = 0;
};

constexpr std::uint64_t kMostMappings = 3'000;

/// All mappings of the space; none where they are many.
std::vector<Seen> look_at_all(const Small& small) {
  Architecture roomy = small.given.architecture;
  for (Element& element : roomy.hierarchy) {
    if (Memory* memory = std::get_if<Memory>(&element)) {
      memory->capacity.reset();
    }
  }
  const Mapspace space(small.problem, small.given.architecture, small.given.constraints,
                       small.given.options.space, small.given.options.factors);
  std::vector<Seen> all;
  if (!(space.size().count <= WideCount(kMostMappings))) {
    return all;
  }
  space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
    const Evaluation evaluation = evaluate(small.problem, roomy, visit.mapping);
    Seen seen;
    for (std::size_t l = 0; l < roomy.hierarchy.size(); ++l) {
      const Memory* memory = small.given.architecture.memory(LevelId(l));
      if (memory == nullptr || !memory->capacity) {
        continue;
      }
      std::int64_t bits = 0;
      for (std::size_t t = 0; t < small.problem.tensors.size(); ++t) {
        const TensorTraffic& traffic = evaluation.levels[l].tensors[t];
        bits += traffic.held ? traffic.tile_words * small.problem.tensors[t].bits : 0;
      }
      seen.bits[l] = bits;
    }
    seen.utilization = evaluation.utilization;
    seen.latency = evaluation.latency_s;
    all.push_back(std::move(seen));
    return VisitAnswer::next;
  });
  return all;
}

/// Whether a mapping meets a demand; by default as given, else with another number.
bool meets(const Small& small, const Seen& seen, const Demand& demand,
           std::optional<double> number = std::nullopt) {
  switch (demand.kind) {
    case Kind::capacity: {
      const auto& capacity = *small.given.architecture.memory(demand.level)->capacity;
      return static_cast<double>(seen.bits.at(demand.level.index())) <=
             number.value_or(static_cast<double>(capacity.amount));
    }
    case Kind::min_utilization:
      return seen.utilization >= number.value_or(small.given.constraints.min_utilization);
    default:
      return seen.latency <= number.value_or(small.given.options.limits[demand.index].bound);
  }
}

/// The demands that the mappings of the space can break.
std::vector<Demand> breakable(const Small& small) {
  std::vector<Demand> demands = demands_of(small.problem, small.given);
  std::erase_if(demands, [](const Demand& demand) { return !demand.breakable(); });
  return demands;
}

void check_counts(const Small& small, const std::vector<Seen>& all, const Diagnosis& diagnosis) {
  CHECK(diagnosis.all);
  CHECK(diagnosis.looked_at == all.size());
  const std::vector<Demand> demands = breakable(small);
  for (const Demand& demand : demands) {
    std::uint64_t broken = 0;
    std::uint64_t only = 0;
    for (const Seen& seen : all) {
      if (meets(small, seen, demand)) {
        continue;
      }
      ++broken;
      only += std::all_of(demands.begin(), demands.end(), [&](const Demand& other) {
        return other == demand || meets(small, seen, other);
      });
    }
    const auto said =
        std::find_if(diagnosis.counts.begin(), diagnosis.counts.end(),
                     [&](const BrokenCount& count) { return count.demand == demand; });
    CHECK((said == diagnosis.counts.end()) == (broken == 0));
    if (said != diagnosis.counts.end()) {
      CHECK(said->broken == broken);
      CHECK(said->only == only);
    }
  }
}

/// Whether some mapping is legal when the number of one demand is another, or it is given up.
bool legal_with(const Small& small, const std::vector<Seen>& all, const Demand& changed,
                std::optional<double> number) {
  const std::vector<Demand> demands = breakable(small);
  return std::any_of(all.begin(), all.end(), [&](const Seen& seen) {
    return std::all_of(demands.begin(), demands.end(), [&](const Demand& demand) {
      return demand == changed ? !number || meets(small, seen, demand, number)
                               : meets(small, seen, demand);
    });
  });
}

void check_remedy(const Small& small, const std::vector<Seen>& all, const Remedy& remedy) {
  const std::vector<Demand> demands = breakable(small);
  if (std::find(demands.begin(), demands.end(), remedy.demand) == demands.end()) {
    return;  // another space: the test below
  }
  CHECK(remedy.verdict != Remedy::Verdict::unknown);
  CHECK((remedy.verdict == Remedy::Verdict::enough) ==
        legal_with(small, all, remedy.demand, std::nullopt));
  if (remedy.verdict != Remedy::Verdict::enough) {
    return;
  }
  CHECK(remedy.proven);
  CHECK(legal_with(small, all, remedy.demand, remedy.reached));
  switch (remedy.demand.kind) {
    case Kind::capacity:
      CHECK(!legal_with(small, all, remedy.demand, remedy.reached - 1));
      break;
    case Kind::min_utilization:
      CHECK(!legal_with(small, all, remedy.demand, std::nextafter(remedy.reached, 2.0)));
      break;
    default:
      CHECK(!legal_with(small, all, remedy.demand, std::nextafter(remedy.reached, 0.0)));
      break;
  }
}

TEST_CASE("a diagnosis of a small space is what looking at every mapping shows") {
  test::RandomSource random(20261121);
  SearchControl control;
  int hopeless = 0;
  int helped = 0;
  for (int i = 0; i < 400 && hopeless < 16; ++i) {
    const Small small = draw_case(random);
    const std::vector<Seen> all = look_at_all(small);
    const std::vector<Demand> demands = breakable(small);
    const bool legal = std::any_of(all.begin(), all.end(), [&](const Seen& seen) {
      return std::all_of(demands.begin(), demands.end(),
                         [&](const Demand& demand) { return meets(small, seen, demand); });
    });
    if (legal || all.empty()) {
      continue;
    }
    CAPTURE(i);
    ++hopeless;
    const Diagnosis diagnosis = diagnose(small.problem, small.given, true, control);
    CHECK(!diagnosis.legal);
    CHECK(diagnosis.proven);
    check_counts(small, all, diagnosis);
    for (const Remedy& remedy : diagnosis.remedies) {
      check_remedy(small, all, remedy);
      helped += remedy.verdict == Remedy::Verdict::enough ? 1 : 0;
    }
  }
  CHECK(hopeless == 16);
  CHECK(helped >= 10);
}

TEST_CASE("where one change is not enough, the changes that are together cannot be fewer") {
  test::RandomSource random(7);
  SearchControl control;
  int found = 0;
  for (int i = 0; i < 400 && found < 4; ++i) {
    Small small = draw_case(random);
    // Each hopeless by itself: a cycle for 8 operations and more, and all of 5 lanes at work.
    small.given.options.limits = {std::get<Limit>(parse_limit(Metric::latency, "1ns"))};
    small.given.constraints.min_utilization = 1;
    std::get<Fanout>(small.given.architecture.hierarchy[2]).axes[0].size = 5;
    const std::vector<Seen> all = look_at_all(small);
    if (all.empty()) {
      continue;
    }
    const std::vector<Demand> demands = breakable(small);
    const auto legal_without = [&](const std::vector<Demand>& given_up) {
      return std::any_of(all.begin(), all.end(), [&](const Seen& seen) {
        return std::all_of(demands.begin(), demands.end(), [&](const Demand& demand) {
          return std::find(given_up.begin(), given_up.end(), demand) != given_up.end() ||
                 meets(small, seen, demand);
        });
      });
    };
    if (legal_without({})) {
      continue;
    }
    const Diagnosis diagnosis = diagnose(small.problem, small.given, true, control);
    const bool in_space =
        std::all_of(diagnosis.together.begin(), diagnosis.together.end(), [&](const Demand& each) {
          return std::find(demands.begin(), demands.end(), each) != demands.end();
        });
    if (diagnosis.together.empty() || !in_space) {
      continue;
    }
    CAPTURE(i);
    ++found;
    CHECK(legal_without(diagnosis.together));
    for (const Demand& demand : diagnosis.together) {
      std::vector<Demand> fewer = diagnosis.together;
      std::erase(fewer, demand);
      CHECK(!legal_without(fewer));
    }
  }
  CHECK(found == 4);
}

TEST_CASE("an axis that is too short is made as long as it has to be") {
  const Problem problem = test::read_problem(
      "problem:\n  dimensions: {M: 6, N: 4, K: 4}\n  operation: C[M,N] += A[M,K] * B[K,N]\n");
  SearchCase given;
  given.architecture = test::read_architecture(
      "architecture:\n  clock: 1 GHz\n  hierarchy:\n    - {memory: DRAM, energy: 100 pJ/word}\n"
      "    - {fanout: PEs, axes: {X: 2}}\n    - {compute: MAC, energy: 1 pJ/operation}\n");
  const LevelId array(1);
  given.constraints.factors = {{.level = array,
                                .dimension = *problem.find_dimension("M"),
                                .relation = FactorRelation::at_least,
                                .factor = 4}};
  given.options.factors = Factors::perfect;
  SearchControl control;
  const Diagnosis diagnosis = diagnose(problem, given, true, control);
  const auto axis =
      std::find_if(diagnosis.remedies.begin(), diagnosis.remedies.end(),
                   [](const Remedy& remedy) { return remedy.demand.kind == Kind::axis_size; });
  REQUIRE(axis != diagnosis.remedies.end());
  CHECK(axis->verdict == Remedy::Verdict::enough);
  CHECK(axis->reached == 6);  // the least divisor of 6 that is at least 4
  CHECK(axis->proven);
  const auto any_legal = [&](std::int64_t size) {
    SearchCase longer = given;
    std::get<Fanout>(longer.architecture.hierarchy[1]).axes[0].size = size;
    const Mapspace space(problem, longer.architecture, longer.constraints, longer.options.space,
                         longer.options.factors);
    return !space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
      return find_violation(problem, longer.architecture, longer.constraints, visit.mapping)
                 ? VisitAnswer::next
                 : VisitAnswer::stop;
    });
  };
  CHECK(any_legal(6));
  CHECK(!any_legal(5));
}

}  // namespace
}  // namespace tessera
