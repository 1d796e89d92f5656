#include "app/search_state_file.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "app/errors.hpp"
#include "app/line_difference.hpp"

namespace tessera {

namespace {

constexpr std::int64_t kApplication = 0x54535354;  // `TSST`, in the file's head
constexpr const char* kSchema = "tessera.state/1";

/// Between two saves. What is found in between is found again after a kill.
constexpr std::chrono::milliseconds kInterval(200);
/// On a slow disk less often: saving takes no more than this share of the time.
constexpr int kLeastShare = 50;

std::string checksum(std::string_view bytes) {
  std::uint64_t value = 14695981039346656037u;  // FNV-1a
  for (const char c : bytes) {
    value = (value ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return fmt::format("{:016x}", value);
}

}  // namespace

SearchStateFile::SearchStateFile(std::string path, std::string identity, bool resume,
                                 std::function<void(const std::string&)> warn)
    : path_(std::move(path)),
      identity_(std::move(identity)),
      warn_(std::move(warn)),
      next_(Clock::now() + kInterval) {
  if (std::error_code ignored; resume && std::filesystem::exists(path_, ignored)) {
    open();
    return;
  }
  remove();
}

void SearchStateFile::remove() {
  database_.reset();
  unwritten_.clear();
  for (const char* ending : {"", "-journal"}) {
    std::error_code error;
    std::filesystem::remove(path_ + ending, error);
    if (error) {
      throw FailureError(fmt::format("cannot remove '{}': {}", path_ + ending, error.message()));
    }
  }
}

void SearchStateFile::open() {
  auto database = std::make_unique<Database>(path_, Database::Mode::write);
  database->run("PRAGMA locking_mode=EXCLUSIVE");
  Database::Statement tables = database->prepare("SELECT count(*) FROM sqlite_master");
  tables.step();
  if (tables.integer(0) == 0) {
    return;  // killed before the first transaction was whole
  }
  Database::Statement application = database->prepare("PRAGMA application_id");
  application.step();
  if (application.integer(0) != kApplication) {
    throw UsageError(fmt::format("'{}' is no state of a search", path_));
  }
  Database::Statement meta = database->prepare("SELECT schema, identity FROM meta");
  if (!meta.step() || meta.text(0) != kSchema) {
    throw UsageError(fmt::format("'{}' is a state that this version cannot read", path_));
  }
  if (meta.text(1) != identity_) {
    throw UsageError(
        fmt::format("'{}' is the state of another search; what changed (- there, + now):\n"
                    "{}Give another directory, or start anew without --resume.",
                    path_, line_difference(meta.text(1), identity_)));
  }
  database_ = std::move(database);
}

void SearchStateFile::create() {
  database_ = std::make_unique<Database>(path_, Database::Mode::create);
  database_->run("PRAGMA locking_mode=EXCLUSIVE");
  Transaction transaction(*database_);
  database_->run(fmt::format("PRAGMA application_id={}", kApplication));
  database_->run(
      "CREATE TABLE meta(schema TEXT NOT NULL, identity TEXT NOT NULL);"
      "CREATE TABLE steps(part TEXT NOT NULL, step INTEGER NOT NULL, finished INTEGER NOT NULL,"
      " checksum TEXT NOT NULL, state BLOB NOT NULL, PRIMARY KEY(part, step)) WITHOUT ROWID;");
  database_->prepare("INSERT INTO meta VALUES(?, ?)")
      .bind(1, std::string_view(kSchema))
      .bind(2, std::string_view(identity_))
      .step();
  transaction.commit();
}

void SearchStateFile::begin_part(std::string name) {
  part_ = std::move(name);
  restart();
}

std::optional<SearchState::Saved> SearchStateFile::load(std::size_t step) {
  if (!database_) {
    return std::nullopt;
  }
  Database::Statement row =
      database_->prepare("SELECT finished, checksum, state FROM steps WHERE part = ? AND step = ?");
  row.bind(1, std::string_view(part_)).bind(2, static_cast<std::int64_t>(step));
  if (!row.step()) {
    return std::nullopt;
  }
  Saved saved{row.text(2), row.integer(0) != 0};
  if (checksum(saved.bytes) != row.text(1)) {
    StateReader::fail();
  }
  return saved;
}

bool SearchStateFile::due() {
  return !failed_ && Clock::now() >= next_;
}

void SearchStateFile::save(std::size_t step, Saved state) {
  if (failed_) {
    return;
  }
  unwritten_[{part_, step}] = std::move(state);
  if (due()) {
    write();
  }
}

void SearchStateFile::write() {
  const Clock::time_point begin = Clock::now();
  try {
    if (!database_) {
      create();
    }
    Transaction transaction(*database_);
    Database::Statement row =
        database_->prepare("INSERT OR REPLACE INTO steps VALUES(?, ?, ?, ?, ?)");
    for (const auto& [place, saved] : unwritten_) {
      row.bind(1, std::string_view(place.first))
          .bind(2, static_cast<std::int64_t>(place.second))
          .bind(3, std::int64_t{saved.finished})
          .bind(4, std::string_view(checksum(saved.bytes)))
          .bind_bytes(5, saved.bytes)
          .step();
      row.reset();
    }
    transaction.commit();
    unwritten_.clear();
  } catch (const std::exception& error) {
    failed_ = true;
    warn_(fmt::format("the state of the search is not saved from here on: {}", error.what()));
  }
  const Clock::time_point end = Clock::now();
  next_ = end + std::max<Clock::duration>(kInterval, kLeastShare * (end - begin));
}

}  // namespace tessera
