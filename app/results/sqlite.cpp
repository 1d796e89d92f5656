#include "app/results/sqlite.hpp"

#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "app/errors.hpp"

namespace tessera {

namespace {

constexpr int kPatience = 10'000;  // ms that another program's transaction may last

}  // namespace

Database::Database(std::string path, Mode mode) : path_(std::move(path)) {
  try {
    if (mode == Mode::read) {
      open_to_read();
    } else if (mode == Mode::write) {
      open(SQLITE_OPEN_READWRITE);
      check(head());
    } else {
      open(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    }
  } catch (...) {
    close();
    throw;
  }
}

void Database::open(int flags) {
  check(sqlite3_open_v2(path_.c_str(), &handle_, flags, nullptr));
  sqlite3_busy_timeout(handle_, kPatience);
}

void Database::open_to_read() {
  open(SQLITE_OPEN_READONLY);
  int code = head();
  if (code == SQLITE_READONLY) {
    // A program was killed while it wrote: what it left is first brought in order, which is to
    // write.
    close();
    open(SQLITE_OPEN_READWRITE);
    code = head();
    if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN) {
      throw FailureError(
          fmt::format("'{}' was left in the middle of a change by a run that was killed; to bring "
                      "it in order needs the right to write it and its folder",
                      path_));
    }
    check(code);
    run("PRAGMA query_only=1");
    return;
  }
  check(code);
}

void Database::close() {
  sqlite3_close(handle_);
  handle_ = nullptr;
}

int Database::head() {
  return sqlite3_exec(handle_, "PRAGMA schema_version", nullptr, nullptr, nullptr) & 0xFF;
}

void Database::check(int code) const {
  if (code != SQLITE_OK) {
    fail(code);
  }
}

Database::~Database() {
  sqlite3_close(handle_);
}

Database::Database(Database&& other) noexcept
    : path_(std::move(other.path_)), handle_(std::exchange(other.handle_, nullptr)) {}

void Database::fail(int code) const {
  switch (code & 0xFF) {
    case SQLITE_NOTADB:
      throw UsageError(fmt::format("'{}' is no file of results: SQLite cannot read it", path_));
    case SQLITE_CORRUPT:
      throw FailureError(
          fmt::format("'{}' is damaged (cut off, or written to by something else): {}\n"
                      "Take a copy that is whole, if there is one; to start anew remove the file.",
                      path_, handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code)));
    case SQLITE_FULL:
      throw FailureError(
          fmt::format("cannot write '{}': the disk is full; what was finished before "
                      "is in the file, and --resume continues",
                      path_));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw FailureError(
          fmt::format("'{}' has been locked by another program for {} s\n"
                      "Nothing of it is lost: end that program, or try again later.",
                      path_, kPatience / 1000));
    case SQLITE_READONLY:
    case SQLITE_PERM:
      throw FailureError(fmt::format("cannot write '{}': no permission", path_));
    case SQLITE_CANTOPEN:
      throw FailureError(
          fmt::format("cannot open '{}': it is not there, or its folder may not be "
                      "written to",
                      path_));
    case SQLITE_IOERR:
      if (const int error = handle_ != nullptr ? sqlite3_system_errno(handle_) : 0; error != 0) {
        throw FailureError(
            fmt::format("cannot read or write '{}': {}; what was finished before is in the file",
                        path_, std::strerror(error)));
      }
      [[fallthrough]];
    default:
      throw FailureError(
          fmt::format("cannot use '{}': {}", path_,
                      handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code)));
  }
}

void Database::run(const std::string& sql) {
  check(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr));
}

bool Database::try_run(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  const int kind = code & 0xFF;
  if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED) {
    return false;
  }
  check(code);
  return true;
}

Database::Statement Database::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, &rest);
  if (code == SQLITE_ERROR) {
    throw UsageError(fmt::format("SQL: {}", sqlite3_errmsg(handle_)));
  }
  if (code != SQLITE_OK) {
    fail(code);
  }
  Statement result(*this, statement);
  if (statement == nullptr) {
    throw UsageError("SQL: expected a statement, got nothing");
  }
  if (std::string_view(rest).find_first_not_of(" \n\t;") != std::string_view::npos) {
    throw UsageError("SQL: expected one statement, got more behind it");
  }
  return result;
}

Database::Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Database::Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

void Database::Statement::check(int code) const {
  if (code != SQLITE_OK) {
    database_->fail(code);
  }
}

Database::Statement& Database::Statement::bind(int place, std::int64_t value) {
  check(sqlite3_bind_int64(statement_, place, value));
  return *this;
}

Database::Statement& Database::Statement::bind(int place, double value) {
  check(sqlite3_bind_double(statement_, place, value));
  return *this;
}

Database::Statement& Database::Statement::bind(int place, std::string_view value) {
  check(sqlite3_bind_text64(statement_, place, value.data(), value.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8));
  return *this;
}

Database::Statement& Database::Statement::bind_bytes(int place, std::string_view value) {
  check(sqlite3_bind_blob64(statement_, place, value.data(), value.size(), SQLITE_TRANSIENT));
  return *this;
}

Database::Statement& Database::Statement::bind_null(int place) {
  check(sqlite3_bind_null(statement_, place));
  return *this;
}

bool Database::Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code != SQLITE_DONE) {
    database_->fail(code);
  }
  return false;
}

void Database::Statement::reset() {
  sqlite3_reset(statement_);
}

int Database::Statement::columns() const {
  return sqlite3_column_count(statement_);
}

std::string Database::Statement::column_name(int column) const {
  return sqlite3_column_name(statement_, column);
}

bool Database::Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

bool Database::Statement::is_integer(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_INTEGER;
}

bool Database::Statement::is_number(int column) const {
  return is_integer(column) || sqlite3_column_type(statement_, column) == SQLITE_FLOAT;
}

std::int64_t Database::Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Database::Statement::number(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string Database::Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const int bytes = sqlite3_column_bytes(statement_, column);
  return text == nullptr ? "" : std::string(text, static_cast<std::size_t>(bytes));
}

bool Database::Statement::reads_only() const {
  return sqlite3_stmt_readonly(statement_) != 0;
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (open_) {
    try {
      database_.run("ROLLBACK");
    } catch (const std::exception&) {
      // Nothing of it was written: SQLite undoes what is left when the file is opened next.
    }
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace tessera
