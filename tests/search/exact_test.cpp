// The pruned search against what is known: optima that others proved, and spaces that once caught
// it out. Random spaces: proof_test.cpp.

#include "search/exact.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "arch/architecture_spec.hpp"
#include "mapper/mapping_spec.hpp"
#include "mapper/normal_form.hpp"
#include "problems/problem_spec.hpp"
#include "search/algorithms.hpp"
#include "spec/node.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

Problem problem_of(const std::string& text) {
  const SpecDocument document = SpecDocument::parse("problem.yaml", text);
  return parse_problem(document.root().at("problem"));
}

Architecture architecture_of(const std::string& text) {
  const SpecDocument document = SpecDocument::parse("architecture.yaml", text);
  return parse_architecture(document.root().at("architecture"));
}

Problem gemm(int m, int n, int k) {
  return problem_of(
      fmt::format("problem:\n  name: gemm\n  dimensions: {{M: {}, N: {}, K: {}}}\n"
                  "  operation: C[M,N] += A[M,K] * B[K,N]\n  bits: 8\n",
                  m, n, k));
}

/// The machine `s3` of the reference numbers, scaled: capacities in words, a square array.
Architecture s3(int buffer, int registers, int side) {
  return architecture_of(
      fmt::format("architecture:\n  name: s3\n  clock: 1 GHz\n  hierarchy:\n"
                  "    - {{memory: DRAM, energy: 200 pJ/word, bandwidth: 16e9 words/s}}\n"
                  "    - {{memory: GLB, capacity: {} words, energy: 6 pJ/word, bandwidth: 64e9 "
                  "words/s, keep: all}}\n"
                  "    - {{fanout: PEs, axes: {{X: {}, Y: {}}}}}\n"
                  "    - {{memory: RF, capacity: {} words, energy: 1 pJ/word, keep: all}}\n"
                  "    - {{compute: MAC, energy: 1 pJ/operation}}\n",
                  buffer, side, side, registers));
}

SearchOptions perfect() {
  SearchOptions options;
  options.factors = Factors::perfect;
  return options;
}

SearchResult exact(const Problem& problem, const Architecture& architecture,
                   const SearchOptions& options, int threads = 1,
                   const Constraints& constraints = {}) {
  const Mapspace space(problem, architecture, constraints, options.space, options.factors);
  SearchControl control;
  control.threads = threads;
  return search_exact(space, constraints, options, control);
}

std::string values_text(const ParetoFront& front) {
  std::string text;
  for (const ParetoPoint& point : front.points()) {
    for (const double value : point.values) {
      text += fmt::format("{} ", value);
    }
    text += "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("the proven optima of large products on s3 are found and proven") {
  struct Known {
    int m, n, k;
    double energy, cycles;
  };
  for (const Known& known :
       {Known{256, 256, 256, 125698048, 65536}, Known{1024, 1024, 1024, 7503609856, 4194304},
        Known{2048, 2048, 2048, 59139686400, 33554432}}) {
    const SearchResult result =
        exact(gemm(known.m, known.n, known.k), s3(131072, 512, 16), perfect());
    CAPTURE(known.m);
    REQUIRE(result.front.size() == 1);
    CHECK(result.front.points()[0].values == std::vector<double>{known.energy, known.cycles});
    CHECK(result.certificate.kind == Certificate::Kind::exact);
  }
}

TEST_CASE("a problem of a single operation has a proven front, though there is no loop to choose") {
  const Problem problem = gemm(1, 1, 1);
  const Architecture architecture = s3(64, 16, 4);
  const Mapspace space(problem, architecture, {}, Space::free, Factors::perfect);
  const SearchResult result = search_exact(space, {}, perfect(), SearchControl{});
  CHECK(result.certificate.kind == Certificate::Kind::exact);
  REQUIRE(result.front.size() == 1);
  const SearchResult all = search_exhaustive(space, {}, perfect(), SearchControl{}, 10'000);
  CHECK(result.front.points()[0].values == all.front.points()[0].values);
}

TEST_CASE("imperfect factors use an array that perfect ones leave idle") {
  // A dimension an axis: 8 x 8 of 14 x 12 lanes divide 64 x 64, and 5 x 6 rounds need no more
  // steps.
  const Problem problem = gemm(64, 64, 64);
  const Architecture architecture = architecture_of(
      "architecture:\n  clock: 1 GHz\n  hierarchy:\n"
      "    - {memory: DRAM, energy: 200 pJ/word}\n"
      "    - {memory: GLB, capacity: 4096 words, energy: 6 pJ/word, keep: all}\n"
      "    - {fanout: PEs, axes: {X: 14, Y: 12}}\n"
      "    - {memory: RF, capacity: 64 words, energy: 1 pJ/word, keep: all}\n"
      "    - {compute: MAC, energy: 1 pJ/operation}\n");
  Constraints constraints;
  for (std::uint8_t axis = 0; axis < 2; ++axis) {
    DimensionSet allowed;
    allowed.insert(DimensionId(axis));
    constraints.axes.push_back({{LevelId(2), axis}, allowed});
  }
  SearchOptions options = perfect();
  options.objectives = {Objective::latency};
  CHECK(exact(problem, architecture, options, 1, constraints).front.points()[0].values[0] == 4096);
  options.factors = Factors::imperfect;
  CHECK(exact(problem, architecture, options, 1, constraints).front.points()[0].values[0] ==
        64 * 5 * 6);
}

TEST_CASE("the small optima that a brute force confirms are found") {
  struct Known {
    int m, n, k, buffer, registers;
    double energy, cycles;
  };
  for (const Known& known : {Known{4, 4, 4, 40, 6, 10528, 16}, Known{8, 4, 4, 30, 6, 17648, 32},
                             Known{4, 8, 4, 24, 5, 18432, 32}, Known{4, 4, 8, 30, 4, 18432, 32},
                             Known{6, 4, 4, 20, 8, 17496, 24}, Known{8, 2, 8, 40, 5, 21280, 32},
                             Known{8, 4, 8, 20, 6, 42272, 64}}) {
    const SearchResult result =
        exact(gemm(known.m, known.n, known.k), s3(known.buffer, known.registers, 2), perfect());
    CAPTURE(known.m, known.n, known.k);
    CHECK(result.front.points().front().values[0] == known.energy);
    SearchOptions latency = perfect();
    latency.objectives = {Objective::latency};
    CHECK(exact(gemm(known.m, known.n, known.k), s3(known.buffer, known.registers, 2), latency)
              .front.points()[0]
              .values[0] == known.cycles);
  }
}

TEST_CASE("the pruned front is that of all mappings over fanouts of unequal multicast in series") {
  // Which sharing holds depends on the fanouts in use: an option may move fewer words under `word`
  // and more under `tile`, so one must not push out the other.
  const Problem problem = problem_of(
      "problem:\n  dimensions: {P: 4, R: 2, S: 2}\n  operation: O[P] += A[P+R+S] * B[R,S]\n"
      "  bits: {A: 8, B: 8, O: 24, O.final: 8}\n");
  const Architecture architecture = architecture_of(
      "architecture:\n  clock: 1 GHz\n  hierarchy:\n"
      "    - {memory: DRAM, energy: {read: 30 pJ/word, write: 30 pJ/word}}\n"
      "    - {fanout: F, axes: {X: 4}, multicast: {inputs: word, weights: tile}, "
      "energy: 1 pJ/word}\n"
      "    - {fanout: G, axes: {X: 2}, multicast: tile}\n"
      "    - {memory: RF, energy: {read: 2 pJ/access, write: 3 pJ/access}, width: 32 bit, "
      "bandwidth: {read: 8 bit/cycle, write: 4 bit/cycle}, keep: [inputs, outputs]}\n"
      "    - {compute: MAC, energy: 1 pJ/operation, leakage: 2 mW}\n");
  SearchOptions options = perfect();
  options.objectives = {Objective::energy};
  const Mapspace space(problem, architecture, {}, options.space, options.factors);
  const SearchResult all =
      search_exhaustive(space, {}, options, SearchControl{}, space.size().count.low());
  CHECK(values_text(exact(problem, architecture, options).front) == values_text(all.front));
}

TEST_CASE("the pruned front is that of all mappings where only some axes share or add up") {
  // Unicast between clusters and multicast inside for one operand, the reverse for the other; sums
  // are added along one axis of the inner fanout.
  const Architecture architecture = architecture_of(
      "architecture:\n  clock: 1 GHz\n  hierarchy:\n"
      "    - {memory: DRAM, energy: {read: 30 pJ/word, write: 30 pJ/word}}\n"
      "    - {fanout: F, axes: {X: 2}, multicast: {inputs: none, weights: word}, "
      "energy: 1 pJ/word}\n"
      "    - {fanout: G, axes: {X: 2, Y: 2}, multicast: {inputs: word, weights: none}, "
      "reduce: {X: false}, energy: 1 pJ/word, bandwidth: 2 words/cycle}\n"
      "    - {memory: RF, energy: {read: 2 pJ/bit, write: 3 pJ/bit}, capacity: 96 bit, "
      "bandwidth: {read: 8 bit/cycle, write: 4 bit/cycle}}\n"
      "    - {compute: MAC, energy: 1 pJ/operation, leakage: 2 mW}\n");
  const std::string operation =
      GENERATE("{M: 4, N: 2, K: 4}\n  operation: O[M,N] += A[M,K] * B[K,N]\n",
               "{P: 4, R: 2, K: 2}\n  operation: O[K,P] += A[P+R] * B[K,R]\n");
  const Problem problem = problem_of("problem:\n  dimensions: " + operation +
                                     "  bits: {A: 8, B: 8, O: 24, O.final: 8}\n");
  const SearchOptions options = perfect();
  const Mapspace space(problem, architecture, {}, options.space, options.factors);
  const SearchResult all =
      search_exhaustive(space, {}, options, SearchControl{}, space.size().count.low());
  CHECK(values_text(exact(problem, architecture, options).front) == values_text(all.front));
}

TEST_CASE("a spatial loop may cut the loop of a strided or dilated rank in two") {
  // In P=2 PEs.X:P=2 P=2 PEs.Y:R=2, neighbours start 2 apart either way and share most. The
  // enumeration has a dimension once in a block, so it does not know this mapping.
  const Problem problem =
      problem_of("problem:\n  dimensions: {P: 8, R: 2}\n  operation: O[P] += A[P+2*R] * B[R]\n");
  const Architecture architecture = architecture_of(
      "architecture:\n  clock: 1 GHz\n  hierarchy:\n    - {memory: DRAM, energy: 200 pJ/word}\n"
      "    - {fanout: PEs, axes: {X: 2, Y: 2}}\n    - {compute: MAC, energy: 1 pJ/operation}\n");
  SearchOptions options = perfect();
  options.objectives = {Objective::energy};
  const SearchResult found = exact(problem, architecture, options);
  const Mapspace space(problem, architecture, {}, options.space, options.factors);
  const SearchResult once =
      search_exhaustive(space, {}, options, SearchControl{}, space.size().count.low());
  CHECK(found.certificate.kind == Certificate::Kind::exact);
  CHECK(found.front.points()[0].values[0] < once.front.points()[0].values[0]);
}

TEST_CASE("each smaller space costs what giving up its mappings costs") {
  const Problem problem = gemm(48, 36, 60);
  const Architecture architecture = s3(600, 24, 4);
  SearchOptions options = perfect();
  options.objectives = {Objective::energy};
  std::vector<double> best;
  for (const Space space : {Space::free, Space::hierarchical, Space::even}) {
    options.space = space;
    const SearchResult result = exact(problem, architecture, options);
    REQUIRE(result.certificate.kind == Certificate::Kind::exact);
    best.push_back(result.front.points().front().values[0]);
    SearchOptions draws = options;
    draws.samples = 20'000;
    const Mapspace drawn(problem, architecture, {}, space, draws.factors);
    const SearchResult random = search_random(drawn, {}, draws, SearchControl{});
    CHECK(random.front.points().front().values[0] >= best.back());
  }
  CHECK(best[0] <= best[1]);
  CHECK(best[1] < best[2]);
}

TEST_CASE("in the even space a hold may be free of the loops outside another memory's") {
  // B's hold in RF is counted outside that of the others in GLB: only M, which B does not depend
  // on, stands between. Without such orders the front is worse.
  const Problem problem = gemm(8, 2, 2);
  const Architecture architecture = s3(60, 6, 1);
  SearchOptions options = perfect();
  options.space = Space::even;
  options.objectives = {Objective::energy};
  const Mapspace space(problem, architecture, {}, options.space, options.factors);
  const SearchResult all =
      search_exhaustive(space, {}, options, SearchControl{}, space.size().count.low());
  CHECK(values_text(exact(problem, architecture, options).front) == values_text(all.front));
}

TEST_CASE("the sweep of an inner memory may go on where the outer one stands") {
  // Two memories inside a fanout that shares words of windows: the best mapping of the first size
  // is `P=2 F.Y:R=2 M2[I] P=2 M3[I] R=2`, and without such forms a worse one was called the best.
  int parted = 0;
  for (const int p : {4, 6, 8}) {
    for (const int outer : {3, 4, 6}) {
      const Problem problem = problem_of("problem:\n  dimensions: {P: " + std::to_string(p) +
                                         ", R: 4}\n  operation: O[P] += I[P+R] * W[R]\n");
      const Architecture architecture = architecture_of(
          "architecture:\n  clock: 1 GHz\n  hierarchy:\n    - {memory: DRAM, energy: 50 pJ/word}\n"
          "    - {fanout: F, axes: {Y: 2}, multicast: word}\n    - {memory: M2, capacity: " +
          std::to_string(outer) +
          " words, energy: 10 pJ/word, only: [inputs]}\n"
          "    - {memory: M3, capacity: 2 words, energy: 1 pJ/word, only: [inputs]}\n"
          "    - {compute: MAC, energy: 1 pJ/operation}\n");
      for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
        SearchOptions options = perfect();
        options.factors = factors;
        options.objectives = {Objective::energy};
        const Mapspace space(problem, architecture, {}, options.space, options.factors);
        const SearchResult all =
            search_exhaustive(space, {}, options, SearchControl{}, space.size().count.low());
        const SearchResult proven = exact(problem, architecture, options);
        CHECK(proven.certificate.kind == Certificate::Kind::exact);
        CHECK(values_text(proven.front) == values_text(all.front));
        for (const ParetoPoint& point : proven.front.points()) {
          const std::string line = to_line(point.mapping, problem, architecture);
          parted += line.find("M2[I] P=2 M3[I]") != std::string::npos ? 1 : 0;
        }
      }
    }
  }
  CHECK(parted > 0);
}

TEST_CASE("a form lists its holds by effective place and writes them where the space wants them") {
  const Problem problem = gemm(4, 4, 4);
  const Architecture architecture = s3(60, 8, 2);
  const auto count = [&](Space space) {
    const Mapspace mapspace(problem, architecture, {}, space, Factors::perfect);
    std::size_t forms = 0;
    for (const Skeleton& skeleton : mapspace.skeletons()) {
      for (const NormalForm& form : normal_forms(mapspace, skeleton)) {
        ++forms;
        CHECK(form.holds.size() == 6);
        CHECK(form.blocks.size() == 7);
        CHECK(form.written.size() == (space == Space::even ? 3u : 7u));
        CHECK(std::is_sorted(
            form.written.begin(), form.written.end(),
            [](const PlacedHold& a, const PlacedHold& b) { return a.blocks < b.blocks; }));
      }
    }
    return forms;
  };
  // Three stationary tensors a memory, and three orders in which one of them stays for both.
  CHECK(count(Space::even) == 12);
  CHECK(count(Space::hierarchical) == 66);
  CHECK(count(Space::free) == 90);
}

TEST_CASE("the pruned search gives the same mappings on any number of threads") {
  const Problem problem = gemm(48, 36, 60);
  const Architecture architecture = s3(600, 24, 4);
  const SearchResult one = exact(problem, architecture, perfect(), 1);
  REQUIRE_FALSE(one.front.empty());
  for (const int threads : {2, 7}) {
    const SearchResult more = exact(problem, architecture, perfect(), threads);
    REQUIRE(more.front.size() == one.front.size());
    for (std::size_t i = 0; i < one.front.size(); ++i) {
      CHECK(more.front.points()[i].values == one.front.points()[i].values);
      CHECK(more.front.points()[i].mapping == one.front.points()[i].mapping);
    }
    CHECK(more.tree->nodes == one.tree->nodes);
  }
}

TEST_CASE("a least utilization cuts inside the pruned search") {
  const Problem problem = gemm(6, 6, 6);
  const Architecture architecture = s3(60, 8, 4);
  Constraints constraints;
  constraints.min_utilization = 0.5;
  const SearchResult result = exact(problem, architecture, perfect(), 1, constraints);
  REQUIRE_FALSE(result.front.empty());
  for (const ParetoPoint& point : result.front.points()) {
    CHECK(216.0 / (point.values[1] * 16) >= 0.5);
  }
}

TEST_CASE("a pruned search that is stopped claims no more than it knows") {
  const Problem problem = gemm(48, 36, 60);
  const Architecture architecture = s3(600, 24, 4);
  const SearchOptions options = perfect();
  const Mapspace space(problem, architecture, {}, options.space, options.factors);
  std::atomic<bool> stop{false};
  SearchControl control;
  control.stop = &stop;
  control.on_progress = [&](const SearchProgress&) { stop = true; };
  const SearchResult result = search_exact(space, {}, options, control);
  CHECK(result.stopped);
  CHECK(result.certificate.kind != Certificate::Kind::exact);
  const SearchResult full = exact(problem, architecture, options);
  if (result.certificate.kind == Certificate::Kind::bound) {
    const double best = result.front.points().front().values[0];
    CHECK(full.front.points().front().values[0] >=
          best * (1 - result.certificate.gap) * (1 - 1e-9));
  }
}

TEST_CASE(
    "a search stopped at any moment has a gap that holds, and less of one the longer it ran") {
  const Problem problem = gemm(96, 72, 120);
  const Architecture architecture = s3(600, 24, 4);
  SearchOptions options = perfect();
  const Mapspace space(problem, architecture, {}, options.space, options.factors);
  const SearchResult full = exact(problem, architecture, options);
  REQUIRE(full.certificate.kind == Certificate::Kind::exact);
  // From the optimum on: what is left open is then all that decides the gap.
  double last = 1;
  std::size_t bounds = 0;
  std::vector<double> gaps;
  SearchControl control;
  control.on_progress = [&](const SearchProgress& progress) {
    if (progress.gap) {
      gaps.push_back(*progress.gap);
    }
  };
  search_exact(space, {}, options, control, full.front);
  REQUIRE(gaps.size() > 3);
  CHECK(std::is_sorted(gaps.rbegin(), gaps.rend()));
  CHECK(gaps.back() == 0);
  for (int microseconds = 200; microseconds < 100'000; microseconds += microseconds / 3) {
    std::atomic<bool> stop{false};
    SearchControl stopping;
    stopping.stop = &stop;
    std::thread clock([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
      stop = true;
    });
    const SearchResult result = search_exact(space, {}, options, stopping, full.front);
    clock.join();
    if (result.certificate.kind != Certificate::Kind::bound) {
      continue;  // not all forms were there, or it was done
    }
    ++bounds;
    last = result.certificate.gap;
    for (std::size_t o = 0; o < options.objectives.size(); ++o) {
      const double best = result.front.points().front().values[o];
      CHECK(full.front.points().front().values[o] >= best * (1 - last) * (1 - 1e-9));
    }
  }
  CHECK(bounds > 0);
}

TEST_CASE("a proof that takes too much is given up, with a bound, alike on any number of threads") {
  const Problem problem = gemm(96, 72, 120);
  const Architecture architecture = s3(600, 24, 4);
  const SearchOptions options = perfect();
  const Mapspace space(problem, architecture, {}, options.space, options.factors);
  const SearchResult full = exact(problem, architecture, options);
  const std::uint64_t nodes = full.tree->nodes;
  std::size_t given_up = 0;
  for (const ProofEffort& most : {ProofEffort{.combinations = 1}, ProofEffort{.combinations = 2000},
                                  ProofEffort{.combinations = 1'000'000}, ProofEffort{.nodes = 0},
                                  ProofEffort{.nodes = nodes / 8}, ProofEffort{.nodes = nodes / 2},
                                  ProofEffort{.nodes = nodes - 1}, ProofEffort{.nodes = nodes}}) {
    std::string first;
    for (const int threads : {1, 2, 5}) {
      SearchControl control;
      control.threads = threads;
      const SearchResult result = search_exact(space, {}, options, control, {}, {}, most);
      CHECK_FALSE(result.stopped);
      const std::string text = values_text(result.front) +
                               fmt::format("{} {} {}", static_cast<int>(result.certificate.kind),
                                           result.certificate.gap, result.tree->nodes);
      first = first.empty() ? text : first;
      CHECK(text == first);
      CHECK(result.tree->nodes <= std::max(2 * nodes, most.nodes));
      if (result.certificate.kind == Certificate::Kind::exact) {
        CHECK(values_text(result.front) == values_text(full.front));
        continue;
      }
      ++given_up;
      for (std::size_t o = 0; o < result.certificate.least.size(); ++o) {
        CHECK(result.certificate.least[o] <= full.certificate.least[o] * (1 + 1e-12));
      }
    }
  }
  CHECK(given_up >= 12);
  CHECK(exact(problem, architecture, options).certificate.kind == Certificate::Kind::exact);
}

TEST_CASE("forms that have no room at once are searched one after the other, with the same front") {
  const Problem problem = gemm(8, 6, 12);
  const Architecture architecture = architecture_of(
      "architecture:\n  clock: 1 GHz\n  hierarchy:\n    - {memory: DRAM, energy: 200 pJ/word}\n"
      "    - {memory: L2, capacity: 200 words, energy: 20 pJ/word, keep: all}\n"
      "    - {memory: GLB, capacity: 60 words, energy: 6 pJ/word, keep: all}\n"
      "    - {fanout: PEs, axes: {X: 4}}\n"
      "    - {memory: RF, capacity: 8 words, energy: 1 pJ/word, keep: all}\n"
      "    - {compute: MAC, energy: 1 pJ/operation}\n");
  const SearchOptions options = perfect();
  const Mapspace space(problem, architecture, {}, options.space, options.factors);
  REQUIRE(space.skeletons().size() == 1680);
  const SearchResult at_once = search_exact(space, {}, options, SearchControl{});
  std::vector<double> gaps;
  std::vector<double> shares;
  SearchControl control;
  control.on_progress = [&](const SearchProgress& progress) {
    shares.push_back(progress.share_done);
    if (progress.gap) {
      gaps.push_back(*progress.gap);
    }
  };
  ExactRules rules;
  rules.room_for_options = 0;
  const SearchResult in_turn = search_exact(space, {}, options, control, at_once.front, rules);
  CHECK(in_turn.certificate.kind == Certificate::Kind::exact);
  CHECK(values_text(in_turn.front) == values_text(at_once.front));
  CHECK(values_text(search_exact(space, {}, options, SearchControl{}, {}, rules).front) ==
        values_text(at_once.front));
  REQUIRE_FALSE(shares.empty());
  CHECK(std::is_sorted(shares.begin(), shares.end()));
  CHECK(shares.back() <= 1);
  CHECK(std::is_sorted(gaps.rbegin(), gaps.rend()));
  for (const int threads : {2, 7}) {
    SearchControl several;
    several.threads = threads;
    const SearchResult again = search_exact(space, {}, options, several, {}, rules);
    const SearchResult one = search_exact(space, {}, options, SearchControl{}, {}, rules);
    REQUIRE(again.front.size() == one.front.size());
    CHECK(again.tree->nodes == one.tree->nodes);
    for (std::size_t i = 0; i < one.front.size(); ++i) {
      CHECK(again.front.points()[i].mapping == one.front.points()[i].mapping);
    }
  }
}

TEST_CASE("what the pruned search does not know it refuses") {
  const Problem problem = gemm(4, 4, 4);
  const Architecture architecture = s3(60, 8, 2);
  SearchOptions options = perfect();
  options.objectives = {Objective::power};
  const Mapspace free_space(problem, architecture, {}, options.space, options.factors);
  CHECK(exact_obstacle(free_space, {}, options));
  const Problem transposed =
      problem_of("problem:\n  dimensions: {P: 4, R: 3}\n  operation: O[2*P+R] += I[P] * W[R]\n");
  const Mapspace sliding(transposed, architecture, {}, Space::free, Factors::perfect);
  CHECK(exact_obstacle(sliding, {}, perfect()));
  // Between two loops of P, on both of which A's sweep goes on, B's hold can stand.
  const Problem two = problem_of(
      "problem:\n  dimensions: {P: 4, R: 2, S: 2}\n  operation: O[P] += A[P+R] * B[P+S]\n");
  const Mapspace both(two, architecture, {}, Space::free, Factors::perfect);
  CHECK(exact_obstacle(both, {}, perfect()) ==
        "branch and bound does not know several tensors that slide along one dimension");
  // The outer of two holds of windows that are shared word by word need not move in; others may
  // have to stay with it.
  const Problem windows =
      problem_of("problem:\n  dimensions: {P: 4, R: 4}\n  operation: O[P] += I[P+R] * W[R]\n");
  for (const char* multicast : {"word", "tile"}) {
    const Architecture two_inside = architecture_of(
        "architecture:\n  clock: 1 GHz\n  hierarchy:\n    - {memory: DRAM, energy: 50 pJ/word}\n"
        "    - {fanout: F, axes: {Y: 2}, multicast: " +
        std::string(multicast) +
        "}\n"
        "    - {memory: M2, capacity: 4 words, energy: 10 pJ/word, only: [inputs]}\n"
        "    - {memory: M3, capacity: 2 words, energy: 1 pJ/word, only: [inputs]}\n"
        "    - {compute: MAC, energy: 1 pJ/operation}\n");
    for (const Space space : {Space::free, Space::hierarchical, Space::even}) {
      const Mapspace inside(windows, two_inside, {}, space, Factors::perfect);
      const bool refused = space != Space::free && multicast[0] == 'w';
      CHECK(exact_obstacle(inside, {}, perfect()).has_value() == refused);
    }
  }
  // Three spatial loops of P could cut a loop in four.
  const Problem dilated =
      problem_of("problem:\n  dimensions: {P: 8, R: 2}\n  operation: O[P] += A[P+2*R] * B[R]\n");
  const Architecture nested = architecture_of(
      "architecture:\n  clock: 1 GHz\n  hierarchy:\n    - {memory: DRAM, energy: 200 pJ/word}\n"
      "    - {fanout: F, axes: {X: 2, Y: 2}}\n    - {fanout: G, axes: {X: 2}}\n"
      "    - {compute: MAC, energy: 1 pJ/operation}\n");
  const Mapspace thrice(dilated, nested, {}, Space::free, Factors::perfect);
  CHECK(exact_obstacle(thrice, {}, perfect()));
  const Problem still =
      problem_of("problem:\n  dimensions: {P: 3, R: 1}\n  operation: O[P] += A[P+R] * B[P+2*R]\n");
  const Mapspace plain(still, architecture, {}, Space::free, Factors::perfect);
  CHECK_FALSE(exact_obstacle(plain, {}, perfect()));
  CHECK_FALSE(exact_obstacle(free_space, {}, perfect()));
}
