// Values from Timeloop (commit 4cf6d4c), small enough to execute, as checks of the oracle itself:
// reads, fills, updates and tiles of all instances together. Its multicast is our `tile`; cases of
// linked neighbours and of its accounting switches are left out. Where it departs from an execution
// of the nest, the table gives its number, ours, and why:
//   S1   of each loop it visits two values, and sees a halo, or the same word again, across a wrap
//   S6   cycles of imperfect loops are those of the full ones
//   S11  of three or more tiles the last, smaller one counts as a full one
//   S12  instances used are a truncated average over time

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch_compat.hpp"
#include "tests/oracle/notation.hpp"

using tessera::LevelId;
using tessera::oracle::Case;
using tessera::oracle::Counts;
using tessera::oracle::TensorCounts;

namespace {

struct TimeloopCase {
  const char* name;
  const char* rule;  // why it departs, if it does
  const char* dimensions;
  const char* operation;
  const char* hierarchy;
  const char* nodes;
  std::int64_t cycles;
  const char* counts;      // memory tensor reads fills updates tile; ...
  const char* departures;  // memory tensor field Timeloop's ours; ..., or cycles Timeloop's ours
};

constexpr TimeloopCase kCases[] = {
    {"b01_bypass_glb_weights", "", "M=8 N=8 K=8", "Z[M,N] += A[M,K] * B[K,N]", "DRAM GLB RF",
     "DRAM[*] K:2 M:2 N:2 GLB[Z,A] N:2 M:2 K:2 RF[*] K:2 N:2 M:2", 512,
     "RF A 512 256 0 4; RF B 512 256 0 4; RF Z 448 64 512 4; GLB A 256 64 0 16; GLB Z 64 64 128 "
     "16; DRAM A 64 0 0 64; DRAM B 256 0 0 64; DRAM Z 64 0 128 64",
     ""},
    {"b04_bypass_rf_all_but_Z", "", "M=8 N=8 K=8", "Z[M,N] += A[M,K] * B[K,N]",
     "DRAM GLB F2(8x8,tile) RF", "DRAM[*] M:2 N:2 K:2 GLB[*] N:2 K:2 F2.X.N:2 F2.X.M:4 RF[Z] K:2",
     64,
     "RF Z 448 64 512 1; GLB A 256 128 0 16; GLB B 128 128 0 16; GLB Z 64 0 128 16; DRAM A 128 0 "
     "0 64; DRAM B 128 0 0 64; DRAM Z 0 0 64 64",
     ""},
    {"b05_bypass_dram_outermost", "", "M=8 N=8 K=8", "Z[M,N] += A[M,K] * B[K,N]", "DRAM GLB RF",
     "DRAM[A,B] GLB[Z] K:2 GLB[A,B] K:2 M:4 N:4 RF[*] K:2 N:2 M:2", 512,
     "RF A 512 64 0 4; RF B 512 256 0 4; RF Z 448 192 512 4; GLB A 64 64 0 32; GLB B 256 64 0 "
     "32; GLB Z 192 0 256 64; DRAM A 64 0 0 64; DRAM B 64 0 0 64",
     ""},
    {"c01_conv2d_PQ_halo", "", "N=1 C=2 K=2 P=8 Q=8 R=3 S=3",
     "Outputs[N,K,Q,P] += Weights[K,C,S,R] * Inputs[N,C,Q+S,P+R]", "DRAM Buf",
     "DRAM[*] Q:4 P:4 Buf[*] K:2 C:2 Q:2 P:2 S:3 R:3", 2304,
     "Buf Weights 2304 36 0 36; Buf Inputs 2304 320 0 32; Buf Outputs 2176 0 2304 8; DRAM "
     "Weights 36 0 0 36; DRAM Inputs 320 0 0 200; DRAM Outputs 0 0 128 128",
     ""},
    {"c03_conv2d_dil2", "", "N=1 C=2 K=2 P=8 Q=8 R=3 S=3",
     "Outputs[N,K,Q,P] += Weights[K,C,S,R] * "
     "Inputs[N,C,Q+S*2,P+R*2]",
     "DRAM Buf", "DRAM[*] Q:4 P:2 K:2 Buf[*] C:2 Q:2 P:4 S:3 R:3", 2304,
     "Buf Weights 2304 288 0 18; Buf Inputs 2304 576 0 96; Buf Outputs 2176 0 2304 8; DRAM "
     "Weights 288 0 0 36; DRAM Inputs 576 0 0 288; DRAM Outputs 0 0 128 128",
     ""},
    {"c04_conv2d_RS_outer", "", "N=1 C=2 K=2 P=8 Q=8 R=3 S=3",
     "Outputs[N,K,Q,P] += Weights[K,C,S,R] * Inputs[N,C,Q+S,P+R]", "DRAM Buf",
     "DRAM[*] S:3 R:3 P:2 Buf[*] K:2 C:2 Q:8 P:4", 2304,
     "Buf Weights 2304 36 0 4; Buf Inputs 2304 1152 0 64; Buf Outputs 2176 1024 2304 64; DRAM "
     "Weights 36 0 0 36; DRAM Inputs 1152 0 0 200; DRAM Outputs 1024 0 1152 128",
     ""},
    {"c06_depthwise", "", "N=1 G=8 P=8 Q=8 R=3 S=3",
     "Outputs[N,G,Q,P] += Weights[G,S,R] * Inputs[N,G,Q+S,P+R]", "DRAM GLB F2(4x4,tile) RF",
     "DRAM[*] G:2 Q:2 GLB[*] Q:4 P:4 F2.X.G:4 RF[*] P:2 S:3 R:3", 1152,
     "RF Weights 4608 72 0 9; RF Inputs 4608 1920 0 12; RF Outputs 4096 0 4608 2; GLB Weights 72 "
     "72 0 36; GLB Inputs 1920 800 0 240; GLB Outputs 0 0 512 128; DRAM Weights 72 0 0 72; DRAM "
     "Inputs 800 0 0 800; DRAM Outputs 0 0 512 512",
     ""},
    {"g01_gemm_MNK", "", "M=4 N=6 K=5", "Z[M,N] += A[M,K] * B[K,N]", "DRAM Buf",
     "DRAM[*] K:5 N:6 M:4 Buf[*]", 120,
     "Buf A 120 120 0 1; Buf B 120 30 0 1; Buf Z 96 96 120 1; DRAM A 120 0 0 20; DRAM B 30 0 0 "
     "30; DRAM Z 96 0 120 24",
     ""},
    {"g02_gemm_KNM", "", "M=4 N=6 K=5", "Z[M,N] += A[M,K] * B[K,N]", "DRAM Buf",
     "DRAM[*] M:4 N:6 K:5 Buf[*]", 120,
     "Buf A 120 120 0 1; Buf B 120 120 0 1; Buf Z 96 0 120 1; DRAM A 120 0 0 20; DRAM B 120 0 0 "
     "30; DRAM Z 0 0 24 24",
     ""},
    {"g07_gemm_tiled_spill", "", "M=4 N=6 K=5", "Z[M,N] += A[M,K] * B[K,N]", "DRAM Buf",
     "DRAM[*] K:5 M:2 N:2 Buf[*] N:3 M:2", 120,
     "Buf A 120 20 0 2; Buf B 120 60 0 3; Buf Z 96 96 120 6; DRAM A 20 0 0 20; DRAM B 60 0 0 30; "
     "DRAM Z 96 0 120 24",
     ""},
    {"g09_gemm_3lvl_spill_both", "", "M=8 N=8 K=8", "Z[M,N] += A[M,K] * B[K,N]", "DRAM GLB RF",
     "DRAM[*] K:2 M:2 N:2 GLB[*] K:2 M:2 N:2 RF[*] K:2 N:2 M:2", 512,
     "RF A 512 128 0 4; RF B 512 256 0 4; RF Z 448 192 512 4; GLB A 128 64 0 16; GLB B 256 128 0 "
     "16; GLB Z 192 64 256 16; DRAM A 64 0 0 64; DRAM B 128 0 0 64; DRAM Z 64 0 128 64",
     ""},
    {"g10_gemm_3lvl_no_spill", "", "M=8 N=8 K=8", "Z[M,N] += A[M,K] * B[K,N]", "DRAM GLB RF",
     "DRAM[*] M:2 N:2 GLB[*] N:2 M:2 RF[*] N:2 M:2 K:8", 512,
     "RF A 512 256 0 16; RF B 512 128 0 16; RF Z 448 0 512 4; GLB A 256 64 0 32; GLB B 128 128 0 "
     "32; GLB Z 0 0 64 16; DRAM A 64 0 0 64; DRAM B 128 0 0 64; DRAM Z 0 0 64 64",
     ""},
    {"i01_imperfect_temporal", "S6, S11", "R=3 P=10", "Outputs[P] += Weights[R] * Inputs[P+R]",
     "DRAM Buf", "DRAM[*] P:3 Buf[*] R:3 P:4", 36,
     "Buf Weights 30 3 0 3; Buf Inputs 30 14 0 6; Buf Outputs 20 2 30 4; DRAM Weights 3 0 0 3; "
     "DRAM Inputs 14 0 0 12; DRAM Outputs 2 0 12 10",
     "cycles 36 30; Buf Inputs fills 14 12; Buf Outputs fills 2 0; DRAM Inputs reads 14 12; DRAM "
     "Outputs reads 2 0; DRAM Outputs updates 12 10"},
    {"i02_imperfect_gemm_M", "S6", "M=7 N=4 K=5", "Z[M,N] += A[M,K] * B[K,N]", "DRAM Buf",
     "DRAM[*] K:5 M:2 Buf[*] N:4 M:4", 160,
     "Buf A 140 35 0 4; Buf B 140 20 0 4; Buf Z 112 112 140 16; DRAM A 35 0 0 35; DRAM B 20 0 0 "
     "20; DRAM Z 112 0 140 28",
     "cycles 160 140"},
    {"i03_imperfect_spatial", "S12", "M=10 N=6 K=4", "Z[M,N] += A[M,K] * B[K,N]",
     "DRAM GLB F2(4x4,tile) RF", "DRAM[*] GLB[*] M:3 N:6 F2.X.M:4 RF[*] K:4", 72,
     "RF A 216 30 0 4; RF B 216 180 0 4; RF Z 171 0 216 1; GLB A 40 40 0 40; GLB B 72 24 0 24; "
     "GLB Z 0 0 60 60; DRAM A 40 0 0 40; DRAM B 24 0 0 24; DRAM Z 0 0 60 60",
     "RF A reads 216 240; RF A fills 30 40; RF B reads 216 240; RF B fills 180 240; RF Z reads "
     "171 180; RF Z updates 216 240"},
    {"i04_imperfect_two", "S6, S12", "M=4 N=11 K=7", "Z[M,N] += A[M,K] * B[K,N]",
     "DRAM GLB F2(4x4,tile) RF", "DRAM[*] GLB[*] M:4 N:3 K:2 F2.X.N:4 RF[*] K:4", 96,
     "RF A 252 231 0 4; RF B 252 231 0 4; RF Z 219 0 252 1; GLB A 84 28 0 28; GLB B 308 77 0 77; "
     "GLB Z 0 0 44 44; DRAM A 28 0 0 28; DRAM B 77 0 0 77; DRAM Z 0 0 44 44",
     "cycles 96 84; RF A reads 252 308; RF A fills 231 308; RF B reads 252 308; RF B fills 231 "
     "308; RF Z reads 219 264; RF Z updates 252 308"},
    {"s01_gemm_spatM", "", "M=8 N=6 K=4", "Z[M,N] += A[M,K] * B[K,N]", "DRAM GLB F2(4x4,tile) RF",
     "DRAM[*] GLB[*] N:6 M:2 F2.X.M:4 RF[*] K:4", 48,
     "RF A 192 192 0 4; RF B 192 96 0 4; RF Z 144 0 192 1; GLB A 192 32 0 32; GLB B 24 24 0 24; "
     "GLB Z 0 0 48 48; DRAM A 32 0 0 32; DRAM B 24 0 0 24; DRAM Z 0 0 48 48",
     ""},
    {"s02_gemm_spatK", "", "M=8 N=6 K=4", "Z[M,N] += A[M,K] * B[K,N]", "DRAM GLB F2(4x4,tile) RF",
     "DRAM[*] GLB[*] N:6 M:8 F2.X.K:4 RF[*]", 48,
     "RF A 192 192 0 1; RF B 192 24 0 1; RF Z 0 0 192 1; GLB A 192 32 0 32; GLB B 24 24 0 24; "
     "GLB Z 0 0 48 48; DRAM A 32 0 0 32; DRAM B 24 0 0 24; DRAM Z 0 0 48 48",
     ""},
    {"s04_gemm_spat_partial", "", "M=6 N=4 K=6", "Z[M,N] += A[M,K] * B[K,N]",
     "DRAM GLB F2(16x16,tile) RF", "DRAM[*] K:2 GLB[*] M:2 N:2 F2.X.N:2 F2.X.M:3 RF[*] K:3", 24,
     "RF A 144 72 0 3; RF B 144 144 0 3; RF Z 120 24 144 1; GLB A 36 36 0 18; GLB B 48 24 0 12; "
     "GLB Z 24 0 48 24; DRAM A 36 0 0 36; DRAM B 24 0 0 24; DRAM Z 0 0 24 24",
     ""},
    {"s05_conv1d_spatP_halo", "", "R=3 P=16 K=2", "Outputs[P,K] += Weights[R,K] * Inputs[P+R]",
     "DRAM GLB F2(4x4,tile) RF", "DRAM[*] GLB[*] P:2 K:2 F2.X.P:4 RF[*] R:3 P:2", 24,
     "RF Weights 96 48 0 3; RF Inputs 96 32 0 4; RF Outputs 64 0 96 2; GLB Weights 12 6 0 6; GLB "
     "Inputs 32 18 0 18; GLB Outputs 0 0 32 32; DRAM Weights 6 0 0 6; DRAM Inputs 18 0 0 18; "
     "DRAM Outputs 0 0 32 32",
     ""},
    {"s07_conv1d_spatR_nolink", "", "R=3 P=16", "Outputs[P] += Weights[R] * Inputs[P+R]",
     "DRAM GLB F2(3x3,tile) RF", "DRAM[*] GLB[*] P:16 F2.X.R:3 RF[*]", 16,
     "RF Weights 48 3 0 1; RF Inputs 48 48 0 1; RF Outputs 0 0 48 1; GLB Weights 3 3 0 3; GLB "
     "Inputs 48 18 0 18; GLB Outputs 0 0 16 16; DRAM Weights 3 0 0 3; DRAM Inputs 18 0 0 18; "
     "DRAM Outputs 0 0 16 16",
     ""},
    {"s08_gemm_nomulticast", "", "M=8 N=6 K=4", "Z[M,N] += A[M,K] * B[K,N]",
     "DRAM GLB F2(4x4,none,sum) RF", "DRAM[*] GLB[*] N:6 M:2 F2.X.M:4 RF[*] K:4", 48,
     "RF A 192 192 0 4; RF B 192 96 0 4; RF Z 144 0 192 1; GLB A 192 32 0 32; GLB B 96 24 0 24; "
     "GLB Z 0 0 48 48; DRAM A 32 0 0 32; DRAM B 24 0 0 24; DRAM Z 0 0 48 48",
     ""},
    {"s11_4lvl_conv", "", "N=1 C=8 K=8 P=8 Q=8 R=3 S=3",
     "Outputs[N,K,Q,P] += Weights[K,C,S,R] * Inputs[N,C,Q+S,P+R]",
     "DRAM L2 F2(4x4,tile) L1 F3(4x4,tile) RF",
     "DRAM[*] Q:2 L2[*] Q:2 P:2 F2.X.P:2 F2.X.K:2 L1[*] C:4 Q:2 F3.X.K:2 F3.X.C:2 RF[*] K:2 P:2 "
     "S:3 R:3",
     2304,
     "RF Weights 36864 9216 0 18; RF Inputs 36864 8192 0 12; RF Outputs 35840 3072 36864 4; L1 "
     "Weights 9216 1152 0 288; L1 Inputs 4096 4096 0 128; L1 Outputs 1536 0 2048 16; L2 Weights "
     "576 576 0 576; L2 Inputs 2048 800 0 480; L2 Outputs 0 0 512 256; DRAM Weights 576 0 0 576; "
     "DRAM Inputs 800 0 0 800; DRAM Outputs 0 0 512 512",
     ""},
    {"s13_mac_fanout", "", "M=8 N=8 K=16", "Z[M,N] += A[M,K] * B[K,N]",
     "DRAM GLB F2(2x2,tile) RF F3(4x4,tile)",
     "DRAM[*] K:2 GLB[*] K:2 N:4 F2.X.M:2 RF[*] N:2 M:4 F3.X.K:4", 128,
     "RF A 1024 128 0 16; RF B 1024 256 0 8; RF Z 192 192 256 8; GLB A 128 128 0 64; GLB B 128 "
     "128 0 64; GLB Z 192 0 256 64; DRAM A 128 0 0 128; DRAM B 128 0 0 128; DRAM Z 0 0 64 64",
     ""},
    {"t01_conv1d_ws", "S1", "R=3 P=8", "Outputs[P] += Weights[R] * Inputs[P+R]", "DRAM Buf",
     "DRAM[*] R:3 P:8 Buf[*]", 24,
     "Buf Weights 24 3 0 1; Buf Inputs 24 22 0 1; Buf Outputs 16 16 24 1; DRAM Weights 3 0 0 3; "
     "DRAM Inputs 22 0 0 10; DRAM Outputs 16 0 24 8",
     "Buf Inputs fills 22 24; DRAM Inputs reads 22 24"},
    {"t02_conv1d_os", "S1", "R=3 P=8", "Outputs[P] += Weights[R] * Inputs[P+R]", "DRAM Buf",
     "DRAM[*] P:8 R:3 Buf[*]", 24,
     "Buf Weights 24 24 0 1; Buf Inputs 24 17 0 1; Buf Outputs 16 0 24 1; DRAM Weights 24 0 0 3; "
     "DRAM Inputs 17 0 0 10; DRAM Outputs 0 0 8 8",
     "Buf Inputs fills 17 24; DRAM Inputs reads 17 24"},
    {"t04_conv1d_tileP4", "", "R=3 P=8", "Outputs[P] += Weights[R] * Inputs[P+R]", "DRAM Buf",
     "DRAM[*] P:2 Buf[*] R:3 P:4", 24,
     "Buf Weights 24 3 0 3; Buf Inputs 24 10 0 6; Buf Outputs 16 0 24 4; DRAM Weights 3 0 0 3; "
     "DRAM Inputs 10 0 0 10; DRAM Outputs 0 0 8 8",
     ""},
    {"t06_conv1d_stride2", "", "R=3 P=8", "Outputs[P] += Weights[R] * Inputs[P*2+R]", "DRAM Buf",
     "DRAM[*] P:8 Buf[*] R:3", 24,
     "Buf Weights 24 3 0 3; Buf Inputs 24 17 0 3; Buf Outputs 16 0 24 1; DRAM Weights 3 0 0 3; "
     "DRAM Inputs 17 0 0 17; DRAM Outputs 0 0 8 8",
     ""},
    {"t07_conv1d_stride3_gaps", "", "R=2 P=8", "Outputs[P] += Weights[R] * Inputs[P*3+R]",
     "DRAM Buf", "DRAM[*] P:2 Buf[*] R:2 P:4", 16,
     "Buf Weights 16 2 0 2; Buf Inputs 16 22 0 11; Buf Outputs 8 0 16 4; DRAM Weights 2 0 0 2; "
     "DRAM Inputs 22 0 0 23; DRAM Outputs 0 0 8 8",
     ""},
    {"t08_conv1d_dil2", "", "R=3 P=8", "Outputs[P] += Weights[R] * Inputs[P+R*2]", "DRAM Buf",
     "DRAM[*] P:8 Buf[*] R:3", 24,
     "Buf Weights 24 3 0 3; Buf Inputs 24 12 0 5; Buf Outputs 16 0 24 1; DRAM Weights 3 0 0 3; "
     "DRAM Inputs 12 0 0 12; DRAM Outputs 0 0 8 8",
     ""},
    {"t11_conv1d_K_outer", "", "R=3 P=8 C=2 K=4", "Outputs[P,K] += Weights[R,C,K] * Inputs[P+R,C]",
     "DRAM Buf", "DRAM[*] K:4 P:2 C:2 Buf[*] R:3 P:4", 192,
     "Buf Weights 192 48 0 3; Buf Inputs 192 96 0 6; Buf Outputs 160 0 192 4; DRAM Weights 48 0 "
     "0 24; DRAM Inputs 96 0 0 20; DRAM Outputs 0 0 32 32",
     ""},
    {"t12_conv1d_3lvl_halo_wrap3", "S1", "R=3 P=12", "Outputs[P] += Weights[R] * Inputs[P+R]",
     "DRAM GLB RF", "DRAM[*] P:2 GLB[*] P:3 RF[*] R:3 P:2", 36,
     "RF Weights 36 3 0 3; RF Inputs 36 16 0 4; RF Outputs 24 0 36 2; GLB Weights 3 3 0 3; GLB "
     "Inputs 16 14 0 8; GLB Outputs 0 0 12 6; DRAM Weights 3 0 0 3; DRAM Inputs 14 0 0 14; DRAM "
     "Outputs 0 0 12 12",
     "RF Inputs fills 16 14; GLB Inputs reads 16 14"},
    {"t13_conv1d_3lvl_halo_wrap2", "", "R=3 P=12", "Outputs[P] += Weights[R] * Inputs[P+R]",
     "DRAM GLB RF", "DRAM[*] P:3 GLB[*] P:2 RF[*] R:3 P:2", 36,
     "RF Weights 36 3 0 3; RF Inputs 36 14 0 4; RF Outputs 24 0 36 2; GLB Weights 3 3 0 3; GLB "
     "Inputs 14 14 0 6; GLB Outputs 0 0 12 4; DRAM Weights 3 0 0 3; DRAM Inputs 14 0 0 14; DRAM "
     "Outputs 0 0 12 12",
     ""},
};

using Values = std::map<std::string, std::int64_t>;

std::vector<std::string> entries(const std::string& text) {
  std::vector<std::string> list;
  std::istringstream stream(text);
  for (std::string entry; std::getline(stream, entry, ';');) {
    list.push_back(entry);
  }
  return list;
}

Values expected_of(const TimeloopCase& golden) {
  Values values = {{"cycles", golden.cycles}};
  for (const std::string& entry : entries(golden.counts)) {
    std::istringstream stream(entry);
    std::string memory;
    std::string tensor;
    stream >> memory >> tensor;
    for (const char* field : {"reads", "fills", "updates", "tile"}) {
      stream >> values[memory + " " + tensor + " " + field];
    }
    REQUIRE(stream);
  }
  return values;
}

/// Replaces Timeloop's numbers where it departs; each must be the one in the table.
void apply_departures(const TimeloopCase& golden, Values& values) {
  for (const std::string& entry : entries(golden.departures)) {
    std::istringstream stream(entry);
    std::string key;
    stream >> key;
    if (key != "cycles") {
      std::string tensor;
      std::string field;
      stream >> tensor >> field;
      key += " " + tensor + " " + field;
    }
    std::int64_t theirs = 0;
    std::int64_t ours = 0;
    stream >> theirs >> ours;
    REQUIRE(stream);
    REQUIRE(values.at(key) == theirs);
    values[key] = ours;
  }
}

Values executed(const Case& c, const Values& wanted) {
  const Counts counts = execute(c);
  Values values = {{"cycles", counts.compute_cycles}};
  for (std::size_t level = 0; level < counts.levels.size(); ++level) {
    for (std::size_t t = 0; t < counts.levels[level].tensors.size(); ++t) {
      const TensorCounts& tensor = counts.levels[level].tensors[t];
      const std::string at =
          c.architecture.name_of(LevelId(level)) + " " + c.problem.tensors[t].name + " ";
      if (tensor.held || wanted.count(at + "reads") != 0) {
        values[at + "reads"] = tensor.reads;
        values[at + "fills"] = tensor.fills;
        values[at + "updates"] = tensor.updates;
        values[at + "tile"] = tensor.tile_words;
      }
    }
  }
  return values;
}

}  // namespace

TEST_CASE("The execution counts what Timeloop counts where the two mean the same", "[oracle]") {
  for (const TimeloopCase& golden : kCases) {
    INFO(golden.name << " " << golden.rule);
    REQUIRE((*golden.rule == '\0') == (*golden.departures == '\0'));
    const Case c = tessera::oracle::make_case(golden.dimensions, golden.operation, golden.hierarchy,
                                              golden.nodes);
    Values wanted = expected_of(golden);
    apply_departures(golden, wanted);
    CHECK(executed(c, wanted) == wanted);
  }
}
