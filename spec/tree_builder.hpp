#pragma once

// Builds the tree of a document from the events of a YAML parser, and refuses what YAML allows but
// a spec must not hold: tags, anchors and aliases, merge keys (these unless the limits allow them),
// keys that are no names or stand twice, quotes that do not close on their line, too many values,
// too deep a nest. Knows nothing of yaml-cpp but its oddities. All positions are bytes in the
// source.
//
// Where the limits allow them, an alias becomes a copy of what its anchor names, and a merge key
// the entries that its map lacks; both count against the limits, so that no alias bomb can go off.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/node.hpp"
#include "spec/spec_tree.hpp"

namespace tessera {

inline constexpr std::string_view kOpenQuote = "this quote is not closed on its line";
inline constexpr std::string_view kOpenBracket = "this bracket is not closed";
inline constexpr std::string_view kTemplate =
    "this is a template (Jinja), not YAML; expand it first, for example with `jinja2 FILE`, or "
    "take the "
    "`parsed-processed-input.yaml` that Timeloop's front end writes";

class TreeBuilder {
 public:
  TreeBuilder(SpecTree& document, const SpecLimits& limits)
      : document_(document), text_(document.source.text()), limits_(limits) {}

  /// The events. Each throws SpecError.
  void start_document(std::size_t position);
  void null(std::size_t position);
  void alias(std::size_t position, std::size_t anchor);
  void scalar(std::size_t position, const std::string& value, bool plain);
  void open(NodeKind kind, std::size_t position, bool in_brackets);
  void close();
  /// To be called before each value, with what is known of its tag (empty: none) and anchor (0:
  /// none). Returns the position of the value itself, behind these.
  std::size_t properties(std::size_t position, std::string_view tag, std::size_t anchor);

  /// Where the last event was: what a parser throws comes from after it.
  std::size_t last_position() const { return last_position_; }
  /// The innermost `[` or `{` that is open.
  std::optional<std::size_t> open_bracket() const;

 private:
  /// An open map or sequence.
  struct Frame {
    std::uint32_t node = 0;
    bool in_brackets = false;
    std::uint32_t key = kNoNode;                     ///< of a map: the key that waits for its value
    std::map<std::string, std::uint32_t> keys = {};  ///< of a map: its keys so far
  };
  /// What stands before the value to come.
  struct Properties {
    std::string tag = {};
    std::size_t anchor = 0;
    std::uint32_t extension = kNoNode;
  };

  [[noreturn]] void fail(std::size_t position, std::string_view message) const;
  [[noreturn]] void fail_at_extension(std::size_t position) const;
  std::string path() const;  ///< of the value to come
  bool expects_key() const;
  std::size_t place_of_nothing(std::size_t next_token);
  std::uint32_t add(NodeKind kind, std::size_t position);
  void add_key(std::size_t position, const std::string& name);
  void copy(std::uint32_t source);
  void merge_entries(std::uint32_t source, bool deep);
  std::uint32_t unlink_merge_value(const std::string& name);

  SpecTree& document_;
  std::string_view text_;
  const SpecLimits& limits_;
  std::vector<Frame> frames_;
  Properties properties_;                         ///< of the value to come
  std::map<std::size_t, std::uint32_t> anchors_;  ///< by the parser's number: the node
  bool started_ = false;
  std::size_t last_position_ = 0;
};

}  // namespace tessera
