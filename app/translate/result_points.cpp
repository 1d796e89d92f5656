#include "app/translate/result_points.hpp"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/errors.hpp"
#include "spec/error.hpp"

namespace tessera {

namespace {

constexpr std::size_t kMostBytes = 256u << 20;

/// The records of a CSV text (RFC 4180) with the line that each starts at.
class CsvReader {
 public:
  CsvReader(const std::string& name, std::string_view text) : name_(name), rest_(text) {}

  /// False at the end.
  bool next(std::vector<std::string>& fields) {
    fields.clear();
    if (rest_.empty()) {
      return false;
    }
    line_ = next_line_;
    std::string field;
    bool quoted = false;
    while (true) {
      if (rest_.empty()) {
        if (quoted) {
          fail("a quoted field has no end");
        }
        break;
      }
      const char c = rest_.front();
      rest_.remove_prefix(1);
      next_line_ += c == '\n' ? 1 : 0;
      if (quoted) {
        if (c != '"') {
          field += c;
        } else if (rest_.starts_with('"')) {
          field += '"';
          rest_.remove_prefix(1);
        } else {
          quoted = false;
        }
      } else if (c == '"' && field.empty()) {
        quoted = true;
      } else if (c == ',') {
        fields.push_back(std::move(field));
        field.clear();
      } else if (c == '\n') {
        break;
      } else if (c != '\r') {
        field += c;
      }
    }
    fields.push_back(std::move(field));
    return true;
  }

  [[noreturn]] void fail(std::string_view message) const {
    throw SpecError(fmt::format("{}:{}: {}\n", name_, line_, message));
  }

 private:
  const std::string& name_;
  std::string_view rest_;
  std::size_t line_ = 1;
  std::size_t next_line_ = 1;
};

/// Where the columns that matter stand; some have several names.
struct Columns {
  std::optional<std::size_t> architecture, workload, batch, energy, latency, per_operation;

  explicit Columns(const std::vector<std::string>& heading) {
    for (std::size_t i = 0; i < heading.size(); ++i) {
      const std::string& name = heading[i];
      auto* column = name == "architecture"                                         ? &architecture
                     : name == "problem" || name == "network" || name == "workload" ? &workload
                     : name == "batch" || name == "frames"                          ? &batch
                     : name == "energy_pJ"                                          ? &energy
                     : name == "latency_s"                                          ? &latency
                     : name == "energy_pJ_per_op"                                   ? &per_operation
                                                                                    : nullptr;
      if (column != nullptr && !*column) {
        *column = i;
      }
    }
  }
};

double number(const CsvReader& reader, const std::string& field, std::string_view column,
              bool over_0) {
  double value = 0;
  const auto end = std::from_chars(field.data(), field.data() + field.size(), value);
  if (end.ec != std::errc() || end.ptr != field.data() + field.size() || !std::isfinite(value) ||
      value < 0 || (over_0 && value == 0)) {
    reader.fail(fmt::format("{}: expected a number {}, got '{}'", column,
                            over_0 ? "above 0" : "from 0 on", field));
  }
  return value;
}

}  // namespace

std::vector<ResultPoint> parse_result_points(const std::string& name, std::string_view text) {
  CsvReader reader(name, text);
  std::vector<std::string> fields;
  reader.next(fields);
  const Columns columns(fields);
  const std::size_t width = fields.size();
  if (!columns.energy || !columns.latency) {
    reader.fail(
        "expected the heading of a result of Tessera, with energy_pJ and latency_s, such as that "
        "of front.csv");
  }
  std::vector<ResultPoint> points;
  while (reader.next(fields)) {
    if (fields.size() != width) {
      reader.fail(
          fmt::format("expected {} fields as in the heading, got {}", width, fields.size()));
    }
    if (fields[*columns.energy].empty()) {
      continue;  // a machine of a comparison without a mapping
    }
    ResultPoint& point = points.emplace_back();
    point.number = points.size();
    point.architecture = columns.architecture ? fields[*columns.architecture] : "";
    point.workload = columns.workload ? fields[*columns.workload] : "";
    if (columns.batch) {
      point.batch = number(reader, fields[*columns.batch], "batch", true);
      point.batch_known = true;
    }
    point.energy_j = number(reader, fields[*columns.energy], "energy_pJ", false) * 1e-12;
    point.latency_s = number(reader, fields[*columns.latency], "latency_s", true);
    if (columns.per_operation && !fields[*columns.per_operation].empty()) {
      point.energy_per_operation_j =
          number(reader, fields[*columns.per_operation], "energy_pJ_per_op", false) * 1e-12;
    }
  }
  if (points.empty()) {
    throw SpecError(fmt::format("{}: it has no points, only a heading\n", name));
  }
  return points;
}

std::vector<ResultPoint> read_result_points(const std::string& path) {
  std::error_code ignored;
  std::string file = path;
  if (std::filesystem::is_directory(path, ignored)) {
    file.clear();
    for (const char* known : {"front.csv", "comparison.csv", "evaluation.csv"}) {
      const std::filesystem::path candidate = std::filesystem::path(path) / known;
      if (file.empty() && std::filesystem::exists(candidate, ignored)) {
        file = candidate.string();
      }
    }
    if (file.empty()) {
      throw UsageError(fmt::format(
          "'{}' holds none of front.csv, comparison.csv and evaluation.csv\nExpected the directory "
          "that `tessera search --out DIR` wrote to, or a CSV file.",
          path));
    }
  }
  if (file.ends_with(".sqlite")) {
    throw UsageError(fmt::format(
        "'{0}' is a database of results\nWrite its front as CSV first: `tessera results {0} --csv "
        "--front > front.csv`.",
        file));
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    throw UsageError(
        fmt::format("cannot read '{}'\nExpected a CSV file of results, or the "
                    "directory that `tessera search --out DIR` wrote to.",
                    file));
  }
  std::ostringstream text;
  text << stream.rdbuf();
  if (text.view().size() > kMostBytes) {
    throw UsageError(fmt::format("'{}' is over {} MiB", file, kMostBytes >> 20));
  }
  return parse_result_points(file, text.view());
}

}  // namespace tessera
