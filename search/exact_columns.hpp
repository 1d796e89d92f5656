#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "mapper/normal_form.hpp"
#include "model/traffic.hpp"
#include "search/exact_choices.hpp"
#include "search/exact_terms.hpp"

namespace tessera {

/// One dimension of a perfect sliding rank, seen from a boundary (window.cpp of the model has the
/// formulas): what it adds to the extent of a tile, how often it repeats what moves, how its
/// spatial loops place the instances that share, and how its sweep moves them.
struct WindowShape {
  static constexpr std::size_t kMostOffsets = 6;

  std::int64_t extent = 0;  ///< beyond the first word
  std::int64_t repeats = 1;
  std::int64_t instances = 1;
  std::array<std::int64_t, kLoopParts> times = {};  ///< of the sweep's digits: how often it moves
  std::array<std::int64_t, kLoopParts> steps = {};  ///< and how far
  std::array<Comb::Digit, kMostOffsets> offsets = {};
  std::size_t moves = 0;
  std::size_t spread = 0;  ///< offsets
};

/// The components of a form as one group of dimensions sees them. A component is a product over
/// the group's dimensions, except for sliding ranks, which the dimensions make together.
class GroupColumns {
 public:
  GroupColumns(const Mapspace& space, const NormalForm& form, const TermTable& terms,
               DimensionSet group);

  /// One choice of one dimension of the group.
  struct Part {
    std::vector<double> factors;      ///< by component; a sliding rank's own share is left out
    std::vector<WindowShape> shapes;  ///< by window()
    bool perfect = true;              ///< else `shapes` says nothing
  };

  /// A sliding rank of the group in a component that counts it.
  struct WindowColumn {
    std::size_t component = 0;
    bool closed = true;  ///< shapes give the count if all parts are perfect
  };

  const std::vector<std::size_t>& dimensions() const { return dimensions_; }
  std::span<const WindowColumn> windows() const { return windows_; }
  const std::vector<Component>& components() const { return terms_.components(); }
  const TermTable& terms() const { return terms_; }
  /// The form's blocks in which dimension number `nth` of the group may have a loop.
  const std::vector<std::size_t>& blocks(std::size_t nth) const { return blocks_[nth]; }

  /// What the choice in `row` of `list` amounts to, for dimension number `nth` of the group.
  void read(const ChoiceList& list, std::size_t row, std::size_t nth, Part& part) const;
  /// Writes the loops of a choice into `bounds`.
  void expand(const ChoiceList& list, std::size_t row, std::size_t nth, NormalBounds& bounds) const;

  /// The least that the components can be, whatever the other dimensions do: for `fits` only.
  void alone(const Part& part, std::vector<double>& values) const;
  /// Components of one choice a dimension, into `values`. `bounds` are those loops, `parts` what
  /// `read` made of them.
  void combine(std::span<const Part* const> parts, const NormalBounds& bounds, double* values);

  NormalBounds no_loops() const;

 private:
  enum class Role : std::uint8_t { none, plain, window };
  struct Column;
  struct Digit;
  struct Digits;

  Role role(std::size_t component, std::size_t dimension) const;
  void read_digits(const ChoiceList& list, std::size_t row, std::size_t nth, Digits& digits) const;
  /// Whether a spatial digit keeps instances apart that could share.
  bool apart(const Component& component, const Digit& digit) const;
  double factor(const Component& component, Role role, const Digits& digits) const;
  WindowShape shape(const Component& component, const Digits& digits,
                    std::int64_t coefficient) const;
  std::size_t sweeper(std::int8_t hold) const;
  std::int16_t level_of(const Component& component) const;
  double closed(std::span<const Part* const> parts, std::size_t window);
  double counted(const Component& component) const;
  void build_nest(const NormalBounds& bounds);
  TensorShape restricted(TensorShape shape) const;

  const Mapspace& space_;
  const NormalForm& form_;
  const TermTable& terms_;
  DimensionSet group_;
  std::vector<std::size_t> dimensions_;
  std::vector<std::vector<std::size_t>> blocks_;
  std::vector<std::vector<Role>> roles_;  ///< by component, then number in the group
  std::vector<WindowColumn> windows_;
  std::vector<std::vector<std::int64_t>> coefficients_;  ///< by window, then number in the group

  // For what no shape gives: the model's own count of a nest of the group's loops.
  std::vector<std::int64_t> bounds_;
  std::vector<TensorShape> tensors_;
  std::vector<std::int16_t> times_;  ///< by hold: the group's temporal loops before it
  std::vector<std::int16_t> swept_;  ///< by hold: how many of them are its sweep
  Mapping mapping_;
  Nest nest_;
  WindowScratch scratch_;
  TrafficCounter traffic_;
};

}  // namespace tessera
