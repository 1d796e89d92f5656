#include "app/results/results_file.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/errors.hpp"
#include "app/line_difference.hpp"

namespace tessera {

namespace {

constexpr std::int64_t kApplication = 0x54455353;  // `TESS`, in the file's head
constexpr const char* kSchema = "tessera.sweep/4";

constexpr const char* kTables =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE points(point INTEGER PRIMARY KEY, \"values\" TEXT NOT NULL, feasible INTEGER NOT "
    "NULL,"
    " why_not TEXT NOT NULL, algorithm TEXT NOT NULL, certificate TEXT NOT NULL, gap REAL,"
    " seconds REAL NOT NULL, skipped_by INTEGER, ended REAL NOT NULL, batch INTEGER NOT NULL,"
    " kept_in TEXT NOT NULL);"
    "CREATE TABLE front(point INTEGER NOT NULL, place INTEGER NOT NULL, energy_pJ REAL NOT NULL,"
    " cycles INTEGER NOT NULL, latency_s REAL NOT NULL, area_mm2 REAL NOT NULL,"
    " utilization REAL NOT NULL, dram_words INTEGER NOT NULL, operations INTEGER NOT NULL,"
    " choices TEXT NOT NULL, PRIMARY KEY(point, place)) WITHOUT ROWID;"
    "CREATE TABLE layers(point INTEGER NOT NULL, layer TEXT NOT NULL, place INTEGER NOT NULL,"
    " executions INTEGER NOT NULL, energy_pJ REAL NOT NULL, cycles INTEGER NOT NULL,"
    " certificate TEXT NOT NULL, mapping TEXT NOT NULL);"
    "CREATE INDEX layers_of_point ON layers(point);";

constexpr const char* kSelectPoints =
    "SELECT point, \"values\", feasible, why_not, algorithm, certificate, gap, seconds, "
    "skipped_by, batch, kept_in FROM points";
constexpr const char* kSelectFront =
    "SELECT point, place, energy_pJ, cycles, latency_s, area_mm2, utilization, dram_words, "
    "operations, choices FROM front WHERE point = ?1 ORDER BY place";

/// Texts that hold no newline, as one.
std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, "\n"));
}

std::string as_text(const SweepIdentity& identity) {
  return fmt::format(
      "version {}\nname {}\narchitecture {}\nnetwork {}\nobjectives {}\npoints {}\n{}{}",
      identity.version, identity.name, identity.architecture, identity.network,
      fmt::join(identity.objectives, ", "), identity.points, identity.spec, identity.options);
}

std::uint64_t number_in(const std::map<std::string, std::string>& meta, const std::string& key,
                        const std::string& path) {
  std::uint64_t value = 0;
  const auto found = meta.find(key);
  if (found != meta.end()) {
    const std::string& text = found->second;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec == std::errc() && end.ptr == text.data() + text.size()) {
      return value;
    }
  }
  throw UsageError(
      fmt::format("'{}' is no file of results of a sweep: its {} cannot be read", path, key));
}

/// The point at the current row of kSelectPoints.
PointResult point_from(const Database::Statement& rows, Database::Statement& front) {
  PointResult result;
  result.point = static_cast<std::uint64_t>(rows.integer(0));
  result.values = lines_of(rows.text(1));
  result.feasible = rows.integer(2) != 0;
  result.why_not = rows.text(3);
  result.algorithm = rows.text(4);
  result.certificate = rows.text(5);
  if (!rows.is_null(6)) {
    result.gap = rows.number(6);
  }
  result.seconds = rows.number(7);
  if (!rows.is_null(8)) {
    result.skipped_by = static_cast<std::uint64_t>(rows.integer(8));
  }
  result.batch = rows.integer(9);
  result.kept_in = rows.text(10);
  front.bind(1, rows.integer(0));
  while (front.step()) {
    FrontRow& row = result.front.emplace_back();
    row.point = static_cast<std::uint64_t>(front.integer(0));
    row.place = static_cast<std::uint64_t>(front.integer(1));
    row.energy_pj = front.number(2);
    row.cycles = front.integer(3);
    row.latency_s = front.number(4);
    row.area_mm2 = front.number(5);
    row.utilization = front.number(6);
    row.dram_words = front.integer(7);
    row.operations = front.integer(8);
    row.choices = front.text(9);
  }
  front.reset();
  return result;
}

}  // namespace

std::string SweepIdentity::hash() const {
  std::uint64_t value = 14695981039346656037u;
  for (const char c : as_text(*this)) {
    value = (value ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return fmt::format("{:016x}", value);
}

bool SweepIdentity::by_item() const {
  return std::find(axes.begin(), axes.end(), "batch") != axes.end();
}

std::string difference(const SweepIdentity& before, const SweepIdentity& now) {
  return line_difference(as_text(before), as_text(now));
}

ResultsFile ResultsFile::create(const std::string& path, const SweepIdentity& identity,
                                Shard shard) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) {
    throw UsageError(
        fmt::format("'{}' is there already\nTo go on with it use --resume; to start anew "
                    "remove it.",
                    path));
  }
  // Made under another name: a file that bears the name has all its tables.
  const std::string fresh = path + ".new";
  // What a run left that was killed while it made the file.
  for (const char* ending : {"", "-journal", "-wal", "-shm"}) {
    std::filesystem::remove(fresh + ending, ignored);
  }
  {
    Database database(fresh, Database::Mode::create);
    database.run(fmt::format("PRAGMA application_id={}", kApplication));
    Transaction transaction(database);
    database.run(kTables);
    auto insert = database.prepare("INSERT INTO meta VALUES(?1, ?2)");
    const std::pair<std::string, std::string> entries[] = {
        {"schema", kSchema},
        {"name", identity.name},
        {"architecture", identity.architecture},
        {"network", identity.network},
        {"version", identity.version},
        {"spec", identity.spec},
        {"options", identity.options},
        {"hash", identity.hash()},
        {"objectives", joined(identity.objectives)},
        {"axes", joined(identity.axes)},
        {"points", std::to_string(identity.points)},
        {"shard", std::to_string(shard.index)},
        {"shards", std::to_string(shard.count)},
        {"merged", "0"}};
    for (const auto& [key, value] : entries) {
      insert.bind(1, key).bind(2, value).step();
      insert.reset();
    }
    transaction.commit();
    database.run("PRAGMA journal_mode=WAL");
  }
  std::error_code error;
  std::filesystem::rename(fresh, path, error);
  if (error) {
    throw FailureError(fmt::format("cannot write '{}': {}", path, error.message()));
  }
  return open(path, true);
}

ResultsFile ResultsFile::open(const std::string& path, bool to_write) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    throw UsageError(fmt::format("there is no file '{}'", path));
  }
  if (std::filesystem::is_directory(path, ignored)) {
    throw UsageError(fmt::format(
        "'{}' is a directory; expected a file of results in it, such as sweep.sqlite", path));
  }
  Database database(path, to_write ? Database::Mode::write : Database::Mode::read);
  const auto foreign = [&] {
    return UsageError(fmt::format("'{}' is no file of results of a sweep", path));
  };
  {
    auto application = database.prepare("PRAGMA application_id");
    if (!application.step() || application.integer(0) != kApplication) {
      throw foreign();
    }
  }
  std::map<std::string, std::string> meta;
  {
    auto rows = database.prepare("SELECT key, value FROM meta");
    while (rows.step()) {
      meta[rows.text(0)] = rows.text(1);
    }
  }
  if (meta["schema"] != kSchema) {
    throw UsageError(
        fmt::format("'{}' was written by version {} of Tessera, with the schema '{}'\n"
                    "This version, {}, reads {}. Read it with that version, or remove it and start "
                    "anew.",
                    path, meta["version"], meta["schema"], TESSERA_VERSION, kSchema));
  }
  SweepIdentity identity;
  identity.name = meta["name"];
  identity.architecture = meta["architecture"];
  identity.network = meta["network"];
  identity.version = meta["version"];
  identity.spec = meta["spec"];
  identity.options = meta["options"];
  identity.objectives = lines_of(meta["objectives"]);
  identity.axes = lines_of(meta["axes"]);
  identity.points = number_in(meta, "points", path);
  const Shard shard{number_in(meta, "shard", path), number_in(meta, "shards", path)};
  if (shard.count == 0 || shard.index >= shard.count || identity.objectives.empty() ||
      identity.hash() != meta["hash"]) {
    throw UsageError(
        fmt::format("'{}' has been changed: what it says about its sweep does not fit "
                    "together",
                    path));
  }
  if (to_write) {
    database.run("PRAGMA journal_mode=WAL");
    database.run("PRAGMA synchronous=NORMAL");
  }
  const bool merged = meta["merged"] == "1";
  return ResultsFile(std::move(database), std::move(identity), shard, merged);
}

void ResultsFile::add(const PointResult& result) {
  Transaction transaction(database_);
  auto point =
      database_.prepare("INSERT INTO points VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)");
  point.bind(1, static_cast<std::int64_t>(result.point))
      .bind(2, joined(result.values))
      .bind(3, std::int64_t{result.feasible})
      .bind(4, result.why_not)
      .bind(5, result.algorithm)
      .bind(6, result.certificate)
      .bind(8, result.seconds)
      .bind(10, result.ended)
      .bind(11, result.batch)
      .bind(12, result.kept_in);
  result.gap ? point.bind(7, *result.gap) : point.bind_null(7);
  result.skipped_by ? point.bind(9, static_cast<std::int64_t>(*result.skipped_by))
                    : point.bind_null(9);
  point.step();
  auto row = database_.prepare("INSERT INTO front VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)");
  for (const FrontRow& front : result.front) {
    row.bind(1, static_cast<std::int64_t>(result.point))
        .bind(2, static_cast<std::int64_t>(front.place))
        .bind(3, front.energy_pj)
        .bind(4, front.cycles)
        .bind(5, front.latency_s)
        .bind(6, front.area_mm2)
        .bind(7, front.utilization)
        .bind(8, front.dram_words)
        .bind(9, front.operations)
        .bind(10, front.choices)
        .step();
    row.reset();
  }
  auto layer = database_.prepare("INSERT INTO layers VALUES(?1,?2,?3,?4,?5,?6,?7,?8)");
  for (const LayerRow& of : result.layers) {
    layer.bind(1, static_cast<std::int64_t>(result.point))
        .bind(2, of.layer)
        .bind(3, static_cast<std::int64_t>(of.place))
        .bind(4, of.executions)
        .bind(5, of.energy_pj)
        .bind(6, of.cycles)
        .bind(7, of.certificate)
        .bind(8, of.mapping)
        .step();
    layer.reset();
  }
  transaction.commit();
}

void ResultsFile::add_all(ResultsFile& other) {
  const std::vector<std::uint64_t> mine = finished();
  for (const std::uint64_t point : other.finished()) {
    if (std::binary_search(mine.begin(), mine.end(), point)) {
      throw UsageError(
          fmt::format("point {} is in '{}' and in another of the files: the same results "
                      "must not be given twice",
                      point, other.path()));
    }
  }
  auto attach = database_.prepare("ATTACH ?1 AS other");
  attach.bind(1, other.path()).step();
  {
    Transaction transaction(database_);
    for (const char* table : {"points", "front", "layers"}) {
      database_.run(fmt::format("INSERT INTO main.{0} SELECT * FROM other.{0}", table));
    }
    transaction.commit();
  }
  database_.run("DETACH other");
}

void ResultsFile::set_merged() {
  database_.run("UPDATE meta SET value='1' WHERE key='merged'");
  merged_ = true;
}

std::vector<std::uint64_t> ResultsFile::finished() {
  std::vector<std::uint64_t> points;
  auto rows = database_.prepare("SELECT point FROM points ORDER BY point");
  while (rows.step()) {
    points.push_back(static_cast<std::uint64_t>(rows.integer(0)));
  }
  return points;
}

std::uint64_t ResultsFile::skipped() {
  auto rows = database_.prepare("SELECT count(skipped_by) FROM points");
  return rows.step() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

std::vector<std::pair<double, double>> ResultsFile::last_ended(std::size_t most) {
  std::vector<std::pair<double, double>> list;
  auto rows = database_.prepare("SELECT ended, seconds FROM points ORDER BY ended DESC LIMIT ?1");
  rows.bind(1, static_cast<std::int64_t>(most));
  while (rows.step()) {
    list.emplace_back(rows.number(0), rows.number(1));
  }
  return list;
}

PointResult ResultsFile::read(std::uint64_t point) {
  auto rows = database_.prepare(fmt::format("{} WHERE point = ?1", kSelectPoints));
  auto front = database_.prepare(kSelectFront);
  rows.bind(1, static_cast<std::int64_t>(point));
  if (!rows.step()) {
    throw FailureError(fmt::format("'{}' has lost point {}", path(), point));
  }
  return point_from(rows, front);
}

void ResultsFile::for_each_point(const std::function<void(PointResult&)>& take) {
  auto rows = database_.prepare(fmt::format("{} ORDER BY point", kSelectPoints));
  auto front = database_.prepare(kSelectFront);
  while (rows.step()) {
    PointResult result = point_from(rows, front);
    take(result);
  }
}

void ResultsFile::make_plain() {
  // Fails while somebody reads; what is beside the file then goes with the last who closes it.
  if (database_.try_run("PRAGMA journal_mode=DELETE")) {
    return;
  }
  database_.try_run("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace tessera
