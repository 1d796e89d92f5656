#pragma once
// Problems and machines, built in code, that the tests of the mapspace and of the search share.

#include <cstdint>
#include <string>
#include <vector>

#include "arch/architecture.hpp"
#include "problems/problem.hpp"

namespace tessera::cases {

inline Rank rank(std::initializer_list<Term> terms) {
  return Rank(terms);
}
inline Term term(std::size_t dimension, std::int64_t coefficient = 1) {
  return {DimensionId(dimension), coefficient};
}

inline Tensor tensor(std::string name, std::vector<Rank> ranks, TensorKind kind, int bits = 8) {
  Tensor result;
  result.name = std::move(name);
  result.projection.ranks = std::move(ranks);
  result.role = kind == TensorKind::outputs ? TensorRole::output : TensorRole::input;
  result.kind = kind;
  result.bits = bits;
  result.final_bits = bits;
  return result;
}

/// C[M,N] += A[M,K] * B[K,N], 8 bits everywhere; dimensions M, N, K.
inline Problem gemm(std::int64_t m, std::int64_t n, std::int64_t k) {
  Problem problem;
  problem.name = "gemm";
  problem.dimensions = {{"M", m}, {"N", n}, {"K", k}};
  problem.tensors = {tensor("C", {rank({term(0)}), rank({term(1)})}, TensorKind::outputs),
                     tensor("A", {rank({term(0)}), rank({term(2)})}, TensorKind::inputs),
                     tensor("B", {rank({term(2)}), rank({term(1)})}, TensorKind::weights)};
  return problem;
}

/// O[P] += I[P + R] * W[R]; dimensions P, R.
inline Problem conv1d(std::int64_t p, std::int64_t r) {
  Problem problem;
  problem.name = "conv1d";
  problem.dimensions = {{"P", p}, {"R", r}};
  problem.tensors = {tensor("O", {rank({term(0)})}, TensorKind::outputs),
                     tensor("I", {rank({term(0), term(1)})}, TensorKind::inputs),
                     tensor("W", {rank({term(1)})}, TensorKind::weights)};
  return problem;
}

/// O[K,P,Q] += I[C,P+R,Q+S] * W[K,C,R,S]; dimensions K, C, P, Q, R, S. Bits 24, 8, 8.
inline Problem conv2d(std::int64_t k, std::int64_t c, std::int64_t p, std::int64_t q,
                      std::int64_t r, std::int64_t s) {
  Problem problem;
  problem.name = "conv2d";
  problem.dimensions = {{"K", k}, {"C", c}, {"P", p}, {"Q", q}, {"R", r}, {"S", s}};
  problem.tensors = {
      tensor("O", {rank({term(0)}), rank({term(2)}), rank({term(3)})}, TensorKind::outputs, 24),
      tensor("I", {rank({term(1)}), rank({term(2), term(4)}), rank({term(3), term(5)})},
             TensorKind::inputs),
      tensor("W", {rank({term(0)}), rank({term(1)}), rank({term(4)}), rank({term(5)})},
             TensorKind::weights)};
  return problem;
}

inline Memory memory(std::string name, double energy_pj,
                     std::optional<Capacity> capacity = std::nullopt) {
  Memory result;
  result.name = std::move(name);
  result.capacity = capacity;
  result.energy = MemoryEnergy{.read_pj = energy_pj, .write_pj = energy_pj};
  return result;
}

inline Fanout fanout(std::string name, std::vector<std::int64_t> sizes) {
  Fanout result;
  result.name = std::move(name);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    result.axes.push_back(
        {.name = std::string(1, static_cast<char>('X' + i)), .size = sizes[i], .reuse = {}});
  }
  return result;
}

inline Compute compute(double energy_pj) {
  Compute result;
  result.name = "MAC";
  result.energy_pj = energy_pj;
  return result;
}

/// DRAM and the MAC, nothing else.
inline Architecture bare() {
  Architecture architecture;
  architecture.name = "bare";
  architecture.hierarchy = {memory("DRAM", 200), compute(1)};
  return architecture;
}

/// A memory outside and one inside a fanout.
inline Architecture two_memories(std::vector<std::int64_t> axes) {
  Architecture architecture;
  architecture.hierarchy = {memory("DRAM", 100), fanout("PEs", std::move(axes)), memory("RF", 1),
                            compute(1)};
  return architecture;
}

/// The machine of golden/accelforge.md: capacities in words, every memory holds every tensor, 2x2
/// array.
inline Architecture s3_like(std::int64_t glb_words, std::int64_t rf_words) {
  const auto words = [](std::int64_t amount) { return Capacity{amount, Capacity::Unit::words}; };
  Architecture architecture;
  architecture.name = "s3-like";
  architecture.clock_hz = 1e9;
  Memory dram = memory("DRAM", 200);
  dram.ports.shared = Bandwidth{16e9, BandwidthUnit::words_per_second};
  Memory glb = memory("GLB", 6, words(glb_words));
  glb.ports.shared = Bandwidth{64e9, BandwidthUnit::words_per_second};
  glb.keep = KindSet::all();
  Memory rf = memory("RF", 1, words(rf_words));
  rf.keep = KindSet::all();
  architecture.hierarchy = {dram, glb, fanout("PEs", {2, 2}), rf, compute(1)};
  return architecture;
}

/// Eyeriss-like: 14x12 array, a 108 KiB buffer, register files of 12, 224 and 24 words of one
/// tensor each.
inline Architecture eyeriss_like() {
  const auto kinds = [](std::initializer_list<TensorKind> list) {
    KindSet set;
    for (const TensorKind kind : list) {
      set.insert(kind);
    }
    return set;
  };
  const auto only = [&](std::string name, std::int64_t words, TensorKind kind) {
    Memory result = memory(std::move(name), 1, Capacity{words, Capacity::Unit::words});
    result.keep = kinds({kind});
    result.bypass = KindSet{static_cast<std::uint8_t>(~result.keep.bits & 7u)};
    return result;
  };
  Architecture architecture;
  architecture.name = "eyeriss-like";
  architecture.clock_hz = 200e6;
  Memory dram = memory("DRAM", 200);
  dram.ports.shared = Bandwidth{480e6 * 8, BandwidthUnit::bits_per_second};
  Memory buffer = memory("GlobalBuffer", 6, Capacity{108 * 1024 * 8, Capacity::Unit::bits});
  buffer.keep = kinds({TensorKind::inputs, TensorKind::outputs});
  architecture.hierarchy = {dram,
                            buffer,
                            fanout("PEs", {14, 12}),
                            only("WeightSpad", 224, TensorKind::weights),
                            only("InputSpad", 12, TensorKind::inputs),
                            only("PsumSpad", 24, TensorKind::outputs),
                            compute(1)};
  return architecture;
}

}  // namespace tessera::cases
