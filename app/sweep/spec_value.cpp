#include "app/sweep/spec_value.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tessera {

namespace {

/// Whether the text may stand in YAML as it is and reads as a scalar of just these characters.
bool plain(const std::string& text) {
  constexpr std::string_view kFirst =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./(+";
  constexpr std::string_view kRest =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./()+-*^%=<> ";
  return !text.empty() && kFirst.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of(kRest) == std::string::npos && text.back() != ' ';
}

std::string scalar_text(const std::string& text) {
  if (plain(text)) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\t':
        quoted += "\\t";
        break;
      default:
        quoted += c;
    }
  }
  return quoted + "\"";
}

/// What stands behind `key:` or `-`: on the same line, or on lines of its own.
std::string behind(const SpecValue& value, std::size_t margin) {
  switch (value.kind) {
    case SpecValue::Kind::null:
      return "\n";
    case SpecValue::Kind::scalar:
      return fmt::format(" {}\n", scalar_text(value.text));
    case SpecValue::Kind::sequence:
      return value.items.empty() ? std::string(" []\n")
                                 : fmt::format("\n{}", to_yaml(value, margin + 2));
    case SpecValue::Kind::map:
      return value.entries.empty() ? std::string(" {}\n")
                                   : fmt::format("\n{}", to_yaml(value, margin + 2));
  }
  return "\n";
}

}  // namespace

SpecValue SpecValue::scalar(std::string text) {
  SpecValue value;
  value.kind = Kind::scalar;
  value.text = std::move(text);
  return value;
}

SpecValue SpecValue::read(const SpecNode& node) {
  SpecValue value;
  if (node.is_map()) {
    value.kind = Kind::map;
    for (const SpecNode::Entry& entry : node.entries()) {
      value.entries.emplace_back(entry.name, read(entry.value));
    }
  } else if (node.is_sequence()) {
    value.kind = Kind::sequence;
    for (const SpecNode& item : node.items()) {
      value.items.push_back(read(item));
    }
  } else if (!node.is_null()) {
    value = scalar(node.as_string());
  }
  return value;
}

const SpecValue* SpecValue::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& entry) { return entry.first == key; });
  return found == entries.end() ? nullptr : &found->second;
}

SpecValue* SpecValue::find(std::string_view key) {
  return const_cast<SpecValue*>(std::as_const(*this).find(key));
}

void SpecValue::set(std::string_view key, SpecValue value) {
  if (SpecValue* found = find(key)) {
    *found = std::move(value);
  } else {
    entries.emplace_back(std::string(key), std::move(value));
  }
}

std::string to_yaml(const SpecValue& value, std::size_t margin) {
  const std::string space(margin, ' ');
  switch (value.kind) {
    case SpecValue::Kind::null:
      return "";
    case SpecValue::Kind::scalar:
      return fmt::format("{}{}\n", space, scalar_text(value.text));
    case SpecValue::Kind::sequence: {
      std::string out;
      for (const SpecValue& item : value.items) {
        out += fmt::format("{}-{}", space, behind(item, margin));
      }
      return out;
    }
    case SpecValue::Kind::map: {
      std::string out;
      for (const auto& [key, entry] : value.entries) {
        out += fmt::format("{}{}:{}", space, scalar_text(key), behind(entry, margin));
      }
      return out;
    }
  }
  return "";
}

}  // namespace tessera
