#include "model/evaluate.hpp"
#include "tests/catch_compat.hpp"
#include "tests/oracle/notation.hpp"

namespace tessera {
namespace {

/// A GEMM of 4 x 4 x `inner` over a mesh of 4 x 4, hops counted.
Evaluation spread_gemm(const std::string& nodes, const std::string& mesh = "(4x4)") {
  oracle::Case c = oracle::make_case("M=4 N=4 K=8", "Z[M,N] += A[M,K] * B[K,N]",
                                     "DRAM PEs" + mesh + " RF", nodes);
  std::get<Fanout>(c.architecture.hierarchy[1]).hop_pj = 1;
  return evaluate(c.problem, c.architecture, c.mapping);
}

TEST_CASE("A word that one instance gets goes to its column and then to its row", "[network]") {
  const Evaluation e = spread_gemm("DRAM[*] PEs.X.M:4 PEs.Y.N:4 RF[*] K:8");
  // Outputs: 16 words, columns 0 to 3 along the trunk, rows 1.5, 0.5, 0.5, 1.5 from the middle.
  CHECK(e.levels[1].network[0] == NetworkTraffic{.sent = 16, .half_hops = 2 * (24 + 16)});
  // A[M,K]: 8 words to each whole column m: m hops, then up and down 1.5 each.
  CHECK(e.levels[1].network[1] == NetworkTraffic{.sent = 32, .half_hops = 2 * 8 * (6 + 4 * 3)});
  // B[K,N]: 8 words to each whole row: 3 hops along the trunk, then four columns.
  CHECK(e.levels[1].network[2] == NetworkTraffic{.sent = 32, .half_hops = 2 * 8 * 4 * (3 + 4)});
}

TEST_CASE("Where the middle of a mesh is a row, words enter there", "[network]") {
  const Evaluation e = spread_gemm("DRAM[*] PEs.Y.N:4 RF[*] M:4 K:8", "(4x5)");
  // Z: 4 rows at 2, 1, 0, 1 from the middle row 2; four words each.
  CHECK(e.levels[1].network[0] == NetworkTraffic{.sent = 16, .half_hops = 2 * 4 * 4});
}

TEST_CASE("The outer loop on an axis is the slow digit of the position", "[network]") {
  // N inside K: the words of B[K,N] for k are at columns 2k and 2k + 1, A's at both.
  const Evaluation e = spread_gemm("DRAM[*] K:4 PEs.X.K:2 PEs.X.N:2 N:2 M:4 RF[*]", "(4)");
  CHECK(e.levels[1].network[1].half_hops == 2 * 16 * 2 * (1 + 3));
  CHECK(e.levels[1].network[0].half_hops % 2 == 0);
}

TEST_CASE("The bandwidth of a fanout binds for what one instance outside it takes in",
          "[network]") {
  oracle::Case c = oracle::make_case("M=4 N=4 K=8", "Z[M,N] += A[M,K] * B[K,N]", "DRAM PEs(4x4) RF",
                                     "DRAM[*] PEs.X.M:4 PEs.Y.N:4 RF[*] K:8");
  Fanout& pes = std::get<Fanout>(c.architecture.hierarchy[1]);
  pes.bandwidth.by_kind[static_cast<std::size_t>(TensorKind::weights)] =
      Bandwidth{0.5, BandwidthUnit::words_per_cycle};
  Evaluation e = evaluate(c.problem, c.architecture, c.mapping);
  CHECK(e.cycles == 64);  // 32 words of B, of 16 bit
  CHECK(e.bottleneck == LevelId(1));
  pes.bandwidth = {};
  pes.bandwidth.shared = Bandwidth{16, BandwidthUnit::bits_per_cycle};
  pes.latency_cycles = 7;
  e = evaluate(c.problem, c.architecture, c.mapping);
  CHECK(e.cycles == 16 + 32 + 32 + 7);
  CHECK(e.compute_cycles == 8);
}

}  // namespace
}  // namespace tessera
