#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace tessera {

/// A file of SQLite. Every call throws on failure, in words for the user: UsageError where the file
/// is none of SQLite's, FailureError for a full disk, missing rights, a lock that another program
/// holds, a damaged file.
class Database {
 public:
  enum class Mode { read, write, create };

  Database(std::string path, Mode mode);
  ~Database();
  Database(Database&& other) noexcept;
  Database& operator=(Database&&) = delete;

  const std::string& path() const { return path_; }
  void run(const std::string& sql);
  /// The same; false where another program's lock is in the way.
  bool try_run(const std::string& sql);

  /// A prepared statement; parameters are numbered from 1, columns from 0.
  class Statement {
   public:
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;

    Statement& bind(int place, std::int64_t value);
    Statement& bind(int place, double value);
    Statement& bind(int place, std::string_view value);
    Statement& bind_bytes(int place, std::string_view value);  ///< as a BLOB; `text` reads it
    Statement& bind_null(int place);
    /// The next row; false after the last.
    bool step();
    /// Ready for new parameters.
    void reset();

    int columns() const;
    std::string column_name(int column) const;
    bool is_null(int column) const;
    bool is_number(int column) const;
    bool is_integer(int column) const;
    std::int64_t integer(int column) const;
    double number(int column) const;
    std::string text(int column) const;
    bool reads_only() const;

   private:
    friend class Database;
    Statement(Database& database, sqlite3_stmt* statement)
        : database_(&database), statement_(statement) {}
    void check(int code) const;
    Database* database_;
    sqlite3_stmt* statement_;
  };

  Statement prepare(const std::string& sql);

 private:
  [[noreturn]] void fail(int code) const;
  void check(int code) const;
  void open(int flags);
  void open_to_read();
  void close();
  /// Reads the file's head, so that a foreign file is found when it is opened; a code of SQLite.
  int head();
  std::string path_;
  sqlite3* handle_ = nullptr;
};

/// A transaction that is undone unless it is committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace tessera
