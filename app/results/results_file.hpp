#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/results/sqlite.hpp"

namespace tessera {

/// What a file of results is about: all that two runs must have in common to be parts of one sweep.
struct SweepIdentity {
  std::string name;
  std::string architecture;
  std::string network;
  std::string version;  ///< of Tessera
  std::string spec;     ///< SweepSpec::identity()
  std::string options;  ///< of the search, one a line
  std::vector<std::string> objectives;
  std::vector<std::string> axes;  ///< the names that vary
  std::uint64_t points = 0;

  bool operator==(const SweepIdentity&) const = default;
  /// Whether the batch varies: then rows are compared by item.
  bool by_item() const;
  /// A number for the whole, in 16 hexadecimal digits: FNV-1a of all its texts.
  std::string hash() const;
};

/// The lines in which two different sweeps differ, the first few: `- ` of the one, `+ ` of the
/// other.
std::string difference(const SweepIdentity& before, const SweepIdentity& now);

/// Which points a file is for: those whose index modulo `count` is `index`.
struct Shard {
  std::uint64_t index = 0;
  std::uint64_t count = 1;

  bool operator==(const Shard&) const = default;
  bool holds(std::uint64_t point) const { return point % count == index; }
  /// How many of `points` points.
  std::uint64_t size(std::uint64_t points) const {
    return points / count + (points % count > index ? 1 : 0);
  }
};

/// A point of a network's front on one machine.
struct FrontRow {
  std::uint64_t point = 0;  ///< of the sweep
  std::uint64_t place = 0;  ///< in that point's front
  double energy_pj = 0;
  std::int64_t cycles = 0;
  double latency_s = 0;
  double area_mm2 = 0;
  double utilization = 0;
  std::int64_t dram_words = 0;
  std::int64_t operations = 0;
  std::string choices;
};

/// A point of a layer's front on one machine.
struct LayerRow {
  std::string layer;
  std::int64_t executions = 0;
  std::uint64_t place = 0;
  double energy_pj = 0;
  std::int64_t cycles = 0;
  std::string certificate;
  std::string mapping;
};

/// All that is found out about one point of a sweep.
struct PointResult {
  std::uint64_t point = 0;
  std::vector<std::string> values;  ///< by axis
  std::int64_t batch = 1;           ///< items that the network computes together
  std::string kept_in;   ///< the memory in which tensors may stay between layers; or empty
  bool feasible = true;  ///< some layer has no legal mapping otherwise
  std::string why_not;   ///< where not feasible
  /// Not searched to its end, because no mapping of it can reach the front: even the least that it
  /// may cost is dominated by a row of this point.
  std::optional<std::uint64_t> skipped_by;
  std::string algorithm;
  std::string certificate = "none";
  std::optional<double> gap;
  double seconds = 0;  ///< the time it took; says nothing about the result
  double ended = 0;    ///< when that was, in seconds since 1970; nor does this
  std::vector<FrontRow> front;
  std::vector<LayerRow> layers;
};

/// The results of a sweep or of a shard of one, in a file of SQLite in WAL mode. Each finished
/// point is added in one transaction, so a run may end at any moment and loses no more than the
/// point it was at.
class ResultsFile {
 public:
  /// Makes a new file. Throws UsageError if there is one already.
  static ResultsFile create(const std::string& path, const SweepIdentity& identity, Shard shard);
  /// Opens a file. Throws UsageError if it holds no results of a sweep.
  static ResultsFile open(const std::string& path, bool to_write);

  const std::string& path() const { return database_.path(); }
  const SweepIdentity& identity() const { return identity_; }
  Shard shard() const { return shard_; }
  /// Whether it was made by merging, so that it is whole.
  bool merged() const { return merged_; }

  void add(const PointResult& result);
  /// Takes all points of another file. Throws UsageError where both have a point.
  void add_all(ResultsFile& other);
  void set_merged();

  /// Indices of the finished points, in order.
  std::vector<std::uint64_t> finished();
  /// How many of them were skipped.
  std::uint64_t skipped();
  /// When the last points were finished and how many seconds each took, the last one first.
  std::vector<std::pair<double, double>> last_ended(std::size_t most);
  /// A finished point, without its layers.
  PointResult read(std::uint64_t point);
  /// Calls `take` for each point in order, without its layers; one at a time is in memory.
  void for_each_point(const std::function<void(PointResult&)>& take);
  /// Turns the file into a plain one that can be copied anywhere, without what SQLite keeps beside
  /// it; later, if somebody reads it just now.
  void make_plain();
  Database& database() { return database_; }

 private:
  ResultsFile(Database database, SweepIdentity identity, Shard shard, bool merged)
      : database_(std::move(database)),
        identity_(std::move(identity)),
        shard_(shard),
        merged_(merged) {}

  Database database_;
  SweepIdentity identity_;
  Shard shard_;
  bool merged_ = false;
};

}  // namespace tessera
