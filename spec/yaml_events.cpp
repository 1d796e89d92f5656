// Runs yaml-cpp's event parser over a source and hands its events to the builder; turns its
// exceptions into located errors in our words. (Not YAML::Load, which silently ignores what follows
// the first document, nor LoadAll, which never ends for ",".)

#include "spec/yaml_events.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "spec/source_check.hpp"
#include "spec/tree_builder.hpp"

namespace tessera {
namespace {

std::size_t position_of(const YAML::Mark& mark, std::string_view text) {
  return std::min(mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos), text.size());
}

/// yaml-cpp's events, with positions for marks.
class Events : public YAML::EventHandler {
 public:
  Events(TreeBuilder& builder, std::string_view text) : builder_(builder), text_(text) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    builder_.start_document(position_of(mark, text_));
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.null(checked(mark, "?", anchor));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.alias(position_of(mark, text_), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    builder_.scalar(checked(mark, tag, anchor), value, tag == kPlain);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    builder_.open(NodeKind::sequence, checked(mark, tag, anchor),
                  style == YAML::EmitterStyle::Flow);
  }
  void OnSequenceEnd() override { builder_.close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    builder_.open(NodeKind::map, checked(mark, tag, anchor), style == YAML::EmitterStyle::Flow);
  }
  void OnMapEnd() override { builder_.close(); }

 private:
  static constexpr std::string_view kPlain = "?";     // the tag of a value without one
  static constexpr std::string_view kNotPlain = "!";  // of a quoted one

  std::size_t checked(const YAML::Mark& mark, std::string_view tag, YAML::anchor_t anchor) {
    const bool tagged = tag != kPlain && tag != kNotPlain;
    return builder_.properties(position_of(mark, text_), tagged ? tag : "", anchor);
  }

  TreeBuilder& builder_;
  std::string_view text_;
};

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
    {YAML::ErrorMsg::END_OF_MAP,
     "expected the next key of this map, or its end; check the "
     "indentation and what stands before"},
    {YAML::ErrorMsg::END_OF_SEQ,
     "expected the next '- ' of this list, or its end; check the "
     "indentation and what stands before"},
    {YAML::ErrorMsg::FLOW_END, "this bracket does not match an open one"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, "a value cannot begin with this character; put it in quotes"},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR,
     "aliases are not accepted; write values out where they are used"},
    {YAML::ErrorMsg::ALIAS_NOT_FOUND,
     "aliases are not accepted; write values out where they are used"},
    {YAML::ErrorMsg::ANCHOR_NOT_FOUND,
     "anchors are not accepted; write values out where they are used"},
    {YAML::ErrorMsg::MULTIPLE_TAGS, "tags are not accepted"},
    {YAML::ErrorMsg::TAG_WITH_NO_SUFFIX, "tags are not accepted"},
    {YAML::ErrorMsg::END_OF_VERBATIM_TAG, "tags are not accepted"},
    {YAML::ErrorMsg::CHAR_IN_TAG_HANDLE, "tags are not accepted"},
    {YAML::ErrorMsg::MULTIPLE_ANCHORS,
     "anchors are not accepted; write values out where they are used"},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab is used for indentation; use spaces"},
    {YAML::ErrorMsg::DOC_IN_SCALAR, "a quoted text cannot hold a document mark ('---' or '...')"},
    {YAML::ErrorMsg::EOF_IN_SCALAR, "the file ends inside a quoted text"},
    {YAML::ErrorMsg::CHAR_IN_BLOCK,
     "expected the end of the line after the '|' or '>' of a text in lines"},
    {YAML::ErrorMsg::INVALID_ESCAPE,
     "unknown escape in a quoted text; a backslash itself is written '\\\\'"},
    {YAML::ErrorMsg::INVALID_UNICODE, "this escape stands for no character"},
    {YAML::ErrorMsg::INVALID_HEX, "expected a hexadecimal digit in this escape"},
};

class Reader {
 public:
  Reader(SpecTree& document, const SpecLimits& limits)
      : document_(document),
        text_(document.source.text()),
        extensions_(limits.extensions),
        builder_(document, limits) {}

  void read();

 private:
  [[noreturn]] void fail(const YAML::ParserException& error, bool too_deep) const;
  std::string translated(const YAML::ParserException& error) const;

  SpecTree& document_;
  std::string_view text_;
  bool extensions_;
  TreeBuilder builder_;
};

/// The text as yaml-cpp shall see it, with the same positions: it stumbles over a tab on an empty
/// line, and takes another way where the last line has no end.
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
    Events events(builder_, text_);
    // The builder throws when a second document begins.
    while (parser.HandleNextDocument(events)) {
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
                       document_.source.line(*bracket));
  }
  if (extensions_ && error.msg.starts_with(YAML::ErrorMsg::UNKNOWN_ANCHOR)) {
    return "this alias names no anchor that stands before it";
  }
  for (const Translation& translation : kTranslations) {
    if (error.msg.starts_with(translation.theirs)) {
      return std::string(translation.ours);
    }
  }
  return error.msg;
}

void Reader::fail(const YAML::ParserException& error, bool too_deep) const {
  if (too_deep) {  // its mark is 1:1
    throw document_.source.error(builder_.last_position(), "", "nested too deep");
  }
  std::size_t position = position_of(error.mark, text_);
  if (position > 0 && text_.substr(position - 1).starts_with("{%")) {
    throw document_.source.error(position - 1, "", kTemplate);
  }
  if (error.msg.starts_with(YAML::ErrorMsg::INVALID_ESCAPE) ||
      error.msg.starts_with(YAML::ErrorMsg::INVALID_UNICODE)) {  // marked behind the escape
    const std::size_t backslash = text_.substr(0, position).rfind('\\');
    position = backslash != std::string_view::npos ? backslash : position;
  }
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

}  // namespace

void parse_yaml(SpecTree& document, const SpecLimits& limits) {
  Reader(document, limits).read();
}

}  // namespace tessera
