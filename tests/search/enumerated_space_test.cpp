// A space that another mapper enumerated completely.

#include <fstream>
#include <set>
#include <sstream>

#include "model/evaluate.hpp"
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

}  // namespace

TEST_CASE(
    "the space that Timeloop's mapper enumerates has its optimum here, and ours a better one") {
  std::ifstream file(TESSERA_TEST_DATA "/../bench/cases/tiny2x2.yaml");
  std::stringstream text;
  text << file.rdbuf();
  SearchOptions options;
  options.space = Space::even;
  options.factors = Factors::perfect;
  options.objectives = {Objective::edp};
  const test::RandomCase tiny = test::read_case(text.str(), options);
  const Mapspace space(tiny.problem, tiny.architecture, {}, options.space, options.factors);
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
        ++timeloops;
        if (evaluation.edp_js() < timeloops_best) {
          timeloops_best = evaluation.edp_js();
          cycles = evaluation.cycles;
        }
      }
    }
    return VisitAnswer::next;
  });
  CHECK(valid == 3270);
  CHECK(timeloops == 3120);
  CHECK(cycles == 16);
  // 64 operations, 16 cycles of 1 ns
  CHECK(timeloops_best / 64 / 16e-9 * 1e12 == Approx(156.397).epsilon(5e-6));
  CHECK(best < timeloops_best);
}
