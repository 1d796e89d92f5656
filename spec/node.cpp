#include "spec/node.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include "spec/number.hpp"
#include "spec/spec_tree.hpp"

namespace tessera {
namespace {

constexpr std::size_t kMostNamesListed = 12;

std::string join(const std::vector<std::string>& names, std::string_view last_separator) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? "" : i + 1 == names.size() ? last_separator : ", ";
    text += names[i];
  }
  return text;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const std::optional<std::string> nearest = nearest_name(name, known);
  return nearest ? fmt::format(" (did you mean '{}'?)", *nearest) : "";
}

std::string unknown_message(std::string_view what, std::string_view name,
                            const std::vector<std::string>& known) {
  std::string message = fmt::format("unknown {} {}", what, cited(name));
  const std::string hint = did_you_mean(name, known);
  if (!hint.empty()) {
    message += hint;
  } else if (!known.empty() && known.size() <= kMostNamesListed) {
    message += fmt::format(" (known: {})", join(known, ", "));
  }
  return message;
}

/// What a value is, after "got".
std::string got(const NodeData& node) {
  switch (node.kind) {
    case NodeKind::null:
      return "nothing";
    case NodeKind::sequence:
      return "a list";
    case NodeKind::map:
      return "a map";
    case NodeKind::scalar:
      break;
  }
  return cited(node.text);
}

bool is_plain(const NodeData& node) {
  return node.kind == NodeKind::scalar && node.style == ScalarStyle::plain;
}

/// What to add where a number was put in quotes.
std::string_view quotes_hint(const NodeData& node) {
  return node.kind == NodeKind::scalar && node.style != ScalarStyle::plain
             ? " in quotes (write it without)"
             : "";
}

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto may_follow = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), may_follow);
}

std::optional<std::int64_t> read_integer(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  const bool zero_first = digits.starts_with('0');
  if (zero_first && text != "0") {
    return std::nullopt;
  }
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::string number_expected(double least, double most) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  const bool from = least >= -kLargest;
  const bool to = most <= kLargest;
  if (from && to) {
    return fmt::format("a number from {} to {}", least, most);
  }
  return from ? fmt::format("a number of at least {}", least)
         : to ? fmt::format("a number of at most {}", most)
              : "a number";
}

}  // namespace

void append_key(std::string& path, std::string_view key) {
  constexpr std::size_t kLongest = 60;
  if (!path.empty()) {
    path += '.';
  }
  std::size_t end = 0;
  while (end < std::min(key.size(), kLongest)) {
    end += decode_code_point(key, end).length;
  }
  path += key.substr(0, end);
  path += end < key.size() ? "..." : "";
}

void append_index(std::string& path, std::uint32_t index) {
  path += fmt::format("[{}]", index);
}

std::string SpecTree::path(std::uint32_t node) const {
  std::vector<std::uint32_t> way;  // from `node` outward
  if (nodes[node].is_key) {
    node = nodes[node].parent;
  }
  for (; nodes[node].parent != kNoNode; node = nodes[node].parent) {
    way.push_back(node);
  }
  std::string result;
  for (auto step = way.rbegin(); step != way.rend(); ++step) {
    const NodeData& data = nodes[*step];
    if (data.key != kNoNode) {
      append_key(result, nodes[data.key].text);
    } else {
      append_index(result, data.ordinal);
    }
  }
  return result;
}

bool SpecNode::is_null() const {
  return document_->nodes[index_].kind == NodeKind::null;
}
bool SpecNode::is_scalar() const {
  return document_->nodes[index_].kind == NodeKind::scalar;
}
bool SpecNode::is_sequence() const {
  return document_->nodes[index_].kind == NodeKind::sequence;
}
bool SpecNode::is_map() const {
  return document_->nodes[index_].kind == NodeKind::map;
}

int SpecNode::line() const {
  return document_->source.line(document_->nodes[index_].position);
}
int SpecNode::column() const {
  return document_->source.place(document_->nodes[index_].position).column;
}
const std::string& SpecNode::file() const {
  return document_->source.name();
}
std::string SpecNode::path() const {
  return document_->path(index_);
}
const std::string& SpecNode::tag() const {
  return document_->nodes[index_].tag;
}

void SpecNode::refuse_extensions() const {
  const NodeData& node = document_->nodes[index_];
  if (node.extension != kNoNode) {
    throw document_->extension_error(node.extension, path());
  }
  for (std::uint32_t i = node.first_child; i != kNoNode; i = document_->nodes[i].next) {
    SpecNode(document_, i).refuse_extensions();
  }
}

bool SpecNode::has(std::string_view key) const {
  const NodeData& map = document_->nodes[index_];
  for (std::uint32_t i = map.kind == NodeKind::map ? map.first_child : kNoNode; i != kNoNode;) {
    const NodeData& entry = document_->nodes[i];
    if (entry.text == key) {
      return true;
    }
    i = document_->nodes[entry.next].next;
  }
  return false;
}

std::optional<SpecNode> SpecNode::find(std::string_view key) const {
  const NodeData& map = document_->nodes[index_];
  if (map.kind != NodeKind::map) {
    fail(fmt::format("expected a map, got {}", got(map)));
  }
  std::vector<std::string>& asked = document_->names_asked[index_];
  if (std::find(asked.begin(), asked.end(), key) == asked.end()) {
    asked.emplace_back(key);
  }
  for (std::uint32_t i = map.first_child; i != kNoNode;) {
    NodeData& entry = document_->nodes[i];
    if (entry.text == key) {
      entry.consumed = true;
      return SpecNode(document_, entry.next);
    }
    i = document_->nodes[entry.next].next;
  }
  return std::nullopt;
}

SpecNode SpecNode::at(std::string_view key) const {
  if (const std::optional<SpecNode> value = find(key)) {
    return *value;
  }
  // A misspelled key is the likely reason: say where it stands.
  std::string hint;
  for (std::uint32_t i = document_->nodes[index_].first_child; i != kNoNode;) {
    const NodeData& entry = document_->nodes[i];
    if (!entry.consumed && nearest_name(entry.text, {std::string(key)})) {
      hint = fmt::format(" (is {} on line {} meant?)", cited(entry.text),
                         document_->source.line(entry.position));
      break;
    }
    i = document_->nodes[entry.next].next;
  }
  fail(fmt::format("missing key '{}'{}", key, hint));
}

std::vector<SpecNode::Entry> SpecNode::entries() const {
  const NodeData& map = document_->nodes[index_];
  if (map.kind != NodeKind::map) {
    fail(fmt::format("expected a map, got {}", got(map)));
  }
  std::vector<Entry> entries;
  entries.reserve(map.children / 2);
  for (std::uint32_t i = map.first_child; i != kNoNode;) {
    NodeData& entry = document_->nodes[i];
    entry.consumed = true;
    entries.push_back({SpecNode(document_, i), SpecNode(document_, entry.next), entry.text});
    i = document_->nodes[entry.next].next;
  }
  return entries;
}

void SpecNode::finish() const {
  const NodeData& map = document_->nodes[index_];
  if (map.kind != NodeKind::map) {
    fail(fmt::format("expected a map, got {}", got(map)));
  }
  for (std::uint32_t i = map.first_child; i != kNoNode;) {
    const NodeData& entry = document_->nodes[i];
    if (!entry.consumed) {
      SpecNode(document_, i).fail_unknown("key", entry.text, document_->names_asked[index_]);
    }
    i = document_->nodes[entry.next].next;
  }
}

std::vector<SpecNode> SpecNode::items() const {
  const NodeData& sequence = document_->nodes[index_];
  if (sequence.kind != NodeKind::sequence) {
    fail(fmt::format("expected a list, got {}", got(sequence)));
  }
  std::vector<SpecNode> items;
  items.reserve(sequence.children);
  for (std::uint32_t i = sequence.first_child; i != kNoNode; i = document_->nodes[i].next) {
    items.push_back(SpecNode(document_, i));
  }
  return items;
}

std::string SpecNode::as_string() const {
  const NodeData& node = document_->nodes[index_];
  if (node.kind != NodeKind::scalar || node.text.empty()) {
    fail(fmt::format("expected a text, got {}", got(node)));
  }
  return node.text;
}

std::string SpecNode::as_name() const {
  const NodeData& node = document_->nodes[index_];
  if (node.kind != NodeKind::scalar || !is_name(node.text)) {
    fail(fmt::format(
        "expected a name (a letter or '_', then letters, digits, '_', '-' or '.'), got {}",
        got(node)));
  }
  return node.text;
}

std::int64_t SpecNode::as_integer(std::int64_t least, std::int64_t most) const {
  const NodeData& node = document_->nodes[index_];
  const std::optional<std::int64_t> value = is_plain(node) ? read_integer(node.text) : std::nullopt;
  if (!value || *value < least || *value > most) {
    fail(fmt::format("expected an integer from {} to {}, got {}{}", least, most, got(node),
                     quotes_hint(node)));
  }
  return *value;
}

double SpecNode::as_number(double least, double most) const {
  const NodeData& node = document_->nodes[index_];
  std::optional<LeadingNumber> number;
  if (is_plain(node)) {
    number = read_leading_number(node.text);
  }
  if (!number || number->length != node.text.size() || number->value < least ||
      number->value > most) {
    fail(fmt::format("expected {}, got {}{}", number_expected(least, most), got(node),
                     quotes_hint(node)));
  }
  return number->value;
}

bool SpecNode::as_bool() const {
  const NodeData& node = document_->nodes[index_];
  if (!is_plain(node) || (node.text != "true" && node.text != "false")) {
    fail(fmt::format("expected true or false, got {}{}", got(node), quotes_hint(node)));
  }
  return node.text == "true";
}

std::size_t SpecNode::as_choice(std::initializer_list<std::string_view> choices) const {
  const NodeData& node = document_->nodes[index_];
  const std::vector<std::string> names(choices.begin(), choices.end());
  if (node.kind == NodeKind::scalar) {
    const auto found = std::find(names.begin(), names.end(), node.text);
    if (found != names.end()) {
      return static_cast<std::size_t>(found - names.begin());
    }
  }
  fail(fmt::format("expected {}, got {}{}", join(names, " or "), got(node),
                   node.kind == NodeKind::scalar ? did_you_mean(node.text, names) : ""));
}

Quantity SpecNode::as_quantity(Measure measure) const {
  const NodeData& node = document_->nodes[index_];
  const std::optional<Quantity> quantity =
      is_plain(node) ? parse_quantity(node.text, measure) : std::nullopt;
  if (!quantity) {
    fail(fmt::format("expected {}, got {}{}{}", describe(measure), got(node), quotes_hint(node),
                     is_plain(node) ? unit_hint(node.text, measure) : ""));
  }
  return *quantity;
}

void SpecNode::fail(std::string_view message, std::size_t offset) const {
  const NodeData& node = document_->nodes[index_];
  const std::string_view source = document_->source.text();
  std::size_t position = node.position;
  if (node.kind == NodeKind::scalar && offset > 0) {
    // The caret moves only as far as the source and the value are the same text.
    const std::string_view before = std::string_view(node.text).substr(0, offset);
    const std::size_t start = position + (node.style == ScalarStyle::quoted ? 1 : 0);
    if (source.substr(std::min(start, source.size())).starts_with(before)) {
      position = start + before.size();
    }
  }
  throw document_->source.error(position, path(), message);
}

void SpecNode::fail_unknown(std::string_view what, std::string_view name,
                            const std::vector<std::string>& known, std::size_t offset) const {
  fail(unknown_message(what, name, known), offset);
}

}  // namespace tessera
