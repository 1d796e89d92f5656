#include "search/objective.hpp"

#include <cmath>

#include "model/evaluate.hpp"
#include "search/search.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/mapspace_cases.hpp"

using namespace tessera;
using namespace tessera::cases;

namespace {

MetricValues metrics() {
  // energy, latency, cycles, area, edp, power, dram_words, utilization, throughput
  return {8, 2, 3, 5, 16, 4, 7, 0.5, 0.25};
}

double value(std::string_view text) {
  const auto parsed = MetricFormula::parse(text);
  REQUIRE(std::holds_alternative<MetricFormula>(parsed));
  return std::get<MetricFormula>(parsed).value(metrics());
}

std::string fault(std::string_view text) {
  const auto parsed = MetricFormula::parse(text);
  return std::holds_alternative<std::string>(parsed) ? std::get<std::string>(parsed) : "";
}

bool rises(std::string_view text) {
  return std::get<MetricFormula>(MetricFormula::parse(text)).rises();
}

Objective objective(std::string_view text) {
  return std::get<Objective>(parse_objective(text));
}

Limit limit(Metric metric, std::string_view text) {
  return std::get<Limit>(parse_limit(metric, text));
}

SearchResult run(const SearchOptions& options, const Architecture& architecture) {
  return search(gemm(6, 4, 4), architecture, {}, options, {});
}

}  // namespace

TEST_CASE("formulas mean what arithmetic means") {
  CHECK(value("energy * latency^2") == 32);
  CHECK(value("0.5*energy + 1e1*area") == 54);
  CHECK(value("energy - latency - cycles") == 3);
  CHECK(value("energy / latency / 2") == 2);
  CHECK(value("2^cycles^latency") == 512);
  CHECK(value("-latency^2 + 1") == -3);
  CHECK(value("2^-1") == 0.5);
  CHECK(value("(energy+latency)*(area-cycles)") == 20);
  CHECK(value(" 1 / utilization+throughput*edp + power + dram_words ") == 17);
  CHECK(value("energy^0.5") == std::sqrt(8.0));
  CHECK(std::isinf(value("1/(area - 5)")));
}

TEST_CASE("what is wrong with a formula is said") {
  CHECK(fault("enrgy*2") == "unknown metric 'enrgy' (did you mean 'energy'?)");
  CHECK_THAT(fault("zzz"), ContainsText("known are energy, latency"));
  CHECK(fault("energy +") == "expected a number, a metric or '(', got the end");
  CHECK(fault("(energy") == "expected ')', got the end");
  CHECK(fault("energy latency") == "expected an operator, got 'latency'");
  CHECK(fault("energy)") == "expected an operator, got ')'");
  CHECK(fault("") == "expected a number, a metric or '(', got the end");
  CHECK(fault("1e999") == "expected a number, got '1e999'");
  CHECK_THAT(fault(std::string(1000, '(') + "energy"), ContainsText("too deeply"));
  CHECK_THAT(fault(std::string(1000, '-') + "energy"), ContainsText("too deeply"));
  std::string long_one = "energy";
  for (int i = 0; i < 300; ++i) {
    long_one += "+energy";
  }
  CHECK_THAT(fault(long_one), ContainsText("more than 256"));
}

TEST_CASE("a formula that surely rises with energy and latency is known as such") {
  CHECK(rises("0.5*energy + 3*latency*area"));
  CHECK(rises("energy * cycles^2 / 7 + edp + dram_words"));
  CHECK_FALSE(rises("energy / latency"));
  CHECK_FALSE(rises("energy - 5"));
  CHECK_FALSE(rises("power"));
  CHECK_FALSE(rises("1 / utilization"));
  CHECK_FALSE(rises("2 ^ energy"));
  CHECK_FALSE(rises("energy ^ -1"));
}

TEST_CASE("limits are read with their units") {
  CHECK(limit(Metric::power, "300 mW").bound == 0.3);
  CHECK(limit(Metric::energy, "2 nJ").bound == 2000);
  CHECK(limit(Metric::latency, "33ms").bound == 0.033);
  CHECK(limit(Metric::utilization, "50 %").bound == 0.5);
  CHECK(limit(Metric::utilization, "0.25").bound == 0.25);
  CHECK(limit(Metric::throughput, "30 frames/s").bound == 30);
  for (const auto& [metric, text] :
       {std::pair(Metric::power, "300"), std::pair(Metric::utilization, "150 %"),
        std::pair(Metric::energy, "2 pJ/word"), std::pair(Metric::throughput, "30 Hz"),
        std::pair(Metric::latency, "-1 s"), std::pair(Metric::area, "")}) {
    const auto parsed = parse_limit(metric, text);
    REQUIRE(std::holds_alternative<std::string>(parsed));
    CHECK_THAT(std::get<std::string>(parsed), ContainsText("expected a"));
  }
}

TEST_CASE("every search keeps the limits and finds the front within them") {
  const Architecture architecture = s3_like(20, 8);
  SearchOptions options;
  options.space = Space::hierarchical;
  options.factors = Factors::perfect;
  options.algorithm = Algorithm::exhaustive;
  const SearchResult free = run(options, architecture);
  REQUIRE(free.front.size() == 1);
  const Evaluation best =
      evaluate(gemm(6, 4, 4), architecture, free.front.points().front().mapping);
  // Less power than the best has: only slower mappings are left.
  options.limits = {{Metric::power, best.power_w() * 0.9, "a"}, {Metric::latency, 1, "b"}};
  const SearchResult exact = run(options, architecture);
  REQUIRE_FALSE(exact.front.empty());
  REQUIRE(exact.rejections.limits.size() == 2);
  CHECK(exact.rejections.limits[0] > 0);
  CHECK(exact.rejections.limits[1] == 0);
  ParetoFront within;
  for (const Algorithm algorithm : {Algorithm::random, Algorithm::genetic}) {
    options.algorithm = algorithm;
    options.samples = 60'000;
    const SearchResult found = run(options, architecture);
    REQUIRE_FALSE(found.front.empty());
    for (const ParetoPoint& point : found.front.points()) {
      CHECK_FALSE(
          find_broken(options.limits, evaluate(gemm(6, 4, 4), architecture, point.mapping)));
      CHECK_FALSE(exact.front.points().front().values[0] > point.values[0]);
    }
  }
  options.algorithm = Algorithm::exhaustive;
  options.limits = {{Metric::throughput, 1e12, "c"}};
  const SearchResult none = run(options, architecture);
  CHECK(none.front.empty());
  CHECK(none.rejections.limits.at(0) > 0);
}

TEST_CASE("the pruned search takes rising formulas and limits, and bounds or refuses the rest") {
  SearchOptions options;
  options.factors = Factors::perfect;
  options.algorithm = Algorithm::exhaustive;
  const Architecture architecture = s3_like(200, 60);
  const Problem problem = gemm(64, 64, 64);
  options.objectives = {Objective::edp};
  const SearchResult edp = search(problem, architecture, {}, options, {});
  options.objectives = {objective("energy * latency")};
  const SearchResult product = search(problem, architecture, {}, options, {});
  REQUIRE(product.certificate.kind == Certificate::Kind::exact);
  CHECK(product.front.points().front().values[0] ==
        Approx(edp.front.points().front().values[0] * 1e12));
  options.objectives = {objective("energy / latency")};
  CHECK_THROWS_WITH(search(problem, architecture, {}, options, {}), ContainsText("no bound for"));
  options.objectives = {Objective::energy};
  options.limits = {limit(Metric::power, "1 W")};
  options.samples = 5000;
  const SearchResult limited = search(problem, architecture, {}, options, {});
  CHECK(limited.certificate.kind != Certificate::Kind::none);
  CHECK_THAT(limited.why, ContainsText("without the limit on power"));
}

TEST_CASE("lexicographic order keeps the front's first point") {
  SearchOptions options;
  options.factors = Factors::perfect;
  options.algorithm = Algorithm::exhaustive;
  options.objectives = {Objective::latency, Objective::energy};
  options.lexicographic = true;
  const Problem layer = conv2d(16, 8, 7, 7, 3, 3);
  const SearchResult one = search(layer, eyeriss_like(), {}, options, {});
  options.lexicographic = false;
  const SearchResult all = search(layer, eyeriss_like(), {}, options, {});
  REQUIRE(one.front.size() == 1);
  CHECK(one.front.points().front().values == all.front.points().front().values);
}

TEST_CASE("a mapping for which a formula has no finite value is refused and counted") {
  SearchOptions options;
  options.algorithm = Algorithm::random;
  options.samples = 500;
  options.objectives = {objective("1/(area - area)")};
  const SearchResult result = run(options, s3_like(20, 8));
  CHECK(result.front.empty());
  CHECK(result.feasible == 0);
  CHECK(result.rejections.no_value > 0);
}
