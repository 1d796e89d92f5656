#include "spec/tree_builder.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "spec/source_check.hpp"

namespace tessera {
namespace {

/// The word that starts at `position`: a tag, an anchor or an alias.
std::string_view word_at(std::string_view text, std::size_t position) {
  const std::size_t end = text.find_first_of(" \t\n,[]{}", position);
  return text.substr(position, std::min(end, text.size()) - position);
}

/// The dash of an item without a value, where yaml-cpp gives the place of the token after it.
std::optional<std::size_t> dash_before(std::string_view text, std::size_t position) {
  std::string_view before = text.substr(0, position);
  while (true) {
    before = before.substr(0, before.find_last_not_of(" \t") + 1);
    if (before.empty() || before.back() != '\n') {
      break;
    }
    before.remove_suffix(1);
    const std::size_t line = before.rfind('\n') + 1;  // npos + 1 is 0
    std::size_t comment = before.find('#', line);
    while (comment != std::string_view::npos && comment > line && before[comment - 1] != ' ' &&
           before[comment - 1] != '\t') {
      comment = before.find('#', comment + 1);
    }
    before = before.substr(0, comment);
  }
  if (before.empty() || before.back() != '-') {
    return std::nullopt;
  }
  return before.size() - 1;
}

/// Whether a colon stands after the key in the source.
bool followed_by_colon(std::string_view text, const NodeData& key) {
  std::optional<std::size_t> end;
  if (key.style == ScalarStyle::quoted) {
    end = closing_quote(text, key.position);
  } else if (text.substr(key.position).starts_with(key.text)) {
    end = key.position + key.text.size();
  }
  return end &&
         text.substr(std::min(text.find_first_not_of(" \t", *end), text.size())).starts_with(':');
}

}  // namespace

SpecError SpecTree::extension_error(std::size_t position, std::string_view path) const {
  const std::string_view text = source.text();
  const std::string word = cited(word_at(text, position));
  switch (position < text.size() ? text[position] : '!') {
    case '&':
      return source.error(
          position, path,
          fmt::format("the anchor {} is not accepted; write values out where they are "
                      "used",
                      word));
    case '*':
      return source.error(
          position, path,
          fmt::format("the alias {} is not accepted; write values out where they are "
                      "used",
                      word));
    case '!':
      return source.error(position, path, fmt::format("the tag {} is not accepted", word));
    default:
      return source.error(position, path, "the merge key '<<' is not accepted; write the keys out");
  }
}

std::string TreeBuilder::path() const {
  std::string path;
  if (!frames_.empty()) {
    const Frame& frame = frames_.back();
    const NodeData& parent = document_.nodes[frame.node];
    path = document_.path(frame.node);
    if (parent.kind == NodeKind::sequence) {
      append_index(path, parent.children);
    } else if (frame.key != kNoNode) {
      append_key(path, document_.nodes[frame.key].text);
    }
  }
  return path;
}

void TreeBuilder::fail(std::size_t position, std::string_view message) const {
  throw document_.source.error(position, path(), message);
}

std::optional<std::size_t> TreeBuilder::open_bracket() const {
  for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
    const std::size_t position = document_.nodes[frame->node].position;
    if (position < text_.size() && (text_[position] == '[' || text_[position] == '{')) {
      return position;
    }
  }
  return std::nullopt;
}

void TreeBuilder::start_document(std::size_t position) {
  if (started_) {
    if (text_.substr(position).starts_with("---")) {
      throw document_.source.error(position, "", "a second document; a spec file holds one");
    }
    const std::string_view word = word_at(text_, position);
    const bool after_value =
        document_.nodes.size() > 1 || document_.nodes.front().kind != NodeKind::null;
    throw document_.source.error(
        position, "",
        fmt::format("unexpected {}{}", cited(word.empty() ? text_.substr(position, 1) : word),
                    after_value ? " after the end of the value above; check the indentation and "
                                  "what stands before it"
                                : ""));
  }
  started_ = true;
}

std::size_t TreeBuilder::properties(std::size_t position, std::string_view tag,
                                    std::size_t anchor) {
  properties_ = {};
  const char first = position < text_.size() ? text_[position] : '\0';
  if (first != '&' && first != '!' && tag.empty() && anchor == 0) {
    return position;
  }
  if (!limits_.extensions || expects_key()) {
    fail_at_extension(position);
  }
  properties_ = {
      .tag = std::string(tag), .anchor = anchor, .extension = static_cast<std::uint32_t>(position)};
  while (position < text_.size() && (text_[position] == '&' || text_[position] == '!')) {
    const std::size_t end = position + word_at(text_, position).size();
    const std::size_t next = std::min(text_.find_first_not_of(" \t", end), text_.size());
    if (next == text_.size() || text_[next] == '\n' || text_[next] == '#') {
      break;
    }
    position = next;
  }
  return position;
}

void TreeBuilder::fail_at_extension(std::size_t position) const {
  throw document_.extension_error(position, path());
}

bool TreeBuilder::expects_key() const {
  return !frames_.empty() && frames_.back().key == kNoNode &&
         document_.nodes[frames_.back().node].kind == NodeKind::map;
}

std::uint32_t TreeBuilder::add(NodeKind kind, std::size_t position) {
  last_position_ = std::max(last_position_, position);
  std::vector<NodeData>& nodes = document_.nodes;
  if (nodes.size() >= limits_.nodes) {
    fail(position, fmt::format("more than {} values in one file", limits_.nodes));
  }
  const auto index = static_cast<std::uint32_t>(nodes.size());
  NodeData node{.kind = kind, .position = static_cast<std::uint32_t>(position)};
  if (!frames_.empty()) {
    Frame& frame = frames_.back();
    NodeData& parent = nodes[frame.node];
    node.parent = frame.node;
    node.ordinal = parent.children;
    if (parent.kind == NodeKind::map) {
      node.is_key = frame.key == kNoNode;
      node.key = frame.key;
      frame.key = node.is_key ? index : kNoNode;
    }
    if (parent.last_child == kNoNode) {
      parent.first_child = index;
    } else {
      nodes[parent.last_child].next = index;
    }
    parent.last_child = index;
    ++parent.children;
  }
  node.tag = std::move(properties_.tag);
  node.extension = properties_.extension;
  if (properties_.anchor != 0) {
    anchors_[properties_.anchor] = index;
  }
  properties_ = {};
  nodes.push_back(std::move(node));
  return index;
}

void TreeBuilder::null(std::size_t position) {
  if (expects_key()) {
    fail(position, "a key is missing; a key must be a plain name");
  }
  const std::string_view word = word_at(text_, position);
  const bool written = (word == "~" || word == "null" || word == "Null" || word == "NULL") &&
                       position > last_position_;
  if (!written && !frames_.empty()) {
    position = place_of_nothing(position);
  }
  add(NodeKind::null, position);
}

/// Where to point at a value that is not written: at its key or its dash. yaml-cpp gives the place
/// of the next token.
std::size_t TreeBuilder::place_of_nothing(std::size_t next_token) {
  Frame& frame = frames_.back();
  if (frame.key == kNoNode) {
    if (frame.in_brackets) {
      fail(next_token, "a value is missing here");
    }
    return dash_before(text_, next_token).value_or(next_token);
  }
  const NodeData& key = document_.nodes[frame.key];
  // yaml-cpp takes `a:1` in brackets, and a last line without a colon, for a key.
  if (!frame.in_brackets && followed_by_colon(text_, key)) {
    return key.position;
  }
  const std::size_t colon = key.text.find(':');
  const bool glued = key.style == ScalarStyle::plain && colon != std::string::npos;
  if (glued || !frame.in_brackets) {
    frame.key = kNoNode;  // the path of the error ends at the map
    fail(key.position + (glued ? colon : 0),
         glued ? fmt::format("{} has no value (a space is needed after ':')", cited(key.text))
               : fmt::format("expected ':' and a value after {}", cited(key.text)));
  }
  return key.position;
}

void TreeBuilder::alias(std::size_t position, std::size_t anchor) {
  if (!limits_.extensions || expects_key()) {
    fail_at_extension(position);
  }
  const auto found = anchors_.find(anchor);
  const bool inside = found != anchors_.end() &&
                      std::any_of(frames_.begin(), frames_.end(),
                                  [&](const Frame& frame) { return frame.node == found->second; });
  if (found == anchors_.end() || inside) {
    fail(position,
         fmt::format("the alias {} stands inside what it names", cited(word_at(text_, position))));
  }
  const std::size_t before = document_.nodes.size();
  copy(found->second);
  document_.nodes[before].extension = static_cast<std::uint32_t>(position);
}

/// Adds what `source` holds once more.
void TreeBuilder::copy(std::uint32_t source) {
  const NodeData original = document_.nodes[source];
  if (frames_.size() >= limits_.depth) {
    fail(original.position,
         fmt::format("maps and lists are nested more than {} deep", limits_.depth));
  }
  if (expects_key()) {
    frames_.back().keys.emplace(original.text, static_cast<std::uint32_t>(document_.nodes.size()));
  }
  const std::uint32_t index = add(original.kind, original.position);
  document_.nodes[index].style = original.style;
  document_.nodes[index].text = original.text;
  document_.nodes[index].tag = original.tag;
  if (original.kind == NodeKind::map || original.kind == NodeKind::sequence) {
    frames_.push_back(Frame{.node = index});
    for (std::uint32_t child = original.first_child; child != kNoNode;
         child = document_.nodes[child].next) {
      copy(child);
    }
    frames_.pop_back();
  }
}

/// Takes the merge key `name` and its value out of the innermost open map; returns the value.
std::uint32_t TreeBuilder::unlink_merge_value(const std::string& name) {
  std::vector<NodeData>& nodes = document_.nodes;
  NodeData& map = nodes[frames_.back().node];
  const std::uint32_t key = frames_.back().keys.at(name);
  const std::uint32_t value = nodes[key].next;
  std::uint32_t before = kNoNode;
  for (std::uint32_t i = map.first_child; i != key; i = nodes[i].next) {
    before = i;
  }
  (before == kNoNode ? map.first_child : nodes[before].next) = nodes[value].next;
  map.last_child = map.last_child == value ? before : map.last_child;
  map.children -= 2;
  map.extension = map.extension == kNoNode ? nodes[key].position : map.extension;
  frames_.back().keys.erase(name);
  return value;
}

/// Adds the entries of the map `source` that the innermost open map lacks; if `deep`, also those of
/// maps that both have.
void TreeBuilder::merge_entries(std::uint32_t source, bool deep) {
  if (document_.nodes[source].kind != NodeKind::map) {
    fail(document_.nodes[source].position, "a merge key needs a map, or a list of maps");
  }
  for (std::uint32_t key = document_.nodes[source].first_child; key != kNoNode;) {
    const std::uint32_t value = document_.nodes[key].next;
    const auto mine = frames_.back().keys.find(document_.nodes[key].text);
    if (mine == frames_.back().keys.end()) {
      copy(key);
      copy(value);
    } else if (const std::uint32_t own = document_.nodes[mine->second].next;
               deep && document_.nodes[own].kind == NodeKind::map &&
               document_.nodes[value].kind == NodeKind::map) {
      Frame frame{.node = own};
      for (std::uint32_t i = document_.nodes[own].first_child; i != kNoNode;
           i = document_.nodes[document_.nodes[i].next].next) {
        frame.keys.emplace(document_.nodes[i].text, i);
      }
      frames_.push_back(std::move(frame));
      merge_entries(value, deep);
      frames_.pop_back();
    }
    key = document_.nodes[value].next;
  }
}

void TreeBuilder::close() {
  // `<<` is YAML's; `<<<`, which goes into maps of maps, is that of Timeloop's front end.
  for (const char* name : {"<<", "<<<"}) {
    if (!limits_.extensions || !frames_.back().keys.contains(name)) {
      continue;
    }
    const bool deep = std::string_view(name) == "<<<";
    const std::uint32_t value = unlink_merge_value(name);
    if (document_.nodes[value].kind != NodeKind::sequence) {
      merge_entries(value, deep);
      continue;
    }
    for (std::uint32_t i = document_.nodes[value].first_child; i != kNoNode;
         i = document_.nodes[i].next) {
      merge_entries(i, deep);
    }
  }
  frames_.pop_back();
}

void TreeBuilder::add_key(std::size_t position, const std::string& name) {
  if (name.empty()) {
    fail(position, "a key must not be empty");
  }
  if (name == "<<" && !limits_.extensions) {
    fail_at_extension(position);
  }
  Frame& frame = frames_.back();
  const auto [earlier, is_new] =
      frame.keys.emplace(name, static_cast<std::uint32_t>(document_.nodes.size()));
  if (!is_new) {
    const std::size_t first = document_.nodes[earlier->second].position;
    fail(position, fmt::format("the key {} stands already on line {}", cited(name),
                               document_.source.line(first)));
  }
}

void TreeBuilder::scalar(std::size_t position, const std::string& value, bool plain) {
  ScalarStyle style = ScalarStyle::plain;
  if (!plain && position < text_.size()) {
    const bool quoted = text_[position] == '"' || text_[position] == '\'';
    const bool block = text_[position] == '|' || text_[position] == '>';
    style = quoted                             ? ScalarStyle::quoted
            : block || properties_.tag.empty() ? ScalarStyle::block
                                               : ScalarStyle::plain;
    if (quoted && !closing_quote(text_, position)) {
      fail(position, kOpenQuote);
    }
  }
  if (value.find("{{") != std::string::npos || value.find("{%") != std::string::npos) {
    fail(position, kTemplate);
  }
  if (expects_key()) {
    add_key(position, value);
  }
  NodeData& node = document_.nodes[add(NodeKind::scalar, position)];
  node.style = style;
  node.text = value;
}

void TreeBuilder::open(NodeKind kind, std::size_t position, bool in_brackets) {
  const bool is_key = expects_key();
  if (is_key && (text_[position] == '[' || text_[position] == '{')) {
    // At the end of the file yaml-cpp takes an open bracket for a key.
    if (const std::optional<std::size_t> unclosed = find_unclosed(text_, position)) {
      const bool quote = text_[*unclosed] == '"' || text_[*unclosed] == '\'';
      fail(*unclosed, quote ? kOpenQuote : kOpenBracket);
    }
  }
  if (is_key && position > 0 && text_[position] == '{' && text_[position - 1] == '{') {
    fail(position - 1, kTemplate);
  }
  if (is_key) {
    fail(position, fmt::format("a {} is not accepted as a key; a key must be a plain name",
                               kind == NodeKind::map ? "map" : "list"));
  }
  if (frames_.size() >= limits_.depth) {
    fail(position, fmt::format("maps and lists are nested more than {} deep", limits_.depth));
  }
  const std::uint32_t node = add(kind, position);
  frames_.push_back(Frame{.node = node, .in_brackets = in_brackets});
}

}  // namespace tessera
