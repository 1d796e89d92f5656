#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "problems/tensor_kind.hpp"
#include "spec/id.hpp"

namespace tessera {

/// An element's place in the hierarchy: 0 is outermost. Memories, fanouts and compute share one
/// numbering, so `a < b` means that a is outside b.
using LevelId = Id<struct LevelTag>;

/// Most elements in a hierarchy and most axes of a fanout; parsers enforce both.
inline constexpr std::size_t kMaxLevels = 24;
inline constexpr std::size_t kMaxAxes = 4;

/// Per what a memory's energy is given.
enum class EnergyBasis { word, bit, access };

/// Energy of one action of a memory in pJ per `basis`. What an access moves is said by the memory's
/// `width` or `block`.
struct MemoryEnergy {
  double read_pj = 0;
  double write_pj = 0;
  EnergyBasis basis = EnergyBasis::word;

  bool operator==(const MemoryEnergy&) const = default;
};

/// Per what a bandwidth is given. "per second" rates are divided by the clock.
enum class BandwidthUnit {
  words_per_second,
  words_per_cycle,
  bits_per_second,
  bits_per_cycle,
  accesses_per_second,
  accesses_per_cycle,
};

/// What one port of one instance can move; `bytes/s` is read as 8 bits.
struct Bandwidth {
  double amount = 0;
  BandwidthUnit unit = BandwidthUnit::words_per_second;

  bool per_cycle() const {
    return unit == BandwidthUnit::words_per_cycle || unit == BandwidthUnit::bits_per_cycle ||
           unit == BandwidthUnit::accesses_per_cycle;
  }
  bool in_words() const {
    return unit == BandwidthUnit::words_per_second || unit == BandwidthUnit::words_per_cycle;
  }
  bool in_accesses() const {
    return unit == BandwidthUnit::accesses_per_second || unit == BandwidthUnit::accesses_per_cycle;
  }

  bool operator==(const Bandwidth&) const = default;
};

/// The ports of a memory. Either `shared` alone (reads and writes together) or `read` and `write`,
/// each of which may be absent: an absent port is unbounded.
struct Ports {
  std::optional<Bandwidth> shared;
  std::optional<Bandwidth> read;
  std::optional<Bandwidth> write;

  bool operator==(const Ports&) const = default;
};

/// Capacity of one instance of a memory. Given in words it is compared in words, which needs equal
/// `bits` for all tensors that the memory holds; else in bits. `word: 16 bit` beside a capacity in
/// words makes it bits already in the parser.
struct Capacity {
  std::int64_t amount = 0;
  enum class Unit { bits, words } unit = Unit::bits;

  bool operator==(const Capacity&) const = default;
};

/// Transfers and computing overlap at no cost (`ideal`); half the capacity holds the next tile
/// (`double_buffer`); or a tile must be in place before it is used (`single_buffer`: the fill and
/// drain time is added).
enum class Buffering { ideal, single_buffer, double_buffer };

/// How words of some size lie in accesses (docs/counting.md, "Accesses"). One of the two is 1.
struct WordPacking {
  std::int64_t words_per_access = 1;
  std::int64_t accesses_per_word = 1;
};

/// A storage element. Counts as one instance per child of all fanouts outside it.
struct Memory {
  std::string name;
  std::optional<Capacity> capacity;   ///< absent: unbounded
  std::optional<std::int64_t> width;  ///< bits of one access
  std::optional<std::int64_t> block;  ///< words of one access, whatever their bits
  /// Bits of the words in it, by TensorKind; absent: as wide as the problem says.
  std::array<std::optional<std::int64_t>, 3> bits;
  std::optional<std::int64_t> final_bits;  ///< of finished outputs, likewise
  /// Words lie in the capacity as they do in accesses: whole ones in each `width`. Else without
  /// gaps.
  bool aligned = false;
  std::optional<MemoryEnergy> energy;  ///< absent: 0 and listed as not modelled
  double leakage_mw = 0;               ///< of one instance
  std::optional<double> area_mm2;      ///< of one instance; absent: 0 and listed as not modelled
  Ports ports;
  Buffering buffering = Buffering::ideal;
  /// The first tiles' way in and the last tile's way out take time of their own.
  bool ramp = false;
  KindSet keep;    ///< must hold these
  KindSet bypass;  ///< must not hold these

  bool operator==(const Memory&) const = default;

  /// Whether accesses of it are defined: it has a `width` or a `block`.
  bool has_accesses() const { return width || block; }
  /// How words of `bits` lie in its accesses: `block` words if given, else as many whole words as
  /// `width` has room for; a word wider than that takes several. Only if `has_accesses()`.
  WordPacking packing(std::int64_t word_bits) const;
  /// How wide the words of a tensor are in it.
  TensorWord stored(const TensorWord& word) const;
};

/// How several children that need the same word at the same step share its read (DESIGN section 4).
/// Instances apart on a fanout with `none` never share; where the others are of both sorts, `tile`
/// holds (docs/counting.md, "Sharing"). Ordered from weak to strong.
enum class Multicast : std::uint8_t { none, tile, word };

/// One direction in which a fanout multiplies what is inside it.
struct Axis {
  std::string name;
  std::int64_t size = 1;
  /// When set, only dimensions that no tensor of these kinds depends on may lie on this axis.
  KindSet reuse;
  /// Partial sums of instances along this axis are added, if the fanout adds any.
  bool reduce = true;

  bool operator==(const Axis&) const = default;
};

/// What a fanout takes in from one instance outside it, or hands up to one: all kinds of tensors
/// together, or each over a network of its own (kinds without one are unbounded).
struct NetworkBandwidth {
  std::optional<Bandwidth> shared;
  std::array<std::optional<Bandwidth>, 3> by_kind;  ///< indexed by TensorKind

  bool operator==(const NetworkBandwidth&) const = default;

  bool any() const { return shared || by_kind[0] || by_kind[1] || by_kind[2]; }
};

/// A network that serves several instances of everything inside it. Where hops count it is a mesh
/// of the axes X and Y (docs/counting.md, "Networks"); the parser refuses `hop_pj` and `router_pj`
/// on other axes.
struct Fanout {
  std::string name;
  std::vector<Axis> axes;
  /// By kind, indexed by TensorKind.
  std::array<Multicast, 3> multicast = {Multicast::word, Multicast::word, Multicast::word};
  /// Partial sums of instances that work on the same output are added on the way up, along the
  /// axes that do so; an axis for itself says nothing if this is false.
  bool reduce = true;
  /// Kinds of operands of which neighbours pass words on (docs/counting.md, "Links").
  KindSet links;
  /// Each pass takes as many cycles more as data need from corner to corner: `skew()`.
  bool systolic = false;
  std::optional<double> energy_pj;  ///< per word delivered to an instance, or sent up by one
  std::optional<double> hop_pj;     ///< per word and hop
  std::optional<double> router_pj;  ///< per word and router that it passes
  NetworkBandwidth bandwidth;
  std::int64_t latency_cycles = 0;  ///< to fill and to drain the network, on top of all else
  std::optional<double> area_mm2;

  bool operator==(const Fanout&) const = default;

  std::int64_t instances() const;  ///< product of the axes' sizes
  /// Cycles to fill and drain the pipeline through a systolic array: the sum of (size - 1) over
  /// its axes, which is X + Y - 2 for two. 0 if it is not systolic.
  std::int64_t skew() const;
  /// Whether instances at different places on an axis share words of a kind, or add them up.
  bool shares(TensorKind kind, std::size_t axis) const {
    return kind == TensorKind::outputs
               ? reduce && axes[axis].reduce
               : multicast[static_cast<std::size_t>(kind)] != Multicast::none;
  }
  /// Whether anything asks for the ways that words take through the mesh.
  bool counts_hops() const { return hop_pj || router_pj; }
};

/// The arithmetic unit at the end of every hierarchy: one operation a cycle.
struct Compute {
  std::string name;
  std::optional<double> energy_pj;  ///< per operation
  double leakage_mw = 0;
  std::optional<double> area_mm2;

  bool operator==(const Compute&) const = default;
};

using Element = std::variant<Memory, Fanout, Compute>;

/// A machine: its elements, outermost first.
///
/// Invariants that parsers establish: 2 to kMaxLevels elements; the first is a memory; exactly one
/// compute, which is last; names are unique identifiers; the product of all fanouts fits in 31
/// bits.
struct Architecture {
  std::string name;
  std::string technology;  ///< free text such as `65 nm`; named in reports
  double clock_hz = 1e9;
  /// Draining a tile costs its memory no read: no energy and no bandwidth (Timeloop's accounting).
  bool drains_free = false;
  /// Instances without work in a mapping do not leak; else all do, used or not.
  bool power_gating = false;
  /// Area of control, routing and all else that is no element, as a share of the elements' area.
  double area_overhead = 0;
  std::vector<Element> hierarchy;

  bool operator==(const Architecture&) const = default;

  std::optional<LevelId> find(std::string_view element_name) const;
  const std::string& name_of(LevelId level) const;
  /// Null where the element is of another sort.
  const Memory* memory(LevelId level) const {
    return std::get_if<Memory>(&hierarchy[level.index()]);
  }
  const Fanout* fanout(LevelId level) const {
    return std::get_if<Fanout>(&hierarchy[level.index()]);
  }
  const Compute& compute() const { return std::get<Compute>(hierarchy.back()); }
  /// Instances of the element at `level`: the product of all fanouts outside it.
  std::int64_t instances(LevelId level) const;
};

}  // namespace tessera
