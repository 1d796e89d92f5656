// Reads a spec file into a tree of located nodes. yaml-cpp's event parser does the YAML; what it leaves
// out or lets pass is done here: budgets, one document only, no aliases, anchors, tags or merge keys,
// keys that are scalars and unique, quotes that close on their line, and messages with a true place.
// (YAML::Load silently ignores what follows the first document, and LoadAll(",") never ends.)

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "spec/node.hpp"
#include "spec/source_check.hpp"
#include "spec/spec_tree.hpp"

namespace tessera {
namespace {

constexpr std::string_view kOpenQuote = "this quote is not closed on its line";
constexpr std::string_view kOpenBracket = "this bracket is not closed";

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
    const std::size_t line = before.rfind('\n') + 1;   // npos + 1 is 0
    std::size_t comment = before.find('#', line);
    while (comment != std::string_view::npos && comment > line &&
           before[comment - 1] != ' ' && before[comment - 1] != '\t') {
      comment = before.find('#', comment + 1);
    }
    before = before.substr(0, comment);
  }
  if (before.empty() || before.back() != '-') {
    return std::nullopt;
  }
  return before.size() - 1;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(SpecTree& document, const SpecLimits& limits)
      : document_(document), text_(document.source.text()), limits_(limits) {}

  /// Where the last event was: what yaml-cpp throws comes from after it.
  std::size_t last_position() const { return last_position_; }
  /// The innermost `[` or `{` that is open.
  std::optional<std::size_t> open_bracket() const;

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { frames_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { frames_.pop_back(); }

 private:
  /// An open map or sequence.
  struct Frame {
    std::uint32_t node = 0;
    std::uint32_t key = kNoNode;   ///< of a map: the key that waits for its value
    std::map<std::string, std::uint32_t> keys = {};   ///< of a map: its keys so far
  };

  [[noreturn]] void fail(std::size_t position, std::string_view message) const;
  std::size_t position_of(const YAML::Mark& mark) const;
  void refuse_properties(std::size_t position, const std::string& tag,
                         YAML::anchor_t anchor) const;
  bool expects_key() const;
  std::uint32_t add(NodeKind kind, std::size_t position);
  void add_key(std::size_t position, const std::string& name);
  void open(NodeKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);

  SpecTree& document_;
  std::string_view text_;
  const SpecLimits& limits_;
  std::vector<Frame> frames_;
  bool started_ = false;
  std::size_t last_position_ = 0;
};

void TreeBuilder::fail(std::size_t position, std::string_view message) const {
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
  throw document_.source.error(position, path, message);
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

std::size_t TreeBuilder::position_of(const YAML::Mark& mark) const {
  return std::min(mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos), text_.size());
}

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  const std::size_t position = position_of(mark);
  if (started_) {
    if (text_.substr(position).starts_with("---")) {
      throw document_.source.error(position, "", "a second document; a spec file holds one");
    }
    throw document_.source.error(position, "",
                                 "unexpected text after the end of the value above; check the "
                                 "indentation and what stands before it");
  }
  started_ = true;
}

void TreeBuilder::refuse_properties(std::size_t position, const std::string& tag,
                                    YAML::anchor_t anchor) const {
  const char first = position < text_.size() ? text_[position] : '\0';
  if (first == '!' || (tag != "?" && tag != "!" && !tag.empty())) {
    fail(position, fmt::format("the tag {} is not accepted", cited(word_at(text_, position))));
  }
  if (first == '&' || anchor != YAML::NullAnchor) {
    fail(position, fmt::format("the anchor {} is not accepted; write values out where they are used",
                               cited(word_at(text_, position))));
  }
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
  nodes.push_back(std::move(node));
  return index;
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  std::size_t position = position_of(mark);
  refuse_properties(position, "?", anchor);
  if (expects_key()) {
    fail(position, "a key is missing; a key must be a plain name");
  }
  // Where nothing is written, yaml-cpp gives the place of the next token: show the key or the dash.
  const std::string_view word = word_at(text_, position);
  const bool written = word == "~" || word == "null" || word == "Null" || word == "NULL";
  if (!written && !frames_.empty()) {
    const Frame& frame = frames_.back();
    if (frame.key != kNoNode) {
      const NodeData& key = document_.nodes[frame.key];
      position = key.position;
      const std::size_t colon = key.text.find(':');
      if (key.style == ScalarStyle::plain && colon != std::string::npos) {
        frames_.back().key = kNoNode;   // the path shall end at the map
        fail(position + colon, fmt::format("{} has no value (a space is needed after ':')",
                                           cited(key.text)));
      }
    } else {
      position = dash_before(text_, position).value_or(position);
    }
  }
  add(NodeKind::null, position);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t) {
  const std::size_t position = position_of(mark);
  fail(position, fmt::format("the alias {} is not accepted; write values out where they are used",
                             cited(word_at(text_, position))));
}

void TreeBuilder::add_key(std::size_t position, const std::string& name) {
  if (name.empty()) {
    fail(position, "a key must not be empty");
  }
  if (name == "<<") {
    fail(position, "the merge key '<<' is not accepted; write the keys out");
  }
  Frame& frame = frames_.back();
  const auto [earlier, is_new] =
      frame.keys.emplace(name, static_cast<std::uint32_t>(document_.nodes.size()));
  if (!is_new) {
    const std::size_t first = document_.nodes[earlier->second].position;
    fail(position, fmt::format("the key {} stands already on line {}", cited(name),
                               document_.source.place(first).line));
  }
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  const std::size_t position = position_of(mark);
  refuse_properties(position, tag, anchor);
  ScalarStyle style = ScalarStyle::plain;
  if (tag == "!" && position < text_.size()) {
    const bool quoted = text_[position] == '"' || text_[position] == '\'';
    style = quoted ? ScalarStyle::quoted : ScalarStyle::block;
    if (quoted && !closing_quote(text_, position)) {
      fail(position, kOpenQuote);
    }
  }
  if (expects_key()) {
    add_key(position, value);
  }
  NodeData& node = document_.nodes[add(NodeKind::scalar, position)];
  node.style = style;
  node.text = value;
}

void TreeBuilder::open(NodeKind kind, const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor) {
  const std::size_t position = position_of(mark);
  refuse_properties(position, tag, anchor);
  if (expects_key() && (text_[position] == '[' || text_[position] == '{')) {
    // At the end of the file yaml-cpp takes an open bracket for a key.
    if (const std::optional<std::size_t> unclosed = find_unclosed(text_, position)) {
      fail(*unclosed, text_[*unclosed] == '[' || text_[*unclosed] == '{' ? kOpenBracket : kOpenQuote);
    }
  }
  if (expects_key()) {
    fail(position, fmt::format("a {} is not accepted as a key; a key must be a plain name",
                               kind == NodeKind::map ? "map" : "list"));
  }
  if (frames_.size() >= limits_.depth) {
    fail(position, fmt::format("maps and lists are nested more than {} deep", limits_.depth));
  }
  const std::uint32_t node = add(kind, position);
  frames_.push_back(Frame{.node = node});
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  open(NodeKind::sequence, mark, tag, anchor);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag,
                             YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  open(NodeKind::map, mark, tag, anchor);
}

/// What yaml-cpp says, in our words.
struct Translation {
  std::string_view theirs;
  std::string_view ours;
};

const Translation kTranslations[] = {
    {YAML::ErrorMsg::MAP_VALUE,
     "unexpected ':' (check the indentation, and that a space follows each ':' above)"},
    {YAML::ErrorMsg::MAP_KEY, "unexpected key; check the indentation"},
    {YAML::ErrorMsg::BLOCK_ENTRY, "a list item ('- ') cannot begin here"},
    {YAML::ErrorMsg::END_OF_MAP, "expected the next key of this map, or its end; check the "
                                 "indentation and what stands before"},
    {YAML::ErrorMsg::END_OF_SEQ, "expected the next '- ' of this list, or its end; check the "
                                 "indentation and what stands before"},
    {YAML::ErrorMsg::FLOW_END, "this bracket does not match an open one"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "a value cannot begin with this character; put it in quotes"},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR,
     "aliases are not accepted; write values out where they are used"},
    {YAML::ErrorMsg::ALIAS_NOT_FOUND, "aliases are not accepted; write values out where they are used"},
    {YAML::ErrorMsg::ANCHOR_NOT_FOUND, "anchors are not accepted; write values out where they are used"},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab is used for indentation; use spaces"},
    {YAML::ErrorMsg::DOC_IN_SCALAR, "a quoted text cannot hold a document mark ('---' or '...')"},
    {YAML::ErrorMsg::EOF_IN_SCALAR, "the file ends inside a quoted text"},
    {YAML::ErrorMsg::INVALID_HEX, "expected a hexadecimal digit in this escape"},
};

class Reader {
 public:
  Reader(SpecTree& document, const SpecLimits& limits)
      : document_(document), text_(document.source.text()), builder_(document, limits) {}

  void read();

 private:
  [[noreturn]] void fail(const YAML::ParserException& error, bool too_deep) const;
  std::string translated(const YAML::ParserException& error) const;

  SpecTree& document_;
  std::string_view text_;
  TreeBuilder builder_;
};

/// The text as yaml-cpp shall see it, with the same positions: it stumbles over a tab on an empty line,
/// and takes another way where the last line has no end.
std::string text_for_yaml(std::string_view text) {
  std::string result(text);
  for (std::size_t line = 0; line < result.size();) {
    const std::size_t end = std::min(result.find('\n', line), result.size());
    if (result.find_first_not_of(" \t", line) >= end) {
      std::fill(result.begin() + static_cast<std::ptrdiff_t>(line),
                result.begin() + static_cast<std::ptrdiff_t>(end), ' ');
    }
    line = end + 1;
  }
  if (!result.ends_with('\n')) {
    result += '\n';
  }
  return result;
}

void Reader::read() {
  std::istringstream stream(text_for_yaml(text_));
  try {
    YAML::Parser parser(stream);
    // The builder throws when a second document begins.
    while (parser.HandleNextDocument(builder_)) {
    }
  } catch (const YAML::DeepRecursion& error) {
    fail(error, true);
  } catch (const YAML::ParserException& error) {
    fail(error, false);
  }
  if (document_.nodes.empty()) {
    document_.nodes.emplace_back();
  }
}

std::string Reader::translated(const YAML::ParserException& error) const {
  const std::optional<std::size_t> bracket = builder_.open_bracket();
  const bool in_brackets = error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW ||
                           error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW ||
                           error.msg == YAML::ErrorMsg::FLOW_END;
  if (in_brackets && bracket) {
    return fmt::format("expected ',' or '{}' to close the '{}' of line {}",
                       text_[*bracket] == '[' ? ']' : '}', text_[*bracket],
                       document_.source.place(*bracket).line);
  }
  for (const Translation& translation : kTranslations) {
    if (error.msg == translation.theirs) {
      return std::string(translation.ours);
    }
  }
  return error.msg;
}

void Reader::fail(const YAML::ParserException& error, bool too_deep) const {
  if (too_deep) {   // its mark is 1:1
    throw document_.source.error(builder_.last_position(), "", "nested too deep");
  }
  const std::size_t position =
      std::min(error.mark.pos < 0 ? 0 : static_cast<std::size_t>(error.mark.pos), text_.size());
  const std::optional<std::size_t> quote =
      find_open_quote(text_, builder_.last_position(), std::min(position + 1, text_.size()));
  if (quote) {
    throw document_.source.error(*quote, "", kOpenQuote);
  }
  // At the end of the file the place to look at is the bracket that was left open.
  const bool at_end = text_.find_first_not_of(" \t\n", position) == std::string_view::npos;
  const std::optional<std::size_t> bracket = builder_.open_bracket();
  if (at_end && bracket) {
    throw document_.source.error(*bracket, "", kOpenBracket);
  }
  throw document_.source.error(position, "", translated(error));
}

/// At most `most` + 1 bytes of the file at `path`.
std::string read_bytes(const std::string& path, std::size_t most) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
  const auto reason = [] { return std::generic_category().message(errno); };
  if (!file) {
    throw file_error(path, "cannot be opened: " + reason());
  }
  std::string text;
  std::string buffer(1u << 16, '\0');
  while (text.size() <= most) {
    const std::size_t wanted = std::min(buffer.size(), most + 1 - text.size());
    const std::size_t got = std::fread(buffer.data(), 1, wanted, file.get());
    text.append(buffer, 0, got);
    if (got < wanted) {
      if (std::ferror(file.get()) != 0) {
        throw file_error(path, "cannot be read: " + reason());
      }
      break;
    }
  }
  return text;
}

}  // namespace

SpecDocument SpecDocument::parse(std::string name, std::string text, const SpecLimits& limits) {
  if (text.size() > limits.bytes) {
    throw file_error(name, fmt::format("larger than {} bytes, the most that a spec file may have",
                                       limits.bytes));
  }
  auto impl = std::make_unique<Impl>(std::move(name), text);
  check_characters(impl->source);
  Reader(*impl, limits).read();
  return SpecDocument(std::move(impl));
}

SpecDocument SpecDocument::read(const std::string& path, const SpecLimits& limits) {
  return parse(path, read_bytes(path, limits.bytes), limits);
}

SpecDocument::SpecDocument(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SpecDocument::SpecDocument(SpecDocument&&) noexcept = default;
SpecDocument& SpecDocument::operator=(SpecDocument&&) noexcept = default;
SpecDocument::~SpecDocument() = default;

SpecNode SpecDocument::root() const { return SpecNode(impl_.get(), 0); }
const std::string& SpecDocument::name() const { return impl_->source.name(); }

}  // namespace tessera
