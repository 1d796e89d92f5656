#include "mapper/mapping_spec.hpp"

#include "tests/arch/random_architecture.hpp"
#include "tests/catch_compat.hpp"
#include "tests/mapper/random_mapping.hpp"
#include "tests/mapper/small_machine.hpp"
#include "tests/problems/random_problem.hpp"

namespace tessera {
namespace {

using test::error_of;
using test::read_mapping;

Mapping read_gemm(const std::string& items) {
  return read_mapping("mapping:\n" + items, test::gemm(), test::two_levels());
}

TEST_CASE("The mapping of the design reads as written and prints as it was", "[mapper]") {
  const Problem problem = test::resnet_layer();
  const Architecture architecture = test::eyeriss();
  const Mapping mapping = read_mapping(test::kDesignMapping, problem, architecture);
  REQUIRE(mapping.nodes.size() == 15);
  const Loop c = std::get<Loop>(mapping.nodes[8]);
  CHECK(problem.at(c.dimension).name == "C");
  CHECK(c.bound == 4);
  CHECK(c.axis == AxisRef{*architecture.find("PEs"), 1});
  CHECK(to_yaml(mapping, problem, architecture) ==
        "mapping:\n"
        "  - DRAM: [Inputs, Weights, Outputs]\n"
        "  - for: {K: 8, C: 8, Q: 2}\n"
        "  - GlobalBuffer: [Inputs, Outputs]\n"
        "  - for: {P: 28}\n"
        "  - spatial: {PEs.X: {Q: 14}, PEs.Y: {R: 3, C: 4}}\n"
        "  - WeightSpad: [Weights]\n"
        "  - InputSpad: [Inputs]\n"
        "  - for: {C: 4, S: 3}\n"
        "  - PsumSpad: [Outputs]\n"
        "  - for: {K: 16}\n");
  CHECK(to_line(mapping, problem, architecture) ==
        "DRAM[Inputs+Weights+Outputs] K=8 C=8 Q=2 GlobalBuffer[Inputs+Outputs] P=28 PEs.X:Q=14 "
        "PEs.Y:R=3 PEs.Y:C=4 WeightSpad[Weights] InputSpad[Inputs] C=4 S=3 PsumSpad[Outputs] K=16");
}

TEST_CASE("Loops of bound 1 are dropped, `all` is every tensor, one axis needs no name",
          "[mapper]") {
  const Mapping mapping = read_gemm(
      "  - DRAM: all\n  - for: {M: 13, N: 1}\n  - spatial: {PEs: {N: 4}}\n"
      "  - for: {K: 6}\n");
  REQUIRE(mapping.nodes.size() == 4);
  CHECK(std::get<Hold>(mapping.nodes[0]).tensors == TensorSet{7});
  CHECK(std::get<Loop>(mapping.nodes[2]).axis == AxisRef{LevelId(2), 0});
  CHECK(read_gemm("  DRAM[all] M=13 N=1 PEs:N=4 K=6\n") == mapping);
}

TEST_CASE("A line may be folded over several", "[mapper]") {
  CHECK(read_gemm("  DRAM[A+B+C] M=13\n  PEs.X:N=4\n    K=6\n").nodes.size() == 4);
}

TEST_CASE("A dimension that comes again starts a new item", "[mapper]") {
  const std::string items =
      "mapping:\n  - DRAM: [A, B, C]\n  - for: {M: 4, N: 2}\n  - for: {M: 4}\n"
      "  - spatial: {PEs.X: {N: 2}}\n  - for: {K: 6}\n";
  const Mapping mapping = read_mapping(items, test::gemm(), test::two_levels());
  CHECK(to_yaml(mapping, test::gemm(), test::two_levels()) == items);
}

TEST_CASE("Faults in the form of one line are shown at their word", "[mapper]") {
  const std::string lead = "mapping: ";
  const auto caret_after = [&](const std::string& good, const std::string& bad,
                               const std::string& message) {
    const std::string text =
        error_of([&] { read_mapping(lead + good + bad + "\n", test::gemm(), test::two_levels()); });
    INFO(text);
    CHECK_THAT(text, ContainsText(message));
    const std::size_t caret = text.find('^');
    REQUIRE(caret != std::string::npos);
    const std::size_t shown = text.find(lead, text.find('\n'));
    CHECK(caret - text.rfind('\n', caret) - 1 ==
          shown - text.rfind('\n', shown) - 1 + lead.size() + good.size());
  };
  caret_after("DRAM[A+B+C] M=13 ", "L=4 K=6", "unknown dimension 'L'");
  caret_after("DRAM[A+B+", "D] M=13", "unknown tensor 'D'");
  caret_after("DRAM[A+B+", "A] M=13", "A stands in this hold twice");
  caret_after("DRAM[A+B+", "] M=13", "unknown tensor ''");
  caret_after("DRAM[A+B+C] ", "Cache[A] M=13", "unknown memory 'Cache'");
  caret_after("DRAM[A+B+C] ", "MAC[A] M=13", "MAC is the compute element");
  caret_after("DRAM[A+B+C] ", "PE.X:M=13", "unknown axis 'PE.X' (did you mean 'PEs.X'?)");
  caret_after("DRAM[A+B+C] ", "DRAM:M=13", "DRAM is no fanout");
  caret_after("DRAM[A+B+C] ", "DRAM", "expected a hold such as");
  caret_after("DRAM[A+B+C] M=", "013", "expected a bound from 1 to");
  caret_after("DRAM[A+B+C] M=", "-3", "expected a bound from 1 to");
  caret_after("DRAM[A+B+C] M=", "13x", "expected a bound from 1 to");
  caret_after("DRAM[A+B+C", " M=13", "expected ']'");
  caret_after("DRAM[A+B+C] ", "M=14 N=4 K=6", "can be lowered to 13");
  caret_after("DRAM[A+B+C] ", "Buffer[] M=13 N=4 K=6", "Buffer holds no tensor here");
}

TEST_CASE("Any mapping reads back as it was written, in both forms", "[mapper]") {
  test::RandomSource random(4);
  for (int i = 0; i < 2000; ++i) {
    const Problem problem = test::random_problem(random);
    const Architecture architecture = test::random_architecture(random);
    const Mapping mapping = test::random_mapping(random, problem, architecture);
    const std::string text = to_yaml(mapping, problem, architecture);
    INFO(text);
    const Mapping again = read_mapping(text, problem, architecture);
    REQUIRE(again == mapping);
    REQUIRE(to_yaml(again, problem, architecture) == text);
    const std::string line = to_line(mapping, problem, architecture);
    INFO(line);
    REQUIRE(line.find_first_of(",\"'\n") == std::string::npos);
    REQUIRE(read_mapping("mapping: " + line + "\n", problem, architecture) == mapping);
  }
}

}  // namespace
}  // namespace tessera
