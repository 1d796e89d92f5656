#include <string>

#include "app/csv_report.hpp"
#include "app/evaluation_report.hpp"
#include "app/progress.hpp"
#include "app/text_table.hpp"
#include "tests/catch_compat.hpp"

using namespace tessera;

TEST_CASE("a table aligns its columns and leaves no space at the end of a line") {
  TextTable table({{"name", TextTable::Align::left}, {"words"}, {"note", TextTable::Align::left}});
  table.add({"GLB", "1,024", ""});
  table.add({"Registers", "8", "small"});
  CHECK(table.text(2) ==
        "  name       words  note\n"
        "  GLB        1,024\n"
        "  Registers      8  small\n");
}

TEST_CASE("a CSV field is quoted where it must be and only there") {
  CHECK(csv_field("DRAM[A+B] K=8") == "DRAM[A+B] K=8");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("say \"x\"") == "\"say \"\"x\"\"\"");
  CHECK(csv_field("two\nlines") == "\"two\nlines\"");
  CHECK(csv_field("").empty());
}

TEST_CASE("an operation is written as in a spec, with coefficients") {
  Problem problem;
  problem.name = "conv";
  problem.dimensions = {{"P", 4}, {"R", 3}};
  const Rank window = {{DimensionId(0), 2}, {DimensionId(1), 1}};
  problem.tensors = {
      {.name = "Out", .projection = {{{{DimensionId(0), 1}}}}, .role = TensorRole::output},
      {.name = "In", .projection = {{window}}},
      {.name = "W", .projection = {{{{DimensionId(1), 1}}}}}};
  CHECK(problem_text(problem) == "Out[P] += In[2*P + R] * W[R]  (P 4, R 3)");
}

TEST_CASE("what an architecture gives no energy or area for is listed") {
  Architecture architecture;
  Memory memory;
  memory.name = "DRAM";
  memory.energy = MemoryEnergy{};
  memory.area_mm2 = 1.0;
  Fanout fanout;
  fanout.name = "PEs";
  Compute compute;
  compute.name = "MAC";
  compute.area_mm2 = 0.1;
  architecture.hierarchy = {memory, fanout, compute};
  CHECK(not_modelled(architecture) ==
        std::vector<std::string>{"energy of PEs, MAC", "area of PEs"});
}

TEST_CASE("the progress line shows share, count, rate and the best of each objective") {
  const SearchProgress progress{
      .evaluated = 2'000'000, .feasible = 1, .share_done = 0.25, .best = {125698048, 65536}};
  CHECK(progress_text(progress, {Objective::energy, Objective::latency}, 2.0) ==
        " 25.0 %  2,000,000 mappings, 1 M/s  energy 125.698 uJ  latency 65,536 cycles");
}
