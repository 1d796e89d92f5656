#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/evaluation_report.hpp"
#include "arch/architecture_spec.hpp"
#include "mapper/mapping.hpp"
#include "problems/problem.hpp"

namespace tessera {

/// What a mapping needs of a memory of `capacity: auto`, beside the size that it has.
struct AutoSize {
  std::string memory;
  std::int64_t capacity = 0;  ///< in `unit`, of one instance
  std::int64_t needed = 0;    ///< by the tiles; twice that where half of it holds the next ones
  std::string unit;           ///< bit or words
  std::string capacity_text;  ///< as specs say it
  std::string needed_text;
};

/// By memory of `levels`.
std::vector<AutoSize> auto_sizes(const std::vector<LevelId>& levels, const Scored& scored);

/// `m; Buffer 16 KiB, 32 KiB or 64 KiB`.
std::string family_text(const ArchitectureFamily& family);

/// The member in which each memory of `capacity: auto` has the smallest size that holds the
/// mapping's tiles; the last member where none does.
const Architecture& right_sized(const ArchitectureFamily& family, const Problem& problem,
                                const Mapping& mapping);

}  // namespace tessera
