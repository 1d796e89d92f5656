// Spaces whose size or optimum is known from elsewhere: by formula, and from a mapper that
// enumerated one.

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "model/evaluate.hpp"
#include "search/exact.hpp"
#include "search/search.hpp"
#include "tests/catch_compat.hpp"
#include "tests/search/random_case.hpp"

using namespace tessera;

namespace {

/// True if some dimension lies on two axes. Timeloop gives a dimension one spatial factor between
/// two memories, on X or on Y; our spaces may split it over both.
bool on_two_axes(const Mapping& mapping) {
  std::set<std::size_t> spread;
  for (const Node& node : mapping.nodes) {
    const Loop* loop = std::get_if<Loop>(&node);
    if (loop != nullptr && loop->axis && !spread.insert(loop->dimension.index()).second) {
      return true;
    }
  }
  return false;
}

/// True if the loops inside the last hold stand in the order of dimensions. Timeloop tries one
/// order of the innermost memory's loops only: it changes no count.
bool innermost_in_order(const Mapping& mapping) {
  std::size_t last = 0;
  for (auto node = mapping.nodes.rbegin(); node != mapping.nodes.rend(); ++node) {
    const Loop* loop = std::get_if<Loop>(&*node);
    if (loop == nullptr) {
      return true;
    }
    const std::size_t rank = 100 - loop->dimension.index();
    if (rank < last) {
      return false;
    }
    last = rank;
  }
  return true;
}

/// A case of the benchmark, for its least EDP in the space `even`, with perfect factors.
test::RandomCase bench_case(const std::string& name) {
  std::ifstream file(TESSERA_TEST_DATA "/../bench/cases/" + name + ".yaml");
  std::stringstream text;
  text << file.rdbuf();
  SearchOptions options;
  options.space = Space::even;
  options.factors = Factors::perfect;
  options.objectives = {Objective::edp};
  return test::read_case(text.str(), options);
}

test::RandomCase tiny_case() {
  return bench_case("tiny2x2");
}

std::int64_t binomial(int n, int k) {
  std::int64_t result = k < 0 || k > n ? 0 : 1;
  for (int i = 1; i <= k && result > 0; ++i) {
    result = result * (n - k + i) / i;
  }
  return result;
}

/// Loop nests over three temporal slots of dimensions with 2^left[d] to go: for every choice of
/// which dimension has a loop in which slot, the ways to split the exponent over so many slots,
/// times the orders of each slot's loops.
std::int64_t nests(const std::vector<int>& left) {
  std::int64_t total = 0;
  for (unsigned choice = 0; choice < 1u << 9; ++choice) {
    std::int64_t ways = 1;
    std::vector<int> loops(3, 0);  // by slot
    for (unsigned d = 0; d < 3; ++d) {
      int slots = 0;
      for (unsigned slot = 0; slot < 3; ++slot) {
        const int here = static_cast<int>(choice >> (3 * d + slot) & 1u);
        slots += here;
        loops[slot] += here;
      }
      ways *= left[d] == 0 ? (slots == 0 ? 1 : 0) : binomial(left[d] - 1, slots - 1);
    }
    for (const int count : loops) {
      ways *= count == 3 ? 6 : count == 2 ? 2 : 1;
    }
    total += ways;
  }
  return total;
}

}  // namespace

TEST_CASE("the even space of powers of two has as many mappings as the formula says") {
  const test::RandomCase tiny = tiny_case();
  for (const std::vector<int>& exponents :
       std::vector<std::vector<int>>{{2, 2, 2}, {1, 1, 1}, {3, 0, 2}, {8, 8, 8}, {5, 7, 1}}) {
    Problem problem = tiny.problem;
    for (std::size_t d = 0; d < 3; ++d) {
      problem.dimensions[d].bound = std::int64_t{1} << exponents[d];
    }
    std::int64_t expected = 0;
    for (std::size_t x = 0; x <= 3; ++x) {  // the dimension with a 2 on the axis X; 3: none
      for (std::size_t y = 0; y <= 3; ++y) {
        std::vector<int> left = exponents;
        left.push_back(2);
        --left[x];
        --left[y];
        if (*std::min_element(left.begin(), left.end()) >= 0) {
          expected += nests(left);
        }
      }
    }
    const Mapspace space(problem, tiny.architecture, {}, Space::even, Factors::perfect);
    CHECK(space.size().to_string() == std::to_string(expected));
  }
}

TEST_CASE(
    "the space that Timeloop's mapper enumerates has its size and optimum here, ours a better "
    "one") {
  const test::RandomCase tiny = tiny_case();
  const Mapspace space(tiny.problem, tiny.architecture, {}, tiny.options.space,
                       tiny.options.factors);
  Evaluator evaluator(tiny.problem, tiny.architecture);
  Evaluation evaluation;
  std::uint64_t valid = 0;
  std::uint64_t timeloops = 0;
  double best = 1e300;
  double timeloops_best = 1e300;
  std::int64_t cycles = 0;
  space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
    evaluator.evaluate(visit.mapping, evaluation);
    if (evaluation.feasible()) {
      ++valid;
      best = std::min(best, evaluation.edp_js());
      if (!on_two_axes(visit.mapping)) {
        timeloops += innermost_in_order(visit.mapping) ? 1 : 0;
        if (evaluation.edp_js() < timeloops_best) {
          timeloops_best = evaluation.edp_js();
          cycles = evaluation.cycles;
        }
      }
    }
    return VisitAnswer::next;
  });
  CHECK(valid == 3270);
  CHECK(timeloops == 2634);
  CHECK(cycles == 16);
  // 64 operations, 16 cycles of 1 ns
  CHECK(timeloops_best / 64 / 16e-9 * 1e12 == Approx(156.397).epsilon(5e-6));
  CHECK(best < timeloops_best);

  const SearchResult proven = search_exact(space, {}, tiny.options, {});
  CHECK(proven.certificate.kind == Certificate::Kind::exact);
  CHECK(proven.front.points().front().values[0] == best);
  CHECK(best / 64 / 16e-9 * 1e12 == Approx(156.159).epsilon(5e-6));
}

TEST_CASE("where Timeloop's mapper stops at 458 J x cycles, the even space has 347.1") {
  const test::RandomCase one = bench_case("eyeriss168");
  const Mapspace space(one.problem, one.architecture, {}, one.options.space, one.options.factors);
  const SearchResult proven = search_exact(space, {}, one.options, {});
  CHECK(proven.certificate.kind == Certificate::Kind::exact);
  CHECK(proven.front.points().front().values[0] * one.architecture.clock_hz ==
        Approx(347.1).epsilon(2e-4));
}
