#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tessera {

/// What a tensor is for, in words that fit any problem: an architecture serves every problem, so
/// its rules speak of kinds. The output is `outputs`; of the operands the last of several is
/// `weights`, the others are `inputs` (a problem may say otherwise).
enum class TensorKind : std::uint8_t { inputs, weights, outputs };

inline constexpr std::array<TensorKind, 3> kTensorKinds = {TensorKind::inputs, TensorKind::weights,
                                                           TensorKind::outputs};

constexpr std::string_view to_string(TensorKind kind) {
  switch (kind) {
    case TensorKind::inputs:
      return "inputs";
    case TensorKind::weights:
      return "weights";
    case TensorKind::outputs:
      return "outputs";
  }
  return "";
}

/// Of what kind a tensor is and how wide its words are: what a memory has to know to store it.
struct TensorWord {
  TensorKind kind = TensorKind::inputs;
  std::int64_t bits = 16;        ///< of a partial sum if it is the output
  std::int64_t final_bits = 16;  ///< of a finished value of the output; else equal to `bits`

  constexpr bool operator==(const TensorWord&) const = default;
};

/// A set of tensor kinds, as bits.
struct KindSet {
  std::uint8_t bits = 0;

  constexpr bool contains(TensorKind kind) const {
    return (bits >> static_cast<unsigned>(kind) & 1u) != 0;
  }
  constexpr void insert(TensorKind kind) {
    bits = static_cast<std::uint8_t>(bits | 1u << static_cast<unsigned>(kind));
  }
  constexpr bool empty() const { return bits == 0; }
  constexpr bool operator==(const KindSet&) const = default;

  static constexpr KindSet all() { return KindSet{7}; }
};

}  // namespace tessera
