// Tests of the oracle: cases small enough to follow by hand, with the reasoning beside the numbers.

#include "tests/oracle/execute.hpp"

#include <string>

#include "tests/catch_compat.hpp"
#include "tests/oracle/notation.hpp"

using namespace std::string_literals;
using tessera::Bandwidth;
using tessera::BandwidthUnit;
using tessera::Memory;
using tessera::oracle::Case;
using tessera::oracle::Counts;
using tessera::oracle::make_case;
using tessera::oracle::TensorCounts;

namespace {

const TensorCounts& at(const Case& c, const Counts& counts, const std::string& memory,
                       const std::string& tensor) {
  return counts.levels.at(c.architecture.find(memory).value().index())
      .tensors.at(c.problem.find_tensor(tensor).value().index());
}

std::int64_t moved(const Case& c, const Counts& counts, const std::string& memory) {
  std::int64_t words = 0;
  for (const TensorCounts& t :
       counts.levels.at(c.architecture.find(memory).value().index()).tensors) {
    words += t.reads + t.fills + t.updates + t.drains;
  }
  return words;
}

std::int64_t words(const Case& c, const Counts& counts, const std::string& fanout,
                   const std::string& tensor) {
  return counts.levels.at(c.architecture.find(fanout).value().index())
      .words.at(c.problem.find_tensor(tensor).value().index());
}

const std::string kConvolution = "O[P] += I[P+R] * W[R]";
const std::string kGemm = "C[M,N] += A[M,K] * B[K,N]";

}  // namespace

TEST_CASE("Both proven mappings of the machine s3, scaled to 16 cubed, move what they should",
          "[oracle]") {
  // DRAM 3 N^2, buffer 6 N^2, registers 4 N^3 + 2 N^2: each word of A and B passes each memory
  // once, every operation reads A and B, updates C, and drains it at once, as K lies on the array.
  const auto nodes =
      GENERATE("DRAM[*] GLB[B] RF[B] M:16 GLB[A] RF[A] N:16 GLB[C] RF[C] PEs.Y.K:4 PEs.X.K:4"s,
               "DRAM[*] GLB[A] N:2 GLB[B,C] PEs.Y.K:4 PEs.X.K:4 RF[A] N:8 RF[B] M:16 RF[C]"s);
  const Case c = make_case("M=16 N=16 K=16", kGemm, "DRAM GLB PEs(4x4) RF", nodes);
  const Counts counts = execute(c);
  CHECK(moved(c, counts, "DRAM") == 768);
  CHECK(moved(c, counts, "GLB") == 1536);
  CHECK(moved(c, counts, "RF") == 16896);
  CHECK(counts.dram_words == 768);
  CHECK(counts.operations == 4096);
  CHECK(counts.compute_cycles == 256);
  CHECK(counts.cycles == 256);
}

TEST_CASE("A window keeps its halo while it sweeps, not when an outer loop steps", "[oracle]") {
  // Tiles of P=2, R=3: 4 inputs; each of the 5 further tiles shares 2 with the one before.
  const Case sweep =
      make_case("P=12 R=3", kConvolution, "DRAM GLB RF", "DRAM[*] P:2 GLB[*] P:3 RF[*] R:3 P:2");
  const Counts counts = execute(sweep);
  CHECK(at(sweep, counts, "RF", "I").fills == 4 + 5 * 2);
  CHECK(at(sweep, counts, "GLB", "I").fills == 8 + 6);
  // Under K the window starts afresh; K outside of it does not count as the same sweep.
  const Case restarted = make_case("K=2 P=12 R=3", "O[K,P] += I[P+R] * W[K,R]", "DRAM RF",
                                   "DRAM[*] P:2 K:2 P:3 RF[*] R:3 P:2");
  CHECK(at(restarted, execute(restarted), "RF", "I").fills == 4 * (4 + 2 * 2));
}

TEST_CASE("Holes of a stride travel with the window, a stride without a window has none",
          "[oracle]") {
  // P=4 and R=2 at stride 3 touch 0,1,3,4,6,7,9,10: the hull is 11 words.
  const Case holes =
      make_case("P=8 R=2", "O[P] += I[P*3+R] * W[R]", "DRAM Buf", "DRAM[*] P:2 Buf[*] R:2 P:4");
  CHECK(at(holes, execute(holes), "Buf", "I").tile_words == 11);
  CHECK(at(holes, execute(holes), "Buf", "I").fills == 22);
  const Case pointwise =
      make_case("P=8 R=1", "O[P] += I[P*3+R] * W[R]", "DRAM Buf", "DRAM[*] P:2 Buf[*] P:4");
  CHECK(at(pointwise, execute(pointwise), "Buf", "I").tile_words == 4);
  CHECK(at(pointwise, execute(pointwise), "DRAM", "I").tile_words == 8);
}

TEST_CASE("Neighbours that need the same words share a read as far as the multicast goes",
          "[oracle]") {
  // Four instances with windows 0-3, 2-5, 4-7, 6-9, then the same 8 further on: 10 words in common,
  // 16 apart; the weights are the same for all. K is free for the inputs.
  const auto reads = [](const std::string& options, const std::string& tensor) {
    const Case c =
        make_case("P=16 R=3 K=2", "O[P,K] += I[P+R] * W[R,K]", "DRAM PEs(4" + options + ") RF",
                  "DRAM[*] P:2 K:2 PEs.X.P:4 RF[*] R:3 P:2");
    return at(c, execute(c), "DRAM", tensor).reads;
  };
  CHECK(reads("", "I") == 20);
  CHECK(reads(",tile", "I") == 32);
  CHECK(reads(",none", "I") == 32);
  CHECK(reads("", "W") == 2 * 2 * 3);
  CHECK(reads(",tile", "W") == 2 * 2 * 3);
  CHECK(reads(",none", "W") == 4 * 2 * 2 * 3);
}

TEST_CASE(
    "Of fanouts in series one without multicast keeps its own instances apart, others still share",
    "[oracle]") {
  // B, of 4 words, is the same in all 6 instances.
  const auto case_of = [](const std::string& nodes) {
    return make_case("M=6 N=2 K=2", kGemm, "DRAM Rows(2) Columns(3,none) RF", nodes);
  };
  const Case both = case_of("DRAM[*] Rows.X.M:2 Columns.X.M:3 RF[*] K:2 N:2");
  const Counts counts = execute(both);
  CHECK(at(both, counts, "RF", "B").fills == 24);
  CHECK(at(both, counts, "DRAM", "B").reads == 12);  // each column's own, for both rows at once
  CHECK(words(both, counts, "Columns", "B") == 24);
  CHECK(words(both, counts, "Rows", "B") == 24);  // further in, nothing is shared
  const Case rows = case_of("DRAM[*] M:3 Rows.X.M:2 RF[*] K:2 N:2");
  CHECK(at(rows, execute(rows), "DRAM", "B").reads == 4);
  CHECK(words(rows, execute(rows), "Rows", "B") == 8);
}

TEST_CASE("A mesh of clusters sends words to one cluster, to a group of them or to all",
          "[oracle]") {
  // 2 clusters of 3: unicast between clusters and multicast in them, and the other way round.
  const auto reads = [](const std::string& hierarchy) {
    const Case c = make_case("M=6 N=2 K=2", kGemm, hierarchy,
                             "DRAM[*] Clusters.X.M:2 PEs.X.M:3 RF[*] K:2 N:2");
    return at(c, execute(c), "DRAM", "B").reads;
  };
  CHECK(reads("DRAM Clusters(2) PEs(3) RF") == 4);
  CHECK(reads("DRAM Clusters(2,none) PEs(3) RF") == 2 * 4);
  CHECK(reads("DRAM Clusters(2) PEs(3,none) RF") == 3 * 4);
  CHECK(reads("DRAM Clusters(2,none) PEs(3,none) RF") == 6 * 4);
  // Two groups of two clusters: the words of the 4 clusters cross once a group.
  const Case grouped = make_case("M=8 N=2 K=2", kGemm, "DRAM Groups(2,none) Clusters(2) PEs(2) RF",
                                 "DRAM[*] Groups.X.M:2 Clusters.X.M:2 PEs.X.M:2 RF[*] K:2 N:2");
  const Counts counts = execute(grouped);
  CHECK(at(grouped, counts, "DRAM", "B").reads == 2 * 4);
  CHECK(words(grouped, counts, "Groups", "B") == 2 * 4);
  CHECK(words(grouped, counts, "Clusters", "B") == 4 * 4);
  CHECK(words(grouped, counts, "PEs", "B") == 8 * 4);
}

TEST_CASE("Neighbours pass on what they held a step before", "[oracle]") {
  // R lies on the array, P moves by one a step: each of three instances takes its word from the
  // next one, except the last. (Timeloop's s06.)
  const auto case_of = [](const std::string& options, const std::string& nodes) {
    return make_case("P=16 R=3", kConvolution, "DRAM GLB PEs(3" + options + ") RF",
                     "DRAM[*] " + nodes);
  };
  const std::string along = "GLB[*] P:16 PEs.X.R:3 RF[*]";
  const Case linked = case_of(",links", along);
  const Counts counts = execute(linked);
  CHECK(at(linked, counts, "GLB", "I").reads == 3 + 15);
  CHECK(at(linked, counts, "RF", "I").passed == 2 * 15);
  CHECK(at(linked, counts, "RF", "I").fills == 48);
  CHECK(words(linked, counts, "PEs", "I") == 48);
  CHECK(counts.levels[2].network[1].sent == 18);
  CHECK(counts.levels[2].network[1].passed == 30);
  const Case apart = case_of("", along);
  CHECK(at(apart, execute(apart), "GLB", "I").reads == 48);  // no two need a word at once
  const Case unicast = case_of(",none", along);
  CHECK(at(unicast, execute(unicast), "GLB", "I").reads == 48);
  // Without multicast each takes from next door what it can; two loops of P are one sweep.
  const Case alone = case_of(",none,links", along);
  CHECK(at(alone, execute(alone), "GLB", "I").reads == 18);
  const Case twice = case_of(",none,links", "P:2 GLB[*] P:8 PEs.X.R:3 RF[*]");
  CHECK(at(twice, execute(twice), "GLB", "I").reads == 18);
}

TEST_CASE("Sums are added along the axes that do so", "[oracle]") {
  // 2 x 3 instances with sums of the same 4 outputs: columns add theirs, the 2 columns stay apart.
  const auto case_of = [](const std::string& options) {
    return make_case("M=2 N=2 K=6", kGemm, "DRAM PEs(2x3" + options + ") RF",
                     "DRAM[*] PEs.X.K:2 PEs.Y.K:3 RF[*] M:2 N:2");
  };
  const Case columns = case_of(",sumX");
  const Counts counts = execute(columns);
  CHECK(at(columns, counts, "RF", "C").drains == 24);
  CHECK(at(columns, counts, "DRAM", "C").updates == 8);
  CHECK(at(columns, counts, "DRAM", "C").reads == 4);
  CHECK(at(columns, counts, "DRAM", "C").final_updates == 0);
  const Case rows = case_of(",sumY");
  CHECK(at(rows, execute(rows), "DRAM", "C").updates == 12);
  // Where nothing is left to add, what arrives is finished.
  const Case done = make_case("M=2 N=2 K=3", kGemm, "DRAM PEs(2x3,sumX) RF",
                              "DRAM[*] PEs.X.M:2 PEs.Y.K:3 RF[*] N:2");
  CHECK(at(done, execute(done), "DRAM", "C").final_updates == 4);
}

TEST_CASE("Partial sums go out and come back, and the first visit of a word is no fill and no read",
          "[oracle]") {
  // Tiles of 2x3; each of the 4 is visited for each of the 5 values of K: 120 words drained, of
  // which 24 come first.
  const Case c = make_case("M=4 N=6 K=5", kGemm, "DRAM Buf", "DRAM[*] K:5 M:2 N:2 Buf[*] N:3 M:2");
  const Counts counts = execute(c);
  const TensorCounts& buffer = at(c, counts, "Buf", "C");
  CHECK(buffer.tile_words == 6);
  CHECK(buffer.drains == 120);
  CHECK(buffer.final_drains == 24);
  CHECK(buffer.fills == 96);
  CHECK(buffer.updates == 120);
  CHECK(buffer.reads == 96);
  CHECK(buffer.final_updates == 24);
  const TensorCounts& dram = at(c, counts, "DRAM", "C");
  CHECK(dram.updates == 120);
  CHECK(dram.reads == 96);
  CHECK(dram.final_updates == 24);
  CHECK(dram.fills + dram.drains + dram.final_drains == 0);
}

TEST_CASE("A sliding output leaves word by word as its window moves on", "[oracle]") {
  const std::string transposed = "O[P+R] += I[P] * W[R]";
  // Tiles {0,1}, {1,2}, {2,3}: 0 leaves, then 1, then the rest.
  const Case inner = make_case("P=3 R=2", transposed, "DRAM Buf", "DRAM[*] P:3 Buf[O] R:2");
  const Counts kept = execute(inner);
  CHECK(at(inner, kept, "Buf", "O").drains == 4);
  CHECK(at(inner, kept, "Buf", "O").fills == 0);
  CHECK(at(inner, kept, "Buf", "O").reads == 2);
  CHECK(at(inner, kept, "Buf", "O").final_drains == 4);
  CHECK(at(inner, kept, "DRAM", "O").updates == 4);
  CHECK(at(inner, kept, "DRAM", "O").reads == 0);
  // One word at a time, R outside: 0 1 2, 1 2 3. Words 1 and 2 return.
  const Case outer = make_case("P=3 R=2", transposed, "DRAM Buf", "DRAM[*] R:2 P:3 Buf[O]");
  const Counts returned = execute(outer);
  CHECK(at(outer, returned, "Buf", "O").drains == 6);
  CHECK(at(outer, returned, "Buf", "O").fills == 2);
  CHECK(at(outer, returned, "DRAM", "O").reads == 2);
}

TEST_CASE("Sums of neighbours are added on the way up where the fanout reduces", "[oracle]") {
  const auto case_of = [](const std::string& options) {
    return make_case("M=2 N=1 K=6", kGemm, "DRAM PEs(3" + options + ") RF",
                     "DRAM[*] M:2 PEs.X.K:3 RF[*] K:2");
  };
  const Case reduced = case_of("");
  const Counts added = execute(reduced);
  CHECK(at(reduced, added, "RF", "C").drains == 6);
  CHECK(at(reduced, added, "RF", "C").final_drains == 0);  // each register holds a part of the sum
  CHECK(at(reduced, added, "DRAM", "C").updates == 2);
  CHECK(at(reduced, added, "DRAM", "C").final_updates == 2);
  CHECK(at(reduced, added, "DRAM", "C").reads == 0);
  CHECK(words(reduced, added, "PEs", "C") == 6);
  const Case apart = case_of(",sum");
  const Counts sent = execute(apart);
  CHECK(at(apart, sent, "DRAM", "C").updates == 6);
  CHECK(at(apart, sent, "DRAM", "C").final_updates == 0);
  CHECK(at(apart, sent, "DRAM", "C").reads == 4);
}

TEST_CASE("What does not exist costs nothing: idle instances, empty steps, last tiles",
          "[oracle]") {
  // P = 7 as 2 tiles of 2 instances x 2: 0-3, then 4-5 and 6 alone.
  const Case c =
      make_case("P=7 R=3", kConvolution, "DRAM PEs(2) RF", "DRAM[*] P:2 PEs.X.P:2 RF[*] R:3 P:2");
  const Counts counts = execute(c);
  CHECK(counts.operations == 21);
  CHECK(counts.compute_cycles == 12);
  CHECK(at(c, counts, "RF", "I").fills == 4 + 4 + 4 + 3);
  CHECK(at(c, counts, "DRAM", "I").reads == 6 + 5);
  CHECK(at(c, counts, "RF", "O").drains == 7);
  // P = 5 as 3 x 2 on an axis of 3, one step of the last instance empty.
  const Case idle =
      make_case("P=5", "O[P] += I[P]", "DRAM PEs(3) RF", "DRAM[*] PEs.X.P:3 RF[*] P:2");
  CHECK(execute(idle).compute_cycles == 2);
  CHECK(execute(idle).levels[3].instances_used == 3);
  CHECK(at(idle, execute(idle), "RF", "I").fills == 5);
}

TEST_CASE("A bypassed memory leaves its traffic to the next one outward", "[oracle]") {
  const Case c = make_case("M=2 N=3 K=4", kGemm, "DRAM Buf", "DRAM[*] Buf[A] M:2 N:3 K:4");
  const Counts counts = execute(c);
  CHECK(at(c, counts, "Buf", "A").fills == 8);
  CHECK(at(c, counts, "Buf", "A").reads == 24);
  CHECK(at(c, counts, "DRAM", "A").reads == 8);
  CHECK(at(c, counts, "DRAM", "B").reads == 24);
  CHECK(at(c, counts, "DRAM", "C").updates == 24);
  CHECK(at(c, counts, "DRAM", "C").reads == 18);
  CHECK_FALSE(at(c, counts, "Buf", "B").held);
}

TEST_CASE("The busiest port sets the time, a single buffer adds its transfers", "[oracle]") {
  Case c = make_case("M=2 N=3 K=4", kGemm, "DRAM Buf", "DRAM[*] Buf[A] M:2 N:3 K:4");
  auto& buffer = std::get<Memory>(c.architecture.hierarchy[1]);
  CHECK(execute(c).cycles == 24);
  // 8 fills and 24 reads of 16 bits at 10 bits a cycle: 51.2 cycles.
  buffer.ports.shared = Bandwidth{10, BandwidthUnit::bits_per_cycle};
  CHECK(execute(c).cycles == 52);
  // ... and the fills once more: 12.8 cycles.
  buffer.buffering = tessera::Buffering::single_buffer;
  CHECK(execute(c).cycles == 52 + 13);
  // 24 reads, or 8 fills, at 0.75e9 words a second of a clock of 1e9: 32 and 10.7 cycles.
  buffer.ports = {};
  buffer.ports.read = Bandwidth{0.75e9, BandwidthUnit::words_per_second};
  buffer.ports.write = buffer.ports.read;
  CHECK(execute(c).cycles == 32 + 11);
}

TEST_CASE("Final words are narrower on a port", "[oracle]") {
  Case c = make_case("M=4 N=1 K=3", kGemm, "DRAM Buf", "DRAM[*] M:4 Buf[C] K:3");
  c.problem.tensors[0].bits = 32;
  c.problem.tensors[0].final_bits = 8;
  auto& buffer = std::get<Memory>(c.architecture.hierarchy[1]);
  // Read port: 8 old values of 32 bits, 4 drains of 8. Write port: 12 updates, 4 of them final.
  buffer.ports.read = Bandwidth{1, BandwidthUnit::bits_per_cycle};
  CHECK(execute(c).cycles == 8 * 32 + 4 * 8);
  buffer.ports.write = buffer.ports.read;
  CHECK(execute(c).cycles == 8 * 32 + 4 * 8);
  buffer.ports.read.reset();
  CHECK(execute(c).cycles == 8 * 32 + 4 * 8);
  CHECK(execute(c).levels[1].needed_bits == 32);
}
