#include "arch/architecture_spec.hpp"

#include "arch/tile_room.hpp"
#include "tests/arch/random_architecture.hpp"
#include "tests/catch_compat.hpp"
#include "tests/spec_text.hpp"

namespace tessera {
namespace {

using test::error_of;
using test::read_architecture;

/// A whole architecture around one memory with the given lines.
Memory read_memory(const std::string& lines) {
  const Architecture architecture =
      read_architecture("architecture:\n  hierarchy:\n    - memory: DRAM\n    - memory: Buffer\n" +
                        lines + "    - compute: MAC\n");
  return std::get<Memory>(architecture.hierarchy[1]);
}

Fanout read_fanout(const std::string& lines) {
  const Architecture architecture =
      read_architecture("architecture:\n  hierarchy:\n    - memory: DRAM\n    - fanout: PEs\n" +
                        lines + "    - compute: MAC\n");
  return std::get<Fanout>(architecture.hierarchy[1]);
}

TEST_CASE("The machine s3 of the design reads as written", "[arch]") {
  const Architecture s3 = read_architecture(R"(
architecture:
  name: s3
  clock: 1 GHz
  hierarchy:
    - memory: DRAM
      energy: 200 pJ/word          # or {read: ..., write: ..., leakage: 1 mW}
      bandwidth: 16e9 words/s      # reads and writes together
    - memory: GLB
      capacity: 128 KiB
      energy: 6 pJ/word
      bandwidth: 64e9 words/s
      keep: all                    # every tensor; without it the search may bypass
    - fanout: PEs
      axes: {X: 16, Y: 16}
    - memory: RF
      capacity: 512 B
      energy: 1 pJ/word
      keep: all
    - compute: MAC
      energy: 1 pJ/operation
      area: 0.002 mm2              # any element may have one, per instance
)");
  CHECK(s3.name == "s3");
  CHECK(s3.clock_hz == 1e9);
  REQUIRE(s3.hierarchy.size() == 5);
  const Memory& dram = *s3.memory(LevelId(0));
  CHECK(dram.energy == MemoryEnergy{200, 200, EnergyBasis::word});
  CHECK(dram.ports.shared == Bandwidth{16e9, BandwidthUnit::words_per_second});
  CHECK(!dram.capacity);
  CHECK(dram.keep.empty());
  const Memory& glb = *s3.memory(LevelId(1));
  CHECK(glb.capacity == Capacity{128 * 8192, Capacity::Unit::bits});
  CHECK(glb.keep == KindSet::all());
  const Fanout& pes = *s3.fanout(LevelId(2));
  CHECK(pes.instances() == 256);
  CHECK(pes.multicast[0] == Multicast::word);
  CHECK(pes.reduce);
  CHECK(s3.compute().energy_pj == 1.0);
  CHECK(s3.compute().area_mm2 == 0.002);
}

TEST_CASE("Eyeriss of the design reads as written, with costs in place of classes", "[arch]") {
  const Architecture eyeriss = read_architecture(R"(
architecture:
  name: eyeriss-v1
  technology: 65 nm
  clock: 200 MHz
  hierarchy:                       # outermost first
    - memory: DRAM
      bandwidth: 480 MB/s
    - memory: GlobalBuffer
      capacity: 108 KiB
      width: 64 bit
      keep: [inputs, outputs]      # must keep
    - fanout: PEs
      axes: {X: 14, Y: 12}
      multicast: word              # one parent read serves all children that need the word
      reduce: true                 # partial sums are added on the way up; true is the default
    - memory: WeightSpad
      capacity: 224 words          # with `word: 16 bit`, or equal bits of all that it holds
      only: [weights]              # must keep these and no others
    - memory: InputSpad
      capacity: 12 words
      only: [inputs]
    - memory: PsumSpad
      capacity: 24 words
      only: [outputs]
    - compute: MAC
)");
  CHECK(eyeriss.technology == "65 nm");
  CHECK(eyeriss.clock_hz == 200e6);
  CHECK(eyeriss.memory(LevelId(0))->ports.shared ==
        Bandwidth{480e6 * 8, BandwidthUnit::bits_per_second});
  CHECK(eyeriss.memory(LevelId(1))->width == 64);
  const Memory& spad = *eyeriss.memory(LevelId(3));
  CHECK(spad.capacity == Capacity{224, Capacity::Unit::words});
  CHECK(spad.keep.contains(TensorKind::weights));
  CHECK(!spad.keep.contains(TensorKind::inputs));
  CHECK(spad.bypass.contains(TensorKind::inputs));
  CHECK(spad.bypass.contains(TensorKind::outputs));
  CHECK(!spad.bypass.contains(TensorKind::weights));
}

TEST_CASE("A word's size turns a capacity in words into bits", "[arch]") {
  CHECK(read_memory("      capacity: 224 words\n      word: 16 bit\n").capacity ==
        Capacity{224 * 16, Capacity::Unit::bits});
}

TEST_CASE("Energies are per word, bit or access, alike or apart for reads and writes", "[arch]") {
  CHECK(read_memory("      energy: 2 pJ/bit\n").energy == MemoryEnergy{2, 2, EnergyBasis::bit});
  CHECK(read_memory("      width: 64 bit\n      energy: 0.5 nJ/access\n").energy ==
        MemoryEnergy{500, 500, EnergyBasis::access});
  const Memory memory =
      read_memory("      energy: {read: 3 pJ/word, write: 4 pJ/word, leakage: 1 mW}\n");
  CHECK(memory.energy == MemoryEnergy{3, 4, EnergyBasis::word});
  CHECK(memory.leakage_mw == 1.0);
}

TEST_CASE("Bandwidth is shared, or apart for reads and writes", "[arch]") {
  const Memory memory =
      read_memory("      bandwidth: {read: 8 words/cycle, write: 16 bit/cycle}\n");
  CHECK(!memory.ports.shared);
  CHECK(memory.ports.read == Bandwidth{8, BandwidthUnit::words_per_cycle});
  CHECK(memory.ports.write == Bandwidth{16, BandwidthUnit::bits_per_cycle});
}

TEST_CASE("Buffering and leakage read in their units", "[arch]") {
  CHECK(read_memory("      buffering: 1\n").buffering == Buffering::single_buffer);
  CHECK(read_memory("      buffering: 2\n").buffering == Buffering::double_buffer);
  CHECK(read_memory("      buffering: ideal\n").buffering == Buffering::ideal);
  CHECK(read_memory("      leakage: 2 W\n").leakage_mw == 2000.0);
}

TEST_CASE("An axis may say what it reuses, and a fanout how kinds share", "[arch]") {
  const Fanout fanout = read_fanout(
      "      axes: {X: {size: 14, reuse: weights}, Y: 12}\n"
      "      multicast: {inputs: tile, weights: none}\n      reduce: {outputs: false}\n"
      "      energy: 0.25 pJ/word\n");
  CHECK(fanout.axes[0].size == 14);
  CHECK(fanout.axes[0].reuse.contains(TensorKind::weights));
  CHECK(!fanout.axes[0].reuse.contains(TensorKind::inputs));
  CHECK(fanout.axes[1].reuse.empty());
  CHECK(fanout.multicast[0] == Multicast::tile);
  CHECK(fanout.multicast[1] == Multicast::none);
  CHECK(!fanout.reduce);
  CHECK(fanout.energy_pj == 0.25);
}

TEST_CASE("A fanout may add sums along some of its axes only", "[arch]") {
  const Fanout fanout = read_fanout("      axes: {X: 2, Y: 3}\n      reduce: {X: false}\n");
  CHECK(fanout.reduce);
  CHECK(!fanout.shares(TensorKind::outputs, 0));
  CHECK(fanout.shares(TensorKind::outputs, 1));
  CHECK(read_fanout("      axes: {X: 2, Y: 3}\n      reduce: {X: false, Y: false}\n") ==
        read_fanout("      axes: {X: 2, Y: 3}\n      reduce: false\n"));
  CHECK_THAT(error_of([] { read_fanout("      axes: {X: 2}\n      reduce: {Y: false}\n"); }),
             ContainsText("unknown axis or kind 'Y'"));
}

TEST_CASE("A fanout may have links for all operands or for one kind", "[arch]") {
  const Fanout both = read_fanout("      axes: {X: 2}\n      links: true\n");
  CHECK(both.links.contains(TensorKind::inputs));
  CHECK(both.links.contains(TensorKind::weights));
  CHECK(read_fanout("      axes: {X: 2}\n      links: false\n").links.empty());
  const Fanout one = read_fanout("      axes: {X: 2}\n      links: {inputs: true}\n");
  CHECK(one.links.contains(TensorKind::inputs));
  CHECK(!one.links.contains(TensorKind::weights));
  CHECK_THAT(error_of([] { read_fanout("      axes: {X: 2}\n      links: {outputs: true}\n"); }),
             ContainsText("outputs are not passed on"));
}

TEST_CASE("A memory may store words of other bits than the problem's", "[arch]") {
  const TensorWord weights{.kind = TensorKind::weights, .bits = 8, .final_bits = 8};
  const TensorWord sums{.kind = TensorKind::outputs, .bits = 24, .final_bits = 8};
  CHECK(read_memory("      bits: 4\n").stored(weights).bits == 4);
  const Memory some = read_memory("      bits: {weights: 5, outputs: 32}\n");
  CHECK(some.stored(weights) == TensorWord{TensorKind::weights, 5, 5});
  CHECK(some.stored(sums) == TensorWord{TensorKind::outputs, 32, 8});
  // No finished value is wider than a partial sum.
  CHECK(read_memory("      bits: {outputs: 6}\n").stored(sums) ==
        TensorWord{TensorKind::outputs, 6, 6});
  const Memory finished = read_memory("      bits: {outputs.final: 16}\n");
  CHECK(finished.stored(sums) == TensorWord{TensorKind::outputs, 24, 16});
  CHECK(finished.stored(weights) == weights);
}

TEST_CASE("Aligned words fill a capacity as they fill accesses", "[arch]") {
  const std::vector<TensorWord> words = {
      {TensorKind::outputs, 100, 100}, {TensorKind::inputs, 16, 16}, {TensorKind::weights, 5, 5}};
  // 64 bit hold 12 words of 5 bits or 4 of 16; a word of 100 takes two accesses.
  const TileRoom room = tile_room(
      read_memory("      capacity: 100 B\n      width: 64 bit\n      aligned: true\n"), words);
  CHECK(room.units_per_access == 12);
  CHECK(room.per_word == std::vector<std::int64_t>{24, 3, 1});
  CHECK(room.available == 12 * 12);  // 800 bit are 12 whole accesses
  CHECK(room.in_capacity(13) == 128);
  const TileRoom loose = tile_room(read_memory("      capacity: 100 B\n"), words);
  CHECK(loose.per_word == std::vector<std::int64_t>{100, 16, 5});
  CHECK(loose.available == 800);
  CHECK(loose.in_capacity(13) == 13);
}

TEST_CASE("Keys that this version cannot honour are refused with a way out", "[arch]") {
  CHECK_THAT(error_of([&] { read_memory("      drains: free\n"); }),
             ContainsText("is not supported in this version; "));
  CHECK_THAT(error_of([&] { read_memory("      estimator: ./cacti\n"); }),
             ContainsText("programs are not run here; "));
  for (const std::string key : {"leakage: 1 mW"}) {
    INFO(key);
    CHECK_THAT(error_of([&] { read_fanout("      axes: {X: 2}\n      " + key + "\n"); }),
               ContainsText("is not supported in this version; "));
  }
}

TEST_CASE("Any architecture reads back as it was written", "[arch]") {
  test::RandomSource random(2);
  for (int i = 0; i < 2000; ++i) {
    const Architecture architecture = test::random_architecture(random);
    const std::string text = to_yaml(architecture);
    INFO(text);
    const Architecture again = read_architecture(text);
    REQUIRE(again == architecture);
    REQUIRE(to_yaml(again) == text);
  }
}

}  // namespace
}  // namespace tessera
