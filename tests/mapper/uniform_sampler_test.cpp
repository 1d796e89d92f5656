// Uniform draws against full enumeration: Pearson's chi-square over all mappings of small spaces.
// Seeds are fixed, so a statistic that is not extreme today never is.
#include "mapper/uniform_sampler.hpp"

#include <cmath>
#include <string>
#include <unordered_map>
#include <vector>

#include "mapper/fitting_sampler.hpp"
#include "search/scorer.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/mapspace_cases.hpp"

using namespace tessera;
using namespace tessera::cases;

namespace {

/// How often each mapping of a space was drawn.
class Drawn {
 public:
  explicit Drawn(const Mapspace& space) {
    space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
      REQUIRE(times_.emplace(mapping_key(visit.mapping), 0).second);
      return VisitAnswer::next;
    });
  }

  std::uint64_t mappings() const { return times_.size(); }

  void add(const Mapping& mapping) {
    const auto found = times_.find(mapping_key(mapping));
    if (found == times_.end()) {
      ++strangers_;
    } else {
      ++found->second;
      ++draws_;
    }
  }
  std::uint64_t strangers() const { return strangers_; }

  /// Pearson's statistic as a standard normal deviate, by Wilson and Hilferty's cube root.
  double deviate() const {
    const double expected = static_cast<double>(draws_) / static_cast<double>(times_.size());
    double statistic = 0;
    for (const auto& [key, times] : times_) {
      const double off = static_cast<double>(times) - expected;
      statistic += off * off / expected;
    }
    const double freedom = static_cast<double>(times_.size() - 1);
    const double spread = 2 / (9 * freedom);
    return (std::cbrt(statistic / freedom) - (1 - spread)) / std::sqrt(spread);
  }

 private:
  std::unordered_map<std::string, std::uint64_t> times_;
  std::uint64_t draws_ = 0;
  std::uint64_t strangers_ = 0;
};

constexpr std::uint64_t kDrawsEach = 50;

void check_uniform(const std::string& name, const Problem& problem,
                   const Architecture& architecture, const Constraints& constraints, Space space,
                   Factors factors) {
  const Mapspace mapspace(problem, architecture, constraints, space, factors);
  Drawn drawn(mapspace);
  INFO(name << ", " << drawn.mappings() << " mappings");
  REQUIRE(mapspace.size().to_string() == std::to_string(drawn.mappings()));
  REQUIRE(drawn.mappings() >= 30);
  REQUIRE(drawn.mappings() <= 30'000);
  const UniformSampler sampler(mapspace);
  MapspacePoint point = mapspace.make_point();
  Mapping mapping;
  for (std::uint64_t i = 0; i < kDrawsEach * drawn.mappings(); ++i) {
    CounterRng rng(11, i);
    sampler.draw(rng, point);
    mapspace.build(point, mapping);
    drawn.add(mapping);
  }
  CHECK(drawn.strangers() == 0);
  CHECK(std::abs(drawn.deviate()) < 3.5);
}

/// DRAM, a buffer that may be bypassed, an array, the MAC.
Architecture with_array(const std::vector<std::int64_t>& axes) {
  Architecture architecture;
  architecture.name = "with-array";
  architecture.hierarchy = {memory("DRAM", 200), memory("GLB", 6), fanout("PEs", axes), compute(1)};
  return architecture;
}

Architecture without_buffer(const std::vector<std::int64_t>& axes) {
  Architecture architecture = with_array(axes);
  architecture.hierarchy.erase(architecture.hierarchy.begin() + 1);
  return architecture;
}

Architecture keeping(Architecture architecture) {
  std::get<Memory>(architecture.hierarchy[1]).keep = KindSet::all();
  return architecture;
}

}  // namespace

TEST_CASE("uniform draws pass a chi-square test against all mappings of a matrix product") {
  check_uniform("no buffer", gemm(4, 5, 3), without_buffer({4}), {}, Space::free,
                Factors::imperfect);
  check_uniform("perfect", gemm(4, 2, 2), keeping(with_array({2})), {}, Space::free,
                Factors::perfect);
  check_uniform("imperfect", gemm(5, 3, 1), keeping(with_array({2})), {}, Space::free,
                Factors::imperfect);
  check_uniform("many loops of a dimension", gemm(16, 2, 1), keeping(with_array({3})), {},
                Space::free, Factors::perfect);
  check_uniform("buffers bypassed", gemm(3, 2, 2), with_array({2}), {}, Space::free,
                Factors::imperfect);
  check_uniform("register files of one tensor", gemm(2, 2, 2), eyeriss_like(), {}, Space::free,
                Factors::perfect);
}

TEST_CASE("uniform draws pass a chi-square test against all mappings of a sliding window") {
  check_uniform("one axis", conv1d(4, 3), with_array({3}), {}, Space::free, Factors::imperfect);
  check_uniform("two axes", conv1d(4, 3), with_array({2, 3}), {}, Space::even, Factors::imperfect);
  check_uniform("two axes, no buffer", conv1d(6, 3), without_buffer({4, 2}), {}, Space::free,
                Factors::imperfect);
}

TEST_CASE("uniform draws pass a chi-square test in every space") {
  check_uniform("even", gemm(4, 2, 2), s3_like(64, 8), {}, Space::even, Factors::perfect);
  check_uniform("hierarchical", gemm(2, 2, 2), s3_like(64, 8), {}, Space::hierarchical,
                Factors::perfect);
  check_uniform("free", gemm(2, 2, 2), s3_like(64, 8), {}, Space::free, Factors::perfect);
}

TEST_CASE("uniform draws pass a chi-square test where axes are shared and overfull") {
  // Products of bounds on an axis that its size refuses, also such as are near it.
  check_uniform("7", gemm(6, 4, 3), without_buffer({7}), {}, Space::free, Factors::imperfect);
  check_uniform("5 x 6", gemm(6, 5, 2), without_buffer({5, 6}), {}, Space::free,
                Factors::imperfect);
}

TEST_CASE("uniform draws pass a chi-square test where constraints keep loops out of slots") {
  Constraints constraints;
  MemoryConstraint rule;
  rule.memory = LevelId(1);
  rule.loops = {{DimensionId(0), 1}};
  constraints.memories = {rule};
  constraints.axes = {{AxisRef{LevelId(2), 0}, [] {
                         DimensionSet allowed;
                         allowed.insert(DimensionId(1));
                         allowed.insert(DimensionId(2));
                         return allowed;
                       }()}};
  check_uniform("loops and axis", gemm(4, 3, 2), keeping(with_array({3})), constraints, Space::free,
                Factors::imperfect);
}

TEST_CASE("the chi-square test refuses draws that are not uniform") {
  const Problem problem = gemm(3, 2, 2);
  const Architecture architecture = with_array({2});
  const Mapspace space(problem, architecture, {}, Space::free, Factors::imperfect);
  Drawn drawn(space);
  FittingSampler sampler(space);
  Mapping mapping;
  for (std::uint64_t i = 0; i < kDrawsEach * drawn.mappings(); ++i) {
    CounterRng rng(11, i);
    REQUIRE(sampler.draw(rng, mapping));
    drawn.add(mapping);
  }
  CHECK(drawn.strangers() == 0);
  CHECK(drawn.deviate() > 20);
}

TEST_CASE("a uniform draw depends on its seed and index alone") {
  const Problem problem = conv2d(8, 4, 6, 6, 3, 3);
  const Architecture architecture = eyeriss_like();
  const Mapspace space(problem, architecture, {}, Space::free, Factors::imperfect);
  const UniformSampler sampler(space);
  MapspacePoint forward = space.make_point();
  MapspacePoint again = space.make_point();
  Mapping first;
  Mapping second;
  std::vector<std::string> keys;
  for (std::uint64_t i = 0; i < 200; ++i) {
    CounterRng rng(3, i);
    sampler.draw(rng, forward);
    space.build(forward, first);
    keys.push_back(mapping_key(first));
  }
  for (std::uint64_t i = 200; i-- > 0;) {
    CounterRng rng(3, i);
    sampler.draw(rng, again);
    space.build(again, second);
    CHECK(mapping_key(second) == keys[i]);
  }
}

TEST_CASE("a space without mappings is seen to be empty") {
  const Problem problem = gemm(4, 4, 4);
  Architecture architecture = s3_like(64, 8);
  Constraints constraints;
  MemoryConstraint rule;
  rule.memory = LevelId(1);
  rule.bypass.insert(TensorId(0));
  constraints.memories = {rule};
  const Mapspace space(problem, architecture, constraints, Space::free, Factors::perfect);
  CHECK(UniformSampler(space).empty());
}

TEST_CASE("uniform draws of large layers take a few tries") {
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    const Problem problem = conv2d(128, 128, 28, 28, 3, 3);
    const Architecture architecture = eyeriss_like();
    const Mapspace space(problem, architecture, {}, Space::free, factors);
    const UniformSampler sampler(space);
    MapspacePoint point = space.make_point();
    std::uint64_t tries = 0;
    for (std::uint64_t i = 0; i < 2000; ++i) {
      CounterRng rng(0, i);
      tries += sampler.draw(rng, point);
    }
    CHECK(tries < 2000 * 3);
  }
}
