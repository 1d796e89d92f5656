#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "arch/architecture.hpp"
#include "model/traffic.hpp"
#include "model/window_links.hpp"
#include "model/window_phases.hpp"

namespace tessera {

/// A fanout as a mesh: which of its axes is which, and how far it reaches.
struct Mesh {
  std::int16_t level = 0;
  int x_axis = -1;        ///< -1: the mesh has one column
  int y_axis = -1;        ///< -1: one row
  std::int64_t rows = 1;  ///< positions on Y, used or not
};

Mesh mesh_of(const Fanout& fanout, std::int16_t level);

/// The hops of words on a mesh (docs/counting.md, "Networks").
///
/// What moves at once, a group of instances for some words, lies at columns x <= far and in each
/// column at rows from low to high. Its tree takes far hops along the trunk and in each column the
/// way from the trunk down to low and up to high. Instances of a dimension that a tensor does not
/// depend on join a group, those of a dimension alone in its rank make groups of their own, and a
/// sliding rank does something between; dimensions choose freely, positions are sums over
/// dimensions, and so far, low and high are too. So each dimension (or rank) has a `Ways`, and
/// those multiply.
class HopCounter {
 public:
  HopCounter(const std::vector<std::int64_t>& bounds, const Nest& nest, WindowScratch& scratch)
      : bounds_(bounds), nest_(nest), scratch_(scratch), counter_(bounds, nest, scratch) {}

  /// Twice the hops of all that a tensor moves over `mesh`; `boundary` is the child's, with the
  /// mesh as its server, and `sharing` (word or tile) how instances share that are not apart.
  std::int64_t half_hops(const TensorShape& shape, const Boundary& boundary, Sharing sharing,
                         Direction direction, const Mesh& mesh);

 private:
  struct Place {
    std::int64_t x = 0;
    std::int64_t y = 0;
    auto operator<=>(const Place&) const = default;
  };
  /// Words that go to one place.
  struct PlacedRun {
    Interval run;
    Place place;
  };
  /// A spatial digit that shares, with what it adds to the position.
  struct Step {
    std::int64_t bound = 1;
    std::int64_t weight = 1;
    Place place;
    bool apart = false;
  };
  /// Combinations of digits in lexicographic order: the positions that they stand for, and what
  /// each adds to the index.
  struct Places {
    std::vector<Place> at;
    std::vector<std::int64_t> offsets;

    void clear() {
      at.clear();
      offsets.clear();
    }
  };
  /// Sums over groups, each as often as it moves: of 1, of its last column, and of 1 for each of
  /// its columns by the lowest and the highest row in it.
  struct Ways {
    using Rows = std::vector<std::pair<std::int64_t, std::int64_t>>;  ///< row, sum

    std::int64_t moves = 1;
    std::int64_t far = 0;
    Rows low;
    Rows high;
  };

  /// Finds the position that each spatial digit on the mesh stands for.
  void place_digits(const Mesh& mesh);
  /// The digits of a dimension that make instances below the server; true if some lie on the mesh.
  bool list_steps(std::size_t dimension, const Boundary& boundary);
  enum class Which { all, apart, sharing };
  /// Adds the combinations of these digits.
  void list_places(Which which, Places& places) const;

  void list_keys();

  void clear_ways();
  /// Adds a group at `places` (any order, repetitions allowed), which moves `times`.
  void add_group(std::span<const Place> places, std::int64_t times);
  void add_irrelevant(std::size_t dimension, const Boundary& boundary);
  void add_plain(std::size_t dimension, std::int16_t level);
  void add_window(const Window& window, const Boundary& boundary, Sharing sharing,
                  Direction direction);
  /// The same where neighbours pass words on: what they pass is not sent.
  void add_linked_window(const Window& window, const Boundary& boundary, Sharing sharing);
  void add_linked_step(std::vector<LinkedInstance>& instances, Sharing sharing, std::int64_t count);
  void add_needed_words(std::span<const LinkedInstance> group, std::int64_t count);
  Place place_of(const LinkedInstance& instance) const;
  void add_window_step(WindowWalk& steps, std::size_t terms, Sharing sharing, std::int64_t count);
  /// Adds what the sets order_[begin .. end), which share, move.
  void add_shared_words(std::size_t begin, std::size_t end, std::int64_t count);
  /// Adds what each word of the runs_ (those of one member do not overlap) moves.
  void add_runs(std::int64_t count);
  void add_equal_tiles(std::size_t begin, std::size_t end, std::int64_t count);
  void multiply(std::int64_t times);
  void multiply_ways();
  static void multiply_rows(const Ways::Rows& a, Ways::Rows& b, Ways::Rows& product);

  const std::vector<std::int64_t>& bounds_;
  const Nest& nest_;
  WindowScratch& scratch_;
  TrafficCounter counter_;
  Ways total_;
  Ways ways_;  ///< of the dimension or rank at hand
  Ways::Rows product_;
  std::array<Place, kMaxLoops> digit_places_{};  ///< by digit of the nest
  std::vector<Step> steps_;
  Places places_;
  Places apart_;
  std::vector<std::int64_t> keys_;  ///< by places_: which combination of the digits apart
  std::vector<Place> group_;
  std::array<std::size_t, kMaxDimensions + 1> first_place_{};  ///< of each term, in places_
  std::array<std::int64_t, kMaxDimensions> apart_size_{};      ///< of each term: combinations
  std::vector<Place> set_places_;                              ///< by set in scratch_.sets
  std::vector<std::int64_t> set_keys_;                         ///< equal if the instances share
  std::vector<std::size_t> order_;
  std::vector<Place> members_;
  std::vector<std::size_t> terms_size_;  ///< by term: combinations
  std::vector<PlacedRun> runs_;
  std::vector<std::int64_t> cuts_;
};

}  // namespace tessera
