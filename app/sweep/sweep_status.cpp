#include "app/sweep/sweep_status.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "app/errors.hpp"
#include "app/numbers.hpp"
#include "app/results/results_file.hpp"
#include "app/sweep/sweep_progress.hpp"
#include "app/sweep/work_lock.hpp"
#include "app/text_table.hpp"

namespace tessera {

namespace {

/// Files of a sweep or its shards; not what was merged from them, whatever its name.
std::vector<std::string> files_in(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".sqlite") {
      paths.push_back(entry.path().string());
    }
  }
  if (error) {
    throw UsageError(fmt::format("--status: cannot read '{}': {}", directory, error.message()));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// How many points were finished a second lately; 0 where nothing is known. Points that were
/// finished before a pause do not count.
double rate_of(ResultsFile& file) {
  constexpr std::size_t kMostPoints = 100;
  constexpr double kPause = 30;  // s in which no point was in work
  double start = 0;
  double end = 0;
  std::size_t points = 0;
  for (const auto& [ended, seconds] : file.last_ended(kMostPoints)) {
    if (points > 0 && ended < start - kPause) {
      break;
    }
    end = points == 0 ? ended : end;
    start = points == 0 ? ended - seconds : std::min(start, ended - seconds);
    ++points;
  }
  return end > start ? static_cast<double>(points) / (end - start) : 0;
}

}  // namespace

std::string status_text(const std::string& directory) {
  using Align = TextTable::Align;
  TextTable table({{"file", Align::left},
                   {"finished"},
                   {"of"},
                   {"skipped"},
                   {"points/s"},
                   {"left"},
                   {"", Align::left}});
  std::uint64_t all = 0;
  std::uint64_t finished = 0;
  std::uint64_t skipped = 0;
  std::size_t files = 0;
  std::uint64_t points_of_sweep = 0;
  std::set<std::uint64_t> missing;  // shards without a file
  for (const std::string& path : files_in(directory)) {
    ResultsFile file = ResultsFile::open(path, false);
    if (file.merged()) {
      continue;
    }
    if (files++ == 0) {
      points_of_sweep = file.identity().points;
      for (std::uint64_t shard = 0; shard < file.shard().count; ++shard) {
        missing.insert(missing.end(), shard);
      }
    }
    missing.erase(file.shard().index);
    const std::uint64_t done = file.finished().size();
    const std::uint64_t points = file.shard().size(file.identity().points);
    const std::uint64_t without = file.skipped();
    const double rate = rate_of(file);
    const bool running = WorkLock::held(path);
    table.add(
        {std::filesystem::path(path).filename().string(), grouped(done), grouped(points),
         grouped(without), rate > 0 ? fmt::format("{:.3g}", rate) : "",
         rate > 0 && done < points ? duration_text(static_cast<double>(points - done) / rate) : "",
         done == points ? "finished"
         : running      ? "running"
                        : "stopped; --resume continues"});
    all += points;
    finished += done;
    skipped += without;
  }
  if (files == 0) {
    throw UsageError(fmt::format("--status: '{}' holds no results of a sweep", directory));
  }
  if (!missing.empty()) {
    const std::string shards = missing.size() == 1 ? fmt::format("shard {}", *missing.begin())
                                                   : fmt::format("{} shards, the first {}",
                                                                 missing.size(), *missing.begin());
    table.add({"", "", grouped(points_of_sweep - all), "", "", "", shards + " not begun"});
  }
  if (files > 1 || !missing.empty()) {
    table.add({"all", grouped(finished), grouped(points_of_sweep), grouped(skipped), "", "", ""});
  }
  return table.text();
}

}  // namespace tessera
