#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/command.hpp"
#include "app/csv_report.hpp"
#include "app/errors.hpp"
#include "app/numbers.hpp"
#include "app/results/results_report.hpp"

namespace tessera {

namespace {

std::vector<Option> results_options() {
  std::vector<Option> options = {
      {.name = "csv", .kind = OptionKind::flag, .help = "All rows as CSV."},
      {.name = "json", .kind = OptionKind::flag, .help = "All rows as JSON."},
      {.name = "front",
       .kind = OptionKind::flag,
       .help = "Only the rows of the sweep's front; as CSV unless --json is given."},
      {.name = "sql",
       .kind = OptionKind::text,
       .argument = "QUERY",
       .help = "What a query of SQL gives, as CSV. Tables: points, front, layers, meta."},
      {.name = "help", .letter = 'h', .kind = OptionKind::flag, .help = "Print this text."},
      {.name = "version", .kind = OptionKind::flag, .help = "Print the program's version."}};
  for (Option& option : options) {
    option.in_spec = false;
  }
  return options;
}

std::string query_csv(ResultsFile& file, const std::string& sql) {
  auto rows = file.database().prepare(sql);
  if (!rows.reads_only()) {
    throw UsageError("--sql: only queries that read are allowed, such as \"SELECT * FROM front\"");
  }
  std::vector<std::string> fields;
  for (int c = 0; c < rows.columns(); ++c) {
    fields.push_back(csv_field(rows.column_name(c)));
  }
  std::string out = fmt::format("{}\n", fmt::join(fields, ","));
  while (rows.step()) {
    fields.clear();
    for (int c = 0; c < rows.columns(); ++c) {
      const bool real = rows.is_number(c) && !rows.is_integer(c);
      fields.push_back(real ? exact(rows.number(c)) : csv_field(rows.text(c)));
    }
    out += fmt::format("{}\n", fmt::join(fields, ","));
  }
  return out;
}

int run_results(const Invocation& invocation) {
  if (invocation.operands.size() != 1) {
    throw UsageError(
        "`tessera results` takes one file, such as out/sweep.sqlite; unite shards with "
        "`tessera merge`");
  }
  const OptionValues& options = invocation.options;
  ResultsFile file = ResultsFile::open(invocation.operands.front(), false);
  const int asked = options.flag("csv") + options.flag("json") + options.given("sql");
  if (asked > 1 || (options.given("sql") && options.flag("front"))) {
    throw UsageError("expected one of --csv, --json and --sql");
  }
  if (options.given("sql")) {
    print_result(query_csv(file, options.text("sql")));
    return kExitDone;
  }
  const bool all = (options.flag("csv") || options.flag("json")) && !options.flag("front");
  const SweepResults results = SweepResults::read(file, !all);
  print_result(options.flag("json")                           ? results_json(results)
               : options.flag("csv") || options.flag("front") ? results_csv(results)
                                                              : results_text(results, file.path()));
  return kExitDone;
}

std::vector<Option> merge_options() {
  std::vector<Option> options = {
      {.name = "out",
       .letter = 'o',
       .kind = OptionKind::text,
       .argument = "FILE",
       .help = "The file that receives all results."},
      {.name = "partial",
       .kind = OptionKind::flag,
       .help = "Unite what there is, though shards or points are missing."},
      {.name = "help", .letter = 'h', .kind = OptionKind::flag, .help = "Print this text."},
      {.name = "version", .kind = OptionKind::flag, .help = "Print the program's version."}};
  for (Option& option : options) {
    option.in_spec = false;
  }
  return options;
}

/// The shards that have points left, as their numbers with commas: what --array of Slurm takes.
std::string unfinished_shards(const std::vector<std::uint64_t>& done, std::uint64_t points,
                              std::uint64_t shards) {
  std::vector<std::uint64_t> finished(shards, 0);
  for (const std::uint64_t point : done) {
    ++finished[point % shards];
  }
  std::vector<std::uint64_t> missing;
  for (std::uint64_t s = 0; s < shards; ++s) {
    if (finished[s] < Shard{s, shards}.size(points)) {
      missing.push_back(s);
    }
  }
  return fmt::format("{}", fmt::join(missing, ","));
}

/// Removes a file of results that never got its name, and what SQLite keeps beside it.
class TemporaryResults {
 public:
  explicit TemporaryResults(std::string path) : path_(std::move(path)) { remove(); }
  ~TemporaryResults() { remove(); }
  TemporaryResults(const TemporaryResults&) = delete;
  TemporaryResults& operator=(const TemporaryResults&) = delete;

 private:
  void remove() const {
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
      std::error_code ignored;
      std::filesystem::remove(path_ + ending, ignored);
    }
  }
  std::string path_;
};

/// All results in a new file; whether none is missing. Says which are.
bool unite(std::vector<ResultsFile>& files, const std::string& path) {
  ResultsFile united = ResultsFile::create(path, files.front().identity(), Shard{0, 1});
  for (ResultsFile& file : files) {
    united.add_all(file);
  }
  const std::vector<std::uint64_t> done = united.finished();
  const std::uint64_t points = united.identity().points;
  if (done.size() < points) {
    const std::uint64_t shards = files.front().shard().count;
    const std::string missing = unfinished_shards(done, points, shards);
    fmt::print(stderr, "tessera: {} of {} points are missing{}\n  Finish them with --resume{}\n",
               points - done.size(), points,
               shards == 1 ? "" : fmt::format(", of the shards {} of {}", missing, shards),
               shards == 1 ? "" : fmt::format("; with Slurm: SHARDS={}", missing));
  }
  united.set_merged();
  united.make_plain();
  return done.size() == points;
}

int run_merge(const Invocation& invocation) {
  const OptionValues& options = invocation.options;
  if (invocation.operands.empty()) {
    throw UsageError(
        "nothing to merge\nName the files of the shards: `tessera merge out/*.sqlite -o "
        "all.sqlite`.");
  }
  if (!options.given("out")) {
    throw UsageError("--out FILE is missing: where should the results go?");
  }
  const std::string& target = options.text("out");
  std::vector<ResultsFile> files;
  for (const std::string& operand : invocation.operands) {
    files.push_back(ResultsFile::open(operand, false));
    const ResultsFile& file = files.back();
    const ResultsFile& first = files.front();
    if (file.identity() != first.identity()) {
      throw UsageError(fmt::format("'{}' and '{}' are of different sweeps:\n{}", first.path(),
                                   file.path(), difference(first.identity(), file.identity())));
    }
    if (file.shard().count != first.shard().count) {
      throw UsageError(fmt::format("'{}' is one of {} shards, '{}' one of {}", first.path(),
                                   first.shard().count, file.path(), file.shard().count));
    }
  }
  std::error_code ignored;
  if (std::filesystem::exists(target, ignored)) {
    throw UsageError(fmt::format("'{}' is there already; remove it, or name another file", target));
  }
  const std::string fresh = target + ".merging";
  const TemporaryResults temporary(fresh);
  const bool whole = unite(files, fresh);
  if (!whole && !options.flag("partial")) {
    return kExitTerminated;
  }
  std::error_code error;
  std::filesystem::rename(fresh, target, error);
  if (error) {
    throw FailureError(fmt::format("cannot write '{}': {}", target, error.message()));
  }
  print_result(fmt::format("Merged {} file{} into {}.\n", files.size(),
                           files.size() == 1 ? "" : "s", target));
  return whole ? kExitDone : kExitTerminated;
}

}  // namespace

Command results_command() {
  return {.name = "results",
          .operands = "FILE",
          .summary = "Reads the results of a sweep.",
          .description =
              "Prints what a file of results holds: a summary and the front, or all of it.\n"
              "\n"
              "  tessera results out/sweep.sqlite\n"
              "  tessera results out/sweep.sqlite --front --csv > front.csv\n"
              "  tessera results out/sweep.sqlite --sql \"SELECT point, min(energy_pJ) FROM "
              "front GROUP BY point\"\n",
          .options = results_options(),
          .run = run_results};
}

Command merge_command() {
  return {
      .name = "merge",
      .operands = "FILE...",
      .summary = "Unites the shards of a sweep.",
      .description =
          "Unites the files of the shards of a sweep into one, in any order. The results are those "
          "of the\n"
          "sweep run as a whole, byte for byte. Files of different sweeps and results that are "
          "given "
          "twice\n"
          "are refused. Where points are missing their shards are named, nothing is written "
          "(unless\n"
          "--partial), and the exit code is 75.\n"
          "\n"
          "  tessera merge out/shard-*.sqlite -o all.sqlite\n",
      .options = merge_options(),
      .run = run_merge};
}

}  // namespace tessera
