#include "app/constraints_text.hpp"

#include <algorithm>
#include <string_view>

#include "tests/catch_compat.hpp"

using namespace tessera;

namespace {

Problem gemm() {
  Problem problem;
  problem.name = "gemm";
  problem.dimensions = {{"M", 4}, {"N", 4}, {"K", 4}};
  const auto tensor = [](std::string name, std::size_t a, std::size_t b, TensorKind kind) {
    Tensor t;
    t.name = std::move(name);
    t.projection.ranks = {{{DimensionId(a), 1}}, {{DimensionId(b), 1}}};
    t.kind = kind;
    return t;
  };
  problem.tensors = {tensor("C", 0, 1, TensorKind::outputs), tensor("A", 0, 2, TensorKind::inputs),
                     tensor("B", 2, 1, TensorKind::weights)};
  problem.tensors[0].role = TensorRole::output;
  return problem;
}

Architecture machine() {
  Architecture architecture;
  architecture.name = "small";
  Memory dram;
  dram.name = "DRAM";
  Memory buffer;
  buffer.name = "Buffer";
  buffer.capacity = Capacity{.amount = 1024};
  buffer.buffering = Buffering::double_buffer;
  buffer.keep.insert(TensorKind::outputs);
  Fanout array;
  array.name = "PEs";
  array.axes = {{.name = "X", .size = 4, .reuse = {}}, {.name = "Y", .size = 2, .reuse = {}}};
  array.axes[0].reuse.insert(TensorKind::weights);
  Compute mac;
  mac.name = "MAC";
  architecture.hierarchy = {dram, buffer, array, mac};
  return architecture;
}

bool has(const Rules& rules, std::string_view element, std::string_view sentence,
         std::string_view source) {
  return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
    return rule.element == element && rule.sentence == sentence && rule.source == source;
  });
}

}  // namespace

TEST_CASE("Rules of the architecture are said for the problem's own tensors and dimensions") {
  const Rules rules = rules_of(gemm(), machine(), {});
  CHECK(has(rules, "Buffer",
            "the tiles of one instance take at most 512 bit together (half of it: double "
            "buffering)",
            "architecture"));
  CHECK(has(rules, "Buffer", "always holds C", "architecture"));
  CHECK(has(rules, "Buffer", "may hold A, B, or not", "free"));
  CHECK(has(rules, "PEs.X", "spatial loops multiply to at most 4", "architecture"));
  CHECK(has(rules, "PEs.X",
            "only M may lie on it (for the reuse of B, which does not depend on it)",
            "architecture"));
  CHECK(has(rules, "PEs.Y", "any dimension may lie on it", "free"));
}

TEST_CASE("Rules of the constraints join those of the architecture") {
  Constraints constraints;
  TensorSet b;
  b.insert(TensorId(2));
  constraints.memories.push_back({.memory = LevelId(1),
                                  .keep = {},
                                  .bypass = b,
                                  .loops = {{DimensionId(0), 1}, {DimensionId(1), 2}},
                                  .innermost = {DimensionId(2)},
                                  .min_utilization = 0.5});
  DimensionSet k;
  k.insert(DimensionId(2));
  constraints.axes.push_back({.axis = {LevelId(2), 0}, .allowed = k});
  constraints.factors.push_back({.level = LevelId(2),
                                 .dimension = DimensionId(2),
                                 .relation = FactorRelation::at_most,
                                 .factor = 2});
  constraints.orders.push_back({.memory = LevelId(1), .order = {DimensionId(0), DimensionId(1)}});
  constraints.min_utilization = 0.75;
  const Rules rules = rules_of(gemm(), machine(), constraints);
  CHECK(has(rules, "Buffer", "never holds B", "constraints"));
  CHECK(has(rules, "Buffer", "may hold A, or not", "free"));
  const std::string below = "for each tensor held, from this hold to its next one inward: ";
  CHECK(has(rules, "Buffer", below + "no temporal loop over M", "constraints"));
  CHECK(has(rules, "Buffer", below + "the temporal loops over N multiply to 2", "constraints"));
  CHECK(has(rules, "Buffer", "the tiles of one instance fill at least 50 % of the capacity",
            "constraints"));
  CHECK(has(rules, "PEs.X",
            "no dimension may lie on it (for the reuse of B, which does not depend on it)",
            "architecture, constraints"));
  CHECK(has(rules, "PEs", "the spatial loops over K multiply to at most 2", "constraints"));
  CHECK(has(rules, "mapping", "utilization (operations / (cycles x lanes)) is at least 75 %",
            "constraints"));
  CHECK(rules.size() == 16);
}
