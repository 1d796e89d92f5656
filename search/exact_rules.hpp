#pragma once

#include <cstddef>

namespace tessera {

/// Which rules a branch and bound uses. Every one of them only saves time: without any, the front
/// is the same. There is no option for the user; tests switch them off one by one and compare
/// fronts (tests/search/exact_rules_test.cpp).
struct ExactRules {
  /// Search one of two forms that are each other's mirror image (mapper/symmetry.cpp).
  bool drop_mirror_images = true;
  /// Drop a group's option that another is at most in every component (exact_trie.cpp).
  bool drop_beaten_options = true;
  /// Drop options that no mapping better than a known one can have (exact_cut.hpp).
  bool drop_hopeless_options = true;
  /// Bound traffic by the room that keeping words takes (`Lift` in exact_terms.hpp).
  bool lift = true;
  /// Bound the traffic with the outermost memories exactly (exact_outer.hpp).
  bool bound_outer_traffic = true;
  /// Filling a memory costs at least so much, whatever the others do (exact_fillings.hpp).
  bool bound_fillings = true;
  /// Steps are at least the operations over the most lanes that spatial loops can reach.
  bool bound_steps_by_lanes = true;
  /// Look at spatial loops once for all forms of a kind (exact_spatial_scan.hpp).
  bool scan_spatial = true;
  /// Cut a node whose bound a known point is at most, in every objective.
  bool cut_by_front = true;
  /// Cut a node whose least tiles do not fit.
  bool cut_by_size = true;
  /// Drop forms that differ only in what sweeps together (exact_sweeps.hpp).
  bool drop_by_sweeps = true;
  /// Search the forms of known mappings first, for better ones to cut the others with.
  bool known_forms_first = true;
  /// Search forms and children best bound first, else in the order in which they are listed.
  bool best_first = true;
  /// Bytes that the options of the forms which are searched together may take, more or less: with
  /// what is made of them, about a third of the whole.
  std::size_t room_for_options = std::size_t{192} << 20;
};

}  // namespace tessera
