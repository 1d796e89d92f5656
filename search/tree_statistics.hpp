#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace tessera {

/// What a branch and bound looked at, and what each of its rules saved (search/exact_rules.hpp).
struct TreeStatistics {
  std::uint64_t forms = 0;           ///< normal forms searched or dropped
  std::uint64_t mirror_images = 0;   ///< further forms, each the mirror image of one of these
  std::uint64_t forms_by_bound = 0;  ///< of `forms`, dropped by their bound before any option
  std::uint64_t forms_without_options = 0;  ///< of `forms`, those that had no option of use left
  std::uint64_t forms_by_sweeps = 0;  ///< of `forms`, dropped with others that sweep otherwise
  std::uint64_t options = 0;  ///< ways to give a dimension group its loops, combined from choices
  std::uint64_t options_cut = 0;     ///< of these, too large or too dear for any use
  std::uint64_t options_beaten = 0;  ///< of these, those that another is at most in everything
  std::uint64_t nodes = 0;           ///< partial mappings looked at
  std::uint64_t cut_by_bound = 0;    ///< of these, dominated whatever the rest
  std::uint64_t cut_by_size = 0;  ///< of these, too large for a memory or an axis whatever the rest

  /// All counts, by the names that files give them.
  using Count = std::uint64_t TreeStatistics::*;
  static const std::array<std::pair<std::string_view, Count>, 11>& counts();

  /// Adds what else was looked at.
  void take(const TreeStatistics& other) {
    for (const auto& [name, count] : counts()) {
      this->*count += other.*count;
    }
  }
};

inline const std::array<std::pair<std::string_view, TreeStatistics::Count>, 11>&
TreeStatistics::counts() {
  static constexpr std::array<std::pair<std::string_view, Count>, 11> kCounts = {{
      {"normal_forms", &TreeStatistics::forms},
      {"mirror_images", &TreeStatistics::mirror_images},
      {"forms_by_bound", &TreeStatistics::forms_by_bound},
      {"forms_without_options", &TreeStatistics::forms_without_options},
      {"forms_by_sweeps", &TreeStatistics::forms_by_sweeps},
      {"options", &TreeStatistics::options},
      {"options_cut", &TreeStatistics::options_cut},
      {"options_beaten", &TreeStatistics::options_beaten},
      {"nodes", &TreeStatistics::nodes},
      {"cut_by_bound", &TreeStatistics::cut_by_bound},
      {"cut_by_size", &TreeStatistics::cut_by_size},
  }};
  return kCounts;
}

}  // namespace tessera
