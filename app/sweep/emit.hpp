#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tessera {

/// What a generated script has to know of a sweep.
struct ClusterRun {
  std::string name;
  std::vector<std::string>
      arguments;          ///< specs and options of `tessera sweep`, but those of shards
  std::string directory;  ///< of the results
  std::uint64_t shards = 1;
  std::optional<std::string> time;    ///< of one shard, as Slurm writes it
  std::optional<std::uint64_t> cpus;  ///< of one shard
};

/// Slurm's default MaxArraySize is 1001, and indices start at 0.
inline constexpr std::uint64_t kMostShards = 1001;

/// A shell script that submits an array of shards and, behind it, the merging.
std::string slurm_script(const ClusterRun& run);
/// A command line of GNU parallel, and the merging.
std::string parallel_script(const ClusterRun& run);

}  // namespace tessera
