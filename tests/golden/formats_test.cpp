// Files in Timeloop's formats as people write them: spellings of several versions, named shapes,
// bounds beside the shape, constraints wherever Timeloop reads them, Accelergy's tables. Written
// for this test; that they are understood rightly is checked by hand, by the oracle, and by equal
// spellings of one case.

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/workspace.hpp"
#include "model/evaluate.hpp"
#include "tests/catch_compat.hpp"
#include "tests/golden/golden_case.hpp"

namespace tessera::golden {
namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(TESSERA_TEST_DATA) / "golden" / "formats";

Workspace load(const std::string& name) {
  return Workspace::load(files_of(kFolder / name), {});
}

Evaluation score(const std::string& name) {
  const Workspace workspace = load(name);
  Evaluation evaluation =
      evaluate(workspace.need_problem(), workspace.need_architecture(), workspace.need_mapping());
  REQUIRE(evaluation.feasible());
  return evaluation;
}

const Memory& memory_of(const Workspace& workspace, const std::string& name) {
  const auto level = workspace.need_architecture().find(name);
  REQUIRE(level);
  const Memory* memory = workspace.need_architecture().memory(*level);
  REQUIRE(memory != nullptr);
  return *memory;
}

TEST_CASE("Every set of files in Timeloop's formats is read, written and read back") {
  std::size_t sets = 0;
  std::size_t mappings = 0;
  for (const std::string& name : list_cases(kFolder)) {
    INFO(name);
    const Workspace workspace = load(name);
    CHECK((workspace.architecture || workspace.problem));
    ++sets;
    if (workspace.mapping) {
      CHECK(score(name).operations > 0);
      CHECK(write_and_read(kFolder / name) == "");
      const OracleResult oracle = execute_case(kFolder / name, 50'000);
      CHECK_FALSE(oracle.skipped);
      CHECK(oracle.differences == "");
      ++mappings;
    }
  }
  CHECK(sets >= 14);
  CHECK(mappings >= 7);
}

TEST_CASE("Targets by number, factors without signs and lists say the same as names and texts") {
  const Evaluation names = score("v03-hyphens");
  const Evaluation numbers = score("v03-numbers-and-lists");
  CHECK(numbers.energy_pj == names.energy_pj);
  CHECK(numbers.cycles == names.cycles);
  for (std::size_t level = 0; level < names.levels.size(); ++level) {
    CHECK(numbers.levels[level].tensors == names.levels[level].tensors);
  }
}

TEST_CASE("A mapping in hyphens counts as its loops say") {
  const Evaluation result = score("v03-hyphens");
  // Weights pass the buffer: 9 words x (M 2, P 2, Q 8, C 2 outside) x 16 instances.
  CHECK(result.levels[0].tensors[1].reads == 9216);
  // `bandwidth: 8` is 4 words a cycle for reads: 9216 + 2312 words of inputs.
  CHECK(result.levels[0].tensors[2].reads == 2312);
  CHECK(result.cycles == 2882);
}

TEST_CASE("Of an action's entries with several arguments the dearest counts") {
  const Workspace workspace = load("v03-ert-with-arguments");
  const Memory& buffer = memory_of(workspace, "GlobalBuffer");
  REQUIRE(buffer.energy);
  CHECK(buffer.energy->write_pj == 25.4);
  CHECK(buffer.energy->read_pj == 22.5);
  CHECK(buffer.area_mm2 == 0.6000005);
  CHECK(workspace.need_architecture().compute().energy_pj == 2.2);
}

TEST_CASE("Accelergy's `memory_depth` and `memory_width` bound a memory as Timeloop has it") {
  const Workspace workspace = load("v02-networks-and-grouped-permutations");
  const Memory& buffer = memory_of(workspace, "shared_glb");
  REQUIRE(buffer.capacity);
  CHECK(buffer.capacity->amount == 16384 * 2);  // a line holds 2 words
  CHECK(buffer.width == 64);
  CHECK(memory_of(workspace, "psum_spad").capacity->amount == 16);
  REQUIRE(workspace.constraints);
  CHECK(workspace.constraints->orders.size() == 6);
}

TEST_CASE("A shape by its name, with bounds beside it, is Timeloop's convolution") {
  const Workspace workspace = load("v03-flat-instance-of-a-named-shape");
  const Problem& problem = workspace.need_problem();
  CHECK(problem.dimensions.size() == 7);
  CHECK(problem.find_tensor("Inputs"));
  CHECK(problem.tensors[0].name == "Outputs");
  const Workspace gemm = load("v03-flat-instance");
  for (const Tensor& tensor : gemm.need_problem().tensors) {
    CHECK(tensor.density == 0.5);  // commonDensity
  }
}

TEST_CASE("Registers that stand behind the compute unit are inside, and it is innermost") {
  const Workspace workspace = load("v03-registers-behind-the-unit");
  const Architecture& architecture = workspace.need_architecture();
  CHECK(architecture.hierarchy.size() == 8);
  CHECK(architecture.find("output_activation_reg")->index() == 6);
}

TEST_CASE("Constraints stand in every place where Timeloop reads them") {
  const Workspace workspace = load("v03-older-constraints");
  REQUIRE(workspace.constraints);
  CHECK(workspace.constraints->memories.size() == 2);
  CHECK(workspace.constraints->axes.size() == 2);
  CHECK(workspace.constraints->orders.size() == 2);
  CHECK(workspace.constraints->factors.size() == 7);
}

}  // namespace
}  // namespace tessera::golden
