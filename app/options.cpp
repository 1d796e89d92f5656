#include "app/options.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/option_text.hpp"
#include "spec/node.hpp"
#include "spec/units.hpp"

namespace tessera {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

std::pair<std::string, std::string> split_limit(const std::string& part) {
  const std::size_t equals = part.find('=');
  return {part.substr(0, equals), equals == std::string::npos ? "" : part.substr(equals + 1)};
}

namespace {

/// Digits only: no sign, no leading zero, no exponent, no space.
std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0') ||
      text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc() ? std::optional(value) : std::nullopt;
}

std::string one_of(const Option& option) {
  const auto& names = option.choices;
  if (names.size() == 1) {
    return std::string(names.front());
  }
  return fmt::format("{} or {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

std::string suggestion(const Option& option, std::string_view text) {
  const auto near = nearest_name(text, {option.choices.begin(), option.choices.end()});
  return near ? fmt::format(" (did you mean '{}'?)", *near) : "";
}

bool is_choice(const Option& option, std::string_view text) {
  return std::find(option.choices.begin(), option.choices.end(), text) != option.choices.end();
}

std::optional<std::string> find_integer_fault(const Option& option, std::string_view text) {
  const auto value = parse_decimal(text);
  if (!value || *value < option.least || *value > option.most) {
    return fmt::format("expected {} from {} to {}, got '{}'",
                       option.kind == OptionKind::integers
                           ? "whole numbers with commas between, each"
                           : "a whole number",
                       option.least, option.most, text);
  }
  return std::nullopt;
}

std::optional<std::string> find_list_fault(const Option& option, std::string_view text) {
  std::vector<std::string> seen;
  for (const std::string& part : split(text, ',')) {
    if (option.kind == OptionKind::integers) {
      if (const auto fault = find_integer_fault(option, part)) {
        return fault;
      }
    } else if (!is_choice(option, part)) {
      return fmt::format("expected some of {}, with commas between, got '{}'{}",
                         fmt::join(option.choices, ", "), part, suggestion(option, part));
    }
    if (std::find(seen.begin(), seen.end(), part) != seen.end()) {
      return fmt::format("'{}' is given twice", part);
    }
    seen.push_back(part);
  }
  return std::nullopt;
}

/// What is wrong with one objective.
std::optional<std::string> find_objective_fault(std::string_view text) {
  const auto parsed = parse_objective(text);
  const std::string* fault = std::get_if<std::string>(&parsed);
  if (fault == nullptr) {
    return std::nullopt;
  }
  const bool one_word = text.find_first_of(" +-*/^().0123456789") == std::string_view::npos;
  if (!one_word) {
    return fmt::format("formula '{}': {}", text, *fault);
  }
  const auto known = objective_names();
  const auto near = nearest_name(text, {known.begin(), known.end()});
  return fmt::format(
      "expected some of {}, or formulas over metrics, with commas between, got '{}'{}",
      fmt::join(known, ", "), text, near ? fmt::format(" (did you mean '{}'?)", *near) : "");
}

std::optional<std::string> find_objectives_fault(const std::vector<std::string>& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (const auto fault = find_objective_fault(parts[i])) {
      return fault;
    }
    if (std::find(parts.begin(), parts.begin() + static_cast<long>(i), parts[i]) !=
        parts.begin() + static_cast<long>(i)) {
      return fmt::format("'{}' is given twice", parts[i]);
    }
  }
  return std::nullopt;
}

std::string unknown_metric(std::string_view name) {
  const auto known = metric_names();
  const auto near = nearest_name(name, {known.begin(), known.end()});
  return fmt::format("unknown metric '{}'{}", name,
                     near ? fmt::format(" (did you mean '{}'?)", *near)
                          : fmt::format("; known are {}", fmt::join(known, ", ")));
}

std::optional<std::string> find_limits_fault(std::string_view text) {
  std::vector<std::string> seen;
  for (const std::string& part : split(text, ',')) {
    const auto [name, bound] = split_limit(part);
    const auto metric = parse_metric(name);
    if (part.find('=') == std::string::npos) {
      return fmt::format("expected limits such as `power=300mW,latency=33ms`, got '{}'", part);
    }
    if (!metric) {
      return unknown_metric(name);
    }
    const auto parsed = parse_limit(*metric, bound);
    if (const std::string* fault = std::get_if<std::string>(&parsed)) {
      return fmt::format("{}: {}", name, *fault);
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      return fmt::format("'{}' is given twice", name);
    }
    seen.push_back(name);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_fault(const Option& option, std::string_view text) {
  switch (option.kind) {
    case OptionKind::flag:
      return std::nullopt;
    case OptionKind::choice:
      if (!is_choice(option, text)) {
        return fmt::format("expected {}, got '{}'{}", one_of(option), text,
                           suggestion(option, text));
      }
      return std::nullopt;
    case OptionKind::choices:
    case OptionKind::integers:
      return find_list_fault(option, text);
    case OptionKind::integer:
      return find_integer_fault(option, text);
    case OptionKind::duration: {
      const auto time = parse_quantity(text, Measure::time);
      if (!time || time->value <= 0) {
        return fmt::format("expected a time above 0 with a unit, such as `60s` or `5min`, got '{}'",
                           text);
      }
      return std::nullopt;
    }
    case OptionKind::objectives:
      return find_objectives_fault(split(text, ','));
    case OptionKind::limits:
      return find_limits_fault(text);
    case OptionKind::text:
      if (text.empty()) {
        return fmt::format("expected {}, got nothing", option.argument);
      }
      return std::nullopt;
  }
  return std::nullopt;
}

void OptionValues::fill_from(const std::vector<Option>& table) {
  for (const Option& option : table) {
    if (!option.fallback.empty()) {
      values_.emplace(std::string(option.name), std::string(option.fallback));
    }
  }
}

const std::string& OptionValues::text(std::string_view name) const {
  return values_.find(name)->second;
}

bool OptionValues::flag(std::string_view name) const {
  const auto found = values_.find(name);
  return found != values_.end() && found->second == "true";
}

std::uint64_t OptionValues::integer(std::string_view name) const {
  return parse_decimal(text(name)).value();
}

double OptionValues::seconds(std::string_view name) const {
  return parse_quantity(text(name), Measure::time).value().value;
}

std::vector<std::string> OptionValues::list(std::string_view name) const {
  return split(text(name), ',');
}

std::vector<Objective> OptionValues::objectives(std::string_view name) const {
  std::vector<Objective> objectives;
  for (const std::string& part : split(text(name), ',')) {
    objectives.push_back(std::get<Objective>(parse_objective(part)));
  }
  return objectives;
}

std::vector<Limit> OptionValues::limits(std::string_view name) const {
  std::vector<Limit> limits;
  for (const std::string& part : split(text(name), ',')) {
    const auto [metric, bound] = split_limit(part);
    limits.push_back(std::get<Limit>(parse_limit(parse_metric(metric).value(), bound)));
  }
  return limits;
}

std::vector<std::uint64_t> OptionValues::integers(std::string_view name) const {
  std::vector<std::uint64_t> values;
  for (const std::string& part : split(text(name), ',')) {
    values.push_back(parse_decimal(part).value());
  }
  return values;
}

std::string describe_options(const std::vector<Option>& table) {
  std::vector<std::string> heads;
  std::size_t width = 0;
  for (const Option& option : table) {
    std::string head = option.letter != '\0' ? fmt::format("-{}, ", option.letter) : "    ";
    head += fmt::format("--{}", option.name);
    if (option.kind != OptionKind::flag) {
      head += fmt::format(" {}", option.argument);
    }
    width = std::max(width, head.size());
    heads.push_back(std::move(head));
  }
  std::string out;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Option& option = table[i];
    const std::string margin(width + 4, ' ');
    out += fmt::format("  {:<{}}  ", heads[i], width);
    for (const char c : option.help) {
      out += c == '\n' ? "\n" + margin : std::string(1, c);
    }
    if (option.choices.size() > 1) {
      out += fmt::format("\n{}{}: {}", margin,
                         option.kind == OptionKind::choice ? "One of" : "Some of",
                         fmt::join(option.choices, ", "));
    }
    if (!option.fallback.empty() && option.kind != OptionKind::flag) {
      out += fmt::format(" [{}]", option.fallback);
    }
    out += "\n";
  }
  return out;
}

}  // namespace tessera
