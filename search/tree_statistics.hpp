#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace tessera {

/// What a branch and bound looked at, and what each of its rules saved (search/exact_rules.hpp).
struct TreeStatistics {
  std::uint64_t forms = 0;         ///< normal forms searched or dropped
  std::uint64_t nodes = 0;         ///< partial mappings looked at
  std::uint64_t cut_by_bound = 0;  ///< of these, dominated whatever the rest
  std::uint64_t cut_by_size = 0;  ///< of these, too large for a memory or an axis whatever the rest

  /// All counts, by the names that files give them.
  using Count = std::uint64_t TreeStatistics::*;
  static const std::array<std::pair<std::string_view, Count>, 4>& counts();

  /// Adds what else was looked at.
  void take(const TreeStatistics& other) {
    for (const auto& [name, count] : counts()) {
      this->*count += other.*count;
    }
  }
};

inline const std::array<std::pair<std::string_view, TreeStatistics::Count>, 4>&
TreeStatistics::counts() {
  static constexpr std::array<std::pair<std::string_view, Count>, 4> kCounts = {{
      {"normal_forms", &TreeStatistics::forms},
      {"nodes", &TreeStatistics::nodes},
      {"cut_by_bound", &TreeStatistics::cut_by_bound},
      {"cut_by_size", &TreeStatistics::cut_by_size},
  }};
  return kCounts;
}

}  // namespace tessera
