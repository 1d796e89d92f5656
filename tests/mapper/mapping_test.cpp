#include "mapper/mapping.hpp"

#include "tests/arch/random_architecture.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/random_mapping.hpp"
#include "tests/mapper/small_machine.hpp"
#include "tests/problems/random_problem.hpp"

namespace tessera {
namespace {

constexpr DimensionId kM(0);
constexpr DimensionId kN(1);
constexpr DimensionId kK(2);
constexpr LevelId kDram(0);
constexpr LevelId kBuffer(1);
constexpr LevelId kPes(2);
constexpr TensorSet kAll{7};
constexpr TensorSet kA{2};

/// A mapping of the GEMM that keeps all rules.
Mapping good() {
  return {{Hold{kDram, kAll}, Loop{kM, 4, {}}, Hold{kBuffer, kAll}, Loop{kN, 4, AxisRef{kPes, 0}},
           Loop{kM, 4, {}}, Loop{kK, 6, {}}}};
}

std::optional<MappingFault> fault_of(const Mapping& mapping) {
  return validate(test::gemm(), test::two_levels(), mapping);
}

void check_fault(const Mapping& mapping, std::size_t node, const std::string& message) {
  const auto fault = fault_of(mapping);
  REQUIRE(fault);
  CHECK(fault->message == message);
  CHECK(fault->node == node);
}

TEST_CASE("A mapping that keeps the rules has no fault", "[mapper]") {
  CHECK(!fault_of(good()));
}

TEST_CASE("Ids and bounds of nodes are checked", "[mapper]") {
  Mapping mapping = good();
  mapping.nodes[0] = Hold{LevelId(9), kAll};
  check_fault(mapping, 0, "a hold names an element that the architecture does not have");
  mapping.nodes[0] = Hold{kPes, kAll};
  check_fault(mapping, 0, "PEs is no memory and holds nothing");
  mapping.nodes[0] = Hold{kDram, {}};
  check_fault(mapping, 0, "DRAM holds no tensor here; name some, or remove the hold");
  mapping.nodes[0] = Hold{kDram, TensorSet{15}};
  check_fault(mapping, 0, "DRAM holds a tensor that the problem does not have");
  mapping = good();
  mapping.nodes[1] = Loop{DimensionId(3), 4, {}};
  check_fault(mapping, 1, "a loop is over a dimension that the problem does not have");
  mapping.nodes[1] = Loop{kM, 1, {}};
  check_fault(mapping, 1, "expected a loop over M of bound 2 or more, got 1");
  mapping.nodes[1] = Loop{kM, 4, AxisRef{kBuffer, 0}};
  check_fault(mapping, 1, "the loop over M is on Buffer, which is no fanout");
  mapping.nodes[1] = Loop{kM, 4, AxisRef{LevelId(7), 0}};
  check_fault(mapping, 1, "the loop over M is on an element that the architecture does not have");
  mapping.nodes[1] = Loop{kM, 4, AxisRef{kPes, 1}};
  check_fault(mapping, 1, "the loop over M is on an axis that PEs does not have");
}

TEST_CASE("There is a limit on loops", "[mapper]") {
  Mapping mapping = good();
  mapping.nodes.resize(1);
  for (std::size_t i = 0; i <= kMaxLoops; ++i) {
    mapping.nodes.emplace_back(Loop{kM, 2, {}});
  }
  check_fault(mapping, kMaxLoops + 1, "more than 128 loops");
}

TEST_CASE("Every tensor is held, before all loops and in the order of the memories", "[mapper]") {
  Mapping mapping = good();
  mapping.nodes[0] = Hold{kDram, TensorSet{5}};
  check_fault(mapping, 2,
              "A is first held by Buffer, after the loop M=4; a tensor's outermost hold must stand "
              "before all loops");
  mapping.nodes[2] = Hold{kBuffer, TensorSet{5}};
  check_fault(mapping, mapping.nodes.size(),
              "no memory holds A; its outermost hold must stand before all loops");
  mapping = good();
  mapping.nodes.insert(mapping.nodes.begin() + 3, Hold{kBuffer, kA});
  check_fault(mapping, 3, "A is held by Buffer twice");
  mapping = good();
  mapping.nodes[0] = Hold{kBuffer, kAll};
  mapping.nodes[2] = Hold{kDram, kA};
  check_fault(mapping, 2, "A is held by Buffer before DRAM, which is outside it in the hierarchy");
}

TEST_CASE("Loops cover their dimension and no bound can be lowered", "[mapper]") {
  Mapping mapping = good();
  std::get<Loop>(mapping.nodes[4]).bound = 3;
  check_fault(mapping, 4, "M is covered only up to 12 of 13: its loops' bounds multiply to 12");
  std::get<Loop>(mapping.nodes[4]).bound = 5;
  check_fault(mapping, 4, "bound 5 of M can be lowered to 4: 4 x 4 covers 13 already");
  std::get<Loop>(mapping.nodes[1]).bound = 5;
  std::get<Loop>(mapping.nodes[4]).bound = 4;
  check_fault(mapping, 1, "bound 5 of M can be lowered to 4: 4 x 4 covers 13 already");
  std::get<Loop>(mapping.nodes[1]).bound = 4;
  std::get<Loop>(mapping.nodes[4]).bound = 13;
  check_fault(mapping, 1, "the loop of bound 4 over M is not needed: 13 covers 13 already");
  mapping = good();
  std::get<Loop>(mapping.nodes[5]).bound = 7;
  check_fault(mapping, 5, "bound 7 of K can be lowered to 6: that is all of K");
  mapping.nodes.pop_back();
  check_fault(mapping, mapping.nodes.size(),
              "no loop runs over K; add loops whose bounds multiply to its bound, 6");
  Problem problem = test::gemm();
  problem.dimensions[1].bound = 1;
  const auto fault = validate(problem, test::two_levels(), good());
  REQUIRE(fault);
  CHECK(fault->message == "N has bound 1 and needs no loop; remove this one");
}

TEST_CASE("Huge bounds do not overflow the check", "[mapper]") {
  Mapping mapping = good();
  for (int i = 0; i < 3; ++i) {
    mapping.nodes.emplace_back(Loop{kM, std::int64_t{1} << 40, {}});
  }
  const auto fault = fault_of(mapping);
  REQUIRE(fault);
  CHECK(fault->node == 6);
}

TEST_CASE("Lowering any bound of a random valid mapping is a fault", "[mapper]") {
  test::RandomSource random(3);
  for (int i = 0; i < 300; ++i) {
    const Problem problem = test::random_problem(random);
    const Architecture architecture = test::random_architecture(random);
    Mapping mapping = test::random_mapping(random, problem, architecture);
    REQUIRE(!validate(problem, architecture, mapping));
    for (Node& node : mapping.nodes) {
      if (auto* loop = std::get_if<Loop>(&node)) {
        --loop->bound;
        CHECK(validate(problem, architecture, mapping));
        loop->bound += 2;
        CHECK(validate(problem, architecture, mapping));
        --loop->bound;
      }
    }
  }
}

}  // namespace
}  // namespace tessera
