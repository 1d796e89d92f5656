#pragma once

// Builds the tree of a document from the events of a YAML parser, and refuses what YAML allows but
// a spec must not hold: tags, anchors and aliases, merge keys, keys that are no names or stand
// twice, quotes that do not close on their line, too many values, too deep a nest. Knows nothing of
// yaml-cpp but its oddities. All positions are bytes in the source.

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

class TreeBuilder {
 public:
  TreeBuilder(SpecTree& document, const SpecLimits& limits)
      : document_(document), text_(document.source.text()), limits_(limits) {}

  /// The events. Each throws SpecError.
  void start_document(std::size_t position);
  void null(std::size_t position);
  void alias(std::size_t position);
  void scalar(std::size_t position, const std::string& value, bool plain);
  void open(NodeKind kind, std::size_t position, bool in_brackets);
  void close() { frames_.pop_back(); }
  /// To be called before a value that may have a tag or an anchor; `has_any` where one is known of.
  void refuse_properties(std::size_t position, bool has_any) const;

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

  [[noreturn]] void fail(std::size_t position, std::string_view message) const;
  bool expects_key() const;
  std::size_t place_of_nothing(std::size_t next_token);
  std::uint32_t add(NodeKind kind, std::size_t position);
  void add_key(std::size_t position, const std::string& name);

  SpecTree& document_;
  std::string_view text_;
  const SpecLimits& limits_;
  std::vector<Frame> frames_;
  bool started_ = false;
  std::size_t last_position_ = 0;
};

}  // namespace tessera
