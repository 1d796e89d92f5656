#include "mapper/mapspace.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "search/scorer.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/mapspace_cases.hpp"

using namespace tessera;
using namespace tessera::cases;

namespace {

std::set<std::string> enumerate(const Mapspace& space) {
  std::set<std::string> keys;
  std::uint64_t visited = 0;
  space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
    ++visited;
    keys.insert(mapping_key(visit.mapping));
    return VisitAnswer::next;
  });
  REQUIRE(keys.size() == visited);  // each once
  return keys;
}

/// Every mapping by trial: all lists of holds and temporal loops, with a dimension at most once
/// between two holds; the bounds on the axes of one fanout; for sliding dimensions all places of
/// their spatial loops among their temporal ones. Mappings are told apart by text: runs of holds as
/// sets.
class Trial {
 public:
  Trial(const Problem& problem, const Architecture& architecture, Factors factors)
      : problem_(problem), architecture_(architecture), factors_(factors) {
    for (std::size_t i = 0; i < architecture.hierarchy.size(); ++i) {
      if (architecture.memory(LevelId(i)) != nullptr) {
        memories_.push_back(i);
      } else if (const Fanout* network = architecture.fanout(LevelId(i))) {
        for (const Axis& axis : network->axes) {
          axes_.push_back(axis.size);
        }
      }
    }
  }

  std::size_t count(const std::set<std::size_t>& sliding) {
    sliding_ = sliding;
    held_.assign(problem_.tensors.size(), 1);  // all in the outermost memory
    digits_.assign(problem_.dimensions.size(), {});
    extend("");
    return found_.size();
  }

 private:
  void extend(const std::string& text) {
    spread(text, 0, 0, std::vector<std::int64_t>(axes_.size(), 1),
           std::vector<std::vector<std::int64_t>>(problem_.dimensions.size()), "");
    for (std::size_t t = 0; t < held_.size(); ++t) {
      for (std::size_t m = held_[t]; m < memories_.size(); ++m) {
        if (run_.count(text_of(m, t)) > 0) {
          continue;
        }
        const auto before = held_[t];
        const auto block = block_;
        auto run = run_;
        held_[t] = m + 1;
        run_.insert(text_of(m, t));
        block_.clear();
        extend(text);
        held_[t] = before;
        block_ = block;
        run_ = run;
      }
    }
    for (std::size_t d = 0; d < problem_.dimensions.size(); ++d) {
      for (std::int64_t b = 2; b <= problem_.dimensions[d].bound && block_.count(d) == 0; ++b) {
        if (!can_go_on(d, b)) {
          continue;
        }
        const auto block = block_;
        const auto run = run_;
        digits_[d].push_back(b);
        block_.insert(d);
        run_.clear();
        extend(text + joined(run) + "d" + std::to_string(d) + "x" + std::to_string(b));
        digits_[d].pop_back();
        block_ = block;
        run_ = run;
      }
    }
  }

  static std::string text_of(std::size_t m, std::size_t t) {
    return "[" + std::to_string(m) + "." + std::to_string(t) + "]";
  }
  static std::string joined(const std::set<std::string>& run) {
    std::string text;
    for (const std::string& each : run) {
      text += each;
    }
    return text;
  }

  /// Only to keep the trial short: what is left must still be able to become a factorization.
  bool can_go_on(std::size_t d, std::int64_t b) const {
    std::int64_t product = 1;
    std::int64_t greatest = b;
    for (const std::int64_t digit : digits_[d]) {
      product *= digit;
      greatest = std::max(greatest, digit);
    }
    product *= b;
    return product / greatest * (greatest - 1) < problem_.dimensions[d].bound;
  }

  bool covers(std::size_t d, const std::vector<std::int64_t>& spatial) const {
    std::vector<std::int64_t> all = digits_[d];
    all.insert(all.end(), spatial.begin(), spatial.end());
    std::int64_t product = 1;
    for (const std::int64_t b : all) {
      product *= b;
    }
    const std::int64_t n = problem_.dimensions[d].bound;
    if (factors_ == Factors::perfect) {
      return product == n;
    }
    return product >= n && std::all_of(all.begin(), all.end(), [&](std::int64_t b) {
             return b == 1 || product / b * (b - 1) < n;
           });
  }

  /// All bounds of all dimensions on all axes, then all places.
  void spread(const std::string& text, std::size_t d, std::size_t axis,
              std::vector<std::int64_t> used, std::vector<std::vector<std::int64_t>> spatial,
              const std::string& spatial_text) {
    if (d == problem_.dimensions.size()) {
      found_.insert(text + joined(run_) + spatial_text);
      return;
    }
    if (axis == axes_.size()) {
      if (!covers(d, spatial[d])) {
        return;
      }
      place(text, d, used, spatial, spatial_text, 0);
      return;
    }
    for (std::int64_t b = 1; b * used[axis] <= axes_[axis]; ++b) {
      auto with = used;
      auto bounds = spatial;
      with[axis] *= b;
      bounds[d].push_back(b);
      spread(text, d, axis + 1, with, bounds, spatial_text);
    }
  }

  void place(const std::string& text, std::size_t d, const std::vector<std::int64_t>& used,
             const std::vector<std::vector<std::int64_t>>& spatial, const std::string& spatial_text,
             std::size_t axis) {
    if (axis == axes_.size()) {
      spread(text, d + 1, 0, used, spatial, spatial_text);
      return;
    }
    const std::int64_t b = spatial[d][axis];
    const std::size_t places = b > 1 && sliding_.count(d) > 0 ? digits_[d].size() + 1 : 1;
    for (std::size_t p = 0; p < places; ++p) {
      place(text, d, used, spatial,
            spatial_text + "|" + std::to_string(d) + "," + std::to_string(b) + "@" +
                std::to_string(p),
            axis + 1);
    }
  }

  const Problem& problem_;
  const Architecture& architecture_;
  Factors factors_;
  std::vector<std::size_t> memories_;
  std::vector<std::int64_t> axes_;
  std::set<std::size_t> sliding_;
  std::vector<std::size_t> held_;                  // by tensor: next memory it may be held in
  std::vector<std::vector<std::int64_t>> digits_;  // by dimension
  std::set<std::size_t> block_;                    // dimensions since the last hold
  std::set<std::string> run_;                      // holds since the last loop
  std::set<std::string> found_;
};

struct Pinned {
  const char* what;
  Problem problem;
  Architecture architecture;
  Space space;
  Factors factors;
  std::string size;
};

}  // namespace

TEST_CASE("without inner memories and axes a mapping is an order of the loops") {
  const Mapspace space(gemm(4, 6, 7), bare(), {}, Space::free, Factors::imperfect);
  CHECK(space.size().to_string() == "6");
  CHECK(enumerate(space).size() == 6);
  const Mapspace units(gemm(4, 1, 1), bare(), {}, Space::free, Factors::imperfect);
  CHECK(units.size().to_string() == "1");
  const Mapspace nothing(gemm(1, 1, 1), bare(), {}, Space::free, Factors::imperfect);
  CHECK(nothing.size().to_string() == "1");
  CHECK(enumerate(nothing).size() == 1);
}

TEST_CASE("the free space holds every mapping that trial finds, once") {
  const std::set<std::size_t> none;
  const std::set<std::size_t> both = {0, 1};
  for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
    for (const auto& [problem, axes, sliding] :
         std::vector<std::tuple<Problem, std::vector<std::int64_t>, std::set<std::size_t>>>{
             {gemm(2, 2, 1), {1}, none},
             {gemm(2, 3, 2), {1}, none},
             {gemm(4, 1, 2), {2}, none},
             {gemm(1, 4, 3), {3, 2}, none},
             {conv1d(4, 2), {2}, both},
             {conv1d(5, 3), {3}, both},
             {conv1d(4, 3), {2, 2}, both},
             {conv1d(6, 1), {2, 3}, none}}) {
      const Architecture architecture = two_memories(axes);
      const Mapspace space(problem, architecture, {}, Space::free, factors);
      const std::size_t expected = Trial(problem, architecture, factors).count(sliding);
      CHECK(space.size().to_string() == std::to_string(expected));
      CHECK(enumerate(space).size() == expected);
    }
  }
}

TEST_CASE("sizes are counted without enumerating, and enumeration agrees") {
  for (const Space kind : {Space::free, Space::hierarchical, Space::even}) {
    for (const Factors factors : {Factors::perfect, Factors::imperfect}) {
      for (const Problem& problem : {gemm(2, 3, 2), gemm(4, 2, 1), conv1d(5, 2)}) {
        for (const Architecture& architecture : {bare(), two_memories({2, 2}), s3_like(20, 6)}) {
          const Mapspace space(problem, architecture, {}, kind, factors);
          REQUIRE(space.size().exact);
          CHECK(space.size().to_string() == std::to_string(enumerate(space).size()));
        }
      }
    }
  }
}

TEST_CASE("even is contained in hierarchical, and that in free") {
  const Problem problem = gemm(4, 2, 2);
  const Architecture architecture = s3_like(20, 6);
  const auto of = [&](Space kind) {
    return enumerate(Mapspace(problem, architecture, {}, kind, Factors::perfect));
  };
  const auto free = of(Space::free);
  const auto hierarchical = of(Space::hierarchical);
  const auto even = of(Space::even);
  CHECK(std::includes(free.begin(), free.end(), hierarchical.begin(), hierarchical.end()));
  CHECK(std::includes(hierarchical.begin(), hierarchical.end(), even.begin(), even.end()));
  CHECK(free.size() > hierarchical.size());
  CHECK(hierarchical.size() > even.size());
}

TEST_CASE("every enumerated mapping is a valid one that keeps the constraints") {
  const Problem problem = conv1d(6, 2);
  Architecture architecture = s3_like(20, 6);
  std::get<Memory>(architecture.hierarchy[1]).keep = KindSet{};  // bypass is free
  Constraints constraints;
  constraints.memories = {{.memory = LevelId(1),
                           .keep = TensorSet{1u},
                           .bypass = TensorSet{4u},
                           .loops = {{DimensionId(1), 1}},
                           .innermost = {}}};
  constraints.axes = {{.axis = {LevelId(2), 0}, .allowed = DimensionSet{1u}}};
  const Mapspace space(problem, architecture, constraints, Space::free, Factors::imperfect);
  REQUIRE_FALSE(space.needs_filter());
  std::size_t visited = 0;
  space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
    ++visited;
    const auto fault = validate(problem, architecture, visit.mapping);
    REQUIRE((fault ? fault->message : "") == "");
    REQUIRE(find_violation(problem, architecture, constraints, visit.mapping).value_or("") == "");
    return VisitAnswer::next;
  });
  CHECK(space.size().to_string() == std::to_string(visited));
}

TEST_CASE("what constraints forbid by construction is all that they forbid") {
  const Problem problem = gemm(2, 2, 2);
  const Architecture architecture = s3_like(20, 6);
  Constraints constraints;
  constraints.memories = {{.memory = LevelId(1),
                           .keep = {},
                           .bypass = {},
                           .loops = {{DimensionId(0), 1}, {DimensionId(2), 1}},
                           .innermost = {}}};
  constraints.axes = {{.axis = {LevelId(2), 1}, .allowed = DimensionSet{6u}}};
  std::set<std::string> kept;
  const Mapspace all(problem, architecture, {}, Space::free, Factors::perfect);
  all.for_each(0, all.shards(), [&](const MapspaceVisit& visit) {
    if (!find_violation(problem, architecture, constraints, visit.mapping)) {
      kept.insert(mapping_key(visit.mapping));
    }
    return VisitAnswer::next;
  });
  const Mapspace constrained(problem, architecture, constraints, Space::free, Factors::perfect);
  CHECK((enumerate(constrained) == kept));
  CHECK_FALSE(kept.empty());
}

TEST_CASE("shards cut the space without loss, and a visitor can stop or skip") {
  const Problem problem = gemm(2, 4, 2);
  const Architecture architecture = s3_like(20, 6);
  const Mapspace space(problem, architecture, {}, Space::hierarchical, Factors::perfect);
  std::vector<std::string> whole;
  std::vector<std::string> parts;
  const auto into = [](std::vector<std::string>& keys) {
    return [&keys](const MapspaceVisit& visit) {
      keys.push_back(mapping_key(visit.mapping));
      return VisitAnswer::next;
    };
  };
  space.for_each(0, space.shards(), into(whole));
  for (std::uint64_t first = 0; first < space.shards(); first += 7) {
    space.for_each(first, std::min(first + 7, space.shards()), into(parts));
  }
  REQUIRE(whole == parts);

  std::uint64_t visited = 0;
  REQUIRE_FALSE(space.for_each(0, space.shards(), [&](const MapspaceVisit&) {
    return ++visited == 100 ? VisitAnswer::stop : VisitAnswer::next;
  }));
  CHECK(visited == 100);
  std::uint64_t counted = 0;
  space.for_each(0, space.shards(), [&](const MapspaceVisit& visit) {
    counted += visit.same_tiles;
    return VisitAnswer::skip_same_tiles;
  });
  CHECK(counted == whole.size());
}

TEST_CASE("contradicting rules leave an empty space") {
  Constraints constraints;
  constraints.memories = {
      {.memory = LevelId(1), .keep = {}, .bypass = TensorSet{1u}, .loops = {}, .innermost = {}}};
  const Problem problem = gemm(4, 4, 4);
  const Architecture architecture = s3_like(20, 6);
  const Mapspace space(problem, architecture, constraints, Space::free, Factors::perfect);
  CHECK(space.size().to_string() == "0");
  CHECK(space.shards() == 0);
}

TEST_CASE("too many orders of holds are refused with the remedy") {
  Architecture architecture;
  architecture.hierarchy = {memory("DRAM", 1), memory("A", 1), memory("B", 1), memory("C", 1),
                            memory("D", 1),    memory("E", 1), compute(1)};
  const Problem problem = gemm(2, 2, 2);
  CHECK_THROWS_WITH(Mapspace(problem, architecture, {}, Space::free, Factors::perfect),
                    ContainsText("hierarchical"));
}

TEST_CASE("the sizes of well known spaces stay what they are") {
  const std::vector<Pinned> table = {
      {"gemm 4x4x4, 2x2 array", gemm(4, 4, 4), s3_like(40, 6), Space::free, Factors::perfect,
       "3545316"},
      {"the same", gemm(4, 4, 4), s3_like(40, 6), Space::hierarchical, Factors::perfect, "1473984"},
      {"the same", gemm(4, 4, 4), s3_like(40, 6), Space::even, Factors::perfect, "4752"},
      {"gemm 8x2x8", gemm(8, 2, 8), s3_like(40, 5), Space::free, Factors::perfect, "11366788"},
      {"gemm 256 cubed", gemm(256, 256, 256), s3_like(1 << 17, 512), Space::free, Factors::perfect,
       "2391263461355094"},
      {"the same", gemm(256, 256, 256), s3_like(1 << 17, 512), Space::free, Factors::imperfect,
       "579696794358763548"},
      {"ResNet-50 conv3_x", conv2d(128, 128, 28, 28, 3, 3), eyeriss_like(), Space::free,
       Factors::perfect, "45237150270358242120"},
      {"the same", conv2d(128, 128, 28, 28, 3, 3), eyeriss_like(), Space::free, Factors::imperfect,
       "104726341726044206985535284"},
  };
  for (const Pinned& each : table) {
    INFO(each.what << (each.factors == Factors::perfect ? ", perfect" : ", imperfect"));
    const Mapspace space(each.problem, each.architecture, {}, each.space, each.factors);
    CHECK(space.size().exact);
    CHECK(space.size().to_string() == each.size);
  }
}
