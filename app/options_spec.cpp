// The section `search:` of specs: the same options as on the command line.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/option_text.hpp"
#include "app/options.hpp"
#include "spec/node.hpp"

namespace tessera {

namespace {

/// A map of limits, each checked at its place, as it would stand on the command line.
std::string limits_text(const SpecNode& node) {
  std::string text;
  const auto names = metric_names();
  for (const SpecNode::Entry& entry : node.entries()) {
    const auto metric = parse_metric(entry.name);
    if (!metric) {
      entry.key.fail_unknown("metric", entry.name, {names.begin(), names.end()});
    }
    const std::string bound = entry.value.as_string();
    const auto parsed = parse_limit(*metric, bound);
    if (const std::string* fault = std::get_if<std::string>(&parsed)) {
      entry.value.fail(*fault);
    }
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", entry.name, bound);
  }
  if (text.empty()) {
    node.fail("expected limits such as `power: 300 mW`, got none");
  }
  return text;
}

/// The argument of a key in `search:` as it would stand on the command line.
std::string argument_text(const SpecNode& node, const Option& option) {
  if (option.kind == OptionKind::flag) {
    return node.as_bool() ? "true" : "false";
  }
  if (option.kind == OptionKind::limits) {
    return limits_text(node);
  }
  const bool list = option.kind == OptionKind::choices || option.kind == OptionKind::integers ||
                    option.kind == OptionKind::objectives;
  if (list && node.is_sequence()) {
    std::vector<std::string> parts;
    for (const SpecNode& item : node.items()) {
      const std::string part = item.as_string();
      if (const auto fault = find_fault(option, part)) {
        item.fail(*fault);
      }
      if (std::find(parts.begin(), parts.end(), part) != parts.end()) {
        item.fail(fmt::format("'{}' is given twice", part));
      }
      parts.push_back(part);
    }
    if (parts.empty()) {
      node.fail(
          option.kind == OptionKind::integers
              ? std::string("expected whole numbers, got an empty list")
              : fmt::format("expected some of {}, got an empty list",
                            fmt::join(option.kind == OptionKind::objectives ? objective_names()
                                                                            : option.choices,
                                      ", ")));
    }
    return fmt::format("{}", fmt::join(parts, ","));
  }
  return node.as_string();
}

}  // namespace

OptionValues read_search_section(const SpecNode& node, const std::vector<Option>& table) {
  OptionValues values;
  std::vector<std::string> known;
  for (const Option& option : table) {
    if (option.in_spec) {
      known.emplace_back(option.name);
    }
  }
  for (const SpecNode::Entry& entry : node.entries()) {
    const auto option = std::find_if(table.begin(), table.end(), [&](const Option& candidate) {
      return candidate.in_spec && candidate.name == entry.name;
    });
    if (option == table.end()) {
      entry.key.fail_unknown("option of the search", entry.name, known);
    }
    const std::string text = argument_text(entry.value, *option);
    if (const auto fault = find_fault(*option, text)) {
      entry.value.fail(*fault);
    }
    values.set(option->name, text);
  }
  return values;
}

std::string search_section_yaml(const OptionValues& values, const std::vector<Option>& table) {
  std::string out = "search:\n";
  for (const Option& option : table) {
    if (!option.in_spec || !values.given(option.name)) {
      continue;
    }
    const std::string& text = values.text(option.name);
    switch (option.kind) {
      case OptionKind::choices:
      case OptionKind::integers:
        out += fmt::format("  {}: [{}]\n", option.name, fmt::join(split(text, ','), ", "));
        break;
      case OptionKind::objectives: {
        std::string items;
        for (const std::string& part : split(text, ',')) {
          const bool name = std::holds_alternative<Objective>(parse_objective(part)) &&
                            part.find_first_of(" +-*/^()") == std::string::npos;
          const std::string_view quote = name ? "" : "'";
          items += fmt::format("{}{}{}{}", items.empty() ? "" : ", ", quote, part, quote);
        }
        out += fmt::format("  {}: [{}]\n", option.name, items);
        break;
      }
      case OptionKind::limits: {
        std::vector<std::string> items;
        for (const std::string& part : split(text, ',')) {
          const auto [metric, bound] = split_limit(part);
          items.push_back(metric + ": " + bound);
        }
        out += fmt::format("  {}: {{{}}}\n", option.name, fmt::join(items, ", "));
        break;
      }
      case OptionKind::text: {
        std::string quoted;
        for (const char c : text) {
          quoted += c == '\'' ? "''" : std::string(1, c);
        }
        out += fmt::format("  {}: '{}'\n", option.name, quoted);
        break;
      }
      default:
        out += fmt::format("  {}: {}\n", option.name, text);
    }
  }
  return out;
}

}  // namespace tessera
