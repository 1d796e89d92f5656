#include "app/timeloop/reading.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "app/timeloop/note.hpp"

namespace tessera {
namespace {

constexpr std::int64_t kMostInstances = INT32_MAX;

/// Words that stand beside element names in our mappings and constraints.
constexpr std::array<std::string_view, 8> kReservedNames = {
    "all", "dataflow", "for", "min_utilization", "spatial", "null", "Null", "NULL"};

std::string with_hyphens(std::string_view key) {
  std::string text(key);
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ec != std::errc() || result.ptr != text.data() + text.size() ||
      value < 0) {
    return std::nullopt;
  }
  return value;
}

/// How many `0..15` are.
std::optional<std::int64_t> range_size(std::string_view range) {
  const std::size_t dots = range.find("..");
  if (dots == std::string_view::npos) {
    return read_number(range);
  }
  const auto first = read_number(range.substr(0, dots));
  const auto last = read_number(range.substr(dots + 2));
  if (!first || !last || *last < *first) {
    return std::nullopt;
  }
  return *last - *first + 1;
}

}  // namespace

void add_note(TimeloopNotes& notes, const SpecNode& at, std::string_view message) {
  const std::string path = at.path();
  notes.push_back({.place = fmt::format("{}:{}:{}{}{}", at.file(), at.line(), at.column(),
                                        path.empty() ? "" : ": ", path),
                   .message = std::string(message)});
}

std::optional<SpecNode> find_key(const SpecNode& map, std::string_view key) {
  const std::optional<SpecNode> value = map.find(key);
  const std::string hyphens = with_hyphens(key);
  if (hyphens == key) {
    return value;
  }
  const std::optional<SpecNode> other = map.find(hyphens);
  if (value && other) {
    other->fail(fmt::format("`{}` and `{}` are the same key; remove one of them", hyphens, key));
  }
  return value ? value : other;
}

bool as_flag(const SpecNode& node) {
  if (node.is_scalar()) {
    const std::string text = node.as_string();
    for (const std::string_view yes : {"true", "True", "TRUE", "yes", "Yes", "YES"}) {
      if (text == yes) {
        return true;
      }
    }
    for (const std::string_view no : {"false", "False", "FALSE", "no", "No", "NO"}) {
      if (text == no) {
        return false;
      }
    }
  }
  return node.as_bool();  // fails with what was expected
}

std::int64_t as_whole(const SpecNode& node, std::int64_t least, std::int64_t most) {
  if (node.is_scalar()) {
    const std::string text = node.as_string();
    if (text.find_first_of(".eE") != std::string::npos) {
      const double value = node.as_number(static_cast<double>(least), static_cast<double>(most));
      if (value == std::floor(value) && std::abs(value) <= 9007199254740992.0) {
        return static_cast<std::int64_t>(value);
      }
    }
  }
  if (node.is_scalar()) {
    const std::string text = node.as_string();
    if (text.find_first_of("*/+()") != std::string::npos &&
        text.find_first_of("0123456789") != std::string::npos) {
      node.fail(fmt::format(
          "expected a whole number, got the expression '{}', which Timeloop's front end works out; "
          "write its value, or take the `parsed-processed-input.yaml` that it writes",
          text));
    }
  }
  return node.as_integer(least, most);
}

std::vector<SpecNode> as_list(const SpecNode& node) {
  return node.is_sequence() ? node.items() : std::vector<SpecNode>{node};
}

RangedName as_ranged_name(const SpecNode& node) {
  const std::string text = node.as_string();
  RangedName result{.name = text};
  const std::size_t bracket = text.find('[');
  if (bracket != std::string::npos) {
    const auto size =
        text.back() == ']'
            ? range_size(std::string_view(text).substr(bracket + 1, text.size() - bracket - 2))
            : std::nullopt;
    if (!size || *size < 1 || *size > kMostInstances) {
      node.fail(fmt::format("expected a range such as `{}[0..15]`, got '{}'",
                            text.substr(0, bracket), text),
                bracket);
    }
    result = {.name = text.substr(0, bracket), .count = *size};
  }
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto is_fit = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  if (result.name.empty() || !is_letter(result.name[0]) ||
      !std::all_of(result.name.begin(), result.name.end(), is_fit)) {
    node.fail(
        fmt::format("expected a name (a letter or '_', then letters, digits, '_' or '-') with "
                    "or without a range, got '{}'",
                    text));
  }
  if (std::find(kReservedNames.begin(), kReservedNames.end(), result.name) !=
      kReservedNames.end()) {
    node.fail(fmt::format("'{}' is a reserved word in Tessera's mappings; choose another name",
                          result.name));
  }
  return result;
}

std::string last_name(std::string_view path) {
  // Dots also stand in ranges, so cut the last range first.
  if (path.ends_with(']')) {
    path = path.substr(0, path.rfind('['));
  }
  const std::size_t dot = path.rfind('.');
  return std::string(dot == std::string_view::npos ? path : path.substr(dot + 1));
}

void check_version(const SpecNode& node) {
  const std::string text = node.as_string();
  if (text != "0.2" && text != "0.3" && text != "0.4") {
    node.fail(fmt::format("expected version 0.2, 0.3 or 0.4 of Timeloop's format, got '{}'", text));
  }
}

}  // namespace tessera
